import type { Ambient } from '../../core/ports.ts'
import type { Addition, StateStore } from '../../core/state-store.ts'
import type { Event } from '../../ir/event.ts'
import { packEvents } from './segment.ts'

/** Milliseconds until events are stored: what a crash loses at most of a model's usual pace, some 64 of them (ruling 5). */
const longestPending = 250
/** Events that wait no longer. Only a flood gets here, and a row costs as much as carrying a hundred events. */
export const mostPending = 512

/** `gone`: the response was deleted, or somebody else ended it; `failed`: the store cannot answer. */
export type Kept = 'kept' | 'gone' | 'failed'

export interface RecorderPorts {
  readonly store: StateStore
  readonly ambient: Ambient
  onFailure(error: unknown): void
}

/** Writes the events of one response into the store, in segments and in order. */
export class Recorder {
  readonly #id: string
  readonly #ports: RecorderPorts
  /** Not yet known to be stored. */
  #pending: Event[] = []
  #stored = 0
  #writing: Promise<Kept> = Promise.resolve('kept')
  #outcome: Kept = 'kept'
  #cancelTimer: (() => void) | undefined
  #wake = Promise.withResolvers<void>()
  #isOver = false

  constructor(id: string, ports: RecorderPorts) {
    this.#id = id
    this.#ports = ports
  }

  get store(): StateStore {
    return this.#ports.store
  }

  /** How the last write went; it does not get better. */
  get outcome(): Kept {
    return this.#outcome
  }

  /** So many are not stored that their readers have to wait. */
  get isFull(): boolean {
    return this.#pending.length >= mostPending
  }

  push(batch: readonly Event[]): void {
    if (this.#isOver || batch.length === 0) return
    // Notes belong to the call, not to its answer.
    for (const event of batch) if (event.type !== 'note') this.#pending.push(event)
    this.#cancelTimer ??= this.#ports.ambient.after(longestPending, () => void this.flush())
    this.#wake.resolve()
    this.#wake = Promise.withResolvers<void>()
  }

  /** What is pending from this event on; undefined where the store has it, or has to be asked. */
  since(position: number): readonly Event[] | undefined {
    if (position < this.#stored || this.#isOver) return undefined
    return this.#pending.slice(position - this.#stored)
  }

  /** Resolves with the next event, and when nothing more will come. */
  get changed(): Promise<void> {
    return this.#wake.promise
  }

  /** Stores what is pending. */
  flush(): Promise<Kept> {
    this.#disarm()
    this.#writing = this.#writing.then(async () => {
      const events = this.#pending.slice()
      if (this.#outcome !== 'kept' || this.#isOver || events.length === 0) return this.#outcome
      const { store } = this.#ports
      return this.#settle(store.append(this.#id, this.#segment(events)), events)
    })
    return this.#writing
  }

  /** Stores the last events and the end. Whatever is pushed later is not part of the response. */
  end(
    events: readonly Event[],
    addition?: (last: readonly Event[]) => Promise<Addition | undefined>,
  ): Promise<Kept> {
    this.push(events)
    this.#disarm()
    this.#writing = this.#writing.then(async () => {
      if (this.#outcome !== 'kept' || this.#isOver) return this.#outcome
      const { store } = this.#ports
      const last = this.#pending.slice()
      const write = async () => {
        const added = await addition?.(last)
        return store.end(this.#id, this.#segment(last), added === undefined ? {} : { addition: added })
      }
      return this.#settle(write(), last)
    })
    return this.#writing.then(outcome => {
      this.#isOver = true
      this.#disarm()
      this.#wake.resolve()
      return outcome
    })
  }

  async #settle(written: Promise<boolean>, events: readonly Event[]): Promise<Kept> {
    try {
      this.#outcome = (await written) ? 'kept' : 'gone'
    } catch (error) {
      this.#outcome = 'failed'
      this.#ports.onFailure(error)
    }
    if (this.#outcome === 'kept') {
      this.#stored += events.length
      this.#pending.splice(0, events.length)
    }
    return this.#outcome
  }

  #segment(events: readonly Event[]) {
    return packEvents(this.#stored, events)
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}
