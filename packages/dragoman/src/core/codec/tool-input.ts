import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { parseText } from './values.ts'

/** Arguments as the model wrote them to the object this wire carries; undefined where they are no JSON object. */
export function parseInput(text: string): JsonObject | undefined {
  if (text === '') return {}
  const value = parseText(text)
  return isObject(value) ? value : undefined
}

/** Where arguments stand that are no JSON object: the wire demands one, and nothing may get lost. */
export function wrapInvalid(text: string): JsonObject {
  return { INVALID_JSON: text }
}

/** A call's free text, as the tool's only property where an adaptation made a function of it. */
export function wrapFreeText(text: string): JsonObject {
  return { input: text }
}
