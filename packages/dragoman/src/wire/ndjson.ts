import type { Frame, FrameParser, Overflow } from './frame.ts'
import { Gather } from './gather.ts'
import { TextFrame } from './text-frame.ts'

const LF = 10
const none: readonly Frame[] = []
const nothing = new Uint8Array(0)

/**
 * A push parser for lines of JSON (`application/x-ndjson`, JSON Lines): a frame for each line that is not blank, ended
 * by LF or CRLF. Blank lines open the `raw` of the next frame. `end()` yields a last line without its LF; blank bytes
 * that are left become a frame with data `''`, so that no byte is lost. `limit` bounds one frame in bytes.
 */
export function createNdjsonParser(options: { readonly limit?: number } = {}): FrameParser {
  return new NdjsonParser(options.limit)
}

class NdjsonParser implements FrameParser {
  private readonly held: Gather
  /** The open line has something other than white space. */
  private hasText = false

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
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(LF, at)
      this.hasText ||= hasText(bytes, at, end < 0 ? bytes.length : end)
      if (end < 0) break
      at = end + 1
      if (!this.hasText) continue
      if (!this.held.fits(at - start)) return frames
      frames.push(new TextFrame(this.held.take(bytes, start, at), 0))
      this.hasText = false
      start = at
    }
    this.held.keep(bytes, start)
    return frames
  }

  end(): readonly Frame[] {
    return this.held.length === 0 ? none : [new TextFrame(this.held.take(nothing, 0, 0), 0)]
  }
}

function hasText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return true
  }
  return false
}
