import { describe, expect, test } from 'bun:test'
import type { FrameRole } from '../../src/core/dialect.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { createSseParser } from '../../src/wire/sse.ts'
import {
  bareRequest,
  bytesOf,
  decode,
  decodeWire,
  encode,
  readWithHelper,
  render,
  wireOf,
} from './openai-responses-driver.ts'

describe('a stream that leaves out what can be known', () => {
  test('is read as if it had said it (llama-server)', async () => {
    const item = { id: 'msg_1', type: 'message', role: 'assistant' }
    const part = { type: 'output_text', text: 'Hello.' }
    const events = decodeWire(
      { type: 'response.created', response: { id: 'resp_1', object: 'response', status: 'in_progress' } },
      { type: 'response.in_progress', response: { id: 'resp_1', object: 'response', status: 'in_progress' } },
      { type: 'response.output_item.added', item: { ...item, content: [], status: 'in_progress' } },
      { type: 'response.content_part.added', item_id: 'msg_1', part: { type: 'output_text', text: '' } },
      { type: 'response.output_text.delta', item_id: 'msg_1', delta: 'Hello' },
      { type: 'response.output_text.delta', item_id: 'msg_1', delta: '.' },
      { type: 'response.output_text.done', item_id: 'msg_1', text: 'Hello.' },
      { type: 'response.content_part.done', item_id: 'msg_1', part },
      { type: 'response.output_item.done', item: { ...item, content: [part], status: 'completed' } },
      {
        type: 'response.completed',
        response: {
          id: 'resp_1',
          status: 'completed',
          model: 'tiny',
          output: [{ ...item, content: [part] }],
        },
      },
    )
    const request: GenerateRequest = { ...bareRequest, model: 'alias' }
    const { text: written } = encode(events, { ...render, request })
    const final = await readWithHelper(written)
    expect(final).toMatchObject({
      id: 'resp_1',
      model: 'tiny',
      output: [{ id: 'msg_1', content: [{ text: 'Hello.', annotations: [], logprobs: [] }] }],
    })
    expect(wireOf(written)[0]).toMatchObject({ response: { model: 'alias', output: [], tools: [] } })
  })

  test('has done events without any delta', () => {
    const call_ = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f' }
    const events = decodeWire(
      { type: 'response.created', response: {} },
      { type: 'response.output_item.added', output_index: 0, item: { ...call_, arguments: '' } },
      { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"x":1}' },
      { type: 'response.output_item.done', output_index: 0, item: { ...call_, arguments: '{"x":1}' } },
      {
        type: 'response.output_text.done',
        output_index: 1,
        content_index: 0,
        item_id: 'msg_1',
        text: 'Late.',
      },
      { type: 'response.completed', response: { status: 'completed', output: [] } },
    )
    expect(foldEvents(events).candidates[0]).toMatchObject({
      parts: [{ arguments: '{"x":1}' }, { kind: 'text', text: 'Late.' }],
      finish: { reason: 'tool-calls' },
    })
  })

  test('names a call only when it is done', () => {
    const events = decodeWire(
      { type: 'response.created', response: {} },
      { type: 'response.output_item.added', output_index: 0, item: { type: 'function_call', id: 'fc_1' } },
      { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f', arguments: '{}' },
      },
      { type: 'response.completed', response: { status: 'completed' } },
    )
    expect(foldEvents(events).candidates[0]?.parts).toMatchObject([{ id: 'a', name: 'f', arguments: '{}' }])
  })

  test('has its items in the last event only', () => {
    const output = [
      { type: 'message', id: 'm', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
    ]
    const events = decodeWire(
      { type: 'response.created', response: {} },
      { type: 'response.completed', response: { status: 'completed', output } },
    )
    expect(foldEvents(events).candidates[0]?.parts).toMatchObject([{ kind: 'text', text: 'x' }])
  })

  test('has no event names', () => {
    const data = [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
    ]
    const text = data.map(value => `data: ${JSON.stringify(value)}\n\n`).join('')
    expect(decode([bytesOf(text)]).map(event => event.type)).toEqual(['start', 'finish', 'end'])
    const watch = openaiResponses.watchStream()
    expect(
      createSseParser()
        .push(bytesOf(text))
        .map(frame => watch.push(frame)),
    ).toEqual(['pre', 'terminal'])
  })

  test('has event names and no types', () => {
    const text =
      'event: response.created\ndata: {"response":{"id":"r"}}\n\nevent: error\ndata: {"message":"Boom."}\n\n'
    expect(decode([bytesOf(text)])).toMatchObject([
      { type: 'start', id: 'r' },
      { type: 'fault', fault: { message: 'Boom.' } },
    ])
  })

  test('never says that its items are done', () => {
    const message = { type: 'message', id: 'm', role: 'assistant' }
    const call = { type: 'function_call', id: 'fc_1', call_id: 'a', name: 'f' }
    const output = [
      { ...call, arguments: '{"x":1}' },
      { ...message, status: 'completed', content: [{ type: 'output_text', text: 'whole' }] },
    ]
    const events = decodeWire(
      { type: 'response.created', response: {} },
      { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
      { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
      { type: 'response.completed', response: { status: 'completed', output } },
    )
    expect(checkEvents(events)).toEqual([])
    expect(foldEvents(events).candidates[0]).toMatchObject({
      parts: [{ arguments: '{"x":1}' }, { text: 'whole' }],
      items: [{ id: 'm', status: 'completed' }, { id: 'fc_1' }],
    })
  })

  test.each([
    ['not JSON', 'data: {"type":\n\n'],
    ['no object', 'data: [1]\n\n'],
    ['of another wire', 'data: {"object":"chat.completion.chunk"}\n\n'],
    ['too deep', `data: {"type":"x","deep":${'['.repeat(3000)}${']'.repeat(3000)}}\n\n`],
  ])('is a fault where an event is %s', (_, text) => {
    expect(decode([bytesOf(text)])).toMatchObject([{ type: 'fault', fault: { code: 'upstream_invalid' } }])
  })
})

test('content of a kind without deltas comes whole', async () => {
  const message = { type: 'message', id: 'm', role: 'assistant', status: 'completed' }
  const hologram = { type: 'output_hologram', url: 'x' }
  const words = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }
  const events = decodeWire(
    { type: 'response.created', response: {} },
    { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
    { type: 'response.content_part.added', output_index: 0, content_index: 0, part: hologram },
    { type: 'response.content_part.done', output_index: 0, content_index: 0, part: hologram },
    { type: 'response.content_part.done', output_index: 0, content_index: 1, part: words },
    { type: 'response.output_item.done', output_index: 0, item: { ...message, content: [hologram, words] } },
    { type: 'response.completed', response: { status: 'completed' } },
  )
  expect(checkEvents(events)).toEqual([])
  expect(await readWithHelper(encode(events).text)).toMatchObject({
    output: [{ content: [hologram, words] }],
  })
})

describe('a watcher', () => {
  const item = (type: string, more: JsonObject = {}) => ({
    type: 'response.output_item.done',
    item: { type, ...more },
  })
  const roles: readonly (readonly [string, JsonObject, FrameRole])[] = [
    ['a thought that says nothing', item('reasoning', { summary: [] }), 'pre'],
    ['a sealed thought', item('reasoning', { summary: [], encrypted_content: 'gAAA' }), 'content'],
    ['a thought with a summary', item('reasoning', { summary: [{}] }), 'content'],
    ['a message that says nothing', item('message', { content: [] }), 'pre'],
    ['a message', item('message', { content: [{}] }), 'content'],
    ['a call', item('function_call'), 'content'],
    ['a step of a hosted tool', { type: 'response.web_search_call.searching' }, 'content'],
    ['a delta', { type: 'response.output_text.delta' }, 'content'],
    ['a part that opens', { type: 'response.content_part.added' }, 'pre'],
    ['the beginning', { type: 'response.created' }, 'pre'],
    ['a keepalive', { type: 'keepalive' }, 'other'],
    ['an error', { type: 'error' }, 'fault'],
    ['a failure', { type: 'response.failed' }, 'fault'],
    ['an end', { type: 'response.incomplete', response: {} }, 'terminal'],
  ]

  test.each(roles)('takes %s for what it is', (_, value, role) => {
    const raw = new Uint8Array(0)
    const watch = openaiResponses.watchStream()
    expect(watch.push({ raw, event: String(value.type), data: JSON.stringify(value) })).toBe(role)
    expect(watch.finished).toBe(role === 'terminal')
  })
})
