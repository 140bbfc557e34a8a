import { crc32 } from './crc32.ts'
import type { Damage, Frame, FrameParser, Overflow } from './frame.ts'
import { Gather } from './gather.ts'

const none: readonly Frame[] = []
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Length of the whole, length of the headers, and the checksum of the two. */
const preludeLength = 12
/** A message without headers and payload: the prelude and the checksum of everything before it. */
const shortest = preludeLength + 4
/** The format's own bound on the headers of one message: 128 KiB. */
const mostHeaders = 128 * 1024

/**
 * A push parser for `application/vnd.amazon.eventstream` (Amazon Event Stream Encoding; @smithy/core 3.41
 * `EventStreamCodec`): messages of a prelude, headers and a payload, big-endian, with a CRC-32 of the prelude and one
 * of the whole. Messages do not align with reads.
 *
 * A frame's `event` is the `:event-type`; of a message that is a failure it is the `:exception-type` or the
 * `:error-code`, and `failure` says so. Its `data` is the payload, or the `:error-message` of an error, which has none.
 *
 * A message that is not what its checksums say sets `damage` and nothing is yielded after it: bytes that were changed
 * cannot be told from an answer. So does a stream that ends in the middle of a message. `limit` bounds one message.
 */
export function createAwsEventStreamParser(options: { readonly limit?: number } = {}): FrameParser {
  return new AwsEventStreamParser(options.limit)
}

class AwsEventStreamParser implements FrameParser {
  damage: Damage | undefined
  private readonly held: Gather
  /** Bytes of the open message, once its prelude is there and right. */
  private wanted = 0

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
    const frames: Frame[] = []
    let start = 0
    while (this.damage === undefined && this.overflow === undefined && start < bytes.length) {
      if (this.wanted === 0 && !this.readPrelude(bytes, start)) {
        if (this.damage === undefined) this.held.keep(bytes, start)
        break
      }
      const end = start + this.wanted - this.held.length
      if (this.wanted > this.held.length && !this.held.fits(this.wanted - this.held.length)) break
      if (end > bytes.length) {
        this.held.keep(bytes, start)
        break
      }
      this.wanted = 0
      const frame = this.read(this.held.take(bytes, start, end))
      if (frame === undefined) break
      frames.push(frame)
      start = end
    }
    return frames
  }

  end(): readonly Frame[] {
    if (this.held.length > 0 && this.overflow === undefined) {
      this.damage ??= { kind: 'cut', reason: 'ended in the middle of a message' }
    }
    return none
  }

  /** Whether the prelude of the open message is there; sets how long the message is, or the damage. */
  private readPrelude(bytes: Uint8Array, start: number): boolean {
    const missing = preludeLength - this.held.length
    if (bytes.length - start < missing) return false
    const prelude = new Uint8Array(preludeLength)
    prelude.set(this.held.view())
    prelude.set(bytes.subarray(start, start + missing), this.held.length)
    const view = viewOf(prelude)
    const total = view.getUint32(0)
    const headers = view.getUint32(4)
    if (view.getUint32(8) !== crc32(prelude, 0, 8)) this.spoil('has a prelude that its checksum contradicts')
    else if (headers > mostHeaders || total < shortest + headers) this.spoil('has impossible lengths')
    this.wanted = total
    return this.damage === undefined
  }

  /** The frame of a whole message. */
  private read(message: Uint8Array): Frame | undefined {
    const view = viewOf(message)
    const end = message.length - 4
    if (view.getUint32(end) !== crc32(message, 0, end)) {
      return this.spoil('has a message that its checksum contradicts')
    }
    const payloadAt = preludeLength + view.getUint32(4)
    const headers = readHeaders(message.subarray(preludeLength, payloadAt))
    if (headers === undefined) return this.spoil('has headers that cannot be read')
    return new AwsFrame(message, headers, payloadAt, end)
  }

  private spoil(reason: string): undefined {
    this.damage = { kind: 'corrupt', reason }
    this.held.clear()
  }
}

