import type { Answer } from '../core/answer.ts'
import { bugFault } from '../core/bug.ts'
import type { Received } from '../core/call.ts'
import type { Dialect, Render, StreamEncoder } from '../core/dialect.ts'
import { formatNotes } from '../core/note-format.ts'
import type { Ambient, Log } from '../core/ports.ts'
import type { EventStream, WireStream } from '../core/stream.ts'
import type { Event } from '../ir/event.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'
import type { Frame } from '../wire/frame.ts'
import { lateFacts } from './facts.ts'

export interface StreamBodyOptions {
  readonly call: Pick<Received, 'id' | 'journal'>
  readonly dialect: Dialect
  /** Made when it is needed: a relayed stream needs none. */
  render(): Render
  readonly ambient: Ambient
  readonly log: Log
  /** Milliseconds of silence after which a keep-alive is written. */
  readonly keepAlive: number
}

const encoder = new TextEncoder()
const nothing = new Uint8Array(0)

/**
 * The bytes of a streamed answer, as a standard pull stream that reads nothing ahead: what the client does not take is
 * not read from the upstream either. `answer` may still be on its way when the status had to go out (ruling 4).
 */
export function streamBody(
  answer: Answer | Promise<Answer>,
  options: StreamBodyOptions,
): ReadableStream<Uint8Array> {
  const writing = new StreamWriting(answer, options)
  return new ReadableStream<Uint8Array>(
    {
      pull: controller => writing.pull(controller),
      cancel: () => writing.cancel(),
    },
    { highWaterMark: 0 },
  )
}

const ending = ['terminal', 'fault'] as const

class StreamWriting {
  readonly #options: StreamBodyOptions
  readonly #answer: Answer | Promise<Answer>
  #stream: WireStream | EventStream | undefined
  #encoder: StreamEncoder | undefined
  /** Notes that the headers, or a comment before, already told. */
  #told: number
  #early: boolean
  /** Nothing was written yet although the status has to go out. */
  #mustOpen: boolean
  #started = false
  #lastWrite: number
  /** The last bytes are there to be written. */
  #isOver = false
  #closed = false
  #pulling: ReadableStreamDefaultController<Uint8Array> | undefined
  #cancelTimer: (() => void) | undefined

  constructor(answer: Answer | Promise<Answer>, options: StreamBodyOptions) {
    this.#answer = answer
    this.#options = options
    this.#early = answer instanceof Promise
    this.#mustOpen = this.#early
    this.#told = this.#early ? 0 : options.call.journal.notes.length
    this.#lastWrite = options.ambient.now()
    this.#arm(options.keepAlive)
  }

  #close(): void {
    this.#closed = true
    this.#cancelTimer?.()
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.#mustOpen) {
      // Servers send the head with the first bytes: until there are some, the early status is not out at all.
      this.#mustOpen = false
      controller.enqueue(encoder.encode(this.#options.dialect.keepAlive(false)))
      return Promise.resolve()
    }
    this.#pulling = controller
    const reading = this.#stream === undefined ? this.#open() : this.#read(this.#stream)
    return reading.then(
      bytes => this.#write(bytes, controller),
      error => this.#write(this.#fail(error), controller),
    )
  }

