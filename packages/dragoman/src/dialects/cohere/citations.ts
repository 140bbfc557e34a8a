import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { describeDocument, placeOf } from './documents.ts'
import { dialect, numberOf, objectsOf, ownExtra, textOf } from './wire.ts'

/** Where the wire's own citation stands among the extras, and which of its sources an annotation is of. */
const citationMark = '$citation'
const sourceMark = '$source'

/** Whether a citation marks the text of an answer; others mark its plan or its thinking (SDK 8.1.0 `CitationType`). */
export function citesText(citation: JsonObject): boolean {
  return citation.type === undefined || citation.type === null || citation.type === 'TEXT_CONTENT'
}

/** The number of the content item that a citation is on, where it says so. */
export function contentIndexOf(citation: JsonObject): number | undefined {
  return numberOf(citation.content_index)
}

/** How many UTF-16 code units the first `count` code points of a text are; undefined where it has fewer. */
function unitsOf(text: string, count: number): number | undefined {
  let units = 0
  for (let left = count; left > 0; left--) {
    const point = text.codePointAt(units)
    if (point === undefined) return undefined
    units += point > 0xffff ? 2 : 1
  }
  return units
}

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * A citation's range in UTF-16 code units of the text, undefined where it is not (yet) in it. The API tells offsets in
 * characters and nowhere which kind: its samples cite `20°C` as 4, so bytes they are not. Every citation repeats the
 * words it covers, so those decide wherever the two kinds differ; without words they are code points, which is what
 * the server's language counts.
 */
export function rangeOf(citation: JsonObject, text: string): Range | undefined {
  const [start, end] = [numberOf(citation.start), numberOf(citation.end)]
  if (start === undefined || end === undefined || start < 0 || end < start) return undefined
  const words = textOf(citation.text)
  const from = unitsOf(text, start)
  const until = from === undefined ? undefined : unitsOf(text, end)
  const points = from === undefined || until === undefined ? undefined : { start: from, end: until }
  const says = (range: Range) => text.slice(range.start, range.end) === words
  if (points !== undefined && (words === undefined || says(points))) return points
  const units = { start, end }
  return end <= text.length && says(units) ? units : points
}

/** A citation as annotations, one a source. `text` is that of the part it stands on. */
export function decodeCitation(citation: JsonObject, text: string): readonly Annotation[] {
  const range = rangeOf(citation, text)
  const sources = objectsOf(citation.sources)
  const annotation = (source: JsonObject | undefined, index: number): Annotation => {
    const document = isObject(source?.document) ? source.document : {}
    const extra = { [dialect]: { ...toolOutput(source), [citationMark]: citation, [sourceMark]: index } }
    return defined({
      type: source?.type === 'document' ? 'document' : 'unknown',
      ...describeDocument(document),
      documentIndex: placeOf(textOf(source?.id)),
      ...range,
      extra,
    })
  }
  return sources.length === 0 ? [annotation(undefined, 0)] : sources.map(annotation)
}

/** What a tool said is the source where there is no document; no other dialect has a place for it. */
function toolOutput(source: JsonObject | undefined): JsonObject {
  return isObject(source?.tool_output) ? { tool_output: source.tool_output } : {}
}

/**
 * Annotations back to citations: those of one citation become it again, another dialect's become one each, their
 * offsets counted in code points of the text they stand on.
 */
export function encodeCitation(
  annotation: Annotation,
  text: string,
  contentIndex: number,
  path: string,
  notes: Notes,
): JsonObject | undefined {
  const own = ownExtra(annotation)
  if (isObject(own?.[citationMark])) return own[sourceMark] === 0 ? own[citationMark] : undefined
  notes.foreign(annotation, path, 'reply')
  const { title, url, filename, fileId, documentIndex } = annotation
  const start = Math.min(annotation.start ?? 0, text.length)
  const end = Math.min(Math.max(annotation.end ?? text.length, start), text.length)
  const id = documentIndex === undefined ? (fileId ?? url) : `doc:${documentIndex}`
  const document = defined({ id, title: title ?? filename, url, snippet: annotation.citedText })
  return {
    start: pointsOf(text.slice(0, start)),
    end: pointsOf(text.slice(0, end)),
    text: text.slice(start, end),
    sources: [defined({ type: 'document', id, document })],
    content_index: contentIndex,
    type: 'TEXT_CONTENT',
  }
}

const pointsOf = (text: string): number => Array.from(text).length
