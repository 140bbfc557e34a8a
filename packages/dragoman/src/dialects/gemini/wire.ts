import type { Speaker } from '../../core/codec/notes.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

export const dialect = 'gemini' as const // so that it does not widen to string in object literals

export const speaker: Speaker = { dialect, subject: 'GenerateContent has' }

/** What this dialect itself said about a node beyond the model's words. */
export function ownExtra(node: Node): JsonObject | undefined {
  return node.extra?.[dialect]
}

/** The extra of these fields; undefined where there are none. */
export function asExtra(fields: JsonObject): Extra | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [dialect]: fields }
}

/** An extra with a mark of the decoder's own, which only this dialect reads. */
export function withMark(
  extra: Extra | undefined,
  mark: string,
  value: JsonValue | undefined,
): Extra | undefined {
  return value === undefined ? extra : { ...extra, [dialect]: { ...extra?.[dialect], [mark]: value } }
}

/**
 * A wire object with this dialect's extras put back, marks left out. What the model says wins over an extra of the same
 * name; where both are objects, they are laid over each other.
 */
export function withExtra(core: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return core
  const fields = Object.entries(extra).filter(([key]) => !key.startsWith('$'))
  if (fields.length === 0) return core
  const kept = fields.map(([key, value]) => {
    const said = Object.hasOwn(core, key) ? core[key] : undefined
    return [key, isObject(said) && isObject(value) ? withExtra(said, value) : value] as const // a pair, not a list
  })
  const merged = Object.fromEntries(kept)
  const plain = Object.fromEntries(
    Object.entries(core).filter(([key, value]) => !(isObject(value) && Object.hasOwn(merged, key))),
  )
  return { ...core, ...merged, ...plain }
}

/** Undefined for an object without any field: proto3 does not tell the two apart. */
export function unlessEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields
}
