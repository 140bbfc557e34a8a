import { describe, expect, test } from 'bun:test'
import { ConfigError } from '../../src/config/problem.ts'
import type { StateStore } from '../../src/core/state-store.ts'
import { createGateway } from '../../src/gateway.ts'
import { lease } from '../../src/resources/jobs.ts'
import { MemoryStateStore } from '../../src/stores/memory-state.ts'
import { createClock } from '../support/clock.ts'
import { createScene } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { before, errorOf, listOf, settled, storeOf } from './stage.ts'

// How long things are kept, who works on them, and what happens where the store does not do its part.

const scene = createScene()
const echo = () => ({ pieces: ['Hello'] })
const day = 86_400_000

describe('retention', () => {
  test('30 days unless told otherwise; after that a response is gone for everything, and swept', async () => {
    const clock = createClock()
    const store = new MemoryStateStore()
    const { client, model, gateway } = before(scene, 'compatible', echo, {}, { ambient: clock, store })
    const given = await client.responses.create({ model, input: 'Hi' })
    const conversation = await client.conversations.create()
    clock.advance(30 * day - 1000)
    expect((await client.responses.retrieve(given.id)).id).toBe(given.id)
    clock.advance(1000)
    for (const call of [
      client.responses.retrieve(given.id),
      client.responses.delete(given.id),
      client.responses.create({ model, input: 'x', previous_response_id: given.id }),
    ]) {
      expect((await errorOf(call)).message).toContain('not found')
    }
    expect(await store.find('local', given.id)).toBeDefined()
    await gateway.tidy()
    expect(await store.find('local', given.id)).toBeUndefined()
    // Conversations stay until somebody deletes them.
    expect((await client.conversations.retrieve(conversation.id)).id).toBe(conversation.id)
  })

  test('what comes later sweeps what was before, without anybody asking', async () => {
    const clock = createClock()
    const store = new MemoryStateStore()
    const { client, model } = before(
      scene,
      'compatible',
      echo,
      { store: { retention: '2h' } },
      { ambient: clock, store },
    )
    const first = await client.responses.create({ model, input: 'Hi' })
    clock.advance(7_200_000)
    await client.responses.create({ model, input: 'Hi' })
    expect(await store.find('local', first.id)).toBeUndefined()
  })

  test.each(['off', '0'])(
    '%s: nothing is stored, and the answer does not say that it is',
    async retention => {
      const { client, model, upstream } = before(scene, 'responses', echo, { store: { retention } })
      const whole = await client.responses.create({ model, input: 'Hi', store: true })
      const streamed = await client.responses.stream({ model, input: 'Hi' }).finalResponse()
      for (const given of [whole, streamed]) {
        expect(storeOf(given)).toBe(false)
        expect((await errorOf(client.responses.retrieve(given.id))).status).toBe(404)
      }
      expect(upstream.seen.map(({ json }) => json.store)).toEqual([false, false])
      const error = await errorOf(client.responses.create({ model, input: 'Hi', background: true }))
      expect([error.status, error.param]).toEqual([400, 'background'])
    },
  )
})

describe('a store that cannot answer', () => {
  /** Fails in these of its methods. */
  function failing(...names: readonly (keyof StateStore)[]): StateStore {
    const store = new MemoryStateStore()
    for (const name of names) {
      Object.assign(store, { [name]: () => Promise.reject(new Error(`database is locked at /secret/path`)) })
    }
    return store
  }

  test.each(['open', 'find'] as const)('is a clean 503 where state was promised (%s)', async name => {
    const store = failing(name)
    const logged: string[] = []
    const { client, model, url } = before(
      scene,
      'compatible',
      echo,
      {},
      {
        store,
        log: (level, message) => logged.push(`${level}: ${message}`),
      },
    )
    const calls =
      name === 'open'
        ? [
            () => client.responses.create({ model, input: 'Hi' }),
            () => client.responses.create({ model, input: 'Hi', stream: true }),
            () => client.responses.create({ model, input: 'Hi', background: true }),
          ]
        : [
            () => client.responses.create({ model, input: 'Hi', previous_response_id: 'resp_x' }),
            () => client.responses.retrieve('resp_x'),
            () => client.responses.delete('resp_x'),
          ]
    for (const call of calls) {
      const error = await errorOf(call())
      expect(error.status).toBe(503)
      expect(error.message).not.toContain('secret')
    }
    expect(logged).toContain('error: the store of responses cannot answer')
    // Nobody else notices.
    const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] })
    expect((await fetch(`${url}/v1/chat/completions`, { method: 'POST', body })).status).toBe(200)
    expect((await client.responses.create({ model, input: 'Hi', store: false })).output_text).toBe('Hello')
  })

  test('of conversations too', async () => {
    const { client } = before(
      scene,
      'compatible',
      echo,
      {},
      {
        store: failing('createConversation', 'findConversation'),
      },
    )
    expect((await errorOf(client.conversations.create())).status).toBe(503)
    expect((await errorOf(client.conversations.retrieve('conv_x'))).status).toBe(503)
  })

  test('while a background response runs: it fails, it does not hang', async () => {
    const clock = createClock()
    const store = failing('end')
    const failed = gate()
    const log = (_: string, message: string) => {
      if (message.startsWith('the store of responses')) failed.open()
    }
    const { client, model } = before(scene, 'compatible', echo, {}, { store, ambient: clock, log })
    const { id } = await client.responses.create({ model, input: 'Hi', background: true })
    await failed.wait
    // Its end could not be stored, so nobody works on it any more once its lease is over.
    Reflect.deleteProperty(store, 'end')
    const done = settled(client, id)
    const { status, error } = await clock.until(done)
    expect([status, error?.code]).toEqual(['failed', 'server_error'])
  })
})

