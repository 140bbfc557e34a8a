import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { MediaPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { dialect, ownExtra, textOf } from './wire.ts'

/** Where the wire's own document stands among the extras, for the same wire alone. */
const documentMark = '$document'

/** Names under which a document's data has its text; cohere-ai 8.1.0 leaves the names to the caller. */
const textKeys = ['text', 'content', 'snippet', 'body'] as const

/** A document's text: its data is any object, whose names and values the model reads as they are. */
function textOfData(data: JsonValue | undefined): string {
  if (!isObject(data)) return textOf(data) ?? JSON.stringify(data ?? {})
  const named = textKeys.map(key => textOf(data[key])).find(text => text !== undefined)
  return named ?? JSON.stringify(data)
}

/**
 * A document (a string, or `{id, data}`) as a text file to be cited. Its own object is kept whole: the names in its
 * data are the caller's.
 */
export function decodeDocument(wire: JsonValue, citations: boolean): MediaPart {
  const data = isObject(wire) ? wire.data : wire
  return defined({
    kind: 'media',
    media: 'file',
    source: { type: 'text', mediaType: 'text/plain', text: textOfData(data) },
    filename: isObject(data) ? textOf(data.title) : undefined,
    citations,
    extra: { [dialect]: { [documentMark]: wire } },
  })
}

/** Bytes as UTF-8 text, undefined where they are not. */
function textOfBase64(data: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(data), character => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The text of a file; undefined where it is not text, which is all that documents hold. */
function textOfFile(part: MediaPart): string | undefined {
  const { source } = part
  if (source.type === 'text') return source.text
  if (source.type !== 'base64') return undefined
  const { mediaType, data } = source
  const isText = mediaType.startsWith('text/') || mediaType === 'application/json'
  return isText ? textOfBase64(data) : undefined
}

/**
 * A file as a document, undefined (and refused) where it is not text. Documents without an id get one that says their
 * place, which is what the API itself would call them, so that a citation can be traced back (capture cohere-citations).
 */
export function encodeDocument(
  part: MediaPart,
  place: number | undefined,
  path: string,
  notes: Notes,
): JsonValue | undefined {
  const own = ownExtra(part)?.[documentMark]
  if (own !== undefined) return own
  const text = part.media === 'file' ? textOfFile(part) : undefined
  if (text === undefined) {
    const what = part.media === 'file' ? 'files are text here' : `there is no ${part.media} input here`
    notes.add('refused', path, what)
    return undefined
  }
  const id = place === undefined ? undefined : `doc:${place}`
  return defined({ id, data: defined({ title: part.filename, text }) })
}

/** The place that a document's automatic id tells; undefined for an id of the caller's. */
export function placeOf(id: string | undefined): number | undefined {
  const place = /^doc:(\d{1,6})$/.exec(id ?? '')?.[1]
  return place === undefined ? undefined : Number(place)
}

/** What is shown of a document that an answer cites. */
export function describeDocument(wire: JsonObject): { readonly title?: string; readonly url?: string } {
  return defined({ title: textOf(wire.title), url: textOf(wire.url) })
}