/** Header names and the values of those that are strings; the others are passed over. */
type Headers = ReadonlyMap<string, string>

class AwsFrame implements Frame {
  readonly raw: Uint8Array
  readonly event: string | undefined
  readonly failure: Frame['failure']
  private readonly from: number
  private readonly to: number
  private readonly note: string | undefined
  private text: string | undefined

  constructor(raw: Uint8Array, headers: Headers, from: number, to: number) {
    this.raw = raw
    this.from = from
    this.to = to
    const type = headers.get(':message-type')
    this.failure = type === 'exception' || type === 'error' ? type : undefined
    this.event = headers.get(eventNames[this.failure ?? 'event'])
    this.note = headers.get(':error-message')
  }

  get data(): string {
    this.text ??=
      this.from === this.to && this.note !== undefined
        ? this.note
        : decoder.decode(this.raw.subarray(this.from, this.to))
    return this.text
  }
}

/** Which header names a message of each type. */
const eventNames = { event: ':event-type', exception: ':exception-type', error: ':error-code' } as const // a table of literals

const stringType = 7

/** Bytes of a value by its type; text and byte strings tell their length. */
const fixedLengths: readonly (number | undefined)[] = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]

function readHeaders(bytes: Uint8Array): Headers | undefined {
  const view = viewOf(bytes)
  const headers = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + view.getUint8(at)
    if (nameEnd >= bytes.length) return undefined
    const type = view.getUint8(nameEnd)
    if (type >= fixedLengths.length) return undefined
    const fixed = fixedLengths[type]
    const valueAt = nameEnd + (fixed === undefined ? 3 : 1)
    if (valueAt > bytes.length) return undefined
    const end = valueAt + (fixed ?? view.getUint16(nameEnd + 1))
    if (end > bytes.length) return undefined
    if (type === stringType) {
      const name = decoder.decode(bytes.subarray(at + 1, nameEnd))
      headers.set(name, decoder.decode(bytes.subarray(valueAt, end)))
    }
    at = end
  }
  return headers
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What a message says: an event with its JSON, an exception with its JSON, or an error, which is all headers. */
export type AwsMessage =
  | { readonly type: 'event' | 'exception'; readonly name: string; readonly data: string }
  | { readonly type: 'error'; readonly name: string; readonly message: string }

/** The bytes of one message, its headers in the order in which the services write them. */
export function writeAwsMessage(message: AwsMessage): Uint8Array {
  const headers = encodeHeaders(
    message.type === 'error'
      ? { ':error-code': message.name, ':error-message': message.message, ':message-type': 'error' }
      : {
          [eventNames[message.type]]: message.name,
          ':content-type': 'application/json',
          ':message-type': message.type,
        },
  )
  const payload = encoder.encode(message.type === 'error' ? '' : message.data)
  const bytes = new Uint8Array(shortest + headers.length + payload.length)
  const view = viewOf(bytes)
  view.setUint32(0, bytes.length)
  view.setUint32(4, headers.length)
  view.setUint32(8, crc32(bytes, 0, 8))
  bytes.set(headers, preludeLength)
  bytes.set(payload, preludeLength + headers.length)
  view.setUint32(bytes.length - 4, crc32(bytes, 0, bytes.length - 4))
  return bytes
}

function encodeHeaders(headers: { readonly [name: string]: string }): Uint8Array {
  const bytes: number[] = []
  for (const [name, value] of Object.entries(headers)) {
    const text = encoder.encode(value).subarray(0, 0x7fff)
    bytes.push(
      name.length,
      ...encoder.encode(name),
      stringType,
      text.length >> 8,
      text.length & 0xff,
      ...text,
    )
  }
  return new Uint8Array(bytes)
}

/** Bytes as text of one character a byte: how a binary framing travels where the contract says text. */
export function bytesToText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/** The bytes of such a text. */
export function textToBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}
