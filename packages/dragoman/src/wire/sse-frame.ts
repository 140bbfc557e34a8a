import type { Frame } from './frame.ts'

/** The standard strips a BOM at the start of the stream only; elsewhere it is text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Fields {
  event: string | undefined
  data: string
  id: string | undefined
  retry: number | undefined
}

/**
 * The bytes of one read with their text, decoded once for all frames in it. Where every byte became one character,
 * positions in the bytes are positions in the text; elsewhere each piece is decoded for itself.
 */
export class ReadText {
  readonly bytes: Uint8Array
  private whole: string | undefined
  private isAscii: boolean | undefined
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
  slice(from: number, to: number): string {
    if (this.isAscii === undefined) {
      this.whole = decoder.decode(this.bytes)
      this.isAscii = this.whole.length === this.bytes.length
      if (!this.isAscii) this.whole = undefined
    }
    return this.whole === undefined
      ? decoder.decode(this.bytes.subarray(from, to))
      : this.whole.slice(from, to)
  }
}

/** A frame that decodes nothing until it is asked: a relay reads only `raw`, a translation only `data`. */
export class SseFrame implements Frame {
  private readonly read: ReadText
  private readonly start: number
  private readonly end: number
  /** Where the first line starts, after what is no part of it. */
  private readonly first: number
  /** 1: one data line; 2: an event line, then a data line; 0: anything else. */
  private readonly shape: 0 | 1 | 2
  private readonly firstLineEnd: number
  private readonly lastLineEnd: number
  private slice: Uint8Array | undefined
  private text: string | undefined
  private name: string | undefined
  private parsed: Fields | undefined

  constructor(read: ReadText, place: FramePlace) {
    this.read = read
    this.start = place.start
    this.end = place.end
    this.first = place.first
    this.firstLineEnd = place.firstLineEnd
    this.lastLineEnd = place.lastLineEnd
    this.shape = shapeOf(read.bytes, place)
  }

  get raw(): Uint8Array {
    this.slice ??= this.read.bytes.subarray(this.start, this.end)
    return this.slice
  }

  get data(): string {
    if (this.text === undefined) {
      const { bytes } = this.read
      if (this.shape === 0) this.text = this.fields.data
      else {
        let from = this.first + 5
        if (this.shape === 2) from = nextLine(bytes, this.firstLineEnd) + 5
        if (bytes[from] === 0x20) from++
        this.text = this.read.slice(from, this.lastLineEnd)
      }
    }
    return this.text
  }

  get event(): string | undefined {
    if (this.shape === 1) return undefined
    if (this.shape === 0) return this.fields.event
    if (this.name === undefined) {
      const value = this.first + 6
      this.name = this.read.slice(this.read.bytes[value] === 0x20 ? value + 1 : value, this.firstLineEnd)
    }
    return this.name === '' ? undefined : this.name
  }

  get id(): string | undefined {
    return this.shape === 0 ? this.fields.id : undefined
  }

  get retry(): number | undefined {
    return this.shape === 0 ? this.fields.retry : undefined
  }

  private get fields(): Fields {
    this.parsed ??= parseFields(decoder.decode(this.read.bytes.subarray(this.first, this.end)))
    return this.parsed
  }
}

/** Where a frame lies in its read, and its lines in the frame. */
export interface FramePlace {
  readonly start: number
  readonly end: number
  /** The first line's start, after what is no part of it. */
  readonly first: number
  readonly lines: number
  readonly firstLineEnd: number
  readonly lastLineEnd: number
}

const dataField = [...'data:'].map(character => character.charCodeAt(0))
const eventField = [...'event:'].map(character => character.charCodeAt(0))

function isField(bytes: Uint8Array, at: number, name: readonly number[]): boolean {
  for (let index = 0; index < name.length; index++) if (bytes[at + index] !== name[index]) return false
  return true
}

const nextLine = (bytes: Uint8Array, end: number): number =>
  bytes[end] === 0x0d && bytes[end + 1] === 0x0a ? end + 2 : end + 1

/** The two shapes that nearly every frame of nearly every provider has; all others are parsed line by line. */
function shapeOf(bytes: Uint8Array, { first, lines, firstLineEnd }: FramePlace): 0 | 1 | 2 {
  if (lines === 1) return isField(bytes, first, dataField) ? 1 : 0
  if (lines !== 2 || !isField(bytes, first, eventField)) return 0
  return isField(bytes, nextLine(bytes, firstLineEnd), dataField) ? 2 : 0
}

function parseFields(text: string): Fields {
  const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  const fields: Fields = { event: undefined, data: '', id: undefined, retry: undefined }
  let hasData = false
  for (let at = 0; at < lines.length; ) {
    const found = lines.indexOf('\n', at)
    const end = found < 0 ? lines.length : found
    const colon = lines.indexOf(':', at)
    const hasColon = colon >= 0 && colon < end
    const name = lines.slice(at, hasColon ? colon : end)
    const from = colon + (lines[colon + 1] === ' ' ? 2 : 1)
    const value = hasColon ? lines.slice(from, end) : ''
    if (name === 'data') {
      fields.data = hasData ? `${fields.data}\n${value}` : value
      hasData = true
    } else if (name === 'event') fields.event = value === '' ? undefined : value
    else if (name === 'id' && !value.includes('\0')) fields.id = value
    else if (name === 'retry' && /^[0-9]+$/.test(value)) fields.retry = Number(value)
    at = end + 1
  }
  return fields
}
