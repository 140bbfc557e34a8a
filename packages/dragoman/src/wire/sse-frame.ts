import type { Frame } from './frame.ts'

/** The standard strips a BOM at the start of the stream only; elsewhere it is text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Fields {
  event: string | undefined
  data: string
  id: string | undefined
  retry: number | undefined
}

/** A frame that decodes nothing until it is asked: a relay reads only `raw`, a translation only `data`. */
export class SseFrame implements Frame {
  private readonly bytes: Uint8Array
  private readonly start: number
  private readonly end: number
  /** Where the first line starts, after what is no part of it. */
  private readonly first: number
  /** The end of the only line, or -1 where there are several. */
  private readonly onlyLineEnd: number
  private slice: Uint8Array | undefined
  private text: string | undefined
  private parsed: Fields | undefined

  constructor(bytes: Uint8Array, start: number, end: number, first: number, onlyLineEnd: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.first = first
    this.onlyLineEnd = onlyLineEnd
  }

  get raw(): Uint8Array {
    this.slice ??= this.bytes.subarray(this.start, this.end)
    return this.slice
  }

  get data(): string {
    if (this.text === undefined) {
      if (this.isDataLine) {
        const value = this.first + 5
        const from = this.bytes[value] === 0x20 ? value + 1 : value
        this.text = decoder.decode(this.bytes.subarray(from, this.onlyLineEnd))
      } else {
        this.text = this.fields.data
      }
    }
    return this.text
  }

  get event(): string | undefined {
    return this.isDataLine ? undefined : this.fields.event
  }

  get id(): string | undefined {
    return this.isDataLine ? undefined : this.fields.id
  }

  get retry(): number | undefined {
    return this.isDataLine ? undefined : this.fields.retry
  }

  /** One line that starts with `data:` is nearly every frame of nearly every provider. */
  private get isDataLine(): boolean {
    const { bytes, first } = this
    return (
      this.onlyLineEnd >= 0 &&
      bytes[first] === 0x64 &&
      bytes[first + 1] === 0x61 &&
      bytes[first + 2] === 0x74 &&
      bytes[first + 3] === 0x61 &&
      bytes[first + 4] === 0x3a
    )
  }

  private get fields(): Fields {
    this.parsed ??= parseFields(decoder.decode(this.bytes.subarray(this.first, this.end)))
    return this.parsed
  }
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
