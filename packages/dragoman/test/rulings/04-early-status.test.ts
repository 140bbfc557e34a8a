import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { expectBroken, expectWhole, textOf } from '../support/ends.ts'
import {
  ask,
  complaintOf,
  createScene,
  type Path,
  paths,
  provider,
  readUntil,
  recordOf,
} from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

// Ruling 4: peeking. That a discarded answer releases its socket, and that keep-alives are followed by the second
// target's answer, is in skeleton/stream.test.ts; the first-token timeout and the keep-alives are in faults/.

const scene = createScene()
const answer = [chat.role(), chat.text('Hello'), chat.finish(), chat.done]

/** Two targets, the first of which waits; a stream's status goes out after 10 seconds of this clock. */
function twoTargets(first: readonly (string | Promise<unknown>)[], second: readonly string[] | Response) {
  const clock = createClock()
  const arrived = gate()
  const one = scene.upstream(stream => () => {
    arrived.open()
    return stream(first)
  })
  const other = scene.upstream(stream => () => (second instanceof Response ? second.clone() : stream(second)))
  const { url, gateway } = scene.gateway(
    {
      providers: { a: provider('compatible', one.url), b: provider('compatible', other.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
      retry: { attempts: 0 },
      server: { status_after: '10s', keep_alive: '15s' },
      timeouts: { first_token: '40s', idle: '40s', total: '24h' },
    },
    { ambient: clock },
  )
  return { clock, arrived, one, other, url, gateway }
}

/** Whether a promise settles without the clock moving on. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  return settled
}

const busy = Response.json({ error: { message: 'busy', type: 'server_error' } }, { status: 503 })

describe.each(paths)('ruling 4, on %s', path => {
  test('before the grace is over, nothing is said: what fails is an HTTP error', async () => {
    const hold = gate()
    const { clock, arrived, url } = twoTargets([chat.role(), hold.wait, chat.error], busy)
    const waiting = ask(url, path, { model: 'm', stream: true })
    await arrived.wait
    clock.advance(9999)
    expect(await isSettled(waiting)).toBe(false)
    hold.open()
    const response = await waiting
    expect(response.status).toBe(path === '/v1/messages' ? 529 : 503)
    expect(complaintOf(path, await response.text()).message).toBe('busy')
    expect(response.headers.get('dragoman-attempts')).toBe('2')
  })

  test('after it the status is frozen and the provider is not: another one answers on it', async () => {
    const { clock, arrived, url } = twoTargets([chat.role(), gate().wait], answer)
    const waiting = ask(url, path, { model: 'm', stream: true })
    await arrived.wait
    clock.advance(10_000)
    const response = await waiting
    expect([response.status, response.headers.get('dragoman-target')]).toEqual([200, null])
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const text = await clock.until(response.text())
    expectWhole(path, text)
    expect(textOf(text)).toBe('Hello')
    // What the headers could not say is a note before the end.
    expect(text).toMatch(/: dragoman-notes [^\n]*target b\/m, mode translate, attempts 2/)
    const record = await recordOf(url, response)
    expect(record.attempts.map((attempt: { fault: string | null }) => attempt.fault)).toEqual([
      'upstream_timeout',
      null,
    ])
  })

  test('after it a failure of all is an error in band', async () => {
    const { clock, arrived, url, gateway, one } = twoTargets([gate().wait], busy)
    const waiting = ask(url, path, { model: 'm', stream: true })
    await arrived.wait
    clock.advance(10_000)
    const response = await waiting
    expect(response.status).toBe(200)
    const text = await clock.until(response.text())
    expectBroken(path, text, /busy/)
    expect(text).toContain('attempts 2')
    await one.idle()
    expect([gateway.live, clock.pending]).toEqual([0, 0])
  })

  test('a whole answer gets no early status, however long it takes', async () => {
    const clock = createClock()
    const arrived = gate()
    const hold = gate()
    const upstream = scene.upstream(() => async () => {
      arrived.open()
      await hold.wait
      return Response.json(chat.whole('Hello'))
    })
    const { url } = scene.gateway(
      {
        providers: { a: provider('compatible', upstream.url) },
        server: { status_after: '1s', keep_alive: '1s' },
        timeouts: { total: '24h' },
      },
      { ambient: clock },
    )
    const waiting = ask(url, path)
    await arrived.wait
    clock.advance(3_600_000)
    expect(await isSettled(waiting)).toBe(false)
    hold.open()
    const response = await waiting
    expect([response.status, response.headers.get('dragoman-target')]).toEqual([200, 'a/m'])
    expect(JSON.stringify(await response.json())).toContain('Hello')
  })
})

test('ruling 4: with a grace of nothing the status goes out at once', async () => {
  const clock = createClock()
  const arrived = gate()
  const hold = gate()
  const upstream = scene.upstream(stream => () => {
    arrived.open()
    return stream([hold.wait, ...answer])
  })
  const { url } = scene.gateway(
    { providers: { a: provider('compatible', upstream.url) }, server: { status_after: '0s' } },
    { ambient: clock },
  )
  const path: Path = '/v1/chat/completions'
  const waiting = ask(url, path, { stream: true })
  await arrived.wait
  clock.advance(0)
  const response = await waiting
  hold.open()
  expectWhole(path, await readUntil(response, 'Hello').rest())
})
