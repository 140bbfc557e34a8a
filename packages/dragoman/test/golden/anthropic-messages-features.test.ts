import { describe, expect, test } from 'bun:test'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import { writeSse } from '../../src/wire/sse.ts'
import {
  args,
  blockDelta,
  blockStart,
  blockStop,
  callPart,
  close,
  decode,
  encode,
  end,
  finalMessage,
  finish,
  framesOf,
  messageDelta,
  messageStart,
  messageStop,
  open,
  partsOf,
  render,
  replyOf,
  shape,
  start,
  text,
  textPart,
  thinkingPart,
  usage,
  wireOf,
  written,
} from './anthropic-messages-frames.ts'

const { encodeStream, decodeReply, encodeReply, keepAlive, writeFault } = anthropicMessages

describe('what features.md asks of streams and answers', () => {
  test('features C1: the arguments of parallel calls that arrive in turns reassemble exactly', async () => {
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

  test('features C2 and C4: the reason to stop agrees with the blocks, whatever the upstream said', () => {
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
    const run = {
      type: 'tool_use',
      id: 'a',
      name: 'f',
      input: {},
      caller: { type: 'code_execution_20260120' },
    }
    const ran = replyOf(
      messageStart(),
      blockStart(0, run),
      blockStop(0),
      messageDelta('end_turn'),
      messageStop,
    )
    expect(ran.candidates[0]?.finish.reason).toBe('stop')
    const cut = replyOf(messageStart(), ...calls, messageDelta('max_tokens'), messageStop)
    expect(cut.candidates[0]?.finish.reason).toBe('length')
  })

  test('features C3 and C6: one finish, at the end, though the upstream finished early', () => {
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

  test('features C5: fragments of the live call leave as they come', () => {
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

  test('features C6: blocks never overlap, are numbered without gaps, and there is one of each frame', () => {
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

  test('features C7: frames without names and blocks without a start are understood', () => {
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

  test('features C11: an upstream that vanishes leaves a fault, one that finished leaves an end', () => {
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

  test('features C12: a failure in the middle is an error event, after which nothing comes', async () => {
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

  test('features C13: usage is always told, also when it comes after the finish', () => {
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

  test('features C16: pings keep a stream alive, before its start and in the middle, and official clients pass them over', async () => {
    const encoder = encodeStream(render)
    let bytes = keepAlive(false)
    for (const event of [start, open(0, textPart), text(0, 'x'), close(0), finish('stop'), end]) {
      bytes += encoder.push(event) + keepAlive(true)
    }
    expect((await finalMessage(bytes)).content).toMatchObject([{ type: 'text', text: 'x' }])
    expect(foldEvents(decode(bytes)).candidates[0]?.parts).toEqual([{ kind: 'text', text: 'x' }])
  })

  test('features C18 and C20: a signature comes back on its block; that of another is never written', () => {
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

  test('features C30: the ledger adds up in both directions', () => {
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
