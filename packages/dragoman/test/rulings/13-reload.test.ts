import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { expectWhole, textOf } from '../support/ends.ts'
import { ask, createScene, front, paths, provider, readUntil } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

// Ruling 13: hot reload with live streams.

const scene = createScene()
const answerOf = (text: string) => [chat.role(), chat.text(text), chat.finish(), chat.done]

describe('ruling 13', () => {
  test.each(paths)(
    'a stream goes on under the configuration it began with, a new call gets the new one (%s)',
    async path => {
      const hold = gate()
      const old = scene.upstream(
        stream => () =>
          stream([chat.role(), chat.text('old '), hold.wait, chat.text('end'), chat.finish(), chat.done]),
      )
      const fresh = scene.upstream(stream => () => stream(answerOf('new')))
      const clock = createClock()
      const config = (url: string, keepAlive: string) => ({
        providers: { a: provider('compatible', url) },
        server: { keep_alive: keepAlive },
        timeouts: { idle: '1h', total: '24h' },
      })
      const { url, gateway } = scene.gateway(config(old.url, '60s'), { ambient: clock })
      const running = await ask(url, path, { stream: true })
      const reading = readUntil(running, 'old ')
      await reading.seen()
      expect(gateway.reload(config(fresh.url, '1s'))).toEqual({ ok: true })
      const next = await (await ask(url, path, { stream: true })).text()
      expect(textOf(next)).toBe('new')
      // The new interval of keep-alives is not the old stream's.
      clock.advance(30_000)
      hold.open()
      const text = await reading.rest()
      expectWhole(path, text)
      expect(textOf(text)).toBe('old end')
      expect(text).not.toMatch(/keep-alive|event: ping/)
      expect([old.seen.length, fresh.seen.length]).toEqual([1, 1])
    },
  )

  test('a call that waits between two targets keeps both, also when they are gone from the new one', async () => {
    const arrived = gate()
    const hold = gate()
    const first = scene.upstream(() => async () => {
      arrived.open()
      await hold.wait
      return Response.json({ error: { message: 'busy' } }, { status: 503 })
    })
    const second = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url, gateway } = scene.gateway({
      providers: { a: provider('compatible', first.url), b: provider('compatible', second.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
      retry: { attempts: 0 },
    })
    const waiting = ask(url, '/v1/chat/completions', { model: 'm' })
    await arrived.wait
    expect(gateway.reload({ sandbox: false })).toEqual({ ok: true })
    hold.open()
    const response = await waiting
    expect([response.status, response.headers.get('dragoman-target')]).toEqual([200, 'b/m'])
    expect((await ask(url, '/v1/chat/completions', { model: 'm' })).status).toBe(404)
  })

  test('a bad configuration changes nothing, and says everything that is wrong with it', async () => {
    const upstream = scene.upstream(stream => () => stream(answerOf('Hello')))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const bad = {
      providers: { a: { kind: 'no-such-kind' } },
      models: { m: { targets: [{ provider: 'nobody' }] } },
      timeouts: { idle: 'soon' },
    }
    const result = gateway.reload(bad)
    expect(result.ok).toBe(false)
    expect(result.ok ? 0 : result.problems.length).toBeGreaterThanOrEqual(2)
    expect(textOf(await (await ask(url, '/v1/chat/completions', { stream: true })).text())).toBe('Hello')
    expect((await (await fetch(`${url}/v1/models`)).json()).object).toBe('list')
  })

  test('what is remembered of past calls outlives it', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const response = await ask(url, '/v1/chat/completions')
    gateway.reload({ sandbox: false })
    const record = await fetch(`${url}/dragoman/requests/${response.headers.get('x-request-id')}`)
    expect([record.status, (await record.json()).outcome]).toEqual([200, 'completed'])
  })

  test('reloads under load lose no call', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url, gateway } = front(scene, 'compatible', upstream.url)
    const config = { sandbox: false, providers: { a: provider('compatible', upstream.url) } }
    const calls = Array.from({ length: 50 }, async () => (await ask(url, '/v1/chat/completions')).status)
    for (let reload = 0; reload < 200; reload++) {
      expect(gateway.reload(config).ok).toBe(true)
      if (reload % 20 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
    expect(gateway.live).toBe(0)
  })
})
