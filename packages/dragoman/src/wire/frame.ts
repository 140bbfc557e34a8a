/**
 * What framing yields: one unit of a stream with the bytes it came in. `raw` is exactly what was received for
 * this frame, its terminator included, so that concatenating the `raw` of all frames gives the received stream.
 */
export interface Frame {
  /** Received (or written) bytes of this frame, terminator included. */
  readonly raw: Uint8Array
  /** SSE `event:` name, NDJSON and JSON arrays have none. Absent means the default, `message`. */
  readonly event: string | undefined
  /** The payload as text: SSE data lines joined by a newline, one NDJSON line, one array element. `''` for a frame without data (comments). Decoded on first use. */
  readonly data: string
  /** SSE `id:` of this frame, when it had one. */
  readonly id?: string | undefined
  /** SSE `retry:` in milliseconds, when it had one. */
  readonly retry?: number | undefined
  /** The framing itself says that this frame is a failure (`:message-type` of an event stream); `event` names it. */
  readonly failure?: 'exception' | 'error' | undefined
}

/** Why bytes are no frames: changed on the way (a framing with checksums notices), or cut off inside a frame. */
export interface Damage {
  readonly kind: 'corrupt' | 'cut'
  /** The rest of a sentence that begins with "The stream". */
  readonly reason: string
}

/** Thrown by nobody: a parser that outgrew its bound returns this state by name. */
export interface Overflow {
  readonly kind: 'overflow'
  readonly limit: number
}

/** A push parser: synchronous, one per stream. */
export interface FrameParser {
  /** Frames completed by these bytes. `bytes` may be retained until its frames are dropped. */
  push(bytes: Uint8Array): readonly Frame[]
  /** Ends the stream. Returns what can still be read as a frame (an SSE stream may lack its last blank line). */
  end(): readonly Frame[]
  /** Set once the buffer bound was exceeded; the parser yields nothing after that. */
  readonly overflow: Overflow | undefined
  /** Set once the bytes proved to be damaged, in a framing that can tell; the parser yields nothing after that. */
  readonly damage?: Damage | undefined
  /** Bytes received that belong to no frame yet. */
  readonly pending: number
}
