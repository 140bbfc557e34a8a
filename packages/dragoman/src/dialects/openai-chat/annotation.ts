import type { NoteLog } from '../../core/codec/notes.ts'
import { defined, numberOf, textOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { carriedBy, carry, putBack, restOf } from './wire.ts'

const fields = new Set(['type', 'url_citation'])
const citationFields = new Set(['url', 'title', 'start_index', 'end_index'])

/** `{type: 'url_citation', url_citation: {url, title, start_index, end_index}}`; any other annotation is kept whole. */
export function decodeAnnotation(wire: JsonObject): Annotation {
  const citation = wire.url_citation
  const url = isObject(citation) ? textOf(citation.url) : undefined
  if (wire.type !== 'url_citation' || !isObject(citation) || url === undefined) {
    return { type: 'unknown', ...carry(wire) }
  }
  const inside = restOf(citation, citationFields)
  const outside = restOf(wire, fields)
  return {
    type: 'url',
    url,
    ...defined({
      title: typeof citation.title === 'string' ? citation.title : undefined,
      start: numberOf(citation.start_index),
      end: numberOf(citation.end_index),
    }),
    ...carry(Object.keys(inside).length === 0 ? outside : { ...outside, url_citation: inside }),
  }
}

/** Where the text of the annotated part stands in the message's one content string. */
export interface Span {
  readonly start: number
  readonly length: number
}

/**
 * An annotation of a part as one of the message, its positions moved to the message's text. Chat knows citations of
 * URLs only; others are left out with a note.
 */
export function encodeAnnotation(
  annotation: Annotation,
  span: Span,
  path: string,
  notes: NoteLog,
): JsonObject | undefined {
  const carried = carriedBy(annotation)
  const { url, title = '', start = 0, end = span.length } = annotation
  if (annotation.type === 'unknown' && carried !== undefined) return carried
  if (url === undefined) {
    notes.add(
      'dropped',
      path,
      `Chat completions has no annotation for a citation of type ${annotation.type}.`,
    )
    return undefined
  }
  notes.foreign(annotation, path)
  const citation = { url, title, start_index: span.start + start, end_index: span.start + end }
  return putBack({ type: 'url_citation', url_citation: citation }, carried)
}
