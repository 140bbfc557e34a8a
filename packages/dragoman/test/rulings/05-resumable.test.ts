import { describe, expect, test } from 'bun:test'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { ResponseRecord, Segment, StateStore } from '../../src/core/state-store.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import type { Event } from '../../src/ir/event.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { eventsOfEnding } from '../../src/resources/responses/endings.ts'
import { crashGap, Player } from '../../src/resources/responses/player.ts'
import { mostPending, Recorder } from '../../src/resources/responses/recorder.ts'
import { unpackEvents } from '../../src/resources/responses/segment.ts'
import { MemoryStateStore } from '../../src/stores/memory-state.ts'
import { before, clientOf, expectRising, listOf } from '../resources/stage.ts'
import { createClock } from '../support/clock.ts'
import { createScene, readUntil } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { dataOf } from '../support/wire.ts'

// Ruling 5: resumable streams.

const scene = createScene()

/** A memory store that can be watched, held up and broken. */
class Watched extends MemoryStateStore {
  readonly written: Segment[] = []
  hold: Promise<unknown> | undefined
  broken = false

  async #pass(segment: Segment): Promise<void> {
    await this.hold
    if (this.broken) throw new Error('disk full')
    this.written.push(segment)
  }
  override async append(id: string, segment: Segment): Promise<boolean> {
    await this.#pass(segment)
    return super.append(id, segment)
  }
  override async end(...[id, segment, more]: Parameters<StateStore['end']>): Promise<boolean> {
    await this.#pass(segment)
    return super.end(id, segment, more)
  }
}

const record: ResponseRecord = {
  id: 'resp_abc',
  tenant: 'local',
  createdAt: 1_000_000,
  state: 'in_progress',
  background: false,
  request: { model: 'm', store: true },
  input: [],
  leaseUntil: 0,
}
const dialect = () => {
  const found = findDialect('openai-responses')
  if (found === undefined) throw new Error('the dialect is not there')
  return found
}

