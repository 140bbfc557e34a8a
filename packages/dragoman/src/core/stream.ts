import type { Event } from '../ir/event.ts'
import { isContent } from '../ir/event.ts'
import type { DialectId } from '../ir/extra.ts'
import type { Fault } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'
import type { Usage } from '../ir/usage.ts'
import type { Frame } from '../wire/frame.ts'
import type { FrameRole, StreamWatch } from './dialect.ts'

/** How a stream ended; the first cause wins. */
export type End = 'completed' | 'fault' | 'cut' | 'discarded' | 'cancelled'

/** What is known of a stream once it is over. Meters read only this; they tap nothing. */
export interface Trailer {
  readonly end: End
  readonly usage?: Usage
  readonly fault?: Fault
  readonly notes: readonly Note[]
}

/** Where a stream's batches come from. One network read is one batch. */
export interface Source<X> {
  /** The next batch, or null at the end. Never rejects: a broken connection is a fault in the batch, or an end. */
  pull(): Promise<readonly X[] | null>
  /** Frees what the source holds. `finished` tells that the answer was complete and the connection may be kept. */
  dispose(finished: boolean): void
}

/** What peeking found. */
export type Head =
  | { readonly kind: 'content' }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'end' }

/**
 * A stream of one consumer, read in batches. Its work on a batch is synchronous; it is disposable and settles `done`
 * exactly once, also when it is discarded unread.
 */
abstract class Base<X> {
  readonly #source: Source<X>
  /** Batches that were read by `peek` and not yet pulled. */
  readonly #unread: (readonly X[])[] = []
  readonly #settled = Promise.withResolvers<Trailer>()
  #pending = false
  #over = false
  #outcome: Trailer | undefined

  /** The first content is on its way to the consumer: from here on the provider is frozen (law 6). */
  contentCommitted = false
  /** Called once, when the upstream's first content is heard; an edit may still hold it back. */
  onContent: (() => void) | undefined
  protected usage: Usage | undefined
  protected fault: Fault | undefined
  /** The answer's own end was seen. */
  protected completed = false
  protected readonly lateNotes: Note[] = []

  constructor(source: Source<X>) {
    this.#source = source
  }

  /** Settles once, when the stream is over. */
  get done(): Promise<Trailer> {
    return this.#settled.promise
  }

  /** The trailer, once there is one. */
  get outcome(): Trailer | undefined {
    return this.#outcome
  }

  /** Over, and everything that was read was pulled. */
  get drained(): boolean {
    return this.#over && this.#unread.length === 0
  }

  /** Looks at one item as it was received and hands it through the edits into `out`; without `out` it only looks. */
  protected abstract process(item: X, out: X[] | undefined): void
  /** The source ended: concludes what a missing end means. */
  protected abstract cut(): void

  /** The next batch, or null at the end. A batch may be empty where an edit took everything. */
  async pull(): Promise<readonly X[] | null> {
    const head = this.#unread.shift()
    if (head !== undefined) return head
    return this.#read()
  }

