import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import { unfold } from '../../src/ir/unfold.ts'
import {
  accept,
  call,
  chunk,
  chunksOf,
  clientOf,
  decode,
  decodeChunks,
  done,
  encode,
  encodeText,
  lastOf,
  renderOf,
  stop,
  usage,
} from './openai-chat-driver.ts'

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
    expect(lastOf(decodeChunks([chunk({ content: 'a' }), stop]))).toEqual({ type: 'end' })
  })

  test('features C11: without a finish it is cut: a fault, and no finish is made up', () => {
    const events = decodeChunks([chunk({ content: 'a' })])
    expect(lastOf(events)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
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
    expect(lastOf(events)).toMatchObject({ fault: { code: 'upstream_disconnected' } })
  })

  test('features C11: a cut inside a tool call is a fault', () => {
    const events = decodeChunks([call({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x' } })])
    expect(lastOf(events)?.type).toBe('fault')
  })

  test('[DONE] without a finish ends with one (trap 52)', async () => {
    const text = encode(decodeChunks([chunk({ content: 'a' }), done])).text
    expect((await accept(text)).choices[0]?.finish_reason).toBe('stop')
  })

  test('[DONE] and nothing else, and no stream at all, are failures', () => {
    expect(lastOf(decodeChunks([done]))).toMatchObject({ fault: { code: 'upstream_invalid' } })
    expect(lastOf(decodeChunks([]))).toMatchObject({ fault: { code: 'upstream_disconnected' } })
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
    expect(lastOf(events)).toMatchObject({ type: 'fault', fault })
    expect(events.filter(event => event.type === 'fault')).toHaveLength(1)
    const { text } = encode(events)
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"')
  })

  test('an error event by name', () => {
    const events = decode([encodeText('event: error\ndata: {"message":"boom"}\n\n')])
    expect(lastOf(events)).toMatchObject({ type: 'fault', fault: { message: 'boom' } })
  })

  test('"error": null is nothing (trap 1)', () => {
    expect(lastOf(decodeChunks([chunk({ content: 'a' }, {}, { error: null }), stop, done]))?.type).toBe('end')
  })

  test('JSON nested beyond all reason is a fault, not an overflow', () => {
    const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(lastOf(decodeChunks([chunk({ content: 'a' }), deep]))).toMatchObject({
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
