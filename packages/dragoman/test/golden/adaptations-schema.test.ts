import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '../../src/ir/json.ts'
import {
  ask,
  call,
  chatTool,
  claude,
  forms,
  gpt,
  heard,
  type Question,
  text,
  user,
} from './adaptations-driver.ts'

// Schemas for targets that take only a part of JSON Schema, through the whole gateway.

const target = claude('claude-sonnet-4-5')
const properties = { city: { type: 'string', minLength: 2 }, note: { type: 'string' } }
const weather = { type: 'object', properties, required: ['city'], additionalProperties: false }

const chat = (schema: JsonObject, more: JsonObject = {}): JsonObject => ({
  messages: [user('The forecast?')],
  response_format: { type: 'json_schema', json_schema: { name: 'forecast', schema, strict: true } },
  ...more,
})
const messages = (schema: JsonObject): JsonObject => ({
  max_tokens: 64,
  messages: [user('The forecast?')],
  output_config: { format: { type: 'json_schema', schema } },
})
const question = (more: Partial<Question>): Question => ({
  caller: 'openai-chat',
  target,
  request: chat(weather),
  ...more,
})

describe('a keyword that the target does not enforce', () => {
  test.each(forms)('is asked for in words, noted at its place, and the answer is checked, %s', async form => {
    const outcome = await ask(question({ form, parts: [text('{"city":"Oslo"}')] }))
    expect(outcome.received?.output_config).toMatchObject({
      format: {
        schema: { properties: { city: { type: 'string', description: 'Must hold: minLength 2.' } } },
      },
    })
    expect(outcome.notes).toEqual([
      'approximated response_format.json_schema.schema#/properties/city/minLength',
      'renamed response_format.json_schema.name',
    ])
    expect(heard(outcome).text).toBe('{"city":"Oslo"}')
  })

  test.each(forms)('in an answer that does not keep it is a failure before any content, %s', async form => {
    const outcome = await ask(question({ form, parts: [text('{"city":"O"}')] }))
    expect(outcome.understood).toMatchObject({ kind: 'error', status: 502 })
    expect(outcome.body).toContain('/city must NOT have fewer than 2 characters')
  })

  test('is worth another try', async () => {
    const outcome = await ask(question({ config: { retry: { attempts: 1 } }, parts: [text('{"city":"O"}')] }))
    expect(outcome.received).toBeDefined()
    expect(outcome.tries).toBe(2)
  })

  test('is not checked where the answer goes out live, and the note says so', async () => {
    const outcome = await ask(
      question({ form: 'stream', config: { structured_stream: 'live' }, parts: [text('{"city":"O"}')] }),
    )
    expect(heard(outcome).text).toBe('{"city":"O"}')
    expect(outcome.headers).toContain('asked for in words only')
  })

  test('is a 400 for who wants nothing changed', async () => {
    const outcome = await ask(question({ headers: { 'dragoman-policy': 'reject' } }))
    expect(outcome.understood).toMatchObject({ kind: 'error', status: 400 })
    expect(outcome.body).toContain('minLength')
    expect(outcome.received).toBeUndefined()
  })

  test('a cut answer is a cut answer', async () => {
    const outcome = await ask(question({ parts: [text('{"city":"O')], finish: { reason: 'length' } }))
    expect(outcome.body).toContain('"finish_reason":"length"')
  })
})

describe('a schema that the target’s structured outputs cannot say', () => {
  const map = { type: 'object', additionalProperties: { type: 'integer' } }

  test.each(forms)('is asked for by a tool, and checked, %s', async form => {
    const asked = question({ form, request: chat(map) })
    const good = await ask({ ...asked, parts: [call('json_answer', '{"Oslo":7}')] })
    expect(good.received).toMatchObject({ tools: [{ name: 'json_answer', input_schema: map }] })
    expect(good.notes).toEqual(['emulated response_format'])
    expect(heard(good).text).toBe('{"Oslo":7}')
    const bad = await ask({ ...asked, parts: [call('json_answer', '{"Oslo":"cold"}')] })
    expect(bad.understood).toMatchObject({ kind: 'error', status: 502 })
    expect(bad.body).toContain('/Oslo must be integer')
  })

  test('is a 400 that names the keyword where nothing may be emulated', async () => {
    const outcome = await ask(
      question({
        request: chat(map),
        config: { unsupported: { default: 'emulate', response_format: 'reject' } },
      }),
    )
    expect(outcome.understood).toMatchObject({ kind: 'error', status: 400 })
    expect(outcome.body).toContain('response_format.json_schema.schema#/additionalProperties')
  })
})

