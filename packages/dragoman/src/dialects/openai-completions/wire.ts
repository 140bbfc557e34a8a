import type { Extra, Node } from '../../ir/extra.ts'
import { foreignFields } from '../../ir/foreign.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import { without } from '../../wire/json.ts'

/**
 * Legacy text completions, read by hand: a peer may send anything. The shapes are openai-node 7.57.0's
 * `resources/completions.d.ts`; capture openai-completion-text shows them.
 */
export const dialect = 'openai-completions' as const // so that it does not widen to string in object literals

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

/** Collects what was lost. Each loss is told once, however often a stream repeats it. */
export class Notes {
  readonly list: Note[] = []
  private readonly seen = new Set<string>()

  add(kind: NoteKind, path: string, reason: string): void {
    const key = `${kind} ${path}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    this.list.push({ kind, path, reason })
  }

  /** Tells what other dialects said about this node beyond the model's words: this wire has no place for it. */
  foreign(node: Node, path: string, side: 'request' | 'reply' = 'request'): void {
    if (node.extra === undefined) return
    for (const { from, name, kind } of foreignFields(node, dialect, side)) {
      const at = path === '' ? name : `${path}.${name}`
      this.add(kind, at, `Completions have no field for what ${from} calls ${name}.`)
    }
  }
}
