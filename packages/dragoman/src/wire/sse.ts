import type { Frame, FrameParser, Overflow } from './frame.ts'
import { Gather } from './gather.ts'
import { ReadText, SseFrame } from './sse-frame.ts'

const LF = 10
const CR = 13

const decoder = new TextDecoder()
const none: readonly Frame[] = []
const nothing = new Uint8Array(0)

/**
 * A push parser for `text/event-stream` (WHATWG HTML, section "Server-sent events", parsing and interpreting): lines
 * end in CR, LF or CRLF, wherever the reads cut them; one space after the colon is optional; a BOM counts at the start
 * only; data lines are joined by a newline; `id` with NUL and `retry` that is no number are ignored.
 *
 * Every blank line ends a frame, so a frame may consist of comments or of nothing: its `data` is `''`, and a browser
 * would dispatch no event for it. The same goes for a frame that has an `event` but no data.
 *
 * A frame is yielded as soon as its blank line is there. Where that line ends in CR and the read ends too, an LF that
 * comes later opens the `raw` of the next frame; it is the only way in which cutting changes `raw`.
 *
 * The standard discards an event that lacks its blank line at the end of the stream. `end()` yields it when it has at
 * least one complete `data` line, because upstreams forget the last blank line; its `raw` ends with the missing line
 * end (the only byte this parser ever adds), so that whatever is relayed after it is an event of its own. The rest is
 * discarded and stays counted in `pending`.
 *
 * `limit` bounds one frame in bytes. A longer one sets `overflow`, and nothing is yielded after that.
 */
export function createSseParser(options: { readonly limit?: number } = {}): FrameParser {
  return new SseParser(options.limit)
}

class SseParser implements FrameParser {
  private readonly held: Gather
  /** The next byte starts a line. */
  private atLineStart = true
  /** The last byte was CR: an LF that follows belongs to the same line end. */
  private afterCr = false
  /** Bytes at the frame's start that belong to no line of it: a BOM, or the LF of an earlier CR. */
  private prefix = 0
  private isFirst = true
  /** Lines in the open frame, and where the last one ended, counted from the frame's start. */
  private lines = 0
  private lineEnd = 0
  private firstLineEnd = 0
  /** The read whose frames are being taken. */
  private read: ReadText | undefined

  constructor(limit: number | undefined) {
    this.held = new Gather(limit)
  }

  get overflow(): Overflow | undefined {
    return this.held.overflow
  }

  get pending(): number {
    return this.held.length
  }

  push(bytes: Uint8Array): readonly Frame[] {
    const length = bytes.length
    if (length === 0 || this.overflow !== undefined) return none
    const frames: Frame[] = []
    this.read = new ReadText(bytes)
    let start = 0
    let at = 0
    if (this.afterCr) {
      this.afterCr = false
      if (bytes[0] === LF) {
        at = 1
        if (this.held.length === 0) this.prefix = 1
      }
    }
    let lf = -1
    let cr = -1
    while (at < length) {
      const isBlank = this.atLineStart && (bytes[at] === LF || bytes[at] === CR)
      let end = at
      if (!isBlank) {
        // Either search runs once a line of its kind: what was found beyond this line is kept.
        if (lf < at) lf = indexOrEnd(bytes, LF, at)
        if (cr < at) cr = indexOrEnd(bytes, CR, at)
        end = Math.min(lf, cr)
        this.atLineStart = end < length
        if (end === length) break
        this.lineEnd = this.held.length + end - start
        if (this.lines++ === 0) this.firstLineEnd = this.lineEnd
      }
      at = end + 1
      if (bytes[end] === CR) {
        if (at === length) this.afterCr = true
        else if (bytes[at] === LF) at++
      }
      if (isBlank) {
        if (!this.held.fits(at - start)) return frames
        frames.push(this.take(bytes, start, at))
        start = at
      }
    }
    this.held.keep(bytes, start)
    return frames
  }

  end(): readonly Frame[] {
    const bytes = this.held.view()
    if (bytes.length === 0) return none
    if (bytes.length === 1 && this.prefix === 1) return [this.take(nothing, 0, 0)]
    // Only the last line can be incomplete.
    const complete = Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR)) + 1
    const lines = decoder.decode(bytes.subarray(0, complete))
    if (!/(^\ufeff?|[\r\n])data(:|[\r\n])/.test(lines)) return none
    const lineEnd = lines.endsWith('\r\n') ? '\r\n' : lines.slice(-1)
    const missing = new TextEncoder().encode(lineEnd)
    const raw = new Uint8Array(complete + missing.length)
    raw.set(bytes.subarray(0, complete))
    raw.set(missing, complete)
    this.held.clear()
    return [this.take(raw, 0, raw.length)]
  }

  /** The open frame, whose last bytes are these. */
  private take(bytes: Uint8Array, start: number, end: number): Frame {
    let whole = bytes
    let from = start
    let to = end
    if (this.held.length > 0) {
      whole = this.held.take(bytes, start, end)
      from = 0
      to = whole.length
    }
    const read = this.read?.bytes === whole ? this.read : new ReadText(whole)
    let prefix = this.prefix
    if (this.isFirst) {
      this.isFirst = false
      if (whole[from] === 0xef && whole[from + 1] === 0xbb && whole[from + 2] === 0xbf) prefix = 3
    }
    const place = {
      start: from,
      end: to,
      first: from + prefix,
      lines: this.lines,
      firstLineEnd: from + this.firstLineEnd,
      lastLineEnd: from + this.lineEnd,
    }
    this.prefix = 0
    this.lines = 0
    return new SseFrame(read, place)
  }
}

function indexOrEnd(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at < 0 ? bytes.length : at
}

/**
 * One event as text, blank line included. Data with line breaks is written as several data lines; `event` and `id`
 * cannot hold line breaks, so these become spaces.
 */
export function writeSse(event: {
  readonly event?: string
  readonly data: string
  readonly id?: string
}): string {
  const name = event.event === undefined ? '' : `event: ${oneLine(event.event)}\n`
  const id = event.id === undefined ? '' : `id: ${oneLine(event.id)}\n`
  return `${name}${id}data: ${prefixed(event.data, 'data: ')}\n\n`
}

/** A comment as a frame of its own: clients ignore it, and it keeps a connection alive. */
export function writeComment(text: string): string {
  return `: ${prefixed(text, ': ')}\n\n`
}

function prefixed(text: string, prefix: string): string {
  if (!text.includes('\n') && !text.includes('\r')) return text
  return text.replace(/\r\n?|\n/g, `\n${prefix}`)
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}
