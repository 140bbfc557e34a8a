import type { Ambient } from '../../core/ports.ts'
import type { ResponseRecord, StateStore } from '../../core/state-store.ts'
import type { EventStream, Source } from '../../core/stream.ts'
import type { Event } from '../../ir/event.ts'
import { notKept, storeFailed } from '../faults.ts'
import { isLast } from './endings.ts'
import type { Kept, Recorder } from './recorder.ts'
import { unpackEvents } from './segment.ts'

const unkept: Event = { type: 'fault', fault: notKept }

/**
 * A stream on its way to the client, recorded as it passes. The end goes out only after the store has it, and never
 * more than a segment before the store has it (ruling 5).
 */
export class RecordedSource implements Source<Event> {
  readonly #stream: EventStream
  readonly #recorder: Recorder
  readonly #end: (events: readonly Event[]) => Promise<Kept>
  readonly #broken: () => void
  /** The last events, until the store has them. */
  #last: readonly Event[] | undefined
  #isOver = false

  /** `end` stores the last events; `broken` is called where the client left, or the stream broke, before them. */
  constructor(
    stream: EventStream,
    recorder: Recorder,
    end: (events: readonly Event[]) => Promise<Kept>,
    broken: () => void,
  ) {
    this.#stream = stream
    this.#recorder = recorder
    this.#end = end
    this.#broken = broken
  }

  pull(): Promise<readonly Event[] | null> {
    return this.#last === undefined ? this.#stream.pull().then(this.#onBatch) : this.#finish(this.#last)
  }

  readonly #onBatch = (batch: readonly Event[] | null) => {
    if (batch === null) {
      this.#break()
      return null
    }
    const last = batch.findIndex(isLast)
    if (last === 0) return this.#finish(batch)
    if (last > 0) {
      this.#last = batch.slice(last)
      return this.#pass(batch.slice(0, last))
    }
    return this.#pass(batch)
  }

  #finish(last: readonly Event[]): Promise<readonly Event[]> {
    this.#isOver = true
    return this.#end(last).then(kept => this.#checked(kept, last))
  }

  #pass(batch: readonly Event[]) {
    this.#recorder.push(batch)
    if (this.#recorder.outcome === 'failed') return this.#checked('failed', batch)
    return this.#recorder.isFull ? this.#recorder.flush().then(kept => this.#checked(kept, batch)) : batch
  }

  /** What was deleted on the way is nobody's any more, and its client still gets its answer. */
  #checked(kept: Kept, batch: readonly Event[]): readonly Event[] {
    if (kept !== 'failed') return batch
    this.#isOver = true
    this.#stream.dispose('discarded')
    this.#broken()
    return [unkept]
  }

  /** A client that leaves before the last events were its own has no bearing on what they are. */
  #break(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#last === undefined) this.#broken()
    else void this.#end(this.#last)
  }

  dispose(finished: boolean): void {
    if (!finished) this.#stream.dispose('cancelled')
    this.#break()
  }
}

/** How often a response that another process works on is looked at, in milliseconds. */
const lookEvery = 250

export interface TailPorts {
  readonly store: StateStore
  readonly ambient: Ambient
  /** The recorder of this response, while this process works on it. */
  recorder(): Recorder | undefined
  /** The record as it is now; what was abandoned is ended first. */
  look(): Promise<ResponseRecord | undefined>
  onFailure(error: unknown): void
}

/** The events of a stored response from the first on, and what is added to them until they end. */
export class TailSource implements Source<Event> {
  readonly #id: string
  readonly #ports: TailPorts
  #position = 0
  #isOver = false
  /** As in the record, once it is known. */
  cutAt: number | undefined
  #wake: (() => void) | undefined

  constructor({ id, cutAt }: Pick<ResponseRecord, 'id' | 'cutAt'>, ports: TailPorts) {
    this.#id = id
    this.cutAt = cutAt
    this.#ports = ports
  }

  async pull(): Promise<readonly Event[] | null> {
    try {
      return await this.#next()
    } catch (error) {
      // This reading ends, not the response.
      this.#isOver = true
      this.#ports.onFailure(error)
      return [{ type: 'fault', fault: storeFailed }]
    }
  }

  async #next(): Promise<readonly Event[] | null> {
    while (!this.#isOver) {
      const recorder = this.#ports.recorder()
      const changed = recorder?.changed
      const events = recorder?.since(this.#position) ?? (await this.#stored())
      this.#position += events.length
      if (events.length > 0) {
        this.#isOver = events.some(isLast)
        return events
      }
      // Asked in this order: what ended between the two looks is in the store now.
      const record = recorder === undefined ? await this.#ports.look() : undefined
      if (recorder === undefined && record?.state !== 'queued' && record?.state !== 'in_progress') {
        this.cutAt = record?.cutAt
        const rest = await this.#stored()
        this.#position += rest.length
        this.#isOver = true
        return rest.length === 0 ? null : rest
      }
      await this.#pause(changed)
    }
    return null
  }

  /** What the store has from here on. */
  async #stored(): Promise<readonly Event[]> {
    const segments = await this.#ports.store.segments(this.#id, this.#position)
    return segments.flatMap(segment =>
      unpackEvents(segment).slice(Math.max(0, this.#position - segment.first)),
    )
  }

  #pause(changed: Promise<void> | undefined): Promise<void> {
    return new Promise(resolve => {
      const cancel = this.#ports.ambient.after(lookEvery, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
      void changed?.then(this.#wake)
    })
  }

  dispose(): void {
    this.#isOver = true
    this.#wake?.()
  }
}