describe('ruling 5', () => {
  test('events are stored every quarter of a second, or earlier where they come in floods', async () => {
    const clock = createClock()
    const store = new Watched()
    await store.open(record)
    const recorder = new Recorder(record.id, { store, ambient: clock, onFailure: () => {} })
    const event = (text: string): Event => ({ type: 'part-delta', candidate: 0, part: 0, text })
    recorder.push([event('a')])
    recorder.push([event('b')])
    expect(recorder.isFull).toBe(false)
    clock.advance(249)
    await recorder.flush
    expect(store.written).toEqual([])
    clock.advance(1)
    await Bun.sleep(0)
    expect(store.written.map(({ first, count }) => [first, count])).toEqual([[0, 2]])
    for (let index = 0; index < mostPending; index++) recorder.push([event('c')])
    expect(recorder.isFull).toBe(true)
    await recorder.flush()
    await recorder.end([{ type: 'end' }])
    expect(store.written.map(({ first, count }) => [first, count])).toEqual([
      [0, 2],
      [2, mostPending],
      [2 + mostPending, 1],
    ])
    expect(clock.pending).toBe(0)
  })

  test('the same record and events are the same bytes every time, cut anywhere', () => {
    const events = unfold(
      {
        candidates: [
          {
            index: 0,
            parts: [
              { kind: 'thinking', text: 'Hm.', summary: ['S'] },
              { kind: 'text', text: 'Some words, and "quotes" with "sequence_number":7 in them.' },
              { kind: 'tool-call', type: 'function', id: 'call_1', name: 'f', arguments: '{"a":1}' },
            ],
            finish: { reason: 'tool-calls' },
          },
        ],
      },
      { chunk: 3 },
    )
    const write = (after?: number) => {
      const player = new Player(dialect(), record, after === undefined ? {} : { after })
      return events.map(event => player.push(event)).join('')
    }
    const whole = write()
    expect(write()).toBe(whole)
    const frames = whole.split('\n\n').slice(0, -1)
    for (let after = -1; after <= frames.length; after++) {
      expect(write(after)).toBe(
        frames
          .slice(after + 1)
          .map(frame => `${frame}\n\n`)
          .join(''),
      )
    }
  })

  test('the terminal event goes out only after the store has it', async () => {
    const store = new Watched()
    const hold = gate()
    const { url, model } = before(scene, 'compatible', () => ({ pieces: ['Hello'] }), {}, { store })
    store.hold = hold.wait
    const response = await fetch(`${url}/v1/responses`, {
      method: 'POST',
      body: JSON.stringify({ model, input: 'Hi', stream: true }),
    })
    const reading = readUntil(response, 'output_text.delta')
    const seen = await reading.seen()
    expect(seen).not.toContain('response.completed')
    const next = reading.rest()
    expect(store.written).toEqual([])
    hold.open()
    expect(await next).toContain('event: response.completed')
    expect(store.written.at(-1)?.events).toContain('"end"')
  })

  test('a store that fails on the way is an error in the stream, never an end that nobody can read again', async () => {
    const store = new Watched()
    const { client, model, upstream } = before(
      scene,
      'compatible',
      () => ({ pieces: ['Hello'] }),
      {},
      { store },
    )
    store.broken = true
    const events = await listOf(await client.responses.create({ model, input: 'Hi', stream: true }))
    const last = events.at(-1)
    if (last?.type !== 'response.failed') throw new Error(`ended with ${last?.type}`)
    expect(last.response.error?.message).toContain('could not be stored')
    await upstream.idle()
  })

  test('a client that leaves ends the call; what it saw is there, and ends incomplete', async () => {
    const hold = gate()
    const { client, url, model, upstream } = before(scene, 'messages', () => ({
      pieces: ['One ', 'two.'],
      between: [hold.wait],
    }))
    const stream = await client.responses.create({ model, input: 'Hi', stream: true })
    const seen: ResponseStreamEvent[] = []
    let id = ''
    for await (const event of stream) {
      seen.push(event)
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.output_text.delta') break
    }
    await upstream.idle()
    const again = clientOf(url)
    const events = await listOf(await again.responses.retrieve(id, { stream: true }))
    expect(events.slice(0, seen.length)).toEqual(seen)
    expectRising(events)
    const last = events.at(-1)
    if (last?.type !== 'response.incomplete') throw new Error(`ended with ${last?.type}`)
    expect(last.response.incomplete_details).toMatchObject({ reason: 'client_disconnected' })
    const whole = await again.responses.retrieve(id)
    expect([whole.status, whole.output_text]).toEqual(['incomplete', 'One '])
    hold.open()
  })

  test('after a crash the last number is above everything that a client may hold', async () => {
    const delta = (text: string): Event => ({ type: 'part-delta', candidate: 0, part: 0, text })
    const begun: readonly Event[] = [
      { type: 'start' },
      { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
      ...Array.from({ length: mostPending + 36 }, () => delta('x')),
    ]
    // The store has the first segment; the client has everything up to the next one.
    const kept = begun.slice(0, mostPending)
    const live = new Player(dialect(), record)
    const held = dataOf(begun.map(event => live.push(event)).join(''))
    const ending = eventsOfEnding('interrupted', false, 'openai-responses')
    const player = new Player(dialect(), { ...record, state: 'ended', cutAt: kept.length })
    const replayed = dataOf([...kept, ...ending].map(event => player.push(event)).join(''))
    const last = replayed.at(-1) as unknown as { type: string; sequence_number: number } // a lifecycle event
    const most = Number(held.at(-1)?.sequence_number)
    expect(last.type).toBe('response.incomplete')
    expect(last.sequence_number).toBeGreaterThan(most)
    // Whoever asks for what comes after the last event it has gets the end, and nothing it had.
    const resumed = new Player(dialect(), { ...record, state: 'ended', cutAt: kept.length }, { after: most })
    const rest = dataOf([...kept, ...ending].map(event => resumed.push(event)).join(''))
    expect(rest.map(event => event.type)).toContain('response.incomplete' as never)
    expect(rest.every(event => Number(event.sequence_number) > most)).toBe(true)
    expect(crashGap).toBeGreaterThan(mostPending * 8)
  })

  test('resuming 10,000 events is a matter of milliseconds', async () => {
    // Not a measurement (that is the bench's): only that nothing is quadratic.
    const store = new MemoryStateStore()
    await store.open(record)
    const recorder = new Recorder(record.id, { store, ambient: createClock(), onFailure: () => {} })
    recorder.push([
      { type: 'start' },
      { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
    ])
    for (let index = 0; index < 10_000; index++) {
      recorder.push([{ type: 'part-delta', candidate: 0, part: 0, text: `word${index} ` }])
      if (recorder.isFull) await recorder.flush()
    }
    await recorder.end([
      { type: 'part-end', candidate: 0, part: 0 },
      { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
      { type: 'end' },
    ])
    const player = new Player(dialect(), record, { after: 9_990 })
    const segments = await store.segments(record.id, 0)
    const events = segments.flatMap(unpackEvents)
    const text = events.map(event => player.push(event)).join('')
    expect(dataOf(text)[0]?.sequence_number).toBe(9991 as never)
    expect(segments.length).toBeLessThan(45)
  })
})
