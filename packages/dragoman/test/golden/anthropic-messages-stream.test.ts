import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import type { Render } from '../../src/core/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { FinishReason } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { createSseParser, writeSse } from '../../src/wire/sse.ts'

const { decodeStream, encodeStream, watchStream, decodeReply, encodeReply, keepAlive, writeFault } =
  anthropicMessages

const request: GenerateRequest = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true }
const render: Render = { id: 'call1', created: 1_700_000_000, request }
const usage: Usage = { input: 10, cacheRead: 4, cacheWrite: 2, output: 7, source: 'reported' }

const start: Event = { type: 'start', dialect: 'openai-chat', id: 'chatcmpl-1', model: 'gpt' }
const open = (part: number, opened: Part): Event => ({ type: 'part-start', candidate: 0, part, open: opened })
const text = (part: number, said: string): Event => ({ type: 'part-delta', candidate: 0, part, text: said })
const args = (part: number, said: string): Event => ({ type: 'part-delta', candidate: 0, part, args: said })
const close = (part: number): Event => ({ type: 'part-end', candidate: 0, part })
const finish = (reason: FinishReason): Event => ({ type: 'finish', candidate: 0, finish: { reason } })
const end: Event = { type: 'end' }
const textPart: Part = { kind: 'text', text: '' }
const thinkingPart: Part = { kind: 'thinking', text: '' }
const callPart = (id: string): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name: `f_${id}`,
  arguments: '',
})

function encode(...events: readonly Event[]): { readonly bytes: string; readonly notes: readonly string[] } {
  const encoder = encodeStream(render)
  const bytes = events.map(event => encoder.push(event)).join('')
  return { bytes, notes: encoder.notes.map(note => `${note.kind} ${note.path}`) }
}

function framesOf(bytes: string): readonly JsonObject[] {
  return createSseParser()
    .push(new TextEncoder().encode(bytes))
    .filter(frame => frame.data !== '')
    .map(frame => {
      const wire = JSON.parse(frame.data)
      expect(wire.type).toBe(frame.event)
      return wire
    })
}

const written = (...events: readonly Event[]): readonly JsonObject[] => framesOf(encode(...events).bytes)

/** The names of what was written, with the block of each. */
const shape = (frames: readonly JsonObject[]): readonly string[] =>
  frames.map(frame => (frame.index === undefined ? String(frame.type) : `${frame.type} ${frame.index}`))

/** Frames of an upstream: each object with its type as the event's name. */
const wireOf = (...frames: readonly JsonObject[]): string =>
  frames.map(frame => writeSse({ event: String(frame.type), data: JSON.stringify(frame) })).join('')

function decode(bytes: string): readonly Event[] {
  const decoder = decodeStream()
  const events: Event[] = []
  for (const frame of createSseParser().push(new TextEncoder().encode(bytes))) decoder.push(frame, events)
  decoder.end(events)
  expect(checkEvents(events)).toEqual([])
  return events
}

const messageStart = (more: JsonObject = {}): JsonObject => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1 },
    ...more,
  },
})
const blockStart = (index: number, block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
const blockDelta = (index: number, delta: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta,
})
const blockStop = (index: number): JsonObject => ({ type: 'content_block_stop', index })
const messageDelta = (reason: string, counted: JsonObject = { output_tokens: 12 }): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage: counted,
})
const messageStop: JsonObject = { type: 'message_stop' }
const replyOf = (...frames: readonly JsonObject[]) => foldEvents(decode(wireOf(...frames)))
const partsOf = (...frames: readonly JsonObject[]) => replyOf(...frames).candidates[0]?.parts

function finalMessage(bytes: string): Promise<Anthropic.Message> {
  const response = () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })
  const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch: async () => response() })
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  return client.messages.stream({ model: 'm', max_tokens: 1, messages }).finalMessage()
}