  async #read(): Promise<readonly X[] | null> {
    if (this.#pending)
      throw new Error('a stream has one consumer: pull() again only after the last one resolved')
    if (this.#over) return null
    this.#pending = true
    const batch = await this.#source.pull()
    this.#pending = false
    if (this.#over) return null
    const out: X[] = []
    if (batch === null) {
      this.cut()
      this.#finish(this.completed ? 'completed' : 'cut')
      return null
    }
    // What comes after the answer's end is not part of it, but hosts exist that send the usage there.
    for (const item of batch) this.process(item, this.completed || this.fault !== undefined ? undefined : out)
    if (this.completed) this.#finish('completed')
    else if (this.fault !== undefined) this.#finish('fault')
    return out
  }

  /**
   * Reads until content, a fault or the end, and keeps what it read for `pull`. A faulted head is for the caller to
   * throw away: nothing of it has been shown to anybody.
   */
  async peek(): Promise<Head> {
    while (!this.contentCommitted && !this.#over) {
      const batch = await this.#read()
      if (batch !== null && batch.length > 0) this.#unread.push(batch)
    }
    if (this.contentCommitted) return { kind: 'content' }
    return this.fault === undefined ? { kind: 'end' } : { kind: 'fault', fault: this.fault }
  }

  /** Ends the stream from outside: discarded unread, or cancelled by its owner. Nothing happens when it is over. */
  dispose(why: 'discarded' | 'cancelled'): void {
    this.#unread.length = 0
    this.#finish(why)
  }

  [Symbol.dispose](): void {
    this.dispose('discarded')
  }

  #finish(end: End): void {
    if (this.#over) return
    this.#over = true
    this.#outcome = {
      end,
      notes: this.lateNotes,
      ...(this.usage === undefined ? {} : { usage: this.usage }),
      ...(this.fault === undefined ? {} : { fault: this.fault }),
    }
    this.#source.dispose(end === 'completed')
    this.#settled.resolve(this.#outcome)
  }
}

export type FrameEdit = (frame: Frame, role: FrameRole, out: Frame[]) => void

/** How a relayed stream turns a fault into something its consumer can see, and the reverse. */
export interface WireReading {
  readonly dialect: DialectId
  readonly watch: StreamWatch
  /** The fault a frame of role `fault` tells of. */
  readFault(frame: Frame): Fault
  /** The fault of a stream that ended without its end. */
  disconnected(): Fault
}

/** Frames kept, dropped, replaced or inserted whole; never through an encoder. */
export class WireStream extends Base<Frame> {
  readonly form = 'wire'
  readonly dialect: DialectId
  readonly #reading: WireReading
  readonly #edits: FrameEdit[] = []

  constructor(source: Source<Frame>, reading: WireReading) {
    super(source)
    this.#reading = reading
    this.dialect = reading.dialect
  }

  /** Adds an edit after those there are; it sees every frame with its role. */
  edit(edit: FrameEdit): void {
    this.#edits.push(edit)
  }

  protected override process(frame: Frame, out: Frame[] | undefined): void {
    const role = this.#reading.watch.push(frame)
    if (role === 'content') this.#commit()
    else if (role === 'fault') this.fault ??= this.#reading.readFault(frame)
    else if (role === 'terminal') this.completed = true
    if (role !== 'content') this.usage = this.#reading.watch.usage ?? this.usage
    if (out !== undefined) this.#apply(0, frame, role, out)
  }

  #commit(): void {
    if (this.contentCommitted) return
    this.contentCommitted = true
    this.onContent?.()
  }

  #apply(index: number, frame: Frame, role: FrameRole, out: Frame[]): void {
    const edit = this.#edits[index]
    if (edit === undefined) {
      out.push(frame)
      return
    }
    const edited: Frame[] = []
    edit(frame, role, edited)
    for (const next of edited) this.#apply(index + 1, next, role, out)
  }

  protected override cut(): void {
    this.usage = this.#reading.watch.usage ?? this.usage
    if (this.#reading.watch.finished) this.completed = true
    else this.fault = this.#reading.disconnected()
  }
}

export type EventEdit = (event: Event, out: Event[]) => void

/** Events of the model, decoded from one wire and to be encoded to another. */
export class EventStream extends Base<Event> {
  readonly form = 'events'
  readonly #edits: EventEdit[] = []
  #heard = false

  edit(edit: EventEdit): void {
    this.#edits.push(edit)
  }

  protected override process(event: Event, out: Event[] | undefined): void {
    if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'end') this.completed = true
    else if (!this.#heard && isContent(event)) {
      this.#heard = true
      this.onContent?.()
    }
    if (out === undefined) return
    const first = out.length
    this.#apply(0, event, out)
    for (let index = first; index < out.length; index++) this.#show(out[index])
  }

  /** What leaves the edits is what the consumer gets: faults and notes may arise there, content may be held back. */
  #show(event: Event | undefined): void {
    if (event === undefined) return
    if (event.type === 'note') this.lateNotes.push(event.note)
    else if (event.type === 'fault' && event.candidate === undefined) this.fault ??= event.fault
    else if (!this.contentCommitted && isContent(event)) this.contentCommitted = true
  }

  #apply(index: number, event: Event, out: Event[]): void {
    const edit = this.#edits[index]
    if (edit === undefined) {
      out.push(event)
      return
    }
    const edited: Event[] = []
    edit(event, edited)
    for (const next of edited) this.#apply(index + 1, next, out)
  }

  protected override cut(): void {
    // The source's decoder already concluded what the missing end means; a source of ours always says `end` or `fault`.
  }
}
