import type { Speaker } from '../../core/codec/notes.ts'
import { textOf } from '../../core/codec/values.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, without } from '../../wire/json.ts'

/**
 * Chat completions as JSON, read by hand: a peer may send anything, so there are no declared shapes to be wrong about,
 * only readers that look before they take. The shapes themselves are openai-node 7.57.0's
 * `resources/chat/completions/completions.d.ts` and `resources/embeddings.d.ts`.
 */
export const dialect = 'openai-chat'

export const speaker: Speaker = { dialect, subject: 'Chat completions has' }

/** An object of this wire while it is being built. */
export type Draft = { [key: string]: JsonValue }

const nothing: JsonObject = {}

/** The fields that nobody consumed; nearly always there are none, and then nothing is copied. */
export function restOf(wire: JsonObject, consumed: ReadonlySet<string>): JsonObject {
  for (const key in wire) if (!consumed.has(key)) return without(wire, consumed)
  return nothing
}

/**
 * Which of two spellings a node had, where the wire has two for one thing (`functions` and `tools`). It travels in the
 * extras under this key, which is never written.
 */
export const form = '$form'

const nowhere: { readonly extra?: Extra } = {}

/** Extras of this dialect, as a property to spread; nothing where there is nothing to carry. */
export function carry(rest: JsonObject): { readonly extra?: Extra } {
  for (const _ in rest) return { extra: { [dialect]: rest } }
  return nowhere
}

/** What this dialect put on a node when it decoded it. */
export function carriedBy(node: Node | undefined): JsonObject | undefined {
  return node?.extra?.[dialect]
}

/** The spelling a node was decoded from. */
export function formOf(node: Node | undefined): string | undefined {
  return textOf(carriedBy(node)?.[form])
}

/**
 * `wire` with what the node carries put back behind it. What the model says wins over what was carried; an object on
 * both sides is merged the same way, so that extras of a nested wire object travel under its own key.
 */
export function putBack(wire: JsonObject, rest: JsonObject | undefined): JsonObject {
  if (rest === undefined) return wire
  const added: [string, JsonValue][] = []
  for (const [key, value] of Object.entries(rest)) {
    const own = Object.hasOwn(wire, key) ? wire[key] : undefined
    if (key === form) continue
    if (own === undefined) added.push([key, value])
    else if (isObject(own) && isObject(value)) added.push([key, putBack(own, value)])
  }
  return { ...wire, ...Object.fromEntries(added) }
}
