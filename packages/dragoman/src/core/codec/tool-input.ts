import type { JsonObject } from '../../ir/json.ts'
import type { ToolCallPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import type { Notes, Side } from './notes.ts'
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

/** The arguments of a call as an object. Those that are none are refused in a request, and shown in a reply. */
export function encodeInput(part: ToolCallPart, path: string, side: Side, notes: Notes): JsonObject {
  if (part.type === 'custom') {
    notes.add('emulated', path, 'free text is the only property of an input object here')
    return wrapFreeText(part.arguments)
  }
  const input = parseInput(part.arguments)
  if (input !== undefined) return input
  const kind = side === 'request' ? 'refused' : 'approximated'
  notes.add(kind, `${path}.arguments`, `the arguments of ${part.id} are not a JSON object`)
  return wrapInvalid(part.arguments)
}
