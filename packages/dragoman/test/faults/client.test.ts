import { describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import type { ByteReader, Transport } from '../../src/core/ports.ts'
import { createGateway } from '../../src/gateway.ts'
import { createClock } from '../support/clock.ts'
import { response as rawResponse, startRawUpstream, streamed } from '../support/raw-upstream.ts'
import {
  ask,
  asks,
  createScene,
  front,
  type Path,
  paths,
  provider,
  readUntil,
  recordOf,
} from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat, post } from '../support/wire.ts'

// The fault catalogue, C.4: what a client can do. Numbers are its rows.

const scene = createScene()
const forever = new Promise<never>(() => {})

/** Aborts a call, and waits until the gateway has let go of everything. */
async function leave(client: AbortController, call: Promise<unknown>, gateway: { readonly live: number }) {
  client.abort()
  await call.catch(() => undefined)
  while (gateway.live > 0) await new Promise(resolve => setImmediate(resolve))
}

describe('59: a client that leaves', () => {
  test.each(paths)(
    'while the upstream has said nothing, whole or streamed: it is let go (%s)',
    async path => {
      for (const stream of [false, true]) {
        for (const kind of ['compatible', 'messages'] as const) {
          const arrived = gate()
          const upstream = scene.keep(await startRawUpstream({ asked: () => arrived.open() }))
          const { url, gateway } = front(scene, kind, upstream.url)
          const client = new AbortController()
          const call = ask(url, path, { stream }, {}, client.signal)
          await arrived.wait
          await leave(client, call, gateway)
          await upstream.idle()
        }
      }
    },
  )

  test('while a whole answer is on its way', async () => {
    const arrived = gate()
    const upstream = scene.keep(
      await startRawUpstream({
        asked: socket => {
          socket.write(rawResponse('{"id":"chatcmpl-1",', 'Content-Length: 5000'))
          arrived.open()
        },
      }),
    )
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const client = new AbortController()
    const call = ask(url, '/v1/chat/completions', {}, {}, client.signal)
    await arrived.wait
    await leave(client, call, gateway)
    await upstream.idle()
  })

  test('while one target after another fails: the rest is not asked', async () => {
    const arrived = gate()
    const first = scene.keep(await startRawUpstream({ asked: () => arrived.open() }))
    const second = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url, gateway } = scene.gateway({
      providers: { a: provider('compatible', first.url), b: provider('compatible', second.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
    })
    const client = new AbortController()
    const call = ask(url, '/v1/chat/completions', { model: 'm' }, {}, client.signal)
    await arrived.wait
    await leave(client, call, gateway)
    await first.idle()
    expect([first.seen.length, second.seen.length]).toEqual([1, 0])
  })

  test.each([0, 1, 3])(
    'while %d of 3 legs of a fan-out have spoken: all of them are let go',
    async spoken => {
      const arrived = gate()
      const upstream = scene.upstream(stream => (_, index) => {
        if (index === 2) arrived.open()
        return stream(index < spoken ? [chat.role(), chat.text('Hello'), forever] : [chat.role(), forever])
      })
      const { url, gateway } = front(scene, 'modest', upstream.url)
      const client = new AbortController()
      const call = ask(url, '/v1/chat/completions', { stream: true, n: 3 }, {}, client.signal)
      await arrived.wait
      if (spoken === 3) await readUntil(await call, 'Hello').seen()
      await leave(client, call, gateway)
      await upstream.idle()
    },
  )

  test('while keep-alives go out on an early status', async () => {
    const clock = createClock()
    const upstream = scene.upstream(stream => () => stream([forever]))
    const { url, gateway } = front(
      scene,
      'chat',
      upstream.url,
      { server: { status_after: '2s', keep_alive: '1s' }, timeouts: { first_token: '1h', total: '24h' } },
      { ambient: clock },
    )
    const client = new AbortController()
    const response = await clock.until(ask(url, '/v1/chat/completions', { stream: true }, {}, client.signal))
    await clock.until(readUntil(response, ': keep-alive').seen())
    await leave(client, Promise.resolve(), gateway)
    await upstream.idle()
    expect(clock.pending).toBe(0)
  })

  test('60: mid-stream: what was used so far is on record as cancelled', async () => {
    for (const path of paths) {
      const upstream = scene.upstream(
        stream => () => stream([chat.role(), chat.usage(7, 1), chat.text('Hello'), forever]),
      )
      const { url, gateway } = front(scene, 'compatible', upstream.url)
      const client = new AbortController()
      const response = await ask(url, path, { stream: true }, {}, client.signal)
      await readUntil(response, 'Hello').seen()
      await leave(client, Promise.resolve(), gateway)
      await upstream.idle()
      const record = await recordOf(url, response)
      expect([record.outcome, record.attempts[0].end]).toEqual(['cancelled', 'cancelled'])
      expect(record.attempts[0].usage).toMatchObject({ input: 7, output: 1 })
    }
  })

  test('by breaking the connection without a word is a client that left', async () => {
    const upstream = scene.upstream(stream => () => stream([chat.role(), chat.text('Hello'), forever]))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const body = JSON.stringify({ ...asks['/v1/chat/completions'], stream: true })
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(head + body))
    await new Promise<void>(resolve => socket.on('data', data => String(data).includes('Hello') && resolve()))
    socket.resetAndDestroy()
    while (gateway.live > 0) await new Promise(resolve => setImmediate(resolve))
    await upstream.idle()
  })
})

