import type { Speaker } from '../../core/codec/notes.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

export const dialect = 'bedrock-converse' as const // so that it does not widen to string in object literals

export const speaker: Speaker = { dialect, subject: 'Converse has' }

/** What this dialect itself said about a node beyond the model's words. */
export function ownExtra(node: Node): JsonObject | undefined {
  return node.extra?.[dialect]
}

/** The extra of these fields; undefined where there are none. */
export function asExtra(fields: JsonObject): Extra | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [dialect]: fields }
}

/**
 * A wire object with this dialect's extras put back, at any depth: a block keeps what stood beside it and inside it.
 * What the model says wins over an extra of the same name; marks (`$`) are nothing that was said.
 */
export function withExtra(core: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return core
  const said = Object.entries(extra).filter(([key]) => !key.startsWith('$'))
  const merged = said.map(([key, value]) => {
    const own = Object.hasOwn(core, key) ? core[key] : undefined
    return [key, isObject(own) && isObject(value) ? withExtra(own, value) : (own ?? value)] as const // an entry
  })
  return { ...core, ...Object.fromEntries(merged) }
}

/** An object, or undefined where it has no fields: the services refuse some empty objects. */
export function unlessEmpty(fields: JsonObject): JsonObject | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields
}
