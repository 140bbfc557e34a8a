import { parseChunk } from '../../core/codec/frame.ts'
import { objectsOf } from '../../core/codec/values.ts'
import type { QuietUsage } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject, without } from '../../wire/json.ts'

const usageOnly: ReadonlySet<string> = new Set(['usage'])
const encoder = new TextEncoder()

/**
 * Learning a stream's usage behind its caller's back (DESIGN, ruling 1): it is asked for on the way up; on the way down
 * the usage chunk disappears, and so does every `usage` member of the other chunks.
 */
export const quietUsage: QuietUsage = {
  ask(wire) {
    const options = wire.stream_options
    if (wire.stream !== true || (isObject(options) && options.include_usage === true)) return []
    return [{ operation: 'set', path: ['stream_options', 'include_usage'], value: true }]
  },

  hide(frame) {
    if (!frame.data.includes('"usage"')) return frame
    const chunk = parseChunk(frame)
    if (!isObject(chunk) || chunk.usage === undefined) return frame
    if (isObject(chunk.usage) && objectsOf(chunk.choices).length === 0) return undefined
    return rewritten(without(chunk, usageOnly))
  },
}

function rewritten(chunk: JsonObject): Frame {
  const data = JSON.stringify(chunk)
  return { raw: encoder.encode(`data: ${data}\n\n`), event: undefined, data }
}
