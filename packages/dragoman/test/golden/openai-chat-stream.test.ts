import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import {
  accept,
  chunksOf,
  clientOf,
  decode,
  decodeChunks,
  encode,
  encodeText,
  renderOf,
} from './openai-chat-driver.ts'

/** A chunk of one choice with the fields that every chunk has. */
const chunk = (delta: unknown, more: object = {}, top: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
  ...top,
})
const stop = chunk({}, { finish_reason: 'stop' })
const done = '[DONE]'
const call = (fields: object) => chunk({ tool_calls: [fields] })
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

function folded(...chunks: readonly unknown[]): Reply {
  const events = decodeChunks(chunks)
  expect(checkEvents(events)).toEqual([])
  return foldEvents(events)
}

const partsOf = (...chunks: readonly unknown[]): readonly Part[] =>
  folded(...chunks).candidates[0]?.parts ?? []
const callsOf = (...chunks: readonly unknown[]) =>
  partsOf(...chunks).flatMap(part =>
    part.kind === 'tool-call' ? [[part.id, part.name, part.arguments]] : [],
  )
const last = (events: readonly Event[]) => events.at(-1)

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

  test('features C7: no index, no id, no role, no index of the choice: filled in, the same each time', () => {
    const bare = (delta: unknown, finish?: string) => ({
      choices: [{ delta, ...(finish === undefined ? {} : { finish_reason: finish }) }],
    })
    const chunks = [
      bare({
        tool_calls: [
          { function: { name: 'f', arguments: '{"a":1}' } },
          { function: { name: 'f', arguments: '{"a":2}' } },
        ],
      }),
      bare({}, 'tool_calls'),
      done,
    ]
    const calls = callsOf(...chunks)
    expect(calls.map(([, name, args]) => [name, args])).toEqual([
      ['f', '{"a":1}'],
      ['f', '{"a":2}'],
    ])
    expect(calls[0]?.[0]).toMatch(/^call_/)
    expect(calls[0]?.[0]).not.toBe(calls[1]?.[0])
    expect(callsOf(...chunks)).toEqual(calls)
    const [role, first] = chunksOf(encode(decodeChunks(chunks)).text)
    expect(role?.choices).toMatchObject([{ index: 0, delta: { role: 'assistant' } }])
    expect(first?.choices).toMatchObject([
      { delta: { tool_calls: [{ index: 0, id: calls[0]?.[0], type: 'function' }] } },
    ])
  })

  test('features C1: every parallel call with index 0 is a call of its own', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }),
      call({ index: 0, id: 'b', type: 'function', function: { name: 'f', arguments: '{"x":2}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([
      ['a', 'f', '{"x":1}'],
      ['b', 'f', '{"x":2}'],
    ])
  })

  test('features C1: interleaved arguments reassemble, with ids and names once and indices from 0 without a gap', () => {
    const events = decodeChunks([
      call({ index: 1, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 4, id: 'b', type: 'function', function: { name: 'g', arguments: '{"' } }),
      call({ index: 1, function: { arguments: '{"x"' } }),
      call({ index: 4, function: { arguments: 'y":2}' } }),
      call({ index: 1, function: { arguments: ':1}' } }),
      chunk({}, { finish_reason: 'tool_calls' }),
      done,
    ])
    expect(checkEvents(events)).toEqual([])
    const deltas = chunksOf(encode(events).text).flatMap(one =>
      (
        one.choices as {
          delta: { tool_calls?: { index: number; id?: string; function: { name?: string } }[] }
        }[]
      ).flatMap(choice => choice.delta.tool_calls ?? []),
    )
    expect(deltas.map(delta => delta.index)).toEqual([0, 1, 1, 0, 1, 0])
    expect(deltas.filter(delta => delta.id !== undefined || delta.function.name !== undefined)).toHaveLength(
      2,
    )
    expect(foldEvents(events).candidates[0]?.parts).toMatchObject([
      { arguments: '{"x":1}' },
      { arguments: '{"y":2}' },
    ])
  })

  test('an id and a name that are repeated, emptied or printed as null go on with the same call', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{' } }),
      call({ index: 0, id: '', function: { name: '', arguments: '"x"' } }),
      call({ index: 0, id: 'null', function: { name: null, arguments: ':1' } }),
      call({ function: { arguments: '}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([['a', 'f', '{"x":1}']])
  })

  test('an id that changes with every piece is one call with its first id', () => {
    const calls = callsOf(
      call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
      call({ index: 0, id: 'b', function: { name: 'f', arguments: ':1}' } }),
      stop,
      done,
    )
    expect(calls).toEqual([['a', 'f', '{"x":1}']])
  })

  test('a name that comes after the id and the arguments began', () => {
    expect(
      callsOf(
        call({ index: 0, id: 'a', type: 'function' }),
        call({ index: 0, function: { arguments: '{' } }),
        call({ index: 0, function: { name: 'f', arguments: '}' } }),
        stop,
        done,
      ),
    ).toEqual([['a', 'f', '{}']])
  })

  test('a call without any name is shown, not lost', () => {
    expect(callsOf(call({ index: 0, id: 'a', function: { arguments: '{}' } }), stop, done)).toEqual([
      ['a', '', '{}'],
    ])
  })

  test('arguments as an object', () => {
    expect(callsOf(call({ id: 'a', function: { name: 'f', arguments: { x: 1 } } }), stop, done)).toEqual([
      ['a', 'f', '{"x":1}'],
    ])
  })

  test('custom tools', () => {
    const chunks = [
      call({ index: 0, id: 'a', type: 'custom', custom: { name: 'c', input: '' } }),
      call({ index: 0, custom: { input: 'SELECT' } }),
      chunk({}, { finish_reason: 'tool_calls' }),
      done,
    ]
    expect(partsOf(...chunks)).toEqual([
      { kind: 'tool-call', type: 'custom', id: 'a', name: 'c', arguments: 'SELECT' },
    ])
    expect(chunksOf(encode(decodeChunks(chunks)).text)[2]?.choices).toMatchObject([
      { delta: { tool_calls: [{ index: 0, custom: { input: 'SELECT' } }] } },
    ])
  })

  test('the deprecated function_call, there and back', () => {
    const chunks = [
      chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{}' } }),
      chunk({}, { finish_reason: 'function_call' }),
      done,
    ]
    expect(partsOf(...chunks)).toMatchObject([{ kind: 'tool-call', name: 'f', arguments: '{}' }])
    const text = encode(decodeChunks(chunks)).text
    expect(chunksOf(text).map(one => (one.choices as { delta: object }[])[0]?.delta)).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{}' } },
      {},
    ])
    expect(text).toContain('"finish_reason":"function_call"')
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
        { x_choice: [1] },
        { x_top: 'a', system_fingerprint: 'fp', citations: ['u'] },
      ),
      chunk({ content: 'b' }, { x_choice: [2] }, { x_top: 'a', citations: ['u'] }),
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
    expect(reply.candidates[0]?.extra?.['openai-chat']).toEqual({ x_choice: [1, 2], message: { x_delta: 1 } })
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
})