describe('work that nobody does any more', () => {
  test('is ended by whoever comes across it, and only after its lease', async () => {
    const clock = createClock()
    const store = new MemoryStateStore()
    const { client } = before(scene, 'compatible', echo, {}, { store, ambient: clock })
    const left = {
      tenant: 'local',
      createdAt: clock.now(),
      state: 'in_progress',
      request: { model: 'a/m', store: true },
      input: [],
      leaseUntil: clock.now() + lease.milliseconds,
    } as const
    const owner = { ...left, background: true, request: { ...left.request, background: true } }
    await store.open({ ...owner, id: 'resp_background', state: 'queued' })
    await store.open({ ...left, id: 'resp_streamed', background: false })
    expect((await client.responses.retrieve('resp_background')).status).toBe('queued')
    const reading = client.responses
      .retrieve('resp_streamed', { stream: true })
      .then(stream => listOf(stream))
    await client.responses.retrieve('resp_streamed')
    const events = await clock.until(reading)
    expect(events.map(event => event.type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.incomplete',
    ])
    expect((await client.responses.retrieve('resp_background')).status).toBe('failed')
    expect((await client.responses.retrieve('resp_streamed')).status).toBe('incomplete')
  })

  test('is not taken from who still works on it', async () => {
    const clock = createClock()
    const store = new MemoryStateStore()
    const hold = gate()
    const say = () => ({ pieces: ['One ', 'two.'], between: [hold.wait] })
    const config = { timeouts: { total: '24h', idle: '1h', first_token: '1h' } }
    const one = before(scene, 'compatible', say, config, { store, ambient: clock })
    const other = before(scene, 'compatible', echo, {}, { store, ambient: clock })
    const stream = await one.client.responses.create({
      model: one.model,
      input: 'Hi',
      background: true,
      stream: true,
    })
    const { value } = await stream[Symbol.asyncIterator]().next()
    const id = value?.type === 'response.created' ? value.response.id : ''
    for (let passed = 0; passed < 5 * lease.milliseconds; passed += 500) {
      clock.advance(500)
      await Bun.sleep(0)
    }
    // Another process on the same store sees it at work, reads along, and can cancel it.
    expect((await other.client.responses.retrieve(id)).status).toBe('in_progress')
    const reading = other.client.responses.retrieve(id, { stream: true }).then(rest => listOf(rest))
    expect((await other.client.responses.cancel(id)).status).toBe('cancelled')
    const events = await clock.until(reading)
    expect(events.at(-1)).toMatchObject({ response: { status: 'cancelled' } })
    hold.open()
    await clock.until(one.upstream.idle())
    expect((await one.client.responses.retrieve(id)).status).toBe('cancelled')
  })
})

test('more background work than is done at once waits its turn, and all of it ends', async () => {
  const hold = gate()
  let most = 0
  let now = 0
  const { client, model, url } = before(scene, 'compatible', echo)
  const upstream = scene.upstream(() => async () => {
    most = Math.max(most, ++now)
    await hold.wait
    now--
    return Response.json({ error: { message: 'busy' } }, { status: 400 })
  })
  const busy = before(scene, 'compatible', echo, {
    providers: { a: { kind: 'openai-compatible', base_url: `${upstream.url}/v1` } },
  })
  const all = await Promise.all(
    Array.from({ length: 80 }, () => busy.client.responses.create({ model, input: 'Hi', background: true })),
  )
  const last = all.at(-1)?.id ?? ''
  expect((await busy.client.responses.retrieve(last)).status).toBe('queued')
  // One that waits can be cancelled before it began.
  expect((await busy.client.responses.cancel(last)).status).toBe('cancelled')
  hold.open()
  const ended = await Promise.all(all.slice(0, -1).map(({ id }) => settled(busy.client, id)))
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['failed']))
  expect(most).toBeLessThanOrEqual(64)
  expect([(await client.models.list()).object, url.startsWith('http')]).toEqual(['list', true])
})

test('a library call that names a file and passes no store is told', () => {
  const make = () => createGateway({ store: { url: 'sqlite:x.db' } })
  expect(make).toThrow(ConfigError)
  expect(make).toThrow('store.url')
  expect(() => createGateway({ store: { url: 'memory:' } })).not.toThrow()
  expect(() => createGateway({ store: { url: 'sqlite:' } }, { store: new MemoryStateStore() })).not.toThrow()
})
