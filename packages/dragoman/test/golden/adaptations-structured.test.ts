import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { applyEdits } from '../../src/core/stream.ts'
import { isContent } from '../../src/ir/event.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import type { FinishReason, Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createAnswerEdit } from '../../src/upstream/adapt/schema-answer.ts'
import {
  ask,
  call,
  chatTool,
  claude,
  forms,
  heard,
  host,
  type Question,
  text,
  user,
} from './adaptations-driver.ts'
import type { Form } from './matrix/conversations.ts'

/** Models of this family have no structured outputs of their own (card anthropic.md, table 3.1). */
const old = claude('claude-3-haiku-20240307')
const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
const format = (inner: object) => ({
  type: 'json_schema',
  json_schema: { name: 'forecast', description: 'A forecast.', strict: true, schema: inner },
})
const json = '{"city":"Oslo","degrees":7}'
const request = { messages: [user('The forecast?')], response_format: format(schema) } as never // an object literal of JSON

/** Both ways of streaming an emulated structure, and whole. */
const ways: readonly (readonly [string, Form, 'buffer' | 'live'])[] = [
  ['whole', 'whole', 'buffer'],
  ['streamed after validation', 'stream', 'buffer'],
  ['streamed live', 'stream', 'live'],
]

const question = (form: Form, stream: 'buffer' | 'live', more: Partial<Question> = {}): Question => ({
  caller: 'openai-chat',
  target: old,
  request,
  form,
  config: { structured_stream: stream },
  ...more,
})

describe('a schema by a forced tool', () => {
  test.each(ways)('the call becomes the text, %s', async (_, form, stream) => {
    const outcome = await ask(question(form, stream, { parts: [call('json_answer', json)] }))
    expect(outcome.received).not.toContainKey('output_config')
    expect(outcome.received).toMatchObject({
      tools: [{ name: 'json_answer', input_schema: schema }],
      tool_choice: { type: 'tool', name: 'json_answer' },
    })
    expect(JSON.stringify(outcome.received?.tools)).toContain('A forecast.')
    expect(outcome.notes).toEqual(['emulated response_format'])
    expect(heard(outcome)).toEqual({ text: json, ending: 'stop' })
  })

  test('every caller gets it, in the words of its dialect', async () => {
    const input = [{ role: 'user', content: 'The forecast?' }]
    const responses = {
      input,
      store: false,
      text: { format: { type: 'json_schema', name: 'forecast', schema } },
    }
    const messages = {
      max_tokens: 64,
      messages: input,
      output_config: { format: { type: 'json_schema', schema } },
    }
    for (const form of forms) {
      for (const [caller, asked] of [
        ['openai-responses', responses],
        ['anthropic-messages', messages],
      ] as const) {
        const mode = { 'dragoman-mode': 'translate' }
        const outcome = await ask(
          question(form, 'buffer', {
            caller,
            request: asked,
            headers: mode,
            parts: [call('json_answer', json)],
          }),
        )
        expect(heard(outcome)).toEqual({ text: json, ending: 'stop' })
      }
    }
  })

  test.each(ways)('prose beside the answer, %s', async (_, form, stream) => {
    const parts = [text('Here you are:'), call('json_answer', json)]
    const outcome = await ask(question(form, stream, { parts }))
    expect(heard(outcome)).toEqual({ text: json, ending: 'stop' })
    expect(outcome.notes).toContain('dropped choices[0].message.content')
  })

  test.each(ways)('a schema that is no object is wrapped and unwrapped, %s', async (_, form, stream) => {
    const list = { type: 'array', items: { type: 'integer' } }
    const asked = { ...(request as object), response_format: format(list) } as never // as above
    const parts = [call('json_answer', '{"value": [1, 2]}')]
    const outcome = await ask(question(form, stream, { request: asked, parts }))
    expect(outcome.received).toMatchObject({
      tools: [{ input_schema: { type: 'object', properties: { value: list }, required: ['value'] } }],
    })
    expect(JSON.parse(heard(outcome).text)).toEqual([1, 2])
  })

  test.each(ways)(
    'prose instead of the answer is a failure, before any content, %s',
    async (_, form, stream) => {
      const outcome = await ask(question(form, stream, { parts: [text('I would rather talk.')] }))
      expect(outcome.understood).toMatchObject({ kind: 'error', status: 502 })
      expect(outcome.body).toContain('valid JSON for the requested format')
    },
  )

  test.each(ways)('an answer that was cut says so and keeps what there is, %s', async (_, form, stream) => {
    const parts = [call('json_answer', '{"city":"Oslo"}')]
    const outcome = await ask(question(form, stream, { parts, finish: { reason: 'length' } }))
    // The helper for streams throws what it throws for OpenAI's own cut answers.
    if (form === 'stream') expect(outcome.understood).toMatchObject({ name: 'LengthFinishReasonError' })
    else expect(heard(outcome)).toEqual({ text: '{"city":"Oslo"}', ending: 'length' })
    expect(outcome.body).toContain('"finish_reason":"length"')
  })

  test.each(ways)('a refusal passes as what it is, %s', async (_, form, stream) => {
    const parts = [text('I would rather not.')]
    const outcome = await ask(question(form, stream, { parts, finish: { reason: 'content-filter' } }))
    expect(outcome.status).toBe(200)
    expect(outcome.body).toContain('"finish_reason":"content_filter"')
    if (form === 'whole') expect(heard(outcome).text).toBe('I would rather not.')
  })

  test.each(ways)('thinking beside the answer stays, %s', async (_, form, stream) => {
    const thought: Part = {
      kind: 'thinking',
      text: 'Cold.',
      opaque: { form: 'signature', data: 'c2ln', dialect: 'anthropic-messages' },
    }
    const outcome = await ask(
      question(form, stream, { parts: [thought, text('Well:'), call('json_answer', json)] }),
    )
    expect(heard(outcome)).toEqual({ text: json, thinking: 'Cold.', ending: 'stop' })
  })
})

