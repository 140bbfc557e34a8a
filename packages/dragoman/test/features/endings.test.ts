import { expect, test } from 'bun:test'
import { expectBroken, expectWhole, framesOf, textOf } from '../support/ends.ts'
import { startRawUpstream, streamed } from '../support/raw-upstream.ts'
import {
  ask,
  createScene,
  front,
  type Kind,
  type Path,
  paths,
  readUntil,
  recordOf,
} from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'
import { chunk } from './frames.ts'
import { frontOf, kindOf, serveKind } from './kind-gateway.ts'

// Complaints about other gateways (features C10 to C15), each through this one on real sockets.

const scene = createScene()

/** What each wire says first, how it ends, and how it fails. */
const wires: readonly (readonly [Kind, readonly string[], readonly string[], string])[] = [
  [
    'compatible',
    [chat.role(), chat.text('Grüße '), chat.text('😀')],
    [chat.finish(), chat.usage(), chat.done],
    chat.error,
  ],
  [
    'messages',
    [messages.start, messages.open, messages.text('Grüße '), messages.text('😀')],
    [messages.close, messages.finish, messages.stop],
    messages.error,
  ],
  [
    'responses',
    [responses.created, responses.open, responses.text('Grüße '), responses.text('😀')],
    [responses.close('Grüße 😀'), responses.completed('Grüße 😀')],
    responses.failed,
  ],
]

/** A stream that is written in these pieces. */
async function piecesTo(path: Path, kind: Kind, pieces: readonly Uint8Array[]): Promise<string> {
  const upstream = scene.upstream(stream => () => stream(pieces))
  const { url } = front(scene, kind, upstream.url)
  return (await ask(url, path, { stream: true })).text()
}

for (const [kind, head, tail, error] of wires) {
  test(`features C10: however ${kind} cuts its bytes and ends its lines, the events are the same`, async () => {
    const whole = [...head, ...tail].join('')
    const spellings = [
      whole,
      whole.replaceAll('\n', '\r\n'),
      whole.replaceAll('\n', '\r'),
      whole.replaceAll('data: ', 'data:').replaceAll('event: ', 'event:'),
      `\ufeff: hello\n\n${whole}`,
    ]
    // Translated for one path, so that what is compared was parsed; relaying is compared byte by byte in rulings/10.
    const path = kind === 'messages' ? '/v1/chat/completions' : '/v1/messages'
    for (const spelling of spellings) {
      const bytes = new TextEncoder().encode(spelling)
      const cuts = [1, 2, 3, 7, bytes.length].map(size =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.slice(index * size, (index + 1) * size),
        ),
      )
      for (const pieces of cuts) {
        const text = await piecesTo(path, kind, pieces)
        expectWhole(path, text)
        expect(textOf(text)).toBe('Grüße 😀')
      }
    }
  })

  test.each(paths)(
    `features C11: a connection of ${kind} that dies mid-answer is no stop, to %s`,
    async path => {
      const shown = gate()
      const upstream = scene.keep(
        await startRawUpstream({
          asked: socket => {
            socket.write(streamed(...head))
            void shown.wait.then(() => socket.resetAndDestroy())
          },
        }),
      )
      const url = frontOf(scene, kind, upstream.url)
      const response = await ask(url, path, { stream: true })
      const reading = readUntil(response, 'Gr')
      await reading.seen()
      shown.open()
      const text = await reading.rest()
      expectBroken(path, text, /closed/)
      const { attempts, outcome } = await recordOf(url, response)
      expect(outcome).toBe('upstream_disconnected')
      expect(attempts).toMatchObject([{ fault: 'upstream_disconnected' }])
    },
  )

  test.each(paths)(
    `features C12: an error of ${kind} after the first words is an error, to %s`,
    async path => {
      const upstream = scene.upstream(stream => () => stream([...head, error]))
      const url = frontOf(scene, kind, upstream.url)
      const response = await ask(url, path, { stream: true })
      const text = await response.text()
      expect(response.status).toBe(200)
      expectBroken(path, text, kind === 'messages' ? /Overloaded/ : /fell over/)
    },
  )
}

test('features C11: the log says so, and what was used until then', async () => {
  const log: unknown[] = []
  const upstream = scene.upstream(stream => () => stream([chat.role(), chat.usage(7, 1), chat.text('Hello')]))
  const { url } = front(scene, 'compatible', upstream.url, {}, { log: (...line) => log.push(line) })
  const response = await ask(url, '/v1/chat/completions', { stream: true })
  await response.text()
  expect(log).toMatchObject([['info', 'call', { end: 'upstream_disconnected', input: 7, output: 1 }]])
  const { attempts } = await recordOf(url, response)
  expect(attempts).toMatchObject([{ end: 'fault', usage: { input: 7, output: 1 } }])
})

