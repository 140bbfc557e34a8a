import { afterEach, expect, test } from 'bun:test'
import type { ConfigInput } from '../../src/config/schema.ts'
import { serve } from '../support/serve.ts'
import {
  type Answering,
  cutAfter,
  gate,
  startRawUpstream,
  startUpstream,
  type Upstream,
} from '../support/upstream.ts'
import { chat, dataOf, messages } from '../support/wire.ts'

type Stream = ReturnType<typeof startUpstream>

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function upstream(answer: (stream: Stream['stream']) => Answering): Upstream {
  const started: Stream = startUpstream((request, index) => answer(started.stream)(request, index))
  closers.push(() => started.close())
  return started
}

function gateway(config: ConfigInput) {
  const served = serve(config)
  closers.push(() => served.close())
  return served
}

const kinds = { chat: 'openai', compatible: 'openai-compatible', messages: 'anthropic' } as const

const provider = (kind: keyof typeof kinds, url: string) => ({
  kind: kinds[kind],
  base_url: url,
  api_key: 'upstream-key',
})

const ask = (
  url: string,
  path: string,
  body: object,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) =>
  fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })

/** Reads a stream to its end, and tells when a text was seen. */
async function readUntilShown(response: Response, wanted: string, seen: () => void): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    if (text.includes(wanted)) seen()
  }
  return text
}

const question = { messages: [{ role: 'user', content: 'hi' }] }

test('usage is metered on a relayed stream without its caller seeing it (ruling 1)', async () => {
  const up = upstream(
    stream => () =>
      stream([chat.role(), chat.text('Hel'), chat.text('lo'), chat.finish(), chat.usage(), chat.done]),
  )
  const { url } = gateway({ providers: { a: provider('chat', up.url) } })
  const response = await ask(url, '/v1/chat/completions', { model: 'a/m', stream: true, ...question })
  expect(response.headers.get('dragoman-mode')).toBe('relay')
  const text = await response.text()
  expect(up.seen[0]?.json.stream_options).toEqual({ include_usage: true })
  expect(text).not.toContain('usage')
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(dataOf(text).map(chunk => JSON.stringify(chunk)).length).toBe(4)
  const record = await (
    await fetch(`${url}/dragoman/requests/${response.headers.get('x-request-id')}`)
  ).json()
  expect(record.attempts[0].usage).toMatchObject({ input: 3, output: 2 })
})

test('a relayed stream whose caller asked for usage keeps every byte', async () => {
  const frames = [chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done]
  const up = upstream(stream => () => stream(frames))
  const { url } = gateway({ providers: { a: provider('chat', up.url) } })
  const body = { model: 'a/m', stream: true, stream_options: { include_usage: true }, ...question }
  const response = await ask(url, '/v1/chat/completions', body)
  expect(await response.text()).toBe(frames.join(''))
})

test('a peeked and discarded answer leaks no socket, and the next target answers', async () => {
  const broken = upstream(stream => () => stream([chat.role(), chat.error, gate().wait]))
  const whole = upstream(stream => () => stream([chat.role(), chat.text('Hello'), chat.finish(), chat.done]))
  const { url } = gateway({
    providers: { a: provider('chat', broken.url), b: provider('chat', whole.url) },
    models: {
      fast: {
        targets: [
          { provider: 'a', model: 'm' },
          { provider: 'b', model: 'm' },
        ],
      },
    },
    retry: { attempts: 0 },
  })
  const response = await ask(url, '/v1/chat/completions', { model: 'fast', stream: true, ...question })
  expect(response.headers.get('dragoman-target')).toBe('b/m')
  expect(response.headers.get('dragoman-attempts')).toBe('2')
  expect(await response.text()).toContain('Hello')
  await broken.idle()
  expect(broken.open).toBe(0)
})

