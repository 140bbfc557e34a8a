import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject, own, without } from '../../wire/json.ts'
import { dialect, ownExtra } from './wire.ts'

/** SDK 1.12.0 `TextCitation`: where each kind of citation points to. */
const types: { readonly [type: string]: Annotation['type'] } = {
  char_location: 'document',
  page_location: 'document',
  content_block_location: 'document',
  search_result_location: 'document',
  web_search_result_location: 'url',
}

function stringOf(wire: JsonObject, key: string): string | undefined {
  const value = wire[key]
  return typeof value === 'string' ? value : undefined
}

/** Where the wire's own object stands among the extras, for the same wire alone. */
const citationMark = '$citation'

/** What an annotation of the model says of a citation. */
const said: ReadonlySet<string> = new Set([
  ...['type', 'url', 'title', 'document_title', 'file_id', 'document_index', 'cited_text'],
])

/**
 * A citation to an annotation. The wire's own object is kept whole: its positions are places in the source, not in
 * the answer, and `encrypted_index` has to come back byte for byte. Start and end cover the text that carries it,
 * because this wire cites whole text blocks; a stream knows them at the block's end.
 */
export function decodeCitation(wire: JsonObject, textLength: number): Annotation {
  const type = stringOf(wire, 'type') ?? ''
  return defined({
    type: own(types, type) ?? 'unknown',
    url: stringOf(wire, 'url'),
    title: stringOf(wire, 'title') ?? stringOf(wire, 'document_title'),
    fileId: stringOf(wire, 'file_id'),
    documentIndex: typeof wire.document_index === 'number' ? wire.document_index : undefined,
    citedText: stringOf(wire, 'cited_text'),
    start: 0,
    end: textLength,
    extra: { [dialect]: { ...without(wire, said), [citationMark]: wire } },
  })
}

/** The citation that an annotation was read from. */
export function citationOf(annotation: Annotation): JsonObject | undefined {
  const wire = ownExtra(annotation)?.[citationMark]
  return isObject(wire) ? wire : undefined
}

/**
 * An annotation back to a citation. Another dialect's cannot be said: every kind here demands a position in a source
 * document or an `encrypted_index`, which nobody but its maker has.
 */
export function encodeCitation(annotation: Annotation, path: string, notes: Notes): JsonObject | undefined {
  const wire = citationOf(annotation)
  if (wire === undefined) notes.add('dropped', path, 'a citation here needs a position in its source')
  return wire
}
