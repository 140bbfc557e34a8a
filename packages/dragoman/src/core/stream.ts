import { type Event, type FaultEvent, isContent } from '../ir/event.ts'
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

const same = <T>(value: T): T => value

/**
 * A stream of one consumer, read in batches. Its work on a batch is synchronous; it is disposable and settles `done`
 * exactly once, also when it is discarded unread. What was peeked at is edited when it is pulled, so that an edit
 * added after the peek sees all of it.
 */
abstract class Base<X> {
  readonly #source: Source<X>
  /** Batches that were read by `peek` and not yet pulled. */
  readonly #unread: (readonly X[])[] = []
  readonly #settled = Promise.withResolvers<Trailer>()
  #pending = false
  #over = false
  #outcome: Trailer | undefined

  /** The first content was read: from here on the provider is frozen (law 6). */
  contentCommitted = false
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

  /** Looks at one item as it was read. */
  protected abstract inspect(item: X): void
  /** The source ended without an end or a fault: concludes what that means. */
  protected abstract cut(): void
  /** Nothing more belongs to the answer. */
  protected abstract isOver(): boolean
  /** A batch as its consumer gets it. */
  protected abstract edited(batch: readonly X[]): readonly X[]

  /** The next batch, or null at the end. A batch may be empty where an edit took everything. */
  pull(): Promise<readonly X[] | null> {
    const batch = this.#unread.shift()
    if (batch !== undefined) return Promise.resolve(this.edited(batch))
    return this.#read(this.#toConsumer)
  }

  readonly #toConsumer = (batch: readonly X[] | null) => (batch === null ? null : this.edited(batch))

  /** One read, one promise: this is paid on every chunk, so no `async` stands in between. */
  #read<R>(then: (batch: readonly X[] | null) => R): Promise<R> {
    if (this.#pending)
      throw new Error('a stream has one consumer: pull() again only after the last one resolved')
    if (this.#over) return Promise.resolve(then(null))
    this.#pending = true
    return this.#source.pull().then(batch => {
      this.#pending = false
      return then(this.#take(batch))
    })
  }

  /** Looks at what was read; what comes after the answer's end is left out. */
  #take(batch: readonly X[] | null): readonly X[] | null {
    if (this.#over) return null
    if (batch === null) {
      if (this.fault === undefined) {
        this.cut()
        this.#finish(this.completed ? 'completed' : 'cut')
      } else this.#finish('fault')
      return null
    }
    let kept = 0
    for (const item of batch) {
      // It is still looked at: hosts exist that send the usage after the end.
      if (!this.isOver()) kept++
      this.inspect(item)
    }
    if (this.isOver()) this.#finish(this.fault === undefined ? 'completed' : 'fault')
    return kept === batch.length ? batch : batch.slice(0, kept)
  }

