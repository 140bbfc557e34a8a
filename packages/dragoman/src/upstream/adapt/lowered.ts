import type { JsonObject } from '../../ir/json.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import type { OutputFormat } from '../../ir/request.ts'
import type { SchemaSubsetId } from '../../providers/profile.ts'
import { subsets } from '../../providers/schema/subsets.ts'
import { type Lowered, lowerSchema, type SchemaNote } from '../schema/lower.ts'
import { canonical } from '../schema/types.ts'
import type { AdaptContext } from './adaptation.ts'

const known = new WeakMap<JsonObject, Map<SchemaSubsetId, Lowered>>()

/** A schema in a subset; several adapters ask for the same one. */
export function lowered(schema: JsonObject, id: SchemaSubsetId): Lowered {
  const made = known.get(schema) ?? new Map<SchemaSubsetId, Lowered>()
  known.set(schema, made)
  const found = made.get(id) ?? lowerSchema(schema, subsets[id])
  made.set(id, found)
  return found
}

/** The schema itself where it is in the subset already: written anew it might lose the order of its keys. */
export const sentSchema = (schema: JsonObject, made: Lowered): JsonObject =>
  made.notes.length === 0 && !made.isWrapped && canonical(made.schema) === canonical(schema)
    ? schema
    : made.schema

export const refusalIn = ({ notes }: Lowered): SchemaNote | undefined =>
  notes.find(({ kind }) => kind === 'refused')

/** What the target's structured outputs cannot ask for, where another way of asking would do better. */
export function unsayable(output: OutputFormat, context: AdaptContext): SchemaNote | undefined {
  const { schemas } = context.facts
  if (output.kind !== 'json-schema' || output.schema === undefined) return undefined
  if (schemas?.output === undefined || schemas.looseOutput === true || context.lacks('tools'))
    return undefined
  return refusalIn(lowered(output.schema, schemas.output))
}

interface Wording {
  readonly kind: NoteKind
  say(keyword: string, checked: boolean): string
}

const wordings: { readonly [K in Exclude<SchemaNote['kind'], 'refused'>]: Wording } = {
  weakened: {
    kind: 'approximated',
    say: (keyword, checked) =>
      `The target does not enforce ${keyword}: ${checked ? 'it is asked for in words, and the answer is checked' : 'it is asked for in words only'}.`,
  },
  told: {
    kind: 'renamed',
    say: keyword => `The target has no ${keyword} in a schema: it is said in the description.`,
  },
  dropped: { kind: 'dropped', say: keyword => `The target knows no keyword ${keyword} in a schema.` },
}

/**
 * What became of a schema, as notes: one a keyword with the first place where it stands. `path` is the model's path of
 * the schema; places in it follow as a JSON pointer.
 */
export function notesOf({ notes }: Lowered, path: string, checked: boolean): readonly Note[] {
  const groups = new Map<string, SchemaNote[]>()
  for (const note of notes) {
    const key = `${note.kind} ${note.keyword}`
    groups.set(key, [...(groups.get(key) ?? []), note])
  }
  return [...groups.values()].flatMap(group => {
    const [first] = group
    return first === undefined ? [] : [asNote(first, group.length - 1, path, checked)]
  })
}

function asNote(first: SchemaNote, others: number, path: string, checked: boolean): Note {
  const place = first.at === '' ? path : `${path}#${first.at}`
  const more = others === 0 ? '' : ` So it is in ${others} other place${others === 1 ? '' : 's'}.`
  if (first.kind === 'refused') {
    return {
      kind: 'refused',
      path: place,
      reason: `${first.keyword}: ${first.reason ?? 'The target does not take it.'}`,
    }
  }
  const wording = wordings[first.kind]
  return { kind: wording.kind, path: place, reason: wording.say(first.keyword, checked) + more }
}