const usageOf = (text: string) =>
  framesOf(text).flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data)]))

test.each(['compatible', 'messages', 'chat'] as const)(
  'features C13: usage is always asked for, and told where it was asked for (%s)',
  async kind => {
    const steps = kind === 'messages' ? wires[1] : wires[0]
    const upstream = scene.upstream(stream => () => stream([...(steps?.[1] ?? []), ...(steps?.[2] ?? [])]))
    const { url } = front(scene, kind, upstream.url)
    const path = '/v1/chat/completions'
    const quiet = await (await ask(url, path, { stream: true })).text()
    for (const frame of usageOf(quiet)) expect(frame).not.toHaveProperty('usage')
    const asked = await (
      await ask(url, path, { stream: true, stream_options: { include_usage: true } })
    ).text()
    const frames = usageOf(asked)
    const last = frames.at(-1)
    expect([last.choices, last.usage.prompt_tokens, last.usage.completion_tokens]).toEqual([[], 3, 2])
    expect(last.usage.total_tokens).toBe(5)
    for (const frame of frames.slice(0, -1)) expect(frame.usage).toBeNull()
    expect(asked).toEndWith('data: [DONE]\n\n')
    if (kind !== 'messages')
      expect(upstream.seen.map(({ json }) => json.stream_options)).toEqual([
        { include_usage: true },
        { include_usage: true },
      ])
  },
)

test('features C13: the other dialects tell it always', async () => {
  const upstream = scene.upstream(
    stream => () => stream([...(wires[0]?.[1] ?? []), ...(wires[0]?.[2] ?? [])]),
  )
  const { url } = front(scene, 'compatible', upstream.url)
  const completed = usageOf(await (await ask(url, '/v1/responses', { stream: true })).text()).at(-1)
  expect(completed.response.usage).toMatchObject({ input_tokens: 3, output_tokens: 2, total_tokens: 5 })
  const delta = usageOf(await (await ask(url, '/v1/messages', { stream: true })).text()).at(-2)
  expect(delta.usage).toMatchObject({ output_tokens: 2 })
  expect(
    upstream.seen.every(({ json }) => JSON.stringify(json.stream_options) === '{"include_usage":true}'),
  ).toBe(true)
})

test.each(paths)(
  'features C14: a host that refuses stream_options is never sent it, and its usage is read, to %s',
  async path => {
    const upstream = scene.upstream(
      stream =>
        ({ json }) =>
          'stream_options' in json
            ? Response.json({ error: { message: 'stream_options is not supported' } }, { status: 422 })
            : stream([chat.role(), chat.text('Hello'), chat.finish(), chat.done + chat.usage(9, 4)]),
    )
    const { url } = scene.keep(
      serveKind(kindOf('openai-chat', '/chat/completions', 'no-stream-options'), upstream.url),
    )
    const fields = path === '/v1/chat/completions' ? { stream_options: { include_usage: true } } : {}
    const response = await ask(url, path, { stream: true, ...fields })
    const text = await response.text()
    expectWhole(path, text)
    const { attempts } = await recordOf(url, response)
    // It came behind the end: too late for the caller, in time for the meter.
    expect(attempts[0].usage).toMatchObject({ input: 9, output: 4 })
  },
)

test('features C15: chunks that a strict client cannot use are absorbed', async () => {
  const filters = { content_filter_results: { hate: { filtered: false, severity: 'safe' } } }
  const upstream = scene.upstream(
    stream => () =>
      stream([
        `data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0}]}\n\n`,
        chat.role(),
        chat.text('Hello'),
        chunk({}, null, filters),
        `data: {"choices":[{"content_filter_offsets":{"check_offset":1},"content_filter_results":{},"finish_reason":null,"index":0}],"id":"","object":""}\n\n`,
        chat.finish(),
        chat.done,
      ]),
  )
  const { url } = front(scene, 'compatible', upstream.url)
  const text = await (await ask(url, '/v1/chat/completions', { stream: true })).text()
  expectWhole('/v1/chat/completions', text)
  for (const frame of usageOf(text)) {
    expect([frame.id, frame.object, frame.choices.length]).toEqual(['chatcmpl-1', 'chat.completion.chunk', 1])
    expect(frame.choices[0].delta).toBeObject()
  }
})
