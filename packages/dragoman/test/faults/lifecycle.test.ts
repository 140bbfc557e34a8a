import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { expectBroken, expectWhole } from '../support/ends.ts'
import {
  ask,
  complaintOf,
  createScene,
  front,
  type Kind,
  type Path,
  paths,
  provider,
  readUntil,
} from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

// The fault catalogue, C.5 77: closing; and calls that come back to where they were.

const scene = createScene()
const forever = new Promise<never>(() => {})

const heads = {
  chat: [chat.role(), chat.text('Half')],
  messages: [messages.start, messages.open, messages.text('Half')],
  responses: [responses.created, responses.open, responses.text('Half')],
}
const ways: readonly (readonly [Path, Kind, keyof typeof heads])[] = [
  ['/v1/chat/completions', 'chat', 'chat'],
  ['/v1/responses', 'responses', 'responses'],
  ['/v1/messages', 'messages', 'messages'],
  ...paths.map(path => [path, 'compatible', 'chat'] as const),
]

describe('closing', () => {
  test.each(ways)('ends a stream to %s by %s in band, and lets its upstream go', async (path, kind, wire) => {
    const upstream = scene.upstream(stream => () => stream([...heads[wire], forever]))
    const { url, gateway } = front(scene, kind, upstream.url)
    const response = await ask(url, path, { stream: true })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    await gateway.close()
    expectBroken(path, await reading.rest(), /shutting down/)
    await upstream.idle()
    expect(gateway.live).toBe(0)
  })

  test.each(paths)('answers what still waits on %s with 503, whole or streamed', async path => {
    for (const stream of [false, true]) {
      const arrived = gate()
      const upstream = scene.upstream(() => () => {
        arrived.open()
        return forever
      })
      const { url, gateway } = front(scene, 'compatible', upstream.url)
      const call = ask(url, path, { stream })
      await arrived.wait
      await gateway.close()
      const response = await call
      expect(response.status).toBe(503)
      expect(complaintOf(path, await response.text()).message).toContain('shutting down')
    }
  })

  test('refuses what comes after with 503, and says so to whoever balances', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    await gateway.close()
    for (const path of paths) {
      const response = await ask(url, path)
      expect(response.status).toBe(503)
      complaintOf(path, await response.text())
    }
    expect([(await fetch(`${url}/readyz`)).status, (await fetch(`${url}/healthz`)).status]).toEqual([
      503, 200,
    ])
    expect(upstream.seen.length).toBe(0)
  })

  test('lets calls under way end within the grace, and waits no longer than for them', async () => {
    const rest = gate()
    const clock = createClock()
    const upstream = scene.upstream(
      stream => () => stream([...heads.chat, rest.wait, chat.finish(), chat.done]),
    )
    const { url, gateway } = front(scene, 'compatible', upstream.url, {}, { ambient: clock })
    const response = await ask(url, '/v1/chat/completions', { stream: true })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    const closed = gateway.close({ graceMs: 60_000 })
    expect((await ask(url, '/v1/chat/completions')).status).toBe(503)
    rest.open()
    expectWhole('/v1/chat/completions', await reading.rest())
    // No time passes on this clock: the grace was not waited for.
    await closed
    expect(clock.pending).toBe(0)
  })

  test('ends after the grace what is not over by then', async () => {
    const clock = createClock()
    const upstream = scene.upstream(stream => () => stream([...heads.chat, forever]))
    const { url, gateway } = front(scene, 'compatible', upstream.url, {}, { ambient: clock })
    const response = await ask(url, '/v1/chat/completions', { stream: true })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    const closed = gateway.close({ graceMs: 5000 })
    clock.advance(5000)
    await closed
    expectBroken('/v1/chat/completions', await reading.rest(), /shutting down/)
  })

  test('happens once, however often it is asked for', async () => {
    const upstream = scene.upstream(stream => () => stream([...heads.chat, forever]))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const response = await ask(url, '/v1/chat/completions', { stream: true })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    await Promise.all([gateway.close(), gateway.close(), gateway[Symbol.asyncDispose]()])
    expectBroken('/v1/chat/completions', await reading.rest())
  })

  test('during a fan-out ends it with one error', async () => {
    const upstream = scene.upstream(stream => () => stream([...heads.chat, forever]))
    const { url, gateway } = front(scene, 'modest', upstream.url)
    const response = await ask(url, '/v1/chat/completions', { stream: true, n: 3 })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    await gateway.close()
    const text = await reading.rest()
    expectBroken('/v1/chat/completions', text, /shutting down/)
    expect(text.split('shutting down').length).toBe(2)
    await upstream.idle()
  })
})

describe('a call that comes back', () => {
  const loop = (url: string) => ({
    sandbox: false,
    providers: { a: provider('compatible', url) },
    retry: { attempts: 0 },
  })

  test.each(paths)('to the gateway it came from is 508, on %s', async path => {
    const { url, gateway } = front(scene, 'compatible', 'http://127.0.0.1:9')
    expect(gateway.reload(loop(url))).toEqual({ ok: true })
    for (const stream of [false, true]) {
      const response = await ask(url, path, { model: 'a/a/a/m', stream })
      const text = await response.text()
      expect(response.status).toBe(508)
      expect(complaintOf(path, text).message).toContain('came back')
      expect(response.headers.get('x-should-retry')).toBe('false')
    }
    expect(gateway.live).toBe(0)
  })

  test('by way of another is 508 as well', async () => {
    const one = front(scene, 'compatible', 'http://127.0.0.1:9')
    const other = front(scene, 'compatible', one.url)
    one.gateway.reload(loop(other.url))
    const response = await ask(one.url, '/v1/chat/completions', { model: 'a/a/a/m' })
    expect(response.status).toBe(508)
    expect([one.gateway.live, other.gateway.live]).toEqual([0, 0])
  })

  test('goes through several gateways where none is passed twice, but not through many', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    let url = upstream.url
    const chain: string[] = []
    for (let length = 1; length <= 9; length++) {
      url = front(scene, 'compatible', url).url
      chain.push(url)
    }
    const modelOf = (length: number) => `${'a/'.repeat(length)}m`
    expect((await ask(chain[2] ?? '', '/v1/chat/completions', { model: modelOf(3) })).status).toBe(200)
    expect(upstream.seen[0]?.headers.get('dragoman-hops')?.split(',').length).toBe(3)
    expect((await ask(chain[8] ?? '', '/v1/chat/completions', { model: modelOf(9) })).status).toBe(508)
  })

  test('to the list of models ends, and the list is what the others have', async () => {
    const { url, gateway } = front(scene, 'compatible', 'http://127.0.0.1:9')
    gateway.reload({ ...loop(url), models: { fast: 'a/m' } })
    const response = await fetch(`${url}/v1/models`)
    expect((await response.json()).data.map((model: { id: string }) => model.id)).toContain('fast')
  })
})
