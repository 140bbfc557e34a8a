import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'

/** A frame of this length cannot nest so deep that writing it again would overflow the stack. */
const harmlessLength = 4096
const deepest = 64

/** A wire event: its type and the object, or why there is none. */
export type WireEvent =
  | { readonly type: string; readonly value: JsonObject }
  | { readonly type?: undefined; readonly value?: undefined; readonly problem: string }

/** One frame as an event; undefined for comments and for the `[DONE]` that some upstreams send. */
export function readFrame(frame: Frame): WireEvent | undefined {
  const { data } = frame
  if (data === '' || data === '[DONE]') return undefined
  let value: JsonValue
  try {
    value = JSON.parse(data)
  } catch {
    return { problem: 'an event that is not JSON' }
  }
  if (!isObject(value)) return { problem: 'an event that is no object' }
  if (data.length > harmlessLength && isDeep(value, deepest)) {
    return { problem: `an event that nests deeper than ${deepest} levels` }
  }
  if (typeof value.type === 'string') return { type: value.type, value }
  if (frame.event !== undefined) return { type: frame.event, value }
  return isObject(value.error) ? { type: 'error', value } : { problem: 'an event without a type' }
}

function isDeep(value: JsonValue, left: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (left === 0) return true
  const inner: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
  return inner.some(entry => isDeep(entry, left - 1))
}
