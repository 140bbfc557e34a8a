import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Candidate, Reply } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import {
  decodeWire,
  encode,
  finalOf,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from './openai-responses-driver.ts'

const { decodeReply, decodeRequest, encodeReply, encodeRequest } = openaiResponses

const bare: GenerateRequest = { model: 'm', turns: [], sampling: {}, hints: {}, stream: false }
const created = { type: 'response.created', response: { id: 'resp_1', model: 'm', status: 'in_progress' } }
const completed = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } }

function decodedParts(...wire: readonly JsonObject[]): readonly Part[] {
  return foldEvents(decodeWire(created, ...wire, completed)).candidates[0]?.parts ?? []
}

function decoded(wire: JsonObject): GenerateRequest {
  const request = decodeRequest({ model: 'm', input: 'hi', ...wire })
  if (!request.ok) throw new Error(request.fault.message)
  return request.value
}

function replyOf(...output: readonly JsonObject[]): Reply {
  const reply = decodeReply({ id: 'resp_1', status: 'completed', output })
  if (!reply.ok) throw new Error(reply.fault.message)
  return reply.value
}

function foreignReply(candidate: Partial<Candidate>): Reply {
  const first = { index: 0, parts: [], finish: { reason: 'stop' as const }, ...candidate }
  return { dialect: 'openai-chat', candidates: [first] }
}

const added = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const done = (output_index: number, item: JsonObject): JsonObject => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const call = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  id: `fc_${id}`,
  call_id: `call_${id}`,
  name: `tool_${id}`,
  arguments: '',
  ...more,
})

