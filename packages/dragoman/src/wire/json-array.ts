import type { Frame, FrameParser, Overflow } from './frame.ts'
import { Gather } from './gather.ts'
import {
  backslashesBefore,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  endOfString,
  isWhiteSpace,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-scan.ts'
import { TextFrame } from './text-frame.ts'

const none: readonly Frame[] = []
const nothing = new Uint8Array(0)

/**
 * A push parser for a JSON array that is streamed element by element (Gemini without `alt=sse`, pretty-printed there):
 * a frame for each element as soon as its last byte is there, with the bracket, commas and white space before it in
 * its `raw`; the closing bracket is a frame with data `''`. A body that is no array, such as an error object, is one
 * element. What follows the closing bracket, and an element that was cut, come from `end()` as they are.
 * `limit` bounds one frame in bytes.
 */
export function createJsonArrayParser(options: { readonly limit?: number } = {}): FrameParser {
  return new JsonArrayParser(options.limit)
}

class JsonArrayParser implements FrameParser {
  private readonly held: Gather
  private state: 'before' | 'between' | 'nested' | 'scalar' | 'after' = 'before'
  /** Open brackets of the element, the array's own not counted. */
  private depth = 0
  private inString = false
  /** The last read ended in a backslash: the next byte of the string is no quote. */
  private isEscaped = false
  /** Where the element starts, counted from the start of the frame. */
  private element = 0

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
    if (bytes.length === 0 || this.overflow !== undefined) return none
    const frames: Frame[] = []
    let start = 0
    let at = 0
    while (at < bytes.length && !this.isOver) {
      if (this.isOpen) {
        at = this.state === 'nested' ? this.walk(bytes, at) : this.walkScalar(bytes, at)
        if (this.isOpen) break
      } else {
        this.element = this.held.length + at - start
        at = this.step(bytes, at)
        if (!this.isOver) continue
      }
      if (!this.held.fits(at - start)) return frames
      frames.push(this.take(bytes, start, at, !this.isOver))
      start = at
    }
    this.held.keep(bytes, start)
    return frames
  }

  end(): readonly Frame[] {
    return this.held.length === 0 ? none : [this.take(nothing, 0, 0, this.isOpen)]
  }

  private get isOpen(): boolean {
    return this.state === 'nested' || this.state === 'scalar'
  }

  private get isOver(): boolean {
    return this.state === 'after'
  }

  private take(bytes: Uint8Array, start: number, end: number, hasElement: boolean): Frame {
    const raw = this.held.take(bytes, start, end)
    return new TextFrame(raw, hasElement ? this.element : raw.length)
  }

  /** Looks at one byte between elements. */
  private step(bytes: Uint8Array, at: number): number {
    const byte = bytes[at]
    if (isWhiteSpace(byte) || byte === COMMA || (this.state === 'before' && isOfBom(byte))) return at + 1
    if (byte === OPEN_ARRAY && this.state === 'before') this.state = 'between'
    else if (byte === CLOSE_ARRAY && this.state === 'between') this.state = 'after'
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === QUOTE) {
      this.state = 'nested'
      return at
    } else this.state = 'scalar'
    return at + 1
  }

  /** Walks inside an object, array or string until it closes or the bytes end. */
  private walk(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length) {
      if (this.inString) {
        if (this.isEscaped) at++
        const end = endOfString(bytes, at)
        this.isEscaped = end < 0 && backslashesBefore(bytes, bytes.length, at) % 2 === 1
        if (end < 0) return bytes.length
        this.inString = false
        at = end
      } else {
        const byte = bytes[at++]
        if (byte === QUOTE) this.inString = true
        else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.depth++
        else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) this.depth--
      }
      if (this.depth === 0 && !this.inString) {
        this.state = 'between'
        return at
      }
    }
    return at
  }

  /** A number or a word ends before what cannot belong to it. */
  private walkScalar(bytes: Uint8Array, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      if (isWhiteSpace(bytes[at]) || bytes[at] === COMMA || bytes[at] === CLOSE_ARRAY) {
        this.state = 'between'
        return at
      }
    }
    return bytes.length
  }
}

function isOfBom(byte: number | undefined): boolean {
  return byte === 0xef || byte === 0xbb || byte === 0xbf
}
