import type { Speaker } from '../../core/codec/notes.ts'
import type { Extra, Node } from '../../ir/extra.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { without } from '../../wire/json.ts'

/**
 * Legacy text completions, read by hand: a peer may send anything. The shapes are openai-node 7.57.0's
 * `resources/completions.d.ts`; capture openai-completion-text shows them.
 */
export const dialect = 'openai-completions' as const // so that it does not widen to string in object literals

export const speaker: Speaker = { dialect, subject: 'Completions have' }

/** An object of this wire while it is being built. */
export type Draft = { [key: string]: JsonValue }

/** The extra of the fields that nobody consumed; undefined where there are none. */
export function restOf(wire: JsonObject, consumed: ReadonlySet<string>): Extra | undefined {
  return asExtra(without(wire, consumed))
}

export function asExtra(fields: JsonObject): Extra | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [dialect]: fields }
}

/** What this dialect itself said about a node beyond the model's words. */
export function ownExtra(node: Node | undefined): JsonObject | undefined {
  return node?.extra?.[dialect]
}

/** A wire object with this dialect's extras behind it; the decoder's own marks are never written. */
export function withExtra(core: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return core
  const said = Object.fromEntries(Object.entries(extra).filter(([key]) => !key.startsWith('$')))
  return { ...core, ...said, ...core }
}
