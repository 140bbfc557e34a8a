import type { Framing, StreamDecoder } from '../core/dialect.ts'
import type { ByteReader } from '../core/ports.ts'
import { applyEdits, type EventEdit, type Source } from '../core/stream.ts'
import type { Keeper } from '../custody/keep.ts'
import { type Event, isContent } from '../ir/event.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import { createAwsEventStreamParser } from '../wire/aws-event-stream.ts'
import type { Damage, Frame, FrameParser } from '../wire/frame.ts'
import { createJsonArrayParser } from '../wire/json-array.ts'
import { createNdjsonParser } from '../wire/ndjson.ts'
import { createSseParser } from '../wire/sse.ts'
import { createAwsChunkParser } from './aws-chunks.ts'

/** How long an answer that is complete may go on sending before its connection is given up (ruling 17). */
const drainLimit = 1000

const parsers: { readonly [F in Framing]?: () => FrameParser } = {
  sse: createSseParser,
  ndjson: createNdjsonParser,
  'json-array': createJsonArrayParser,
  aws: createAwsEventStreamParser,
  'aws-chunks': createAwsChunkParser,
}

export function createParser(framing: Framing): FrameParser {
  return (parsers[framing] ?? createSseParser)()
}

/** What a source of one upstream answer needs to know of its attempt. */
export interface Line {
  readonly reader: ByteReader
  /** A read begins or ends: the idle watch counts only while the upstream is awaited. */
  waiting(isWaiting: boolean): void
  /** The fault that a broken read means, or `cancelled`. */
  broken(error: unknown): Fault | 'cancelled'
  /** The first content was read; an edit may still hold it back. */
  heard(): void
  /** Gives the connection up at once. */
  abort(): void
  /** Milliseconds later, unless cancelled. */
  after(milliseconds: number, callback: () => void): () => void
}

const end: Promise<null> = Promise.resolve(null)

/** Bytes that were changed on the way are no answer; a stream cut inside a frame is one that broke. */
const damaged = ({ kind, reason }: Damage): Fault =>
  createFault(
    kind === 'cut' ? 'upstream_disconnected' : 'upstream_invalid',
    `The upstream sent a stream that ${reason}.`,
  )

/** What the network gave, as batches of something: one batch a read that completed anything, one promise a read. */
abstract class ReadSource<X> implements Source<X> {
  readonly #line: Line
  readonly #parser: FrameParser
  #ended = false
  /** Why the stream ended before its time, for the consumer to tell. */
  fault: Fault | undefined

  constructor(line: Line, framing: Framing) {
    this.#line = line
    this.#parser = createParser(framing)
  }

  /** Frames as what this source gives. */
  protected abstract convert(frames: readonly Frame[]): readonly X[]
  /** What is left to give when nothing more comes. */
  protected abstract conclude(): readonly X[]
  /** A batch on its way out; only what has to be sealed is waited for. */
  protected passed(batch: readonly X[]): readonly X[] | Promise<readonly X[]> {
    return batch
  }

  pull(): Promise<readonly X[] | null> {
    if (this.#ended) return end
    this.#line.waiting(true)
    return this.#line.reader.read().then(this.#onRead, this.#onError)
  }

  readonly #onRead = ({ value }: { readonly value?: Uint8Array | undefined }) => {
    this.#line.waiting(false)
    if (this.#ended) return null
    const frames = value === undefined ? this.#parser.end() : this.#parser.push(value)
    if (this.#parser.overflow !== undefined) {
      const { limit } = this.#parser.overflow
      this.fault = createFault('upstream_invalid', `The upstream sent one event of more than ${limit} bytes.`)
    }
    if (this.#parser.damage !== undefined) this.fault = damaged(this.#parser.damage)
    const batch = frames.length === 0 ? [] : this.convert(frames)
    if (value !== undefined && this.fault === undefined)
      return batch.length === 0 ? this.pull() : this.passed(batch)
    return this.#last(batch)
  }

  readonly #onError = (error: unknown) => {
    this.#line.waiting(false)
    const fault = this.#line.broken(error)
    if (fault !== 'cancelled') this.fault = fault
    return this.#ended ? null : this.#last([])
  }

  #last(batch: readonly X[]): readonly X[] | Promise<readonly X[]> | null {
    this.#ended = true
    const rest = this.conclude()
    if (batch.length === 0 && rest.length === 0) return null
    return this.passed(rest.length === 0 ? batch : [...batch, ...rest])
  }

  dispose(finished: boolean): void {
    if (this.#ended) return
    this.#ended = true
    if (finished) this.#drain()
    else this.#line.abort()
  }

  /** Reads the few bytes after the answer's end, so that the connection can be used again; not for long. */
  #drain(): void {
    const cancel = this.#line.after(drainLimit, () => this.#line.abort())
    const readOn = async (): Promise<void> => {
      try {
        while (!(await this.#line.reader.read()).done);
      } catch {
        // The answer is complete: how its connection ends is nobody's concern.
      }
      cancel()
    }
    void readOn()
  }
}

/** The frames themselves. */
export class FrameSource extends ReadSource<Frame> {
  protected override convert(frames: readonly Frame[]): readonly Frame[] {
    return frames
  }
  protected override conclude(): readonly Frame[] {
    return []
  }
}

/** Events decoded from frames and restored by the inverses of the plan's adaptations. */
export class EventSource extends ReadSource<Event> {
  readonly #decoder: StreamDecoder
  readonly #edits: readonly EventEdit[]
  readonly #keeper: Keeper | undefined
  readonly #onContent: () => void
  #hasContent = false

  constructor(
    line: Line,
    framing: Framing,
    decoder: StreamDecoder,
    edits: readonly EventEdit[],
    keeper: Keeper | undefined,
  ) {
    super(line, framing)
    this.#keeper = keeper
    this.#decoder = decoder
    this.#edits = edits
    this.#onContent = () => line.heard()
  }

  protected override convert(frames: readonly Frame[]): readonly Event[] {
    const events: Event[] = []
    for (const frame of frames) this.#decoder.push(frame, events)
    if (!this.#hasContent && events.some(isContent)) {
      this.#hasContent = true
      this.#onContent()
    }
    return this.#edits.length === 0 ? events : applyEdits(this.#edits, events)
  }

  protected override conclude(): readonly Event[] {
    const events: Event[] = []
    // A broken connection says more than the missing end that it causes.
    if (this.fault === undefined) this.#decoder.end(events)
    else events.push({ type: 'fault', fault: this.fault })
    return applyEdits(this.#edits, events)
  }

  protected override passed(batch: readonly Event[]): readonly Event[] | Promise<readonly Event[]> {
    return this.#keeper === undefined ? batch : this.#keeper.take(batch)
  }
}

/** Events that are there already: a whole answer played as a stream. */
export class ListSource<X> implements Source<X> {
  #items: readonly X[] | null
  constructor(items: readonly X[]) {
    this.#items = items
  }
  async pull(): Promise<readonly X[] | null> {
    const items = this.#items
    this.#items = null
    return items
  }
  dispose(): void {
    this.#items = null
  }
}