describe('what is written', () => {
  test('a text, to the byte', () => {
    const events = [
      start,
      open(0, textPart),
      text(0, 'Hé\n"'),
      close(0),
      finish('stop'),
      { type: 'usage', usage } as const,
      end,
    ]
    expect(encode(...events).bytes).toBe(
      `event: message_start
data: {"type":"message_start","message":{"id":"msg_call1","type":"message","role":"assistant","model":"gpt","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé\\n\\""}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,"output_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

`,
    )
  })

  test('usage that is known at the start is told at the start', () => {
    const [first] = written(
      start,
      { type: 'usage', usage },
      open(0, textPart),
      text(0, 'x'),
      finish('stop'),
      end,
    )
    expect(first).toMatchObject({ message: { usage: { input_tokens: 10, cache_read_input_tokens: 4 } } })
  })

  test('usage that nobody told is required, and said to be missing', () => {
    const { bytes, notes } = encode(start, finish('stop'), end)
    expect(framesOf(bytes).at(-2)).toMatchObject({ usage: { input_tokens: 0, output_tokens: 0 } })
    expect(notes).toEqual(['approximated usage'])
  })

  test('thinking of others, with an empty signature', () => {
    const { bytes, notes } = encode(
      start,
      open(0, thinkingPart),
      text(0, 'Hm'),
      close(0),
      finish('stop'),
      { type: 'usage', usage },
      end,
    )
    expect(framesOf(bytes).slice(1, 4)).toEqual([
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      blockDelta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      blockStop(0),
    ])
    expect(notes).toEqual(['approximated candidates[0].parts[0]'])
  })

  test('summaries as paragraphs', () => {
    const summary = (index: number, said: string): Event => ({
      type: 'part-delta',
      candidate: 0,
      part: 0,
      summary: { index, text: said },
    })
    const frames = written(
      start,
      open(0, thinkingPart),
      summary(0, 'a'),
      summary(0, 'b'),
      summary(1, 'c'),
      close(0),
      finish('stop'),
      end,
    )
    expect(foldEvents(decode(wireOf(...frames))).candidates[0]?.parts).toEqual([
      { kind: 'thinking', text: 'ab\n\nc' },
    ])
  })

  test('a refusal, as text and as the reason', () => {
    const frames = written(
      start,
      open(0, { kind: 'refusal', text: '' }),
      text(0, 'No.'),
      close(0),
      finish('stop'),
      end,
    )
    expect(frames[2]).toEqual(blockDelta(0, { type: 'text_delta', text: 'No.' }))
    expect(frames.at(-2)).toMatchObject({
      delta: {
        stop_reason: 'refusal',
        stop_details: { type: 'refusal', category: null, explanation: 'No.' },
      },
    })
  })

  test('only the first of several answers', () => {
    const other: Event = { type: 'part-start', candidate: 1, part: 0, open: textPart }
    const { bytes, notes } = encode(
      start,
      open(0, textPart),
      other,
      text(0, 'x'),
      finish('stop'),
      { type: 'usage', usage },
      end,
    )
    expect(shape(framesOf(bytes))).toContain('content_block_delta 0')
    expect(notes).toEqual(['refused candidates[1]'])
  })

  test('losses once each, however many deltas had them', () => {
    const logged: Event = { ...text(0, 'x'), logprobs: [{ token: 'x', logprob: 0, top: [] }] } as Event // a text delta
    const foreign: Event = {
      type: 'annotation',
      candidate: 0,
      part: 0,
      annotation: { type: 'url', url: 'https://a', start: 0, end: 1 },
    }
    const { notes } = encode(
      start,
      open(0, textPart),
      logged,
      logged,
      foreign,
      foreign,
      finish('stop'),
      { type: 'usage', usage },
      end,
    )
    expect(notes).toEqual([
      'dropped candidates[0].parts[0].logprobs',
      'dropped candidates[0].parts[0].annotations',
    ])
  })

  test('a note is a comment, which clients pass over', async () => {
    const note: Event = { type: 'note', note: { kind: 'dropped', path: 'user', reason: 'it was' } }
    const { bytes } = encode(start, open(0, textPart), text(0, 'x'), note, close(0), finish('stop'), end)
    expect(bytes).toContain(': dragoman-notes dropped;path="user";reason="it was"\n\n')
    expect((await finalMessage(bytes)).content).toMatchObject([{ text: 'x' }])
  })

  test('free text of a custom tool as the one string of its input, as it comes', async () => {
    const custom: Part = { kind: 'tool-call', type: 'custom', id: 'a', name: 'sh', arguments: '' }
    const { bytes, notes } = encode(
      start,
      open(0, custom),
      args(0, 'ls "\ud83d'),
      args(0, '\ude00"'),
      close(0),
      finish('tool-calls'),
      { type: 'usage', usage },
      end,
    )
    expect((await finalMessage(bytes)).content).toMatchObject([
      { name: 'sh', input: { input: 'ls "\u{1f600}"' } },
    ])
    expect(notes).toEqual(['emulated candidates[0].parts[0]'])
  })

  test('nothing after the end, nothing after a fault', () => {
    const encoder = encodeStream(render)
    for (const event of [start, finish('stop'), end]) encoder.push(event)
    expect(encoder.push(text(0, 'x'))).toBe('')
    expect(encoder.push({ type: 'fault', fault: createFault('internal', 'x') })).toBe('')
  })

  test('generated media cannot be shown, the words of a voice can', () => {
    const voice: Part = {
      kind: 'media',
      media: 'audio',
      source: { type: 'base64', mediaType: 'audio/wav', data: '' },
    }
    const image: Part = {
      kind: 'media',
      media: 'image',
      source: { type: 'base64', mediaType: 'image/png', data: 'AA==' },
    }
    const data: Event = { type: 'part-delta', candidate: 0, part: 0, data: 'AA==' }
    const { bytes, notes } = encode(
      start,
      open(0, voice),
      text(0, 'Hello'),
      data,
      close(0),
      open(1, image),
      close(1),
      finish('stop'),
      { type: 'usage', usage },
      end,
    )
    expect(foldEvents(decode(bytes)).candidates[0]?.parts).toEqual([{ kind: 'text', text: 'Hello' }])
    expect(notes).toEqual([
      'approximated candidates[0].parts[0]',
      'dropped candidates[0].parts[0].source',
      'dropped candidates[0].parts[1]',
    ])
  })
})

