import { parseChunk } from '../../core/codec/frame.ts'
import { defined, objectsOf } from '../../core/codec/values.ts'
import type { QuietUsage } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, without } from '../../wire/json.ts'
import { CLOSE_OBJECT, OPEN_OBJECT } from '../../wire/json-scan.ts'
import { splice } from '../../wire/splice.ts'
import { writeSse } from '../../wire/sse.ts'

/** How a host that sends `usage: null` at the end of each chunk ends it: the brace closes the chunk itself. */
const nullAtEnd = ',"usage":null}'

/**
 * Learning a stream's usage behind its caller's back (DESIGN, ruling 1): `stream_options.include_usage` is set on the
 * way up; on the way down the usage chunk disappears, and so does every `usage` member of the other chunks.
 */
export const quietUsage: QuietUsage = {
  ask(wire) {
    const options = wire.stream_options
    if (wire.stream !== true || (isObject(options) && options.include_usage === true)) return []
    return [{ operation: 'set', path: ['stream_options', 'include_usage'], value: true }]
  },

  hide(frame) {
    const { raw } = frame
    // Nearly every frame: one data line that ends in `,"usage":null}`. Its bytes are cut without reading its text.
    if (isDataLine(raw) && endsWith(raw, usualEnd)) {
      const shorter = raw.slice(0, raw.length - usualEnd.length + closing.length)
      shorter.set(closing, shorter.length - closing.length)
      return new CutFrame(shorter)
    }
    const { data } = frame
    if (!data.includes('"usage"')) return frame
    if (data.endsWith(nullAtEnd)) {
      const shorter = `${data.slice(0, -nullAtEnd.length)}}`
      const hidden = withoutTail(frame, shorter)
      if (hidden !== undefined) return hidden
    }
    const chunk = parseChunk(frame)
    if (!isObject(chunk) || chunk.usage === undefined) return frame
    if (isObject(chunk.usage) && objectsOf(chunk.choices).length === 0) return undefined
    return withoutUsage(frame, chunk)
  },
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const usualEnd = encoder.encode(',"usage":null}\n\n')
const closing = encoder.encode('}\n\n')

function endsWith(raw: Uint8Array, tail: Uint8Array): boolean {
  const offset = raw.length - tail.length
  return offset > 6 && tail.every((byte, at) => raw[offset + at] === byte)
}

/** A frame of one `data:` line: its first line end is the one before the blank line. */
function isDataLine(raw: Uint8Array): boolean {
  return raw[0] === 0x64 && raw[4] === 0x3a && raw.indexOf(0x0a) === raw.length - 2
}

/** A data line whose bytes were cut here; its text is read only if somebody asks. */
class CutFrame implements Frame {
  readonly raw: Uint8Array
  readonly event = undefined

  constructor(raw: Uint8Array) {
    this.raw = raw
  }

  get data(): string {
    return decoder.decode(this.raw.subarray(this.raw[5] === 0x20 ? 6 : 5, -2))
  }
}

/** A frame whose bytes were made here. */
function frameOf(frame: Frame, raw: Uint8Array, data: string): Frame {
  return { raw, event: frame.event, data, ...defined({ id: frame.id, retry: frame.retry }) }
}

/** The JSON of a frame that is one line of data and nothing else; undefined for any other. */
function findJson(raw: Uint8Array): { readonly start: number; readonly end: number } | undefined {
  const start = raw.indexOf(OPEN_OBJECT)
  const end = raw.lastIndexOf(CLOSE_OBJECT) + 1
  if (start < 5 || start > 6 || end <= start) return undefined
  const isPrefix = raw[0] === 0x64 && raw[4] === 0x3a
  const isOneLine =
    raw.subarray(end).every(byte => byte === 0x0a || byte === 0x0d) && !raw.subarray(0, end).includes(0x0a)
  return isPrefix && isOneLine ? { start, end } : undefined
}

/** The frame less `,"usage":null` at the end of its JSON. */
function withoutTail(frame: Frame, data: string): Frame | undefined {
  const json = findJson(frame.raw)
  if (json === undefined) return undefined
  const cut = json.end - nullAtEnd.length
  const raw = new Uint8Array(frame.raw.length - nullAtEnd.length + 1)
  raw.set(frame.raw.subarray(0, cut))
  raw.set(frame.raw.subarray(json.end - 1), cut)
  return frameOf(frame, raw, data)
}

/** The frame less its `usage` wherever it stands; written anew where its bytes are not one line of JSON. */
function withoutUsage(frame: Frame, chunk: JsonObject): Frame {
  const json = findJson(frame.raw)
  if (json === undefined) {
    const data = JSON.stringify(without(chunk, usageOnly))
    const text = writeSse({ ...defined({ event: frame.event, id: frame.id }), data })
    return frameOf(frame, encoder.encode(text), data)
  }
  const spliced = splice(frame.raw.subarray(json.start, json.end), [{ operation: 'delete', path: ['usage'] }])
  const raw = new Uint8Array(json.start + spliced.length + frame.raw.length - json.end)
  raw.set(frame.raw.subarray(0, json.start))
  raw.set(spliced, json.start)
  raw.set(frame.raw.subarray(json.end), json.start + spliced.length)
  return frameOf(frame, raw, new TextDecoder().decode(spliced))
}

const usageOnly: ReadonlySet<string> = new Set(['usage'])
