import type { Speaker } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

export const dialect = 'cohere' as const // so that it does not widen to string in object literals

export const speaker: Speaker = { dialect, subject: 'Cohere has' }

/** Text that is there; anything else is none. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A count that is there; anything else is none. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The objects of a list; an object alone counts as a list of one, because streams leave the list out (trap COH-09). */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  if (isObject(value)) return [value]
  return isList(value) ? value.filter(isObject) : []
}

/** What this dialect itself said about a node beyond the model's words. */
export function ownExtra(node: Node | undefined): JsonObject | undefined {
  return node?.extra?.[dialect]
}

/** The extra of these fields; undefined where there are none. */
export function asExtra(fields: JsonObject): Extra | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [dialect]: fields }
}

/**
 * A wire object with this dialect's extras put back. What the model says wins over an extra of the same name, and the
 * decoder's own marks are never written.
 */
export function withExtra(core: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return core
  const said = Object.fromEntries(Object.entries(extra).filter(([key]) => !key.startsWith('$')))
  return { ...core, ...said, ...core }
}

/** A nested wire object with what the extras say of it put back. */
export function merged(core: JsonObject, extra: JsonValue | undefined): JsonObject {
  return isObject(extra) ? withExtra(core, extra) : core
}
