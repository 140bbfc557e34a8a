import type { Framing, StreamDecoder } from '../core/dialect.ts'
import type { ByteReader } from '../core/ports.ts'
import { applyEdits, type EventEdit, type Source } from '../core/stream.ts'
import { type Event, isContent } from '../ir/event.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import type { Frame, FrameParser } from '../wire/frame.ts'
import { createJsonArrayParser } from '../wire/json-array.ts'
import { createNdjsonParser } from '../wire/ndjson.ts'
import { createSseParser } from '../wire/sse.ts'

/** How long an answer that is complete may go on sending before its connection is given up (ruling 17). */
const drainLimit = 1000

const parsers: { readonly [F in Framing]?: () => FrameParser } = {
  sse: createSseParser,
  ndjson: createNdjsonParser,
  'json-array': createJsonArrayParser,
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

/** Frames of an answer, one batch a network read that completed at least one frame. */
export class FrameSource implements Source<Frame> {
  readonly #line: Line
  readonly #parser: FrameParser
  #ended = false
  /** Why the stream ended before its time, for the consumer to tell. */
  fault: Fault | undefined

  constructor(line: Line, framing: Framing) {
    this.#line = line
    this.#parser = createParser(framing)
  }

  async pull(): Promise<readonly Frame[] | null> {
    while (!this.#ended) {
      let bytes: Uint8Array | null
      this.#line.waiting(true)
      try {
        bytes = await this.#line.reader.read()
      } catch (error) {
        const fault = this.#line.broken(error)
        if (fault !== 'cancelled') this.fault = fault
        this.#ended = true
        break
      } finally {
        this.#line.waiting(false)
      }
      this.#ended = bytes === null
      const frames = bytes === null ? this.#parser.end() : this.#parser.push(bytes)
      if (this.#parser.overflow !== undefined) {
        const limit = this.#parser.overflow.limit
        this.fault = createFault(
          'upstream_invalid',
          `The upstream sent one event of more than ${limit} bytes.`,
        )
        this.#ended = true
      }
      if (frames.length > 0) return frames
    }
    return null
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
        while ((await this.#line.reader.read()) !== null);
      } catch {
        // The answer is complete: how its connection ends is nobody's concern.
      }
      cancel()
    }
    void readOn()
  }
}

/** Events decoded from frames and restored by the inverses of the plan's adaptations. */
export class EventSource implements Source<Event> {
  readonly #frames: FrameSource
  readonly #decoder: StreamDecoder
  readonly #edits: readonly EventEdit[]
  readonly #onContent: () => void
  #hasContent = false
  #ended = false

  constructor(
    frames: FrameSource,
    decoder: StreamDecoder,
    edits: readonly EventEdit[],
    onContent: () => void,
  ) {
    this.#frames = frames
    this.#decoder = decoder
    this.#edits = edits
    this.#onContent = onContent
  }

  async pull(): Promise<readonly Event[] | null> {
    if (this.#ended) return null
    const frames = await this.#frames.pull()
    const events: Event[] = []
    if (frames === null) {
      this.#ended = true
      // A broken connection says more than the missing end that it causes.
      if (this.#frames.fault === undefined) this.#decoder.end(events)
      else events.push({ type: 'fault', fault: this.#frames.fault })
      return events.length === 0 ? null : applyEdits(this.#edits, events)
    }
    for (const frame of frames) this.#decoder.push(frame, events)
    if (!this.#hasContent && events.some(isContent)) {
      this.#hasContent = true
      this.#onContent()
    }
    return applyEdits(this.#edits, events)
  }

  dispose(finished: boolean): void {
    this.#frames.dispose(finished)
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
