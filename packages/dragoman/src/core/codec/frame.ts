import type { JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { OPEN_OBJECT, scanValue } from '../../wire/json-scan.ts'

/** Deepest nesting of a chunk: what is deeper could overflow the stack of whoever writes it again. */
const maxDepth = 64

/** A frame of fewer characters cannot nest deeply enough to hurt, and nearly every frame has fewer. */
const harmless = 4096

/** The data of a frame as JSON; undefined where it is none, or nests too deeply. */
export function parseChunk(frame: Frame): JsonValue | undefined {
  const { data } = frame
  try {
    const chunk: JsonValue = JSON.parse(data)
    if (data.length < harmless) return chunk
    return scanValue(frame.raw, frame.raw.indexOf(OPEN_OBJECT), maxDepth).tooDeepAt < 0 ? chunk : undefined
  } catch {
    return undefined
  }
}

/** Whether this is the data of the frame that ends a stream: `[DONE]`, which is no JSON. */
export function isTerminator(data: string): boolean {
  return data === '[DONE]' || (data.length < 16 && data.trim() === '[DONE]')
}