describe('features', () => {
  test('C1: the arguments of parallel calls that arrive in turns reassemble exactly', async () => {
    const { bytes } = encode(
      start,
      open(0, callPart('a')),
      open(1, callPart('b')),
      args(0, '{"x"'),
      args(1, '{"y":'),
      args(0, ':1}'),
      args(1, '2}'),
      close(0),
      close(1),
      finish('tool-calls'),
      end,
    )
    expect((await finalMessage(bytes)).content).toMatchObject([
      { id: 'a', input: { x: 1 } },
      { id: 'b', input: { y: 2 } },
    ])
  })

  test('C2 and C4: the reason to stop agrees with the blocks, whatever the upstream said', () => {
    const blocks: readonly (readonly Event[])[] = [
      [open(0, callPart('a')), close(0)],
      [open(0, textPart), text(0, 'x'), open(1, callPart('a')), close(1)],
      [open(0, thinkingPart), text(0, 'x'), close(0), open(1, callPart('a')), close(1)],
    ]
    for (const events of blocks) {
      expect(written(start, ...events, finish('stop'), end).at(-2)).toMatchObject({
        delta: { stop_reason: 'tool_use' },
      })
    }
    const none = written(start, open(0, textPart), text(0, 'x'), finish('tool-calls'), end)
    expect(none.at(-2)).toMatchObject({ delta: { stop_reason: 'end_turn' } })
    const calls = [blockStart(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }), blockStop(0)]
    expect(
      replyOf(messageStart(), ...calls, messageDelta('end_turn'), messageStop).candidates[0]?.finish,
    ).toEqual({
      reason: 'tool-calls',
      raw: 'end_turn',
    })
    const cut = replyOf(messageStart(), ...calls, messageDelta('max_tokens'), messageStop)
    expect(cut.candidates[0]?.finish.reason).toBe('length')
  })

  test('C3 and C6: one finish, at the end, though the upstream finished early', () => {
    const events = decode(
      wireOf(
        messageStart(),
        blockStart(0, { type: 'text', text: '' }),
        messageDelta('end_turn'),
        blockDelta(0, { type: 'text_delta', text: 'late' }),
        blockStop(0),
        messageDelta('end_turn'),
        messageStop,
      ),
    )
    expect(events.filter(event => event.type === 'finish')).toHaveLength(1)
    expect(foldEvents(events).candidates[0]?.parts).toEqual([{ kind: 'text', text: 'late' }])
  })

  test('C5: fragments of the live call leave as they come', () => {
    const encoder = encodeStream(render)
    for (const event of [
      start,
      open(0, textPart),
      text(0, 'x'),
      open(1, callPart('a')),
      open(2, callPart('b')),
    ])
      encoder.push(event)
    for (const fragment of ['{"a"', ':', '1}']) {
      expect(encoder.push(args(1, fragment))).toContain(JSON.stringify(fragment))
      expect(encoder.push(args(2, fragment))).toBe('')
    }
    const released = framesOf(encoder.push(close(1)))
    expect(shape(released)).toEqual([
      'content_block_stop 1',
      'content_block_start 2',
      'content_block_delta 2',
      'content_block_delta 2',
      'content_block_delta 2',
    ])
  })

  test('C6: blocks never overlap, are numbered without gaps, and there is one of each frame', () => {
    const hosted: Part = {
      kind: 'hosted-tool',
      dialect: 'openai-responses',
      type: 'web_search_call',
      value: {},
    }
    const frames = written(
      start,
      open(0, thinkingPart),
      open(1, hosted),
      text(0, 'Hm'),
      open(2, textPart),
      open(3, callPart('a')),
      text(2, 'x'),
      open(4, callPart('b')),
      args(4, '{}'),
      close(1),
      close(3),
      finish('tool-calls'),
      end,
    )
    let live: unknown
    let next = 0
    for (const { type, index } of frames) {
      if (type === 'content_block_start') {
        expect({ live, index }).toEqual({ live: undefined, index: next++ })
        live = index
      } else if (index !== undefined) expect(index).toBe(live as number) // a block is live here
      if (type === 'content_block_stop') live = undefined
    }
    for (const name of ['message_start', 'message_delta', 'message_stop']) {
      expect(frames.filter(frame => frame.type === name)).toHaveLength(1)
    }
    expect(next).toBe(4)
    expect(shape(frames).slice(-2)).toEqual(['message_delta', 'message_stop'])
  })

  test('C7: frames without names and blocks without a start are understood', () => {
    const bare = [
      messageStart(),
      blockDelta(0, { type: 'text_delta', text: 'x' }),
      messageDelta('end_turn'),
      messageStop,
    ]
    const bytes = bare.map(frame => writeSse({ data: JSON.stringify(frame) })).join('')
    expect(foldEvents(decode(`${bytes}data: [DONE]\n\n`)).candidates[0]?.parts).toEqual([
      { kind: 'text', text: 'x' },
    ])
  })

  test('C11: an upstream that vanishes leaves a fault, one that finished leaves an end', () => {
    const head = [
      messageStart(),
      blockStart(0, { type: 'text', text: '' }),
      blockDelta(0, { type: 'text_delta', text: 'x' }),
    ]
    expect(decode(wireOf(...head)).at(-1)).toMatchObject({
      type: 'fault',
      fault: { code: 'upstream_disconnected' },
    })
    expect(decode('').at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
    expect(decode(wireOf(...head, messageDelta('end_turn'))).at(-1)).toEqual({ type: 'end' })
  })

  test('C12: a failure in the middle is an error event, after which nothing comes', async () => {
    const fault = createFault('overloaded', 'Busy.')
    const { bytes } = encode(start, open(0, textPart), text(0, 'x'), { type: 'fault', fault }, end)
    expect(framesOf(bytes).at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', message: 'Busy.' },
    })
    expect(bytes).not.toContain('message_stop')
    expect(bytes.endsWith(writeFault(fault))).toBe(true)
    await expect(finalMessage(bytes)).rejects.toThrow(/Busy/)
  })

  test('C13: usage is always told, also when it comes after the finish', () => {
    const late = written(
      start,
      open(0, textPart),
      text(0, 'x'),
      finish('stop'),
      { type: 'usage', usage },
      end,
    )
    expect(late.at(-2)).toMatchObject({
      type: 'message_delta',
      usage: { input_tokens: 10, output_tokens: 7 },
    })
  })

  test('C16: pings keep a stream alive, before its start and in the middle, and official clients pass them over', async () => {
    const encoder = encodeStream(render)
    let bytes = keepAlive(false)
    for (const event of [start, open(0, textPart), text(0, 'x'), close(0), finish('stop'), end]) {
      bytes += encoder.push(event) + keepAlive(true)
    }
    expect((await finalMessage(bytes)).content).toMatchObject([{ type: 'text', text: 'x' }])
    expect(foldEvents(decode(bytes)).candidates[0]?.parts).toEqual([{ kind: 'text', text: 'x' }])
  })

  test('C18 and C20: a signature comes back on its block; that of another is never written', () => {
    const signed = [
      messageStart(),
      blockStart(0, { type: 'thinking', thinking: '' }),
      blockDelta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      blockDelta(0, { type: 'signature_delta', signature: 'c2ln' }),
      blockStop(0),
      blockStart(1, { type: 'redacted_thinking', data: 'cmVk' }),
      blockStop(1),
      messageDelta('end_turn'),
      messageStop,
    ]
    const events = decode(wireOf(...signed))
    expect(framesOf(encode(...events).bytes).slice(1, 7)).toEqual([
      blockStart(0, { type: 'thinking', thinking: '', signature: '' }),
      ...signed.slice(2, 7),
    ])
    const foreign = events.map(event =>
      JSON.parse(JSON.stringify(event).replaceAll('anthropic-messages', 'gemini')),
    )
    expect(encode(...foreign).bytes).not.toMatch(/c2ln|cmVk/)
  })

  test('C30: the ledger adds up in both directions', () => {
    const counted = {
      input_tokens: 3,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 100,
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
    }
    const reply = decodeReply({ content: [], stop_reason: 'end_turn', usage: counted })
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(reply.value.usage).toMatchObject({
      input: 3,
      cacheWrite: 20,
      cacheRead: 100,
      output: 9,
      reasoning: 4,
    })
    const { raw: _, ...ledger } = reply.value.usage ?? usage
    expect(encodeReply({ ...reply.value, usage: ledger }, render).value.usage).toEqual(counted)
  })
})