/** The numbered traps of the reference card that this wire can set. */
describe('trap', () => {
  test('9: a picture in a result is accepted', () => {
    const picture = { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'auto' }
    const input = [{ type: 'function_call_output', call_id: 'a', output: [picture] }]
    expect(encodeRequest(decoded({ input }))).toMatchObject({ value: { input }, notes: [] })
  })

  test('15: what came from another dialect is not stored', () => {
    expect(encodeRequest(bare).value.store).toBe(false)
  })

  test('17: the response before and a conversation at once are refused', () => {
    const state = { previous_response_id: 'resp_1', conversation: 'conv_1' }
    expect(decodeRequest({ model: 'm', input: 'x', ...state })).toMatchObject({
      ok: false,
      fault: { status: 400 },
    })
  })

  test('18: a limit of one token is raised to sixteen, aloud', () => {
    const { value, notes } = encodeRequest({ ...bare, maxTokens: 1 })
    expect(value.max_output_tokens).toBe(16)
    expect(notes).toMatchObject([{ kind: 'clamped', path: 'maxTokens' }])
  })

  test('19 and 20: reasoning, its call and what follows keep their order and their ids', () => {
    const input = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' },
      call('a', { arguments: '{}' }),
      { type: 'function_call_output', call_id: 'call_a', output: '1' },
      { type: 'reasoning', id: 'rs_2', summary: [], encrypted_content: 'gBBB' },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ]
    expect(encodeRequest(decoded({ input })).value.input).toEqual(input)
  })

  test('21: a reference to a stored item is refused by name', () => {
    const input = [{ type: 'item_reference', id: 'msg_1' }]
    expect(decodeRequest({ model: 'm', input })).toMatchObject({ fault: { param: 'input[0]' } })
  })

  test('22: output_text is neither required nor written', () => {
    const reply = replyOf({ type: 'message', id: 'm', role: 'assistant', content: 'plain' })
    expect(reply.candidates[0]?.parts).toMatchObject([{ kind: 'text', text: 'plain' }])
    expect(encodeReply(reply, render).value).not.toHaveProperty('output_text')
  })

  test('23: a keepalive is ignored, an unknown item is kept, an unknown event is not written', async () => {
    const item = { type: 'hologram', id: 'h_1', depth: { kept: true } }
    const events = decodeWire(
      created,
      { type: 'keepalive', sequence_number: 1 },
      added(0, item),
      { type: 'response.hologram.rotated', output_index: 0, angle: 90 },
      done(0, item),
      completed,
    )
    const { text, notes } = encode(events)
    expect(finalOf(text).output).toEqual([item])
    expect(typesOf(text)).not.toContain('response.hologram.rotated')
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'reply.progress' }])
    expect(await readWithHelper(text)).toMatchObject({ output: [item] })
  })

  test('24: sequence numbers have no gap after filtering', () => {
    const { text } = encode(
      decodeWire(
        created,
        { type: 'keepalive' },
        added(0, call('a')),
        { type: 'response.x' },
        done(0, call('a')),
        completed,
      ),
    )
    expect(wireOf(text).map(event => event.sequence_number)).toEqual([...typesOf(text).keys()])
  })

  test('25: steps of a shell call find their item without an item id', () => {
    const item = {
      type: 'shell_call',
      id: 'sh_1',
      call_id: 'c',
      action: { commands: [] },
      status: 'in_progress',
    }
    const ran = { ...item, action: { commands: ['ls'] }, status: 'completed' }
    const step = {
      type: 'response.shell_call_command.added',
      output_index: 7,
      command_index: 0,
      command: 'ls',
    }
    const { text } = encode(decodeWire(created, added(7, item), step, done(7, ran), completed))
    const written = wireOf(text).find(event => event.type === step.type)
    expect(written).toEqual({ ...step, output_index: 0, sequence_number: 3 })
    expect(finalOf(text).output).toEqual([ran])
  })

  test('26: name and call id of a call come from where its item was added', () => {
    const parts = decodedParts(added(0, call('a')), {
      type: 'response.function_call_arguments.done',
      output_index: 0,
      item_id: 'fc_a',
      arguments: '{"x":1}',
    })
    expect(parts).toMatchObject([{ id: 'call_a', name: 'tool_a', arguments: '{"x":1}' }])
  })

  test('27: an end without a last event is a fault', () => {
    const message = { type: 'message', id: 'm', role: 'assistant', content: [] }
    expect(decodeWire(created, added(0, message)).at(-1)).toMatchObject({
      type: 'fault',
      fault: { code: 'upstream_disconnected', retryable: true },
    })
    expect(decodeWire()).toMatchObject([{ type: 'fault', fault: { code: 'upstream_disconnected' } }])
  })

  test('37 and 38: subsets of tools and grammars are flat', () => {
    const request: GenerateRequest = {
      ...bare,
      tools: [{ kind: 'custom', name: 'sql', grammar: { syntax: 'lark', definition: 'start: "x"' } }],
      toolChoice: { mode: 'required', allowed: [{ kind: 'custom', name: 'sql' }] },
    }
    expect(encodeRequest(request).value).toMatchObject({
      tools: [
        {
          type: 'custom',
          name: 'sql',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
      ],
      tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'custom', name: 'sql' }] },
    })
  })

  test('39: citations are flat, and their places stay', () => {
    const wire = { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 4, end_index: 7 }
    const content = [{ type: 'output_text', text: 'See [1].', annotations: [wire] }]
    const reply = replyOf({ type: 'message', id: 'm', role: 'assistant', content })
    const [part] = reply.candidates[0]?.parts ?? []
    expect(part).toMatchObject({
      annotations: [{ type: 'url', url: 'https://x.test', title: 'X', start: 4, end: 7 }],
    })
    expect(encodeReply(reply, render).value).toMatchObject({
      output: [{ content: [{ annotations: [wire] }] }],
    })
  })

  test('48: the model is the one that answered, not the one asked for', () => {
    const { value } = encodeReply({ ...foreignReply({}), model: 'm-2026-11-23' }, render)
    expect(value.model).toBe('m-2026-11-23')
  })

  test('50: the last event has the whole output, whatever the upstream left out of its own', async () => {
    const message = { type: 'message', id: 'm', role: 'assistant', status: 'completed' }
    const content = [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }]
    for (const output of [[], null, undefined]) {
      const last = {
        type: 'response.completed',
        response: { status: 'completed', ...(output !== undefined && { output }) },
      }
      const { text } = encode(
        decodeWire(created, added(0, { ...message, content: [] }), done(0, { ...message, content }), last),
      )
      expect(finalOf(text).output).toEqual([{ ...message, content }])
      expect(await readWithHelper(text)).toMatchObject({ output: [{ content }] })
    }
  })

  test('51: a tool whose dialect does not know strictness is not made strict', () => {
    const { value } = encodeRequest({ ...bare, tools: [{ kind: 'function', name: 'f' }] })
    expect(value.tools).toMatchObject([{ strict: false }])
    const own = decoded({ tools: [{ type: 'function', name: 'f' }] })
    expect(encodeRequest(own).value.tools).toEqual([{ type: 'function', name: 'f' }])
  })

  test('55: the two events of a patch are left out, and the patch is not', async () => {
    const item = { type: 'apply_patch_call', id: 'apc_1', call_id: 'c', status: 'in_progress' }
    const operation = { type: 'update_file', path: 'a', diff: '+x' }
    const step = 'response.apply_patch_call_operation_diff'
    const { text, notes } = encode(
      decodeWire(
        created,
        added(0, { ...item, operation: { ...operation, diff: '' } }),
        { type: `${step}.delta`, item_id: 'apc_1', output_index: 0, delta: '+x', obfuscation: 'a' },
        { type: `${step}.done`, item_id: 'apc_1', output_index: 0, diff: '+x' },
        done(0, { ...item, operation, status: 'completed' }),
        completed,
      ),
    )
    expect(await readWithHelper(text)).toMatchObject({ output: [{ operation }] })
    expect(notes.map(note => note.path)).toEqual(['reply.progress'])
  })

  test('56: ids that change with every event become one', async () => {
    const message = { type: 'message', role: 'assistant', status: 'in_progress', content: [] }
    const part = { type: 'output_text', text: '', annotations: [] }
    const content = [{ ...part, text: 'Hi' }]
    const place = { output_index: 0, content_index: 0 }
    const { text } = encode(
      decodeWire(
        { ...created, response: { id: 'a' } },
        { type: 'response.in_progress', response: { id: 'b' } },
        added(0, { ...message, id: 'c' }),
        { type: 'response.content_part.added', ...place, item_id: 'd', part },
        { type: 'response.output_text.delta', ...place, item_id: 'e', delta: 'Hi' },
        { type: 'response.output_text.done', ...place, item_id: 'f', text: 'Hi' },
        { type: 'response.content_part.done', ...place, item_id: 'g', part: content[0] ?? {} },
        done(0, { ...message, id: 'h', content, status: 'completed' }),
        {
          type: 'response.completed',
          response: { id: 'i', status: 'completed', output: [{ ...message, id: 'j', content }] },
        },
      ),
    )
    const ids = wireOf(text).flatMap(event => {
      const item = (event.item ?? {}) as JsonObject // an item is an object
      const response = (event.response ?? {}) as JsonObject // and so is a response
      return [event.item_id ?? item.id ?? `response ${response.id}`]
    })
    expect([...new Set(ids)]).toEqual(['response a', 'c'])
    expect(await readWithHelper(text)).toMatchObject({ id: 'a', output: [{ id: 'c' }] })
  })

  test('57: two items open at once are both put together', () => {
    const parts = decodedParts(
      added(3, call('a')),
      added(5, call('b')),
      { type: 'response.function_call_arguments.delta', output_index: 5, item_id: 'fc_b', delta: '{"b"' },
      { type: 'response.function_call_arguments.delta', output_index: 3, item_id: 'fc_a', delta: '{"a"' },
      { type: 'response.function_call_arguments.delta', output_index: 5, item_id: 'fc_b', delta: ':2}' },
      { type: 'response.function_call_arguments.delta', output_index: 3, item_id: 'fc_a', delta: ':1}' },
      done(5, call('b', { arguments: '{"b":2}' })),
      done(3, call('a', { arguments: '{"a":1}' })),
    )
    expect(parts).toMatchObject([{ arguments: '{"a":1}' }, { arguments: '{"b":2}' }])
  })

  test('58: a hosted item is over when it is done, whatever its status says', () => {
    const item = { type: 'web_search_call', id: 'ws_1', status: 'searching' }
    const events = decodeWire(created, added(0, { ...item, status: 'in_progress' }), done(0, item), completed)
    expect(events.map(event => event.type)).toEqual([
      'start',
      'item-start',
      'part-start',
      'part-end',
      'item-end',
      'finish',
      'end',
    ])
    expect(finalOf(encode(events).text).output).toEqual([item])
  })

  test('59: a call that is reported in progress is a call', () => {
    const item = call('a', {
      arguments: '{}',
      status: 'in_progress',
      caller: { type: 'program', caller_id: 'p' },
    })
    const reply = replyOf(item)
    expect(reply.candidates[0]).toMatchObject({
      parts: [{ kind: 'tool-call' }],
      finish: { reason: 'tool-calls' },
    })
    expect(encodeReply(reply, render).value.output).toEqual([item])
  })
})
