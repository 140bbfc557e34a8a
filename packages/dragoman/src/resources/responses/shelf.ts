import type { Dialect } from '../../core/dialect.ts'
import type { Ambient, Log } from '../../core/ports.ts'
import type { Addition, ResponseRecord, StateStore } from '../../core/state-store.ts'
import { EventStream } from '../../core/stream.ts'
import type { Event } from '../../ir/event.ts'
import type { Jobs } from '../jobs.ts'
import { readAsk } from './ask.ts'
import { eventsOfEnding, isLast } from './endings.ts'
import { History } from './history.ts'
import { loadEvents, Player } from './player.ts'
import { type Kept, Recorder } from './recorder.ts'
import { packEvents } from './segment.ts'
import { TailSource } from './streams.ts'

export interface ShelfPorts {
  readonly store: StateStore
  readonly dialect: Dialect
  readonly ambient: Ambient
  readonly log: Log
  readonly jobs: Jobs
}

/** How often what expired is forgotten, at most. */
const sweepEvery = 3_600_000

/** The stored responses and what this process knows of them beside the store. Its methods reject where the store cannot answer. */
export class Shelf {
  readonly ports: ShelfPorts
  readonly history: History
  readonly #recorders = new Map<string, Recorder>()
  #sweptAt = Number.NEGATIVE_INFINITY
  #hasTold = false

  constructor(ports: ShelfPorts) {
    this.ports = ports
    this.history = new History(ports.store, ports.dialect, (tenant, id) => this.find(tenant, id))
  }

  /** A record that is not expired. One that nobody works on any more is ended first, so that nobody waits for it. */
  async find(tenant: string, id: string): Promise<ResponseRecord | undefined> {
    const { store } = this.ports
    const record = await store.find(tenant, id)
    if (record === undefined || (record.expiresAt ?? Number.POSITIVE_INFINITY) <= this.ports.ambient.now())
      return undefined
    if (!this.#isAbandoned(record)) return record
    await this.#endAbandoned(record)
    return store.find(tenant, id)
  }

  #isAbandoned(record: ResponseRecord): boolean {
    const { ambient, jobs } = this.ports
    return record.state !== 'ended' && jobs.find(record.id) === undefined && record.leaseUntil < ambient.now()
  }

  async #endAbandoned(record: ResponseRecord): Promise<void> {
    const { store, dialect, log } = this.ports
    const segments = await store.segments(record.id, 0)
    const first = segments.reduce((count, segment) => count + segment.count, 0)
    const start: readonly Event[] = first === 0 ? [{ type: 'start' }] : []
    const events = [...start, ...eventsOfEnding('interrupted', record.background, dialect.id)]
    await store.end(record.id, packEvents(first, events), { cutAt: first + start.length })
    log('warn', 'a response was ended whose process is gone', { response: record.id })
  }

  /** Ends what a process left behind that is gone. */
  async recover(): Promise<void> {
    for (const record of await this.ports.store.abandoned(this.ports.ambient.now()))
      if (this.#isAbandoned(record)) await this.#endAbandoned(record)
  }

  /** Says once that what is stored ends with the process. */
  tellWhere(): void {
    if (this.#hasTold || this.ports.store.isLasting) return
    this.#hasTold = true
    this.ports.log('warn', 'responses are stored in memory, which forgets them with the process', {
      instead: 'pass a store, or send `store: false`',
    })
  }

  /** Forgets what expired, unless that was done a short while ago. */
  async sweep(): Promise<void> {
    const now = this.ports.ambient.now()
    if (now - this.#sweptAt < sweepEvery) return
    this.#sweptAt = now
    const count = await this.ports.store.sweep(now)
    if (count > 0) this.ports.log('info', 'responses whose time was over were forgotten', { count })
  }

  readonly onFailure = (error: unknown): void => {
    this.ports.log('error', 'the store of responses cannot answer', { error: String(error) })
  }

  recordInto(store: StateStore, id: string): Recorder {
    const { ambient } = this.ports
    const recorder = new Recorder(id, { store, ambient, onFailure: this.onFailure })
    if (store === this.ports.store) this.#recorders.set(id, recorder)
    return recorder
  }

  /** A response as a stream, from its first event on, and what is added to it; written from after this number on. */
  read(record: ResponseRecord, after?: number): { readonly stream: EventStream; readonly encoder: Player } {
    const tail = this.#tail(record)
    const options = { cut: tail, ...(after === undefined ? {} : { after }) }
    return { stream: new EventStream(tail), encoder: new Player(this.ports.dialect, record, options) }
  }

  #tail(record: ResponseRecord): TailSource {
    const { store, ambient } = this.ports
    return new TailSource(record, {
      store,
      ambient,
      recorder: () => this.#recorders.get(record.id),
      look: () => this.find(record.tenant, record.id),
      onFailure: this.onFailure,
    })
  }

  /** Stores the end of a response, in its conversation too. Never rejects. */
  async end(record: ResponseRecord, recorder: Recorder, events: readonly Event[]): Promise<Kept> {
    const kept = await recorder.end(events, last => this.#addition(record, recorder, last))
    this.#recorders.delete(record.id)
    if (kept !== 'gone') return kept
    // Deleted by its client is no failure. Ended by somebody who took us for dead is: we know another end.
    const left = await this.ports.store.find(record.tenant, record.id).catch(() => record)
    return left === undefined ? 'gone' : 'failed'
  }

  /** What a response adds to its conversation: its own input and its output, unless it failed. */
  async #addition(
    record: ResponseRecord,
    recorder: Recorder,
    last: readonly Event[],
  ): Promise<Addition | undefined> {
    const { conversation } = readAsk(record.request)
    if (conversation === undefined || last.some(event => event.type === 'fault' && isLast(event)))
      return undefined
    const before = await loadEvents(recorder.store, record.id)
    const addition = this.additionOf(conversation, record, [...before, ...last])
    if (recorder.store === this.ports.store) return addition
    await this.ports.store.addEntries(addition)
    return undefined
  }

  additionOf(conversation: string, record: ResponseRecord, events: readonly Event[]): Addition {
    const output = this.history.readOutput({ ...record, state: 'ended' }, events)
    return { conversation, entries: [{ items: record.input, response: record.id }, output] }
  }
}