  /** A bug after the status went out: told in band, and the upstream let go. */
  #fail(error: unknown): Uint8Array {
    const { call, dialect, log } = this.#options
    this.#isOver = true
    this.#stream?.dispose('discarded')
    return encoder.encode(dialect.writeFault(bugFault(error, call.id, log)))
  }

  #write(
    bytes: Uint8Array,
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> | undefined {
    if (this.#closed) return undefined
    // A pull that enqueues nothing would not be asked again.
    if (bytes.length === 0 && !this.#isOver) return this.pull(controller)
    this.#pulling = undefined
    this.#lastWrite = this.#options.ambient.now()
    if (bytes.length > 0) controller.enqueue(bytes)
    if (this.#isOver) {
      this.#close()
      controller.close()
    }
    return undefined
  }

  cancel(): void {
    this.#close()
    void Promise.resolve(this.#answer).then(
      answer => answer.kind === 'stream' && answer.stream.dispose('cancelled'),
    )
  }

  async #open(): Promise<Uint8Array> {
    const answer = this.#answer instanceof Promise ? await this.#answer : this.#answer
    if (answer.kind === 'stream') {
      this.#stream = answer.stream
      if (answer.stream.form === 'events')
        this.#encoder = answer.encoder ?? this.#options.dialect.encodeStream(this.#options.render())
      else this.#tellBeforeEnd(answer.stream)
      return this.#read(answer.stream)
    }
    this.#isOver = true
    if (answer.kind === 'cancelled') return nothing
    const fault =
      answer.kind === 'fault'
        ? answer.fault
        : createFault('internal', 'A whole answer came where a stream was due.')
    return encoder.encode(this.#notes() + this.#options.dialect.writeFault(fault))
  }

  /** The next bytes. A stream that ended for good closes the body at once, not one read later. */
  #read(stream: WireStream | EventStream): Promise<Uint8Array> {
    return stream.form === 'wire' ? stream.pull().then(this.#onFrames) : stream.pull().then(this.#onEvents)
  }

  readonly #onFrames = (frames: readonly Frame[] | null): Uint8Array => {
    this.#started = true
    this.#isOver = this.#stream?.drained ?? true
    const outcome = this.#isOver ? this.#stream?.outcome : undefined
    if (outcome?.end !== 'cut' || outcome.fault === undefined) return joinFrames(frames ?? [])
    return joinFrames(frames ?? [], this.#notes() + this.#options.dialect.writeFault(outcome.fault))
  }

  readonly #onEvents = (events: readonly Event[] | null): Uint8Array => {
    this.#isOver = this.#stream?.drained ?? true
    let text = ''
    for (const event of events ?? []) text += this.#encode(event)
    if (this.#isOver && this.#stream?.outcome?.end === 'cut')
      text += this.#encode({ type: 'fault', fault: silentEnd })
    return text === '' ? nothing : encoder.encode(text)
  }

  #encode(event: Event): string {
    this.#started = true
    // Notes of the stream itself reach the caller once, at the end, with those of the encoder.
    if (event.type === 'note') {
      this.#note(event.note)
      return ''
    }
    const text = this.#encoder?.push(event) ?? ''
    if (event.type !== 'end' && !(event.type === 'fault' && event.candidate === undefined)) return text
    for (const note of this.#encoder?.notes ?? []) this.#note(note)
    return this.#notes() + text
  }

  #note(note: Note): void {
    const { call, dialect } = this.#options
    call.journal.note({ ...note, path: dialect.pathOf(note.path) })
  }

  /** Late notes as a comment, which the clients of every dialect ignore. */
  #notes(): string {
    const { call } = this.#options
    const facts = this.#early ? lateFacts(call) : undefined
    this.#early = false
    const late: readonly Note[] = [
      ...(facts === undefined ? [] : [facts]),
      ...call.journal.notes.slice(this.#told),
    ]
    this.#told = call.journal.notes.length
    return late.length === 0 ? '' : `: dragoman-notes ${formatNotes(late)}\n\n`
  }

  /** In wire form the end is a frame: the comment goes before it. */
  #tellBeforeEnd(stream: WireStream): void {
    stream.edit((frame, role, out) => {
      if (role === 'terminal' || role === 'fault') {
        const notes = this.#notes()
        if (notes !== '') out.push({ raw: encoder.encode(notes), event: undefined, data: '' })
      }
      out.push(frame)
    }, ending)
  }

  #arm(milliseconds: number): void {
    this.#cancelTimer = this.#options.ambient.after(milliseconds, () => {
      const silent = this.#options.ambient.now() - this.#lastWrite
      const left = this.#options.keepAlive - silent
      // Only while the client waits for us; one that does not read needs no sign of life.
      if (left <= 0 && (this.#pulling?.desiredSize ?? -1) >= 0) {
        this.#lastWrite = this.#options.ambient.now()
        this.#pulling?.enqueue(encoder.encode(this.#options.dialect.keepAlive(this.#started)))
      }
      this.#arm(left <= 0 ? this.#options.keepAlive : left)
    })
  }
}

const silentEnd: Fault = createFault(
  'upstream_disconnected',
  'The upstream closed the stream before the answer was complete.',
)

/** Frames as one chunk; those that lie side by side in one read need no copy. */
function joinFrames(frames: readonly Frame[], tail = ''): Uint8Array {
  const first = frames[0]?.raw
  const last = frames.at(-1)?.raw
  if (tail === '') {
    if (first === undefined || last === undefined) return nothing
    if (frames.length === 1) return first
    let size = 0
    let isContiguous = true
    let next = first.byteOffset
    for (const { raw } of frames) {
      isContiguous &&= raw.buffer === first.buffer && raw.byteOffset === next
      next = raw.byteOffset + raw.length
      size += raw.length
    }
    if (isContiguous) return new Uint8Array(first.buffer, first.byteOffset, size)
    return concat(
      frames.map(frame => frame.raw),
      size,
    )
  }
  const chunks = [...frames.map(frame => frame.raw), encoder.encode(tail)]
  return concat(
    chunks,
    chunks.reduce((size, chunk) => size + chunk.length, 0),
  )
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
