import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { dialect, ownExtra, unlessEmpty } from './wire.ts'

/** Where the wire's own object stands among the extras, for the same wire alone. */
const citationMark = '$citation'

function stringOf(wire: JsonObject, key: string): string | undefined {
  const value = wire[key]
  return typeof value === 'string' ? value : undefined
}

function textOfSource(wire: JsonObject): string | undefined {
  const { sourceContent } = wire
  if (!isList(sourceContent)) return undefined
  return sourceContent.map(piece => (isObject(piece) ? (stringOf(piece, 'text') ?? '') : '')).join('')
}

/**
 * A citation (SDK 3.1164 `Citation`, `CitationsDelta`) to an annotation. The wire's own object is kept whole: its
 * positions are places in the source, not in the answer. Start and end cover the text that carries it, because this
 * wire cites whole blocks.
 */
export function decodeCitation(wire: JsonObject, textLength: number): Annotation {
  const location = isObject(wire.location) ? wire.location : {}
  const [where] = Object.values(location).filter(isObject)
  const url = isObject(location.web) ? stringOf(location.web, 'url') : undefined
  const index = where?.documentIndex
  const isPlaced = Object.keys(location).length > 0
  return defined({
    type: url === undefined ? (isPlaced ? 'document' : 'unknown') : 'url',
    url,
    title: stringOf(wire, 'title'),
    documentIndex: typeof index === 'number' ? index : undefined,
    citedText: textOfSource(wire),
    start: 0,
    end: textLength,
    extra: {
      [dialect]: defined({
        source: wire.source,
        location: isPlaced && url === undefined ? location : undefined,
        [citationMark]: wire,
      }),
    },
  })
}

/** The citation that an annotation was read from. */
export function citationOf(annotation: Annotation): JsonObject | undefined {
  const wire = ownExtra(annotation)?.[citationMark]
  return isObject(wire) ? wire : undefined
}

/** An annotation as a citation of the whole text; another dialect's keeps what it says of its source. */
export function encodeCitation(
  annotation: Annotation,
  textLength: number,
  path: string,
  notes: Notes,
): JsonObject | undefined {
  const kept = citationOf(annotation)
  if (kept !== undefined) return kept
  notes.foreign(annotation, path, 'reply')
  const { url, title, filename, fileId, documentIndex, citedText, start, end } = annotation
  const citation = defined({
    title: title ?? filename,
    source: fileId,
    sourceContent: citedText === undefined ? undefined : [{ text: citedText }],
    location:
      url !== undefined
        ? { web: { url } }
        : documentIndex === undefined
          ? undefined
          : { documentChunk: { documentIndex } },
  })
  if (unlessEmpty(citation) === undefined) {
    notes.add('dropped', path, 'it names no source')
    return undefined
  }
  if (title !== undefined && filename !== undefined) {
    notes.add('dropped', `${path}.filename`, 'a source has one title here')
  }
  if (url !== undefined && documentIndex !== undefined) {
    notes.add('dropped', `${path}.documentIndex`, 'a source has one place here')
  }
  const covers = (start ?? 0) === 0 && (end === undefined || end === textLength)
  if (!covers) notes.add('approximated', `${path}.start`, 'a citation belongs to a whole block of text here')
  return citation
}
