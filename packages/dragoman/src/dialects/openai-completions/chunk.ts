import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, parseJson } from '../../wire/json.ts'

/** A frame of fewer characters cannot nest deeply enough to hurt. */
const harmless = 4096

/** The data of a frame as an object; undefined where it is none, or nests deeper than anybody means. */
export function parseChunk(frame: Frame): JsonObject | undefined {
  const { data } = frame
  if (data.length > harmless) {
    const parsed = parseJson(new TextEncoder().encode(data), { depth: 64, lenient: true })
    return parsed.ok && isObject(parsed.value) ? parsed.value : undefined
  }
  try {
    const chunk: JsonValue = JSON.parse(data)
    return isObject(chunk) ? chunk : undefined
  } catch {
    return undefined
  }
}

/** The frame that ends a stream of this wire. */
export function isTerminator(data: string): boolean {
  return data === '[DONE]' || (data.length < 16 && data.trim() === '[DONE]')
}
