import type { JsonValue } from '../../ir/json.ts'
import type { Keyword } from '../../providers/schema/keyword.ts'
import { keeps } from '../../providers/schema/subset.ts'
import type { Writer } from './lower.ts'
import { child, type Said, type Sayings, type Source } from './source.ts'
import { canonical } from './types.ts'
import type { Draft } from './value.ts'

const listOf = (value: JsonValue): readonly JsonValue[] => (Array.isArray(value) ? value : [])

/** What is said of the first elements, one by one: `prefixItems`, or in older drafts a list under `items`. */
function tupleOf(sayings: Sayings): { keyword: Keyword; said: Said } | undefined {
  const prefix = sayings.first('prefixItems')
  if (prefix !== undefined) return { keyword: 'prefixItems', said: prefix }
  const items = sayings.all('items').find(({ value }) => Array.isArray(value))
  return items === undefined ? undefined : { keyword: 'items', said: items }
}

/** The elements of an array. */
export function writeArray(writer: Writer, sayings: Sayings, draft: Draft): void {
  const tuple = tupleOf(sayings)
  const rest = sayings.all('items').filter(({ value }) => !Array.isArray(value))
  if (tuple === undefined) writeItems(writer, sayings, rest, draft)
  else writeTuple(writer, sayings, tuple.keyword, tuple.said, draft)
}

const asSource = ({ value, at }: Said): Source => ({ schema: value, at })

function writeItems(writer: Writer, sayings: Sayings, rest: readonly Said[], draft: Draft): void {
  const [first] = rest
  if (first === undefined) {
    const { at } = sayings.sources[0] ?? { at: '' }
    if (writer.subset.untyped === 'refused')
      draft.refuse(
        'items',
        child(at, 'items'),
        'It says nothing of its elements, and this target needs that.',
      )
    return
  }
  const items = writer.writeInside(rest.map(asSource))
  if (items !== undefined) draft.schema.items = items
  else limit(writer, 0, first, draft)
}

/** No more than so many elements, where that can be said. */
function limit(writer: Writer, most: number, said: Said, draft: Draft): void {
  if (!keeps(writer.subset, 'maxItems')) {
    draft.weaken('items', said.at, said.value)
    return
  }
  const there = draft.schema.maxItems
  draft.schema.maxItems = typeof there === 'number' ? Math.min(there, most) : most
}

function writeTuple(writer: Writer, sayings: Sayings, keyword: Keyword, said: Said, draft: Draft): void {
  const rest = keyword === 'prefixItems' ? 'items' : 'additionalItems'
  const parent = said.at.slice(0, said.at.lastIndexOf('/'))
  const after = sayings.all(rest)
  // What another part of the schema says of its elements it says of every one of them.
  const everywhere = after.filter(({ at }) => at !== child(parent, rest)).map(asSource)
  const written = listOf(said.value).map((schema, index) =>
    writer.writeInside([{ schema, at: child(said.at, index) }, ...everywhere]),
  )
  const others = after.length === 0 ? undefined : writer.writeInside(after.map(asSource))
  const [firstAfter] = after
  if (firstAfter !== undefined && others === undefined) limit(writer, written.length, firstAfter, draft)
  for (const { at } of sayings.all(keyword).slice(1)) writer.note({ kind: 'weakened', keyword, at })
  const elements = written.filter(element => element !== undefined)
  if (keeps(writer.subset, 'prefixItems') && elements.length === written.length) {
    draft.schema.prefixItems = elements
    if (others !== undefined) draft.schema.items = others
    return
  }
  const choices = [...elements, ...(others === undefined ? [] : [others])]
  const different = choices.filter(
    (one, at) => choices.findIndex(other => canonical(other) === canonical(one)) === at,
  )
  const [first] = different
  // Elements that are all alike need no places.
  const areAlike = different.length === 1 && elements.length === written.length
  if (!areAlike) {
    draft.weaken(keyword, said.at, said.value)
    for (const { at } of after) writer.note({ kind: 'weakened', keyword: rest, at })
  }
  if (after.length === 0 && writer.subset.untyped === 'kept' && !areAlike) return
  if (first === undefined) limit(writer, 0, said, draft)
  else draft.schema.items = different.length === 1 ? first : { anyOf: different }
}