/** An upstream that always has more to say, and counts what is taken from it. */
function endless(frame: string): { readonly transport: Transport; readonly reads: number } {
  let reads = 0
  const bytes = new TextEncoder().encode(frame)
  const body: ByteReader = {
    read: async () => {
      reads++
      return { done: false, value: bytes }
    },
    cancel: async () => {},
  }
  return {
    transport: {
      send: async () => ({
        status: 200,
        headers: { get: () => 'text/event-stream' },
        body,
        bytes: () => Promise.reject(new Error('endless')),
      }),
    },
    get reads() {
      return reads
    },
  }
}

describe('62: a client that does not read', () => {
  const config = (kind: 'compatible' | 'chat') => ({
    sandbox: false,
    providers: { a: provider(kind, 'http://127.0.0.1:9') },
  })
  const ways: readonly (readonly [Path, 'compatible' | 'chat'])[] = [
    ['/v1/chat/completions', 'chat'],
    ...paths.map(path => [path, 'compatible'] as const),
  ]

  test.each(ways)('of %s by %s: one read by the gateway for one by the client', async (path, kind) => {
    const upstream = endless(chat.role() + chat.text('Hello'))
    const gateway = createGateway(config(kind), { transport: upstream.transport })
    const response = await gateway.fetch(post(path, { ...asks[path], stream: true }))
    const reader = response.body?.getReader()
    await new Promise(resolve => setImmediate(resolve))
    // Peeking reads until there is content, and nothing after it.
    expect(upstream.reads).toBe(1)
    for (let read = 1; read <= 10; read++) {
      await reader?.read()
      await new Promise(resolve => setImmediate(resolve))
      expect(upstream.reads).toBe(read)
    }
    await reader?.cancel()
    expect(gateway.live).toBe(0)
  })

  test('over a real connection: what lies between is bounded', async () => {
    let sent = 0
    const piece = chat.text('x'.repeat(16 * 1024))
    const upstream = scene.upstream(() => () => {
      const body = new ReadableStream(
        {
          pull(controller) {
            sent += piece.length
            controller.enqueue(new TextEncoder().encode(sent === piece.length ? chat.role() + piece : piece))
          },
        },
        { highWaterMark: 0 },
      )
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    for (const kind of ['chat', 'compatible'] as const) {
      sent = 0
      const { url, gateway } = front(scene, kind, upstream.url)
      const body = JSON.stringify({ ...asks['/v1/chat/completions'], stream: true })
      const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
        socket.write(head + body)
        socket.pause()
      })
      // It comes to rest, or it never does and runs over the bound.
      for (let last = -1; last !== sent || sent === 0; ) {
        last = sent
        expect(sent).toBeLessThan(40e6)
        for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setTimeout(resolve, 1))
      }
      socket.destroy()
      while (gateway.live > 0) await new Promise(resolve => setImmediate(resolve))
    }
  })
})

test('66: a thousand streams that were left leave nothing open', async () => {
  const clock = createClock()
  const upstream = scene.keep(
    await startRawUpstream({ asked: socket => socket.write(streamed(chat.role(), chat.text('Hello'))) }),
  )
  const { url, gateway } = front(scene, 'compatible', upstream.url, {}, { ambient: clock })
  for (let call = 0; call < 1000; call++) {
    const client = new AbortController()
    const response = await ask(url, paths[call % 3] ?? '/v1/messages', { stream: true }, {}, client.signal)
    expect(response.status).toBe(200)
    client.abort()
    await response.body?.cancel().catch(() => undefined)
  }
  while (gateway.live > 0) await new Promise(resolve => setImmediate(resolve))
  await upstream.idle()
  expect([upstream.seen.length, upstream.open, clock.pending]).toEqual([1000, 0, 0])
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
}, 60_000)