describe('a schema by a forced tool, with the caller’s own tools (ruling 3)', () => {
  const tools = { ...(request as object), tools: [chatTool('get_weather')], tool_choice: 'auto' } as never // as above

  test.each(ways)('one of them or the answer has to be called, %s', async (_, form, stream) => {
    const outcome = await ask(question(form, stream, { request: tools, parts: [call('json_answer', json)] }))
    expect(outcome.received).toMatchObject({
      tool_choice: { type: 'any' },
      tools: [{ name: 'get_weather' }, { name: 'json_answer' }],
    })
    expect(outcome.notes).toEqual(['emulated response_format', 'approximated tool_choice'])
    expect(heard(outcome)).toEqual({ text: json, ending: 'stop' })
  })

  test.each(ways)('a call of the caller’s own tool ends the turn, %s', async (_, form, stream) => {
    const parts = [text('First the weather.'), call('get_weather', '{"city":"Oslo"}')]
    const outcome = await ask(question(form, stream, { request: tools, parts }))
    // A helper that parses texts as JSON would throw at the prose.
    expect(outcome.notes).toContain('dropped choices[0].message.content')
    expect(heard(outcome)).toEqual({
      text: '',
      calls: [{ name: 'get_weather', input: { city: 'Oslo' } }],
      ending: 'calls',
    })
  })

  test.each(forms)('where both are called, the caller’s own wins, in either order, %s', async form => {
    const [own, answer] = [call('get_weather', '{"city":"Oslo"}', 'a'), call('json_answer', json, 'b')]
    for (const parts of [
      [own, answer],
      [answer, own],
    ]) {
      const outcome = await ask(question(form, 'buffer', { request: tools, parts }))
      expect(heard(outcome)).toEqual({
        text: '',
        calls: [{ name: 'get_weather', input: { city: 'Oslo' } }],
        ending: 'calls',
      })
      expect(outcome.notes).toContain('dropped choices[0].message.content')
    }
  })

  test('a choice of none leaves only the answer', async () => {
    const none = { ...(tools as object), tool_choice: 'none' } as never // as above
    const outcome = await ask(
      question('whole', 'buffer', { request: none, parts: [call('json_answer', json)] }),
    )
    expect(outcome.received).toMatchObject({
      tool_choice: { type: 'tool' },
      tools: [{ name: 'json_answer' }],
    })
    expect(heard(outcome).text).toBe(json)
  })

  test('a tool of the caller that is called like ours keeps its name', async () => {
    const taken = { ...(request as object), tools: [chatTool('json_answer')] } as never // as above
    const parts = [call('json_answer_2', json)]
    const outcome = await ask(question('whole', 'buffer', { request: taken, parts }))
    expect(outcome.received).toMatchObject({ tools: [{ name: 'json_answer' }, { name: 'json_answer_2' }] })
    expect(heard(outcome).text).toBe(json)
  })
})

