import type { JsonValue } from '../../ir/json.ts'

/** Whether this is a JSON array; `Array.isArray` alone would make it a list of `any`. */
export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}