  /**
   * Reads until content, a fault or the end, and keeps what it read for `pull`. A faulted head is for the caller to
   * throw away: nothing of it has been shown to anybody.
   */
  async peek(): Promise<Head> {
    while (!this.contentCommitted && !this.#over) {
      const batch = await this.#read(same)
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

/** How a relayed stream is understood without being translated. */
export interface WireReading {
  readonly dialect: DialectId
  readonly watch: StreamWatch
  /** The fault a frame of role `fault` tells of. */
  readFault(frame: Frame): Fault
  /** The fault of a stream that ended without its end. */
  disconnected(): Fault
  /** The first content was read. */
  onContent(): void
}

/** Frames kept, dropped, replaced or inserted whole; never through an encoder. */
export class WireStream extends Base<Frame> {
  readonly form = 'wire'
  readonly dialect: DialectId
  readonly #reading: WireReading
  readonly #edits: { readonly edit: FrameEdit; readonly only: readonly FrameRole[] | undefined }[] = []
  /** Roles of the frames that were read and not yet pulled, in order. */
  #roles: FrameRole[] = []

  constructor(source: Source<Frame>, reading: WireReading) {
    super(source)
    this.#reading = reading
    this.dialect = reading.dialect
  }

  /** Adds an edit after those there are. It sees every frame with its role, or those of `only` at no cost for others. */
  edit(edit: FrameEdit, only?: readonly FrameRole[]): void {
    this.#edits.push({ edit, only })
  }

  protected override inspect(frame: Frame): void {
    const role = this.#reading.watch.push(frame)
    this.#roles.push(role)
    if (role === 'content') this.#commit()
    else if (role === 'fault') this.fault ??= this.#reading.readFault(frame)
    else if (role === 'terminal') this.completed = true
    if (role !== 'content') this.usage = this.#reading.watch.usage ?? this.usage
  }

  #commit(): void {
    if (this.contentCommitted) return
    this.contentCommitted = true
    this.#reading.onContent()
  }

  protected override edited(batch: readonly Frame[]): readonly Frame[] {
    const roles = this.#roles
    this.#roles = roles.length === batch.length ? [] : roles.slice(batch.length)
    let current: Edited = { frames: batch, roles }
    for (const { edit, only } of this.#edits) {
      if (only === undefined || current.roles.some(role => only.includes(role)))
        current = applyFrameEdit(edit, current)
    }
    return current.frames
  }

  /** First-party streams go on after an error frame (Responses: `error`, then `response.failed`); relaying keeps that. */
  protected override isOver(): boolean {
    return this.completed || (this.fault !== undefined && !this.contentCommitted)
  }

  protected override cut(): void {
    this.usage = this.#reading.watch.usage ?? this.usage
    if (this.#reading.watch.finished) this.completed = true
    else this.fault = this.#reading.disconnected()
  }
}

interface Edited {
  readonly frames: readonly Frame[]
  /** One a frame, perhaps followed by those of later batches. */
  readonly roles: readonly FrameRole[]
}

/** One edit over a batch; what it puts in the place of a frame has that frame's role. */
function applyFrameEdit(edit: FrameEdit, { frames, roles }: Edited): Edited {
  const out: Frame[] = []
  const outRoles: FrameRole[] = []
  for (const [index, frame] of frames.entries()) {
    const role = roles[index] ?? 'other'
    edit(frame, role, out)
    while (outRoles.length < out.length) outRoles.push(role)
  }
  return { frames: out, roles: outRoles }
}

export type EventEdit = (event: Event, out: Event[]) => void

/** Passes events through edits in order. */
export function applyEdits(edits: readonly EventEdit[], events: readonly Event[]): readonly Event[] {
  let current = events
  for (const edit of edits) {
    const out: Event[] = []
    for (const event of current) edit(event, out)
    current = out
  }
  return current
}

/** Events of the model, decoded from one wire and to be encoded to another. */
export class EventStream extends Base<Event> {
  readonly form = 'events'
  readonly #edits: EventEdit[] = []
  #candidateFault: Fault | undefined

  edit(edit: EventEdit): void {
    this.#edits.push(edit)
  }

  protected override inspect(event: Event): void {
    if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'note') this.lateNotes.push(event.note)
    else if (event.type === 'fault') this.#fail(event)
    else if (event.type === 'end') this.#end()
    else if (!this.contentCommitted && isContent(event)) this.contentCommitted = true
  }

  /** The failure of one candidate ends nothing yet: the others go on, and the end is then no whole answer. */
  #fail(event: FaultEvent): void {
    if (event.candidate === undefined) this.fault ??= event.fault
    else this.#candidateFault ??= event.fault
  }

  #end(): void {
    if (this.#candidateFault === undefined) this.completed = true
    else this.fault ??= this.#candidateFault
  }

  protected override edited(batch: readonly Event[]): readonly Event[] {
    return applyEdits(this.#edits, batch)
  }

  protected override isOver(): boolean {
    return this.completed || this.fault !== undefined
  }

  protected override cut(): void {
    // The source's decoder already concluded what the missing end means; a source of ours always says `end` or `fault`.
  }
}