describe('traps', () => {
  test('16: no arguments are an empty object', () => {
    const head = [messageStart(), blockStart(0, { type: 'tool_use', id: 'a', name: 'f', input: {} })]
    const tail = [blockStop(0), messageDelta('tool_use'), messageStop]
    const empty = blockDelta(0, { type: 'input_json_delta', partial_json: '' })
    for (const deltas of [[], [empty]]) {
      expect(partsOf(...head, ...deltas, ...tail)).toMatchObject([{ kind: 'tool-call', arguments: '{}' }])
    }
  })

  test('17 and 60: the last counter that is not null counts, whichever way it went', () => {
    const counted = (later: JsonObject) => {
      const start = messageStart({
        usage: { input_tokens: 25, cache_read_input_tokens: 60_000, output_tokens: 1 },
      })
      return replyOf(start, messageDelta('end_turn', later), messageStop).usage
    }
    const nothing = { input_tokens: null, cache_read_input_tokens: null, output_tokens: 2 }
    expect(counted(nothing)).toMatchObject({ input: 25, cacheRead: 60_000, output: 2 })
    expect(counted({ input_tokens: 320_032, cache_read_input_tokens: 612, output_tokens: 2 })).toMatchObject({
      input: 320_032,
      cacheRead: 612,
    })
    expect(counted({ output_tokens: 2 })).toMatchObject({ input: 25 })
  })

  test('20 and 22: an error after 200 is a fault that says what it is', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const head = [messageStart(), blockStart(0, { type: 'text', text: '' })]
    expect(decode(wireOf(...head, error)).at(-1)).toMatchObject({
      type: 'fault',
      fault: { code: 'overloaded', status: 503, retryable: true, upstream: { type: 'overloaded_error' } },
    })
  })

  test('21: every frame has its name, usage is in the first and the last, indexes start at 0', () => {
    const frames = written(start, open(0, callPart('a')), close(0), finish('stop'), end)
    expect(frames[0]).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } })
    expect(frames[1]).toMatchObject({ index: 0 })
    expect(frames.at(-2)).toHaveProperty('usage.output_tokens')
    expect(frames.at(-1)).toEqual({ type: 'message_stop' })
  })

  test('23: a refusal without content', () => {
    const details = { type: 'refusal', category: 'cyber', explanation: 'Not this.' }
    const wire = {
      type: 'message',
      content: [],
      stop_reason: 'refusal',
      stop_sequence: null,
      stop_details: details,
    }
    const reply = decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(reply.value.candidates[0]).toMatchObject({
      parts: [],
      finish: { reason: 'content-filter', raw: 'refusal', explanation: 'Not this.' },
    })
    expect(encodeReply(reply.value, render).value).toMatchObject({
      stop_reason: 'refusal',
      stop_details: details,
    })
  })

  test('25: the sequence that stopped it is told', () => {
    const wire = { content: [], stop_reason: 'stop_sequence', stop_sequence: 'END' }
    const reply = decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(reply.value.candidates[0]?.finish).toEqual({
      reason: 'stop',
      raw: 'stop_sequence',
      stopSequence: 'END',
    })
    expect(encodeReply(reply.value, render).value).toMatchObject(wire)
    const foreign = encodeReply(
      { candidates: [{ index: 0, parts: [], finish: { reason: 'stop', raw: 'stop', stopSequence: 'END' } }] },
      render,
    )
    expect(foreign.value).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' })
  })

  test('57: a start that is complete reaches the client, with its reason', () => {
    const call = { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }
    const container = { id: 'c', expires_at: 'soon' }
    const prefilled = messageStart({ content: [call], stop_reason: 'tool_use', container })
    const reply = replyOf(prefilled, messageStop)
    expect(reply.candidates[0]).toMatchObject({
      parts: [{ kind: 'tool-call', id: 'a', arguments: '{"x":1}' }],
      finish: { reason: 'tool-calls' },
    })
    expect(reply.extra).toEqual({ 'anthropic-messages': { container } })
    expect(decode(wireOf(prefilled)).at(-1)).toEqual({ type: 'end' })
  })

  test('58: input that is complete at the start is the whole', () => {
    const block = blockStart(0, { type: 'tool_use', id: 'a', name: 'f', input: { player: 'player1' } })
    const parts = partsOf(messageStart(), block, blockStop(0), messageDelta('tool_use'), messageStop)
    expect(parts).toMatchObject([{ arguments: '{"player":"player1"}' }])
  })

  test('59: a second start is no second message', () => {
    const events = decode(
      wireOf(messageStart(), messageStart({ id: 'msg_2' }), messageDelta('end_turn'), messageStop),
    )
    expect(events.filter(event => event.type === 'start')).toMatchObject([{ id: 'msg_1' }])
  })
})

