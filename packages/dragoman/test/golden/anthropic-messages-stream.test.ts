import { describe, expect, test } from 'bun:test'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { foreignFields } from '../../src/ir/foreign.ts'
import type { Part } from '../../src/ir/part.ts'
import { createSseParser } from '../../src/wire/sse.ts'
import {
  args,
  blockDelta,
  blockStart,
  blockStop,
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

const { encodeStream, watchStream, keepAlive } = anthropicMessages

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
    expect(notes).toEqual(['dropped content'])
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
    const filled = blockStart(0, { type: 'text', text: '', citations: [citation] })
    expect(partsOf(messageStart(), filled, say, blockStop(0), ...tail)).toMatchObject([
      { annotations: [{ url: 'https://a', start: 0, end: 9 }] },
    ])
  })

  test('what an annotation says of a citation is no loss elsewhere, what it leaves out is', () => {
    const page = { cited_text: 'c', document_index: 0, document_title: 'D', file_id: null }
    const citation = { type: 'page_location', ...page, start_page_number: 1, end_page_number: 2 }
    const block = blockStart(0, { type: 'text', text: 'So.', citations: [citation] })
    const part = partsOf(messageStart(), block, blockStop(0), ...tail)?.[0]
    const [annotation] = part?.kind === 'text' ? (part.annotations ?? []) : []
    const lost = foreignFields(annotation ?? {}, 'openai-chat', 'reply').map(({ name }) => name)
    expect(lost).toEqual(['start_page_number', 'end_page_number'])
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

  test('fields of the message that come at its end come back at its end', () => {
    const beside = { context_management: { applied_edits: [] } }
    const delta = { stop_reason: 'end_turn', stop_sequence: null, container: { id: 'c', expires_at: 'soon' } }
    const last = { type: 'message_delta', delta, usage: { output_tokens: 5 }, ...beside }
    const reply = replyOf(messageStart(), last, messageStop)
    expect(reply.extra).toEqual({ 'anthropic-messages': { container: delta.container, ...beside } })
    const frames = framesOf(encode(...decode(wireOf(messageStart(), last, messageStop))).bytes)
    expect(frames[1]).toEqual({ ...last, usage: { input_tokens: 25, output_tokens: 5 } })
  })

  test('the input of a hosted tool is passed on as it came, once', () => {
    const block = blockStart(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} })
    const piece = (text: string) => blockDelta(0, { type: 'input_json_delta', partial_json: text })
    const wire = [messageStart(), block, piece(''), piece('{"query":'), piece('"q"}'), blockStop(0), ...tail]
    expect(partsOf(...wire)).toMatchObject([{ kind: 'hosted-tool', value: { input: { query: 'q' } } }])
    expect(framesOf(encode(...decode(wireOf(...wire))).bytes).slice(1, 6)).toEqual(wire.slice(1, 6))
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