describe('a schema on a target whose strict mode wants every property', () => {
  const strict = gpt('gpt-5.1')
  const asked = (request: JsonObject, more: Partial<Question> = {}) =>
    question({ caller: 'anthropic-messages', target: strict, request, ...more })

  test.each(forms)('asks for null where a property may stay away, and takes it out again, %s', async form => {
    const outcome = await ask(
      asked(messages(weather), { form, parts: [text('{"city":"Oslo","note":null}')] }),
    )
    expect(outcome.received?.text).toMatchObject({
      format: {
        strict: true,
        schema: { required: ['city', 'note'], properties: { note: { type: ['string', 'null'] } } },
      },
    })
    expect(JSON.parse(heard(outcome).text)).toEqual({ city: 'Oslo' })
    expect(outcome.notes).toContain('emulated output_config.format.schema')
  })

  test.each(forms)('wraps what is no object, and unwraps it, %s', async form => {
    const list = { type: 'array', items: { type: 'integer' } }
    const outcome = await ask(asked(messages(list), { form, parts: [text('{"value":[1,2]}')] }))
    expect(JSON.parse(heard(outcome).text)).toEqual([1, 2])
  })

  test('is followed as well as the model can where strict mode does not take it, and checked', async () => {
    const map = { type: 'object', additionalProperties: { type: 'integer' } }
    const good = await ask(asked(messages(map), { parts: [text('{"Oslo":7}')] }))
    expect(good.received?.text).toMatchObject({ format: { strict: false, schema: map } })
    expect(good.notes).toEqual(['approximated output_config.format'])
    const bad = await ask(asked(messages(map), { parts: [text('{"Oslo":"cold"}')] }))
    expect(bad.understood).toMatchObject({ kind: 'error', status: 502 })
  })

  test.each(forms)('strict tools lose the nulls of optional arguments, %s', async form => {
    const tool = { name: 'forecast', input_schema: weather, strict: true }
    const { output_config: _, ...plain } = messages(weather)
    const parts = [call('forecast', '{"city":"Oslo","note":null}')]
    const outcome = await ask(asked({ ...plain, tools: [tool] }, { form, parts }))
    expect(outcome.received?.tools).toMatchObject([
      { strict: true, parameters: { required: ['city', 'note'] } },
    ])
    expect(heard(outcome).calls).toEqual([{ name: 'forecast', input: { city: 'Oslo' } }])
    expect(outcome.notes).toContain('emulated tools[0].input_schema')
  })

  test('strict tools that strict mode does not take are sent without it', async () => {
    const open = { type: 'object', additionalProperties: { type: 'integer' } }
    const { output_config: _, ...plain } = messages(weather)
    const outcome = await ask(asked({ ...plain, tools: [{ name: 'f', input_schema: open, strict: true }] }))
    expect(outcome.received?.tools).toMatchObject([{ strict: false, parameters: open }])
    expect(outcome.notes).toContain('approximated tools[0].strict')
  })

  test('tools without the mark keep their schemas', async () => {
    const { output_config: _, ...plain } = messages(weather)
    const outcome = await ask(asked({ ...plain, tools: [{ name: 'f', input_schema: weather }] }))
    expect(outcome.received?.tools).toMatchObject([{ parameters: weather }])
    expect(outcome.notes.filter(note => note.includes('tools'))).toEqual([])
  })
})

test('the answer is not checked where no validator can be had', async () => {
  const none = { load: () => Promise.resolve(), check: () => undefined }
  const outcome = await ask(question({ validator: none, parts: [text('{"city":"O"}')] }))
  expect(heard(outcome).text).toBe('{"city":"O"}')
})

test('a chat tool that is not strict has its schema whole on every target', async () => {
  const request = { messages: [user('?')], tools: [chatTool('get')] } as never // an object literal of JSON
  const outcome = await ask(question({ request, parts: [text('Hi')] }))
  expect(outcome.notes).toEqual([])
})