describe('JSON without a schema', () => {
  const asked = { messages: [user('JSON, please.')], response_format: { type: 'json_object' } }

  test.each(forms)('is any object by a forced tool where the wire has no word for it, %s', async form => {
    const parts = [call('json_answer', '{"any":"thing"}')]
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-sonnet-4-5'),
      request: asked,
      form,
      parts,
    })
    expect(outcome.received).toMatchObject({
      tools: [{ input_schema: { type: 'object', additionalProperties: true } }],
      tool_choice: { type: 'tool', name: 'json_answer' },
    })
    expect(outcome.notes).toEqual(['emulated response_format'])
    expect(JSON.parse(heard(outcome).text)).toEqual({ any: 'thing' })
  })

  test.each(forms)('of a model that cannot be forced: asked, and prose is a failure, %s', async form => {
    const target = claude('claude-sonnet-5-5')
    const question: Question = { caller: 'openai-chat', target, request: asked, form }
    const good = await ask({ ...question, parts: [call('json_answer', '{"any":"thing"}')] })
    expect(good.received?.tool_choice).toMatchObject({ type: 'auto' })
    expect(JSON.parse(heard(good).text)).toEqual({ any: 'thing' })
    const bad = await ask({ ...question, parts: [text('Sure!')] })
    expect(bad.understood).toMatchObject({ kind: 'error', status: 502 })
  })

  test('is native where the wire has it', async () => {
    const outcome = await ask({
      caller: 'openai-responses',
      target: host('openai-compatible'),
      request: { input: 'JSON, please.', store: false, text: { format: { type: 'json_object' } } },
      parts: [text('{}')],
    })
    expect(outcome.received?.response_format).toEqual({ type: 'json_object' })
    expect(outcome.notes).toEqual([])
  })
})

describe('the inverse of the answer tool', () => {
  const edit = (live: boolean) => createAnswerEdit({ tool: 'answer', isWrapped: false, live })
  const replyOf = (parts: readonly Part[], reason: FinishReason): Reply => ({
    candidates: [{ index: 0, parts, finish: { reason } }],
    usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, source: 'reported' },
  })

  test('whatever the model says, in any pieces: a stream by the grammar, its own calls first, else the answer', () => {
    const part = fc.oneof(
      fc.string().map(said => text(said)),
      fc.string().map((said): Part => ({ kind: 'thinking', text: said })),
      fc.string().map((args): Part => call('own', args)),
      fc.oneof(fc.json(), fc.string()).map(args => call('answer', args)),
    )
    const reasons = fc.constantFrom<FinishReason>('stop', 'tool-calls', 'length', 'content-filter')
    const chunks = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 6 }),
        reasons,
        chunks,
        fc.boolean(),
        (parts, reason, chunk, live) => {
          const events = applyEdits([edit(live)], unfold(replyOf(parts, reason), { chunk }))
          const fault = events.findIndex(event => event.type === 'fault')
          // After a fault the stream is over for its reader.
          expect(checkEvents(fault < 0 ? events : events.slice(0, fault + 1))).toEqual([])
          const calls = parts.filter(({ kind }) => kind === 'tool-call')
          const own = calls.filter(one => one.kind === 'tool-call' && one.name === 'own')
          const [answer] = calls.filter(one => one.kind === 'tool-call' && one.name === 'answer')
          const said = foldEvents(fault < 0 ? events : events.slice(0, fault)).candidates[0]?.parts ?? []
          expect(said.filter(({ kind }) => kind === 'tool-call')).toEqual(own)
          expect(said.every(({ kind }) => kind !== 'tool-call' || own.length > 0)).toBe(true)
          if (own.length === 0 && answer?.kind === 'tool-call' && fault < 0) {
            expect(said.flatMap(one => (one.kind === 'text' ? [one.text] : []))).toEqual([answer.arguments])
          }
          if (!live && fault >= 0) expect(events.slice(0, fault).filter(isContent)).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  test('arguments that are no JSON are a fault before any content, unless they went out live or were cut', () => {
    const broken = [call('answer', '{"city":"Os')]
    const said = (live: boolean, reason: FinishReason) =>
      applyEdits([edit(live)], unfold(replyOf(broken, reason))).map(({ type }) => type)
    expect(said(false, 'tool-calls')).toEqual(['start', 'fault', 'usage', 'end'])
    expect(said(false, 'length')).not.toContain('fault')
    expect(said(true, 'tool-calls')).not.toContain('fault')
  })
})