test('n=3 by fan-out: a leg that fails before content is tried again alone, and all arrive under their own index', async () => {
  let tries = 0
  const up = upstream(stream => () => {
    tries++
    if (tries === 2)
      return Response.json(
        { error: { message: 'busy', type: 'server_error' } },
        { status: 503, headers: { 'retry-after-ms': '1' } },
      )
    return stream([chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done])
  })
  const { url } = gateway({ providers: { a: { ...provider('compatible', up.url), kind: 'ollama' } } })
  const body = { model: 'a/m', stream: true, n: 3, stream_options: { include_usage: true }, ...question }
  const response = await ask(url, '/v1/chat/completions', body)
  const text = await response.text()
  expect(up.seen.length).toBe(4)
  const chunks = dataOf(text) as unknown as {
    choices: { index: number; finish_reason: string | null }[]
    usage?: { prompt_tokens: number }
  }[]
  expect(new Set(chunks.flatMap(chunk => chunk.choices.map(choice => choice.index)))).toEqual(
    new Set([0, 1, 2]),
  )
  expect(chunks.flatMap(chunk => chunk.choices).filter(choice => choice.finish_reason !== null).length).toBe(
    3,
  )
  expect(chunks.at(-1)?.usage?.prompt_tokens).toBe(9)
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(response.headers.get('dragoman-notes')).toContain('emulated;path="n"')
})

test('n=3 by fan-out: a leg that fails after content lets the others end, then one error comes last and no [DONE]', async () => {
  let leg = 0
  const up = upstream(stream => () => {
    leg++
    if (leg === 2) return stream([chat.role(), chat.text('Half'), chat.error])
    return stream([chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done])
  })
  const { url } = gateway({ providers: { a: { ...provider('compatible', up.url), kind: 'ollama' } } })
  const response = await ask(url, '/v1/chat/completions', { model: 'a/m', stream: true, n: 3, ...question })
  const text = await response.text()
  const chunks = dataOf(text) as unknown as {
    choices?: { finish_reason: string | null }[]
    error?: { message: string }
  }[]
  expect(chunks.filter(chunk => chunk.error !== undefined).length).toBe(1)
  expect(chunks.at(-1)?.error?.message).toContain('the engine fell over')
  expect(
    chunks.flatMap(chunk => chunk.choices ?? []).filter(choice => choice.finish_reason !== null).length,
  ).toBe(2)
  expect(text).not.toContain('[DONE]')
})

test.each([
  ['relay', 'chat', '/v1/chat/completions', [chat.role(), chat.text('Half'), chat.error], '"error"'],
  ['translate', 'chat', '/v1/chat/completions', [chat.role(), chat.text('Half'), chat.error], '"error"'],
  [
    'relay',
    'messages',
    '/v1/messages',
    [messages.start, messages.open, messages.text('Half'), messages.error],
    'event: error',
  ],
  [
    'translate',
    'messages',
    '/v1/messages',
    [messages.start, messages.open, messages.text('Half'), messages.error],
    'event: error',
  ],
  ['translate', 'chat', '/v1/responses', [chat.role(), chat.text('Half'), chat.error], 'response.failed'],
] as const)(
  '%s from %s to %s: a fault after content is told in band and nothing pretends to end',
  async (mode, kind, path, frames, mark) => {
    const up = upstream(stream => () => stream(frames))
    const { url } = gateway({
      providers: {
        a: { ...provider(kind, up.url), ...(path === '/v1/responses' ? { kind: 'openai-compatible' } : {}) },
      },
    })
    const input = path === '/v1/responses' ? { input: 'hi' } : { ...question, max_tokens: 50 }
    const response = await ask(url, path, { model: 'a/m', stream: true, ...input }, { 'dragoman-mode': mode })
    expect(response.headers.get('dragoman-mode')).toBe(mode)
    const text = await response.text()
    expect(text).toContain('Half')
    expect(text).toContain(mark)
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('message_stop')
    expect(text).not.toContain('response.completed')
  },
)

