import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { type Fields, object } from './fields.ts'
import { dialect, ownExtra } from './wire.ts'

/** The wire's own objects, whole, among the extras of the candidate: they are put back as they were. */
const marks = { groundingMetadata: '$groundingMetadata', citationMetadata: '$citationMetadata' } as const // names
/** An annotation that stands in one of them already. */
const keptMark = '$kept'

/** A text of the candidate: its place among the parts of the model and among those of the wire. */
export interface PlacedText {
  readonly part: number
  readonly wirePart: number
  readonly text: string
}

export interface PlacedAnnotation {
  readonly part: number
  readonly annotation: Annotation
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Bytes of UTF-8 to code units of the text; undefined where the bytes lie outside. */
function unitsOf(text: string, bytes: number): number | undefined {
  const whole = encoder.encode(text)
  if (bytes < 0 || bytes > whole.length) return undefined
  return decoder.decode(whole.subarray(0, bytes)).length
}

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Where a segment lies in a text. Its offsets are bytes (card 8); what it quotes tells whether that holds, and if not,
 * the quotation itself is looked for (trap 44).
 */
function rangeOf(
  text: string,
  start: number,
  end: number | undefined,
  quoted: string | undefined,
): Range | undefined {
  const from = unitsOf(text, start)
  const to = end === undefined ? undefined : unitsOf(text, end)
  const isFound = from !== undefined && to !== undefined && from <= to
  if (isFound && (quoted === undefined || text.slice(from, to) === quoted)) return { start: from, end: to }
  const at = quoted === undefined ? -1 : text.indexOf(quoted)
  return at < 0 || quoted === undefined ? undefined : { start: at, end: at + quoted.length }
}

/** What a chunk of grounding says of a source (SDK 3.1.0 `GroundingChunk`). */
function sourceOf(chunk: JsonObject): Annotation {
  const { web, retrievedContext, maps, image } = chunk
  if (isObject(web)) return defined({ type: 'url', url: textOf(web.uri), title: textOf(web.title) })
  if (isObject(retrievedContext)) {
    const url = textOf(retrievedContext.uri)
    return defined({
      type: url === undefined ? 'document' : 'url',
      url,
      title: textOf(retrievedContext.title),
      citedText: textOf(retrievedContext.text),
    })
  }
  if (isObject(maps)) return defined({ type: 'url', url: textOf(maps.uri), title: textOf(maps.title) })
  if (isObject(image)) {
    return defined({ type: 'url', url: textOf(image.sourceUri), title: textOf(image.title) })
  }
  return { type: 'unknown' }
}

const kept = { extra: { [dialect]: { [keptMark]: true } } }

/** The text a segment is of: that of the part it names, else the one that has what it quotes. */
function textFor(
  texts: readonly PlacedText[],
  index: number,
  quoted: string | undefined,
): PlacedText | undefined {
  const named = texts.find(text => text.wirePart === index)
  if (quoted === undefined || named?.text.includes(quoted)) return named ?? texts[0]
  return texts.find(({ text }) => text.includes(quoted)) ?? named
}

function readSupports(grounding: JsonObject, texts: readonly PlacedText[]): readonly PlacedAnnotation[] {
  const chunks = objectsOf(grounding.groundingChunks)
  return objectsOf(grounding.groundingSupports).flatMap(support => {
    const segment = isObject(support.segment) ? support.segment : {}
    const quoted = textOf(segment.text)
    const place = textFor(texts, numberOf(segment.partIndex) ?? 0, quoted)
    if (place === undefined) return []
    const range = rangeOf(place.text, numberOf(segment.startIndex) ?? 0, numberOf(segment.endIndex), quoted)
    const indices = isList(support.groundingChunkIndices) ? support.groundingChunkIndices : []
    return indices.flatMap(index => {
      const chunk = typeof index === 'number' ? chunks[index] : undefined
      if (chunk === undefined) return []
      return [{ part: place.part, annotation: { ...sourceOf(chunk), ...range, ...kept } }]
    })
  })
}

/** Citations cover the whole text of the candidate, in bytes (SDK 3.1.0 `Citation`). */
function readCitations(metadata: JsonObject, texts: readonly PlacedText[]): readonly PlacedAnnotation[] {
  return objectsOf(metadata.citations).flatMap(citation => {
    let start = numberOf(citation.startIndex) ?? 0
    let end = numberOf(citation.endIndex)
    for (const place of texts) {
      const size = encoder.encode(place.text).length
      const isLast = place === texts.at(-1)
      if (start < size || isLast) {
        const range = rangeOf(
          place.text,
          start,
          end === undefined ? undefined : Math.min(end, size),
          undefined,
        )
        const source = defined({
          type: 'url',
          url: textOf(citation.uri),
          title: textOf(citation.title),
        } as const) // a literal
        return [{ part: place.part, annotation: { ...source, ...range, ...kept } }]
      }
      start -= size
      end = end === undefined ? undefined : end - size
    }
    return []
  })
}

/** What is told of sources for nobody's text alone: shown as lost to those who cannot take it. */
const silent: readonly string[] = ['groundingChunks', 'groundingSupports']

/**
 * Takes grounding and citations out of a candidate: its annotations, and the objects themselves for clients of this
 * wire. What is more than sources of text, such as the entry point to the search whose display is owed, stays visible.
 */
export function takeGrounding(candidate: Fields, texts: readonly PlacedText[]): readonly PlacedAnnotation[] {
  const grounding = candidate.take('groundingMetadata', object)
  const citations = candidate.take('citationMetadata', object)
  const supports = grounding === undefined ? [] : readSupports(grounding, texts)
  if (grounding !== undefined) {
    candidate.keep(marks.groundingMetadata, grounding)
    for (const [name, value] of Object.entries(grounding)) {
      const isSaid = silent.includes(name) && (name !== 'groundingChunks' || supports.length > 0)
      if (!isSaid) candidate.keep(`groundingMetadata.${name}`, value)
    }
  }
  if (citations === undefined) return supports
  candidate.keep(marks.citationMetadata, citations)
  return [...supports, ...readCitations(citations, texts)]
}

/** An annotation of a text that was written, and where that text stands among the parts of the wire. */
export interface WrittenAnnotation {
  readonly annotation: Annotation
  readonly text: string
  readonly wirePart: number
  readonly path: string
}

function chunkOf({ type, url, title, filename, citedText }: Annotation): JsonObject | undefined {
  if (type === 'unknown') return undefined
  if (type === 'url') return { web: defined({ uri: url, title }) }
  return { retrievedContext: defined({ uri: url, title: title ?? filename, text: citedText }) }
}

function supportOf({ annotation, text, wirePart }: WrittenAnnotation, chunk: number): JsonObject | undefined {
  const { start, end } = annotation
  if (start === undefined || end === undefined) return undefined
  const bytes = (units: number) => encoder.encode(text.slice(0, units)).length
  const segment = defined({
    partIndex: wirePart === 0 ? undefined : wirePart,
    startIndex: start === 0 ? undefined : bytes(start),
    endIndex: bytes(end),
    text: text.slice(start, end),
  })
  return { segment, groundingChunkIndices: [chunk] }
}

/** Extras of a candidate without what `encodeGrounding` writes of them. */
export function withoutGrounding(extra: JsonObject | undefined): JsonObject | undefined {
  if (extra === undefined) return undefined
  const rest = Object.entries(extra).filter(([name]) => !name.startsWith('groundingMetadata.'))
  return Object.fromEntries(rest)
}

/** The fields of a candidate that tell its sources: those this wire told before, and other dialects' annotations. */
export function encodeGrounding(
  annotations: readonly WrittenAnnotation[],
  extra: JsonObject | undefined,
  notes: Notes,
): JsonObject {
  const before = extra?.[marks.groundingMetadata]
  const groundingMetadata = addSources(annotations, isObject(before) ? before : undefined, notes)
  const citationMetadata = extra?.[marks.citationMetadata]
  return defined({ groundingMetadata, citationMetadata })
}

function addSources(
  annotations: readonly WrittenAnnotation[],
  before: JsonObject | undefined,
  notes: Notes,
): JsonObject | undefined {
  const chunks: JsonObject[] = []
  const supports: JsonObject[] = []
  const first = objectsOf(before?.groundingChunks).length
  for (const written of annotations) {
    const { annotation, path } = written
    if (ownExtra(annotation)?.[keptMark] === true) continue
    const chunk = chunkOf(annotation)
    if (chunk === undefined) {
      notes.add('dropped', path, 'a citation here needs an address or a document')
      continue
    }
    const support = supportOf(written, first + chunks.length)
    if (support !== undefined) supports.push(support)
    chunks.push(chunk)
  }
  if (chunks.length === 0) return before
  return {
    ...before,
    groundingChunks: [...objectsOf(before?.groundingChunks), ...chunks],
    ...(supports.length === 0
      ? {}
      : { groundingSupports: [...objectsOf(before?.groundingSupports), ...supports] }),
  }
}