describe('how a stream ends', () => {
  test('features C3: a finish that comes early, and again, is told once, behind all content', () => {
    const events = decodeChunks([
      chunk({ content: 'a' }, { finish_reason: 'stop' }),
      chunk({ content: 'b' }, { finish_reason: 'stop' }),
      chunk({}, { finish_reason: 'length' }),
      done,
    ])
    expect(checkEvents(events)).toEqual([])
    const finishes = chunksOf(encode(events).text).map(
      one => (one.choices as { finish_reason: unknown }[])[0]?.finish_reason,
    )
    expect(finishes).toEqual([null, null, null, 'length'])
  })

  test('features C2, trap 12: stop with tool calls is tool_calls, streamed and whole, and the raw word is kept', () => {
    const entry = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
    const events = decodeChunks([call(entry), stop, done])
    expect(foldEvents(events).candidates[0]?.finish).toEqual({ reason: 'tool-calls', raw: 'stop' })
    expect(encode(events).text).toContain('"finish_reason":"tool_calls"')
    const { index: _, ...whole } = entry
    const reply = openaiChat.decodeReply({
      choices: [{ message: { content: null, tool_calls: [whole] }, finish_reason: 'stop' }],
    })
    const wire = reply.ok ? openaiChat.encodeReply(reply.value, renderOf({})).value : {}
    expect(wire.choices).toMatchObject([{ finish_reason: 'tool_calls' }])
  })

  test('features C4: the reason follows from the calls, whatever came before them, and a limit stays a limit', () => {
    const of = (reason: 'stop' | 'length' | 'content-filter', ...parts: readonly Part[]) =>
      chunksOf(encode(unfold({ candidates: [{ index: 0, parts, finish: { reason } }] })).text).at(-1)?.choices
    const thought: Part = { kind: 'thinking', text: 'hm' }
    const said: Part = { kind: 'text', text: 'let me see' }
    const called: Part = { kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '{}' }
    expect(of('stop', said, called)).toMatchObject([{ finish_reason: 'tool_calls' }])
    expect(of('stop', thought, called)).toMatchObject([{ finish_reason: 'tool_calls' }])
    expect(of('stop', called)).toMatchObject([{ finish_reason: 'tool_calls' }])
    expect(of('stop', said)).toMatchObject([{ finish_reason: 'stop' }])
    expect(of('length', called)).toMatchObject([{ finish_reason: 'length' }])
    expect(of('content-filter', said)).toMatchObject([{ finish_reason: 'content_filter' }])
  })

  test('features C5: a piece of arguments goes out with the piece that brought it', () => {
    const decoder = openaiChat.decodeStream()
    const encoder = openaiChat.encodeStream(renderOf({}))
    const through = (value: unknown) => {
      const events: Event[] = []
      const data = JSON.stringify(value)
      decoder.push({ raw: encodeText(data), event: undefined, data }, events)
      return events.map(event => encoder.push(event)).join('')
    }
    expect(through(call({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }))).toContain(
      '"name":"f"',
    )
    for (const piece of ['{"', 'x', '":1}']) {
      expect(through(call({ index: 0, function: { arguments: piece } }))).toContain(JSON.stringify(piece))
    }
  })

  test('without [DONE] but with a finish it is whole', () => {
    expect(last(decodeChunks([chunk({ content: 'a' }), stop]))).toEqual({ type: 'end' })
  })

  test('features C11: without a finish it is cut: a fault, and no finish is made up', () => {
    const events = decodeChunks([chunk({ content: 'a' })])
    expect(last(events)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
    const { text } = encode(events)
    expect(text).not.toContain('"finish_reason":"')
    expect(text).not.toContain('[DONE]')
    expect(chunksOf(text).at(-1)).toMatchObject({
      error: { type: 'server_error', code: 'upstream_disconnected' },
    })
  })

  test('one of two choices without a finish is cut too', () => {
    const events = decodeChunks([
      chunk({ content: 'a' }),
      { choices: [{ index: 1, delta: { content: 'b' } }] },
      stop,
    ])
    expect(last(events)).toMatchObject({ fault: { code: 'upstream_disconnected' } })
  })

  test('features C11: a cut inside a tool call is a fault', () => {
    const events = decodeChunks([call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x' } })])
    expect(last(events)?.type).toBe('fault')
  })

  test('[DONE] without a finish ends with one (trap 52)', async () => {
    const text = encode(decodeChunks([chunk({ content: 'a' }), done])).text
    expect((await accept(text)).choices[0]?.finish_reason).toBe('stop')
  })

  test('[DONE] and nothing else, and no stream at all, are failures', () => {
    expect(last(decodeChunks([done]))).toMatchObject({ fault: { code: 'upstream_invalid' } })
    expect(last(decodeChunks([]))).toMatchObject({ fault: { code: 'upstream_disconnected' } })
  })

  test('nothing behind [DONE] counts but usage (features C14)', () => {
    const events = decodeChunks([
      chunk({ content: 'a' }),
      stop,
      done,
      chunk({ content: 'late' }),
      { choices: [], usage },
      'junk',
      done,
    ])
    expect(events.slice(-2).map(event => event.type)).toEqual(['end', 'usage'])
    expect(JSON.stringify(events)).not.toContain('late')
    const watch = openaiChat.watchStream()
    const roles = [
      '{"choices":[{"delta":{"content":"a"}}]}',
      done,
      JSON.stringify({ choices: [], usage }),
      'junk',
    ].map(data => watch.push({ raw: encodeText(data), event: undefined, data }))
    expect(roles).toEqual(['content', 'terminal', 'usage', 'other'])
    expect(watch.usage).toMatchObject({ input: 3, output: 2 })
  })

  const failures: readonly (readonly [string, readonly unknown[], object])[] = [
    [
      'an error object',
      [{ error: { message: 'boom', type: 'server_error' } }],
      { code: 'upstream_error', message: 'boom' },
    ],
    ['an error string', [{ error: 'boom' }], { message: 'boom' }],
    ['an empty error (trap 1)', [{ error: {} }], { code: 'upstream_error' }],
    [
      'a numeric code',
      [{ error: { message: 'slow down', code: 429 } }],
      { code: 'rate_limited', status: 429 },
    ],
    [
      'an error beside choices',
      [{ ...chunk({ content: '' }, { finish_reason: 'error' }), error: { message: 'boom', code: 502 } }],
      { message: 'boom' },
    ],
    [
      'an error of a choice',
      [chunk({}, { error: { message: 'boom', code: 500 }, finish_reason: 'error' })],
      { message: 'boom' },
    ],
    [
      'an error of the wire before envelopes',
      [{ object: 'error', message: 'boom', code: 40303 }],
      { message: 'boom' },
    ],
    [
      'a list around an error',
      [[{ error: { message: 'boom', status: 'INVALID_ARGUMENT', code: 400 } }]],
      { code: 'invalid_request', message: 'boom' },
    ],
    ['a frame that is not JSON', ['{"choices":[{'], { code: 'upstream_invalid' }],
    ['a finish of error', [chunk({}, { finish_reason: 'error' }), done], { code: 'upstream_invalid' }],
    ['an error and [DONE]', [{ error: { message: 'boom' } }, done], { message: 'boom' }],
  ]
  test.each(failures)('features C12: %s is a fault, and the last thing said', (_, chunks, fault) => {
    const events = decodeChunks([chunk({ content: 'a' }), ...chunks, chunk({ content: 'late' })])
    expect(last(events)).toMatchObject({ type: 'fault', fault })
    expect(events.filter(event => event.type === 'fault')).toHaveLength(1)
    const { text } = encode(events)
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"')
  })

  test('an error event by name', () => {
    const events = decode([encodeText('event: error\ndata: {"message":"boom"}\n\n')])
    expect(last(events)).toMatchObject({ type: 'fault', fault: { message: 'boom' } })
  })

  test('"error": null is nothing (trap 1)', () => {
    expect(last(decodeChunks([chunk({ content: 'a' }, {}, { error: null }), stop, done]))?.type).toBe('end')
  })

  test('JSON nested beyond all reason is a fault, not an overflow', () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(last(decodeChunks([chunk({ content: 'a' }), deep]))).toMatchObject({
      fault: { code: 'upstream_invalid' },
    })
  })

  test('features C12, trap 4: the official client raises on a fault in band', async () => {
    const fault = createFault('rate_limited', 'Slow down.', {
      upstream: { status: 429, type: 'tokens', code: 'rate_limit_exceeded' },
    })
    const events: Event[] = [
      ...decodeChunks([chunk({ content: 'a' })]).slice(0, -1),
      { type: 'fault', fault },
    ]
    const { text } = encode(events)
    const stream = await clientOf(text).chat.completions.create({ model: 'm', messages: [], stream: true })
    const seen: string[] = []
    const error = await (async () => {
      for await (const one of stream) seen.push(one.choices[0]?.delta.content ?? '')
    })().catch(reason => reason)
    expect(seen).toEqual(['', 'a'])
    expect(error).toMatchObject({ message: 'Slow down.', code: 'rate_limit_exceeded', type: 'tokens' })
  })
})

describe('what the caller of a stream gets', () => {
  const events = decodeChunks([chunk({ content: 'a' }), stop, { choices: [], usage }, done])

  test('features C13, traps 2, 3: usage once, last, and null before, where it was asked for; else none at all', () => {
    const asked = chunksOf(encode(events, renderOf({ streamUsage: true })).text)
    expect(asked.map(one => one.usage)).toEqual([null, null, null, usage])
    expect(asked.at(-1)?.choices).toEqual([])
    const plain = chunksOf(encode(events).text)
    expect(plain.some(one => 'usage' in one)).toBe(false)
    expect(plain).toHaveLength(3)
  })

  test('usage that nobody reported is a note', () => {
    const { text, notes } = encode(
      decodeChunks([chunk({ content: 'a' }), stop, done]),
      renderOf({ streamUsage: true }),
    )
    expect(notes.map(note => note.path)).toEqual(['reply.usage'])
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('the exact frames of text', () => {
    const head = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m"'
    const rest = '"logprobs":null,"finish_reason"'
    expect(encode(events).text).toBe(
      [
        `data: {${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},${rest}:null}]}`,
        `data: {${head},"choices":[{"index":0,"delta":{"content":"a"},${rest}:null}]}`,
        `data: {${head},"choices":[{"index":0,"delta":{},${rest}:"stop"}]}`,
        'data: [DONE]',
        '',
      ].join('\n\n'),
    )
  })

  test('ids, names and times of another dialect are the gateway’s', () => {
    const foreign = unfold({
      dialect: 'anthropic-messages',
      id: 'msg_1',
      model: 'claude',
      candidates: [{ index: 0, parts: [], finish: { reason: 'stop' } }],
    })
    const [first] = chunksOf(encode(foreign).text)
    expect(first).toMatchObject({ id: 'chatcmpl-call1', model: 'claude', created: 1_700_000_000 })
    const [nameless] = chunksOf(encode([{ type: 'start' }, { type: 'end' }]).text)
    expect(nameless).toMatchObject({ model: 'asked' })
  })

  test('an answer without a candidate still has one choice', async () => {
    const completion = await accept(encode([{ type: 'start' }, { type: 'end' }]).text)
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: '' },
    })
  })

  test('notes go out as comments that the official client ignores', async () => {
    const noted: Event[] = [
      ...events.slice(0, -1),
      { type: 'note', note: { kind: 'dropped', path: 'seed', reason: 'a "reason"' } },
      { type: 'end' },
    ]
    const { text } = encode(noted)
    expect(text).toContain(': dragoman-notes dropped;path="seed";reason="a \\"reason\\""\n\n')
    expect((await accept(text)).choices[0]?.message.content).toBe('a')
  })

  test('where one candidate of several fails, the others end, then comes the error and no [DONE] (ruling 2)', () => {
    const fault = createFault('upstream_disconnected', 'gone')
    const { text } = encode(
      [
        { type: 'start' },
        { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
        { type: 'part-delta', candidate: 0, part: 0, text: 'a' },
        { type: 'part-start', candidate: 1, part: 0, open: { kind: 'text', text: '' } },
        { type: 'fault', candidate: 1, fault },
        { type: 'part-delta', candidate: 0, part: 0, text: 'b' },
        { type: 'part-end', candidate: 0, part: 0 },
        { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
        { type: 'usage', usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, source: 'reported' } },
        { type: 'end' },
      ],
      renderOf({ streamUsage: true }),
    )
    const chunks = chunksOf(text)
    expect(text.match(/"finish_reason":"/g)).toHaveLength(1)
    expect(chunks.at(-2)?.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 })
    expect(chunks.at(-1)).toMatchObject({ error: { message: 'gone' } })
    expect(text).not.toContain('[DONE]')
  })

  test('features C20: a signature of another maker is left out with a note, once', () => {
    const thought: Part = {
      kind: 'thinking',
      text: 'hm',
      opaque: { form: 'signature', data: 'SIG', dialect: 'anthropic-messages' },
    }
    const { text, notes } = encode(
      unfold({ candidates: [{ index: 0, parts: [thought], finish: { reason: 'stop' } }] }),
    )
    expect(text).not.toContain('SIG')
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[0].opaque'])
    expect(text).toContain('"reasoning_content":"hm"')
  })

  test('summaries of thoughts are reasoning text, paragraph by paragraph', () => {
    const thought: Part = { kind: 'thinking', text: '', summary: ['one', 'two'] }
    const { text, notes } = encode(
      unfold({ candidates: [{ index: 0, parts: [thought], finish: { reason: 'stop' } }] }),
    )
    const [part] = foldEvents(decode([encodeText(text)])).candidates[0]?.parts ?? []
    expect(part).toMatchObject({ kind: 'thinking', text: 'one\n\ntwo' })
    expect(notes).toEqual([])
  })

  test('a caller of the deprecated functions gets function_call', () => {
    const tools = [{ kind: 'function', name: 'f', extra: { 'openai-chat': { $form: 'functions' } } }] as const
    const called = (name: string): Part => ({
      kind: 'tool-call',
      type: 'function',
      id: name,
      name,
      arguments: '{}',
    })
    const { text, notes } = encode(
      unfold({
        candidates: [{ index: 0, parts: [called('f'), called('g')], finish: { reason: 'tool-calls' } }],
      }),
      renderOf({ tools }),
    )
    expect(text).toContain('"function_call":{"name":"f","arguments":""}')
    expect(text).toContain('"finish_reason":"function_call"')
    expect(text).not.toContain('tool_calls')
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[1]'])
  })

  test('keep-alives are comments, which the official client ignores', async () => {
    const alive = openaiChat.keepAlive(false)
    expect(alive).toBe(': keep-alive\n\n')
    expect(
      (await accept(alive + encode(events).text + openaiChat.keepAlive(true))).choices[0]?.message.content,
    ).toBe('a')
  })
})