test.each([
  ['relay', 'chat', '/v1/chat/completions', [chat.role(), chat.text('Half')]],
  ['translate', 'chat', '/v1/chat/completions', [chat.role(), chat.text('Half')]],
  ['relay', 'messages', '/v1/messages', [messages.start, messages.open, messages.text('Half')]],
  ['translate', 'messages', '/v1/messages', [messages.start, messages.open, messages.text('Half')]],
] as const)(
  '%s from %s: a stream that ends or is cut too early ends with an error, never with a made-up finish',
  async (mode, kind, path, frames) => {
    const shown = [gate(), gate()] as const
    const cut = startRawUpstream(cutAfter(frames), shown[0].wait)
    closers.push(() => cut.close())
    const ended = upstream(stream => () => stream([...frames, shown[1].wait]))
    for (const [index, base] of [cut.url, ended.url].entries()) {
      const { url } = gateway({ providers: { a: provider(kind, base) } })
      const headers = { 'dragoman-mode': mode }
      const response = await ask(
        url,
        path,
        { model: 'a/m', stream: true, max_tokens: 50, ...question },
        headers,
      )
      const text = await readUntilShown(response, 'Half', shown[index === 0 ? 0 : 1].open)
      expect(text).toMatch(/"error"/)
      expect(text).not.toContain('[DONE]')
      expect(text).not.toContain('message_stop')
      expect(text).not.toContain('"finish_reason":"stop"')
      const record = await (
        await fetch(`${url}/dragoman/requests/${response.headers.get('x-request-id')}`)
      ).json()
      expect(record.attempts[0].fault).toBe('upstream_disconnected')
    }
  },
)

test('keep-alives go out while the first target is silent, then the second one answers on the same response', async () => {
  const hold = gate()
  const silent = upstream(stream => () => stream([hold.wait]))
  const second = upstream(stream => () => stream([chat.role(), chat.text('Hello'), chat.finish(), chat.done]))
  const { url } = gateway({
    providers: { a: provider('chat', silent.url), b: provider('chat', second.url) },
    models: {
      fast: {
        targets: [
          { provider: 'a', model: 'm' },
          { provider: 'b', model: 'm' },
        ],
      },
    },
    timeouts: { first_token: '2500ms' },
    server: { status_after: '20ms', keep_alive: '1s' },
    retry: { attempts: 0 },
  })
  const response = await ask(url, '/v1/chat/completions', { model: 'fast', stream: true, ...question })
  expect(response.status).toBe(200)
  expect(response.headers.get('dragoman-target')).toBeNull()
  const text = await response.text()
  expect(text.indexOf(':')).toBe(0)
  expect(text).toContain('Hello')
  expect(text).toContain('target b/m')
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  await silent.idle()
})

test('a client that leaves while the answer is peeked at lets the upstream go', async () => {
  const arrived = gate()
  const up = upstream(stream => () => {
    arrived.open()
    return stream([chat.role(), gate().wait])
  })
  const { url, gateway: made } = gateway({ providers: { a: provider('chat', up.url) } })
  const client = new AbortController()
  const response = ask(
    url,
    '/v1/chat/completions',
    { model: 'a/m', stream: true, ...question },
    {},
    client.signal,
  ).catch(() => undefined)
  await arrived.wait
  client.abort()
  await response
  await up.idle()
  expect(up.open).toBe(0)
  expect(made.live).toBe(0)
})

test('a client that leaves mid-stream lets the upstream go', async () => {
  const up = upstream(stream => () => stream([chat.role(), chat.text('Hel'), gate().wait]))
  const { url } = gateway({ providers: { a: provider('chat', up.url) } })
  const client = new AbortController()
  const response = await ask(
    url,
    '/v1/chat/completions',
    { model: 'a/m', stream: true, ...question },
    {},
    client.signal,
  )
  const reader = response.body?.getReader()
  await reader?.read()
  client.abort()
  await reader?.read().catch(() => undefined)
  await up.idle()
  const record = await (
    await fetch(`${url}/dragoman/requests/${response.headers.get('x-request-id')}`)
  ).json()
  expect(record.outcome).toBe('cancelled')
})
