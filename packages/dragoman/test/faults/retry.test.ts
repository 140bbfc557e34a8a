import { describe, expect, test } from 'bun:test'
import { type Clock, createClock } from '../support/clock.ts'
import { ask, createScene, front, paths, provider } from '../support/scene.ts'
import type { SeenRequest } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'
import { envelope } from './failing.ts'

// The fault catalogue, C.2: when to try again. Numbers are its rows.

const scene = createScene()

/** How long the gateway meant to wait before each further try. */
async function waitsOf(
  answers: (clock: Clock, index: number) => Response,
  config: Parameters<typeof front>[3] = {},
) {
  const clock = createClock()
  const timers: number[] = []
  /** How many timers had been set when each request came; the next one is the wait before the next try. */
  const marks: number[] = []
  const upstream = scene.upstream(() => (_, index) => {
    marks.push(timers.length)
    return answers(clock, index)
  })
  const after: Clock['after'] = (milliseconds, callback) => {
    timers.push(milliseconds)
    return clock.after(milliseconds, callback)
  }
  const { url } = front(
    scene,
    'compatible',
    upstream.url,
    { retry: { attempts: 2 }, ...config },
    { ambient: { ...clock, after } },
  )
  const response = await clock.until(ask(url, '/v1/chat/completions'))
  return { response, waits: marks.slice(0, -1).map(mark => timers[mark] ?? -1) }
}

const limited = (headers: Record<string, string>) =>
  Response.json(envelope({ code: 'rate_limit_exceeded' }), { status: 429, headers })
const http = (time: number) => new Date(time).toUTCString()

describe('retry-after', () => {
  const hints: readonly (readonly [string, (now: number) => Record<string, string>, number])[] = [
    ['17: in seconds', () => ({ 'retry-after': '7' }), 7000],
    ['17: in seconds and a bit', () => ({ 'retry-after': '2.5' }), 2500],
    ['22: in milliseconds', () => ({ 'retry-after-ms': '4200' }), 4200],
    ['22: in both, the finer wins', () => ({ 'retry-after': '60', 'retry-after-ms': '3000' }), 3000],
    ['21: as a date', now => ({ 'retry-after': http(now + 6000), date: http(now) }), 6000],
    [
      '21: as a date, by a clock a year away',
      now => ({ 'retry-after': http(now + 3.2e10 + 5000), date: http(now + 3.2e10) }),
      5000,
    ],
    ['21: as a date in the past', now => ({ 'retry-after': http(now - 9e6), date: http(now) }), 0],
    ['21: zero', () => ({ 'retry-after': '0' }), 0],
    ['19: not at all', () => ({}), 250],
    ['21: as a word', () => ({ 'retry-after': 'soon' }), 250],
    ['21: below zero', () => ({ 'retry-after': '-7' }), 250],
    ['21: as a power', () => ({ 'retry-after': '1e12' }), 250],
    ['21: as nothing', () => ({ 'retry-after': '' }), 250],
    ['21: as NaN', () => ({ 'retry-after-ms': 'NaN' }), 250],
  ]
  test.each(hints)('%s: never asked again earlier, nor much later', async (_, headers, least) => {
    const { response, waits } = await waitsOf((clock, index) =>
      index === 0 ? limited(headers(clock.now())) : Response.json(chat.whole('Hello')),
    )
    expect([response.status, waits.length]).toEqual([200, 1])
    expect(waits[0] ?? -1).toBeGreaterThanOrEqual(least)
    // Half again, so that many callers do not come back at once.
    expect(waits[0] ?? -1).toBeLessThanOrEqual(least * 1.5)
  })

  test('18: longer than it is worth waiting for reaches the caller, with the wait', async () => {
    const { response, waits } = await waitsOf(() => limited({ 'retry-after': '3600' }))
    expect([response.status, waits.length]).toEqual([429, 0])
    expect(response.headers.get('retry-after')).toBe('3600')
    expect(response.headers.get('retry-after-ms')).toBe('3600000')
  })

  test('18: of several targets the shortest wait is told', async () => {
    const upstreams = ['3600', '40', '600'].map(seconds =>
      scene.upstream(() => () => limited({ 'retry-after': seconds })),
    )
    const names = upstreams.map((_, index) => `p${index}`)
    const { url } = scene.gateway({
      providers: Object.fromEntries(
        upstreams.map((upstream, index) => [`p${index}`, provider('compatible', upstream.url)]),
      ),
      models: { m: { targets: names.map(name => ({ provider: name })) } },
    })
    for (const path of paths) {
      const response = await ask(url, path, { model: 'm' })
      expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 429, '40'])
    }
    expect(upstreams.map(upstream => upstream.seen.length)).toEqual([3, 3, 3])
  })

  test('is not worth more than the call has left', async () => {
    const { response, waits } = await waitsOf(() => limited({ 'retry-after': '5' }), {
      timeouts: { total: '4s' },
    })
    expect([response.status, waits.length]).toEqual([429, 0])
  })

  test('without a hint waits double, and end', async () => {
    const { response, waits } = await waitsOf(() => Response.json({}, { status: 500 }), {
      retry: { attempts: 4 },
    })
    expect([response.status, waits.length]).toEqual([500, 4])
    for (const [index, wait] of waits.entries()) expect(wait / 2 ** index).toBeWithin(250, 376)
  })

  test('x-should-retry: false is the upstream’s last word', async () => {
    for (const status of [409, 429, 500]) {
      const { response, waits } = await waitsOf(() =>
        Response.json(envelope({}), { status, headers: { 'x-should-retry': 'false' } }),
      )
      expect([response.status, waits.length]).toEqual([status, 0])
    }
  })
})

describe('a client that leaves', () => {
  test('ends the waiting between two tries, and nothing is asked again', async () => {
    const seen = Promise.withResolvers<SeenRequest>()
    const upstream = scene.upstream(() => request => {
      seen.resolve(request)
      return limited({ 'retry-after': '5' })
    })
    const clock = createClock()
    const { url, gateway } = front(
      scene,
      'compatible',
      upstream.url,
      { retry: { attempts: 3 } },
      { ambient: clock },
    )
    const client = new AbortController()
    const call = ask(url, '/v1/chat/completions', {}, {}, client.signal).catch(() => 'left')
    await seen.promise
    // The wait has begun when its timer is the only one left.
    while (clock.pending !== 1 || gateway.live !== 1) await new Promise(resolve => setImmediate(resolve))
    client.abort()
    expect(await call).toBe('left')
    while (gateway.live > 0) await new Promise(resolve => setImmediate(resolve))
    clock.advance(3_600_000)
    expect([upstream.seen.length, clock.pending]).toEqual([1, 0])
  })
})