describe('what else may come', () => {
  const tail = [messageDelta('end_turn'), messageStop]

  test('citations cover the text of their block, before or after it', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://a',
      title: 'A',
      encrypted_index: 'e',
      cited_text: 'c',
    }
    const cite = blockDelta(0, { type: 'citations_delta', citation })
    const say = blockDelta(0, { type: 'text_delta', text: 'So it is.' })
    const block = blockStart(0, { type: 'text', text: '', citations: [] })
    for (const deltas of [
      [cite, say],
      [say, cite],
    ]) {
      const parts = partsOf(messageStart(), block, ...deltas, blockStop(0), ...tail)
      expect(parts).toMatchObject([
        { annotations: [{ type: 'url', url: 'https://a', title: 'A', start: 0, end: 9 }] },
      ])
    }
  })

  test('deltas and events of tomorrow reach clients of the same dialect', () => {
    const wire = [
      messageStart(),
      blockStart(0, { type: 'text', text: '' }),
      blockDelta(0, { type: 'text_delta', text: 'x' }),
      blockDelta(0, { type: 'tone_delta', tone: 'warm' }),
      { type: 'weather', sky: 'blue' },
      blockStop(0),
      blockStart(1, { type: 'hologram', beam: '' }),
      blockDelta(1, { type: 'beam_delta', beam: 'x' }),
      blockStop(1),
      ...tail,
    ]
    const frames = framesOf(encode(...decode(wireOf(...wire))).bytes)
    expect(frames.slice(1, -2)).toEqual(wire.slice(1, -2))
  })

  test('a compaction is summed up for those who want it whole', () => {
    const value = { type: 'compaction', content: null }
    const delta = blockDelta(0, { type: 'compaction_delta', content: 'short', encrypted_content: 'e' })
    const wire = [messageStart(), blockStart(0, value), delta, blockStop(0), ...tail]
    expect(partsOf(...wire)).toMatchObject([
      { kind: 'hosted-tool', value: { type: 'compaction', content: 'short', encrypted_content: 'e' } },
    ])
    expect(framesOf(encode(...decode(wireOf(...wire))).bytes).slice(1, 4)).toEqual(wire.slice(1, 4))
  })

  test('the input of a hosted tool is summed up, and written where only its end was known', () => {
    const value = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const part: Part = { kind: 'hosted-tool', dialect: 'anthropic-messages', type: value.type, value }
    const closed: Part = { ...part, value: { ...value, input: { query: 'q' } } }
    const frames = written(
      start,
      open(0, part),
      { type: 'part-end', candidate: 0, part: 0, close: closed },
      finish('stop'),
      end,
    )
    expect(partsOf(...frames)).toMatchObject([{ value: { input: { query: 'q' } } }])
  })

  test('estimates of hidden thinking are steps, not part of the block', () => {
    const delta = blockDelta(0, { type: 'thinking_delta', thinking: '', estimated_tokens: 50 })
    const sign = blockDelta(0, { type: 'signature_delta', signature: 'c2ln' })
    const block = blockStart(0, { type: 'thinking', thinking: '', signature: '' })
    const wire = [messageStart(), block, delta, sign, blockStop(0), ...tail]
    expect(partsOf(...wire)).toEqual([
      {
        kind: 'thinking',
        text: '',
        opaque: { form: 'signature', data: 'c2ln', dialect: 'anthropic-messages' },
      },
    ])
    expect(framesOf(encode(...decode(wireOf(...wire))).bytes).slice(1, 5)).toEqual(wire.slice(1, 5))
  })

  const garbage: { readonly [name: string]: string } = {
    'data that is no JSON': 'event: message_start\ndata: {"type":\n\n',
    'an event that is no object': 'event: message_start\ndata: [1]\n\n',
    'a delta of nothing': wireOf(
      messageStart(),
      blockDelta(3, { type: 'input_json_delta', partial_json: '{' }),
    ),
    'a delta without content': wireOf(messageStart(), { type: 'content_block_delta', index: 0 }),
    'content before the start': wireOf(blockStart(0, { type: 'text', text: '' })),
    'an end before the start': wireOf(messageStop),
    'a finish before the start': wireOf(messageDelta('end_turn')),
  }
  test.each(Object.entries(garbage))('%s is a fault', (_, bytes) => {
    expect(decode(bytes).at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_invalid' } })
  })

  test('OpenAI’s errors are understood in a stream', () => {
    expect(decode('data: {"error":{"message":"Slow down","code":"rate_limit_exceeded"}}\n\n')).toMatchObject([
      { type: 'fault', fault: { code: 'rate_limited', message: 'Slow down' } },
    ])
  })

  test('a watcher knows a prefilled start, an error and what ends', () => {
    const watch = watchStream()
    const roles = createSseParser()
      .push(
        new TextEncoder().encode(
          `${keepAlive(false)}: comment\n\n${wireOf(
            messageStart(),
            messageStart({ content: [{ type: 'text', text: 'x' }] }),
            blockStart(0, { type: 'text', text: '' }),
            blockStart(1, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
            blockDelta(1, { type: 'input_json_delta', partial_json: '' }),
            blockStop(1),
            messageDelta('tool_use', { output_tokens: 5 }),
            messageStop,
            { type: 'error', error: {} },
          )}`,
        ),
      )
      .map(frame => watch.push(frame))
    expect(roles).toEqual([
      'pre',
      'pre',
      'pre',
      'content',
      'pre',
      'content',
      'content',
      'other',
      'content',
      'terminal',
      'fault',
    ])
    expect(watch.usage).toMatchObject({ input: 25, output: 5 })
  })
})
