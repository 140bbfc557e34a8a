import type { Overflow } from './frame.ts'

const nothing = new Uint8Array(0)

/** Largest frame a parser takes unless told otherwise: 4 MiB. */
export const defaultFrameLimit = 4 * 1024 * 1024

/**
 * The bytes of a frame that does not lie in one read, and the bound on them. The first piece is borrowed, so that a
 * frame cut once is copied once; further pieces go into a buffer that doubles, so that one byte a read costs no more
 * than its share.
 */
export class Gather {
  length = 0
  overflow: Overflow | undefined
  private readonly limit: number
  private store: Uint8Array = nothing

  constructor(limit = defaultFrameLimit) {
    this.limit = limit
  }

  /** Whether `more` bytes still fit into the frame; if not, `overflow` is set and what was gathered is let go. */
  fits(more: number): boolean {
    if (this.length + more <= this.limit) return true
    this.overflow = { kind: 'overflow', limit: this.limit }
    this.clear()
    return false
  }

  /** Keeps the bytes from `start` on for the next read, if they fit. */
  keep(bytes: Uint8Array, start: number): void {
    if (start >= bytes.length || !this.fits(bytes.length - start)) return
    const piece = start === 0 ? bytes : bytes.subarray(start)
    if (this.length === 0) {
      this.store = piece
      this.length = piece.length
      return
    }
    const length = this.length + piece.length
    if (length > this.store.length) {
      const grown = new Uint8Array(Math.max(length, this.store.length * 2))
      grown.set(this.view())
      this.store = grown
    }
    this.store.set(piece, this.length)
    this.length = length
  }

  /** What was gathered, as a view that the next `keep` may outdate. */
  view(): Uint8Array {
    return this.store.subarray(0, this.length)
  }

  /** The frame that ends with these bytes: a view of them where it began with them, else a copy. Empties this. */
  take(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const last = bytes.subarray(start, end)
    if (this.length === 0) return last
    const joined = new Uint8Array(this.length + last.length)
    joined.set(this.view())
    joined.set(last, this.length)
    this.clear()
    return joined
  }

  clear(): void {
    this.store = nothing
    this.length = 0
  }
}
