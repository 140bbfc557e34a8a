import { describe, expect, test } from 'bun:test'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import {
  chunk,
  chunksOf,
  decode,
  decodeChunks,
  done,
  encode,
  encodeText,
  folded,
  renderOf,
  stop,
  usage,
} from './openai-chat-driver.ts'

const partsOf = (...chunks: readonly unknown[]): readonly Part[] =>
  folded(...chunks).candidates[0]?.parts ?? []

describe('chunks that hosts really send', () => {
  test('one with everything in it', () => {
    const reply = folded(
      chunk({ role: 'assistant', content: 'Hi' }, { finish_reason: 'stop' }, { usage }),
      done,
    )
    expect(reply.candidates[0]?.parts).toEqual([{ kind: 'text', text: 'Hi' }])
    expect(reply.candidates[0]?.finish).toEqual({ reason: 'stop', raw: 'stop' })
    expect(reply.usage).toMatchObject({ input: 3, output: 2 })
  })

  test('a start without id or model, with the filter results of the prompt (features C15)', () => {
    const prelude = {
      id: '',
      model: '',
      created: 0,
      object: '',
      choices: [],
      prompt_filter_results: [{ prompt_index: 0 }],
    }
    const filtered = {
      choices: [
        {
          index: 0,
          content_filter_results: { hate: { filtered: false } },
          content_filter_offsets: { start: 0 },
        },
      ],
    }
    const events = decodeChunks([prelude, chunk({ content: 'x' }), stop, filtered, done])
    expect(events[0]).toEqual({
      type: 'start',
      dialect: 'openai-chat',
      id: 'chatcmpl-1',
      model: 'm',
      created: 1,
      extra: { 'openai-chat': { prompt_filter_results: [{ prompt_index: 0 }] } },
    })
    expect(foldEvents(events).candidates[0]?.extra?.['openai-chat']).toEqual({
      content_filter_results: { hate: { filtered: false } },
      content_filter_offsets: { start: 0 },
    })
    const chunks = chunksOf(encode(events).text)
    expect(chunks.every(one => (one.choices as unknown[]).length === 1)).toBe(true)
    expect(chunks[0]?.prompt_filter_results).toEqual([{ prompt_index: 0 }])
    expect(chunks.at(-1)?.choices).toMatchObject([
      { finish_reason: 'stop', content_filter_results: { hate: { filtered: false } } },
    ])
  })

  test('reasoning under each name, then content; two names for the same text count once (features C19)', () => {
    for (const field of ['reasoning_content', 'reasoning']) {
      const events = decodeChunks([
        chunk({ role: 'assistant', content: null, [field]: 'a' }),
        chunk({ content: null, [field]: 'b' }),
        chunk({ content: 'c', [field]: null }),
        stop,
        done,
      ])
      expect(foldEvents(events).candidates[0]?.parts).toMatchObject([
        { kind: 'thinking', text: 'ab' },
        { kind: 'text', text: 'c' },
      ])
      expect(chunksOf(encode(events).text)[1]?.choices).toMatchObject([{ delta: { [field]: 'a' } }])
    }
    expect(partsOf(chunk({ reasoning: 'a', reasoning_content: 'a' }), stop, done)).toMatchObject([
      { text: 'a' },
    ])
  })

  test('pieces of reasoning_details are joined by type and index, and come back (features C18)', () => {
    const details = (piece: object) => [{ type: 'reasoning.text', index: 0, ...piece }]
    const events = decodeChunks([
      chunk({ reasoning: 'a', reasoning_details: details({ text: 'a', format: 'f' }) }),
      chunk({ reasoning: 'b', reasoning_details: details({ text: 'b', signature: null }) }),
      chunk({ reasoning_details: details({ signature: 'S' }) }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', index: 1, data: 'E' }] }),
      chunk({ content: 'c' }),
      stop,
      done,
    ])
    expect(checkEvents(events)).toEqual([])
    const expected = [
      { type: 'reasoning.text', index: 0, text: 'ab', format: 'f', signature: 'S' },
      { type: 'reasoning.encrypted', index: 1, data: 'E' },
    ]
    const [thought] = foldEvents(events).candidates[0]?.parts ?? []
    expect(thought).toMatchObject({ kind: 'thinking', text: 'ab' })
    expect(thought?.extra?.['openai-chat']?.reasoning_details).toEqual(expected)
    expect(encode(events).text).toContain(JSON.stringify({ reasoning_details: expected }))
  })

  test('pieces of reasoning_details without an index are not joined', () => {
    const piece = { type: 'reasoning.summary', summary: 's' }
    const [thought] = partsOf(
      chunk({ reasoning_details: [piece] }),
      chunk({ reasoning_details: [piece] }),
      stop,
      done,
    )
    expect(thought?.extra?.['openai-chat']?.reasoning_details).toEqual([piece, piece])
  })

  test('content as chunks that becomes a string in mid-stream', () => {
    const parts = partsOf(
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }], signature: 'S' }] }),
      chunk({ content: '' }),
      chunk({ content: 'a' }),
      chunk({
        content: [
          { type: 'text', text: 'b' },
          { type: 'reference', reference_ids: [1] },
        ],
      }),
      stop,
      done,
    )
    expect(parts).toEqual([
      { kind: 'thinking', text: 'hm', opaque: { form: 'signature', data: 'S', dialect: 'openai-chat' } },
      { kind: 'text', text: 'ab' },
      {
        kind: 'unknown',
        dialect: 'openai-chat',
        type: 'reference',
        value: { type: 'reference', reference_ids: [1] },
      },
    ])
  })

  test('a refusal (trap 14)', () => {
    const events = decodeChunks([
      chunk({ role: 'assistant', content: null, refusal: 'No' }),
      chunk({ refusal: '.' }),
      stop,
      done,
    ])
    expect(foldEvents(events).candidates[0]?.parts).toEqual([{ kind: 'refusal', text: 'No.' }])
    expect(encode(events).text).not.toContain('"content":"No')
  })

  test('audio in pieces, with its expiry at the end', () => {
    const chunks = [
      chunk({ role: 'assistant', audio: { id: 'audio_1', transcript: 'He' } }),
      chunk({ audio: { data: 'AAAA' } }),
      chunk({ audio: { transcript: 'y', data: 'BBBB' } }),
      chunk({ audio: { expires_at: 9 } }),
      stop,
      done,
    ]
    const reply = folded(...chunks)
    expect(reply.candidates[0]?.parts).toEqual([
      {
        kind: 'media',
        media: 'audio',
        source: { type: 'base64', mediaType: 'audio/*', data: 'AAAABBBB' },
        transcript: 'Hey',
        extra: { 'openai-chat': { id: 'audio_1', expires_at: 9 } },
      },
    ])
    expect(folded(...chunksOf(encode(decodeChunks(chunks)).text), done)).toEqual(reply)
  })

  test('annotations of a message, with positions in its whole text (trap 39, features C34)', () => {
    const citation = (start: number) => ({
      type: 'url_citation',
      url_citation: { url: 'https://x.test', title: 't', start_index: start, end_index: start + 1 },
    })
    const chunks = [
      chunk({ content: 'abc' }),
      chunk({ annotations: [citation(0)] }),
      chunk({ annotations: [citation(2)] }),
      stop,
      done,
    ]
    const events = decodeChunks(chunks)
    expect(foldEvents(events).candidates[0]?.parts).toMatchObject([
      {
        annotations: [
          { type: 'url', start: 0 },
          { start: 2, end: 3 },
        ],
      },
    ])
    // openai-node keeps the last list only, so there is one.
    const lists = chunksOf(encode(events).text).flatMap(one =>
      (one.choices as { delta: { annotations?: unknown } }[]).flatMap(
        choice => choice.delta.annotations ?? [],
      ),
    )
    expect(lists).toEqual([citation(0), citation(2)])
  })

  test('log probabilities, also of characters that are not complete', () => {
    const token = (text: string) => ({ token: text, logprob: -0.1, bytes: null, top_logprobs: [] })
    const reply = folded(
      chunk({ content: 'a' }, { logprobs: { content: [token('a')], refusal: null } }),
      chunk({ content: '' }, { logprobs: { content: [token('\\xf0')], refusal: null } }),
      stop,
      done,
    )
    expect(reply.candidates[0]?.parts).toMatchObject([
      { logprobs: [{ token: 'a' }, { token: '\\xf0', bytes: null }] },
    ])
  })

  test('log probabilities of a tool call, which no part can hold, come back on the choice', () => {
    const token = { token: '{', logprob: -0.1, bytes: null, top_logprobs: [] }
    const chunks = [
      chunk(
        { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] },
        { logprobs: { content: [token], refusal: null } },
      ),
      stop,
      done,
    ]
    const choices = chunksOf(encode(decodeChunks(chunks)).text).at(-1)?.choices
    expect(choices).toMatchObject([{ logprobs: { content: [token], refusal: null } }])
  })

  test('n=2 interleaved: two roles, two finishes, one usage (trap 42)', () => {
    const two = (index: number, delta: object, finish: string | null = null) => ({
      id: 'x',
      created: 1,
      model: 'm',
      choices: [{ index, delta, finish_reason: finish }],
    })
    const events = decodeChunks([
      two(0, { role: 'assistant', content: 'a' }),
      two(1, { role: 'assistant', content: 'b' }),
      two(0, { content: 'A' }),
      two(1, {}, 'stop'),
      two(0, {}, 'length'),
      { id: 'x', choices: [], usage },
      done,
    ])
    expect(checkEvents(events)).toEqual([])
    expect(foldEvents(events).candidates.map(({ index, finish }) => [index, finish.reason])).toEqual([
      [0, 'length'],
      [1, 'stop'],
    ])
    const text = encode(events, renderOf({ streamUsage: true })).text
    expect(text.match(/"role":"assistant"/g)).toHaveLength(2)
    expect(text.match(/"finish_reason":"/g)).toHaveLength(2)
    expect(text.match(/"usage":\{/g)).toHaveLength(1)
  })

  test('fields that nobody knows survive at every level', () => {
    const events = decodeChunks([
      chunk(
        { content: 'a', x_delta: 1 },
        { x_choice: [1], x_filter: { a: 1 } },
        { x_top: 'a', system_fingerprint: 'fp', citations: ['u'] },
      ),
      chunk({ content: 'b' }, { x_choice: [2], x_filter: { b: 2 } }, { x_top: 'a', citations: ['u'] }),
      chunk({}, { finish_reason: 'stop' }, { x_late: { timings: 1 }, citations: ['u', 'v'] }),
      done,
    ])
    const reply = foldEvents(events)
    expect(reply.extra?.['openai-chat']).toEqual({
      x_top: 'a',
      system_fingerprint: 'fp',
      citations: ['u', 'v'],
      x_late: { timings: 1 },
    })
    expect(reply.candidates[0]?.extra?.['openai-chat']).toEqual({
      x_choice: [1, 2],
      x_filter: { a: 1, b: 2 },
      message: { x_delta: 1 },
    })
    const chunks = chunksOf(encode(events).text)
    expect(chunks.every(one => one.system_fingerprint === 'fp')).toBe(true)
    expect(folded(...chunks, done)).toEqual(reply)
  })

  test('random padding is dropped (trap 45)', () => {
    expect(
      encode(decodeChunks([chunk({ content: 'a' }, {}, { obfuscation: 'zzz' }), stop, done])).text,
    ).not.toContain('zzz')
  })

  test('a whole message at the end counts where nothing was streamed, and else not', () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: 'all' }, finish_reason: 'stop' }],
    }
    expect(partsOf(whole, done)).toMatchObject([{ text: 'all' }])
    expect(partsOf(chunk({ content: 'all' }), whole, done)).toMatchObject([{ text: 'all' }])
  })

  test('reasoning counted on top of the completion is added to the output', () => {
    const reply = folded(
      chunk(
        { content: 'x' },
        { finish_reason: 'stop' },
        {
          usage: {
            prompt_tokens: 10,
            completion_tokens: 5,
            total_tokens: 115,
            completion_tokens_details: { reasoning_tokens: 100 },
          },
        },
      ),
      done,
    )
    expect(reply.usage).toMatchObject({ input: 10, output: 105, reasoning: 100 })
  })

  test('an id, time and model that change with every chunk are those of the first (trap 56)', () => {
    const changed = { ...chunk({ content: 'b' }), id: 'other', created: 2, model: 'n' }
    const chunks = chunksOf(encode(decodeChunks([chunk({ content: 'a' }), changed, stop, done])).text)
    for (const one of chunks) expect(one).toMatchObject({ id: 'chatcmpl-1', created: 1, model: 'm' })
  })

  test('events by other names are passed over, chunks under a name are not', () => {
    const text = `event: ping\ndata: {"type":"ping"}\n\nevent: message\ndata: ${JSON.stringify(chunk({ content: 'a' }, { finish_reason: 'stop' }))}\n\n`
    const reply = foldEvents(decode([encodeText(text)]))
    expect(reply.candidates[0]?.parts).toEqual([{ kind: 'text', text: 'a' }])
    expect(reply.extra).toBeUndefined()
  })
})
