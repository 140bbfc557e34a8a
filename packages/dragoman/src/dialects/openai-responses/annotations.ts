import type { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Annotation } from '../../ir/part.ts'
import { isObject, own } from '../../wire/json.ts'
import { Fields } from './fields.ts'
import { compose, dialect, isOwn, ownAll, ownExtra, present } from './wire.ts'

/** The wire types of `ResponseOutputText.annotations` and what the model calls them. Indices count within the part's text. */
const kinds: { readonly [type: string]: Annotation['type'] } = {
  url_citation: 'url',
  file_citation: 'file',
  container_file_citation: 'file',
  file_path: 'file',
}

/** Where the wire's type stands when the model's word for it is wider. */
const typeMark = '$type'

/** One annotation of an `output_text` part. */
export function decodeAnnotation(wire: JsonObject): Annotation {
  const fields = new Fields(wire)
  const said = fields.string('type') ?? ''
  const type = own(kinds, said) ?? 'unknown'
  const mark = type === 'url' ? {} : { [typeMark]: said }
  return present<Annotation>({
    type,
    url: fields.string('url'),
    title: fields.string('title'),
    fileId: fields.string('file_id'),
    filename: fields.string('filename'),
    start: fields.number('start_index'),
    end: fields.number('end_index'),
    extra: { [dialect]: { ...fields.rest(), ...mark } },
  })
}

/** Undefined where the wire has no word for it (a passage of a document that has neither URL nor file). */
export function encodeAnnotation(
  annotation: Annotation,
  path: string,
  notes: NoteLog,
): JsonObject | undefined {
  const { url, title, fileId, filename, start, end } = annotation
  const spoken = { url, title, file_id: fileId, filename, start_index: start, end_index: end }
  if (isOwn(annotation)) {
    const type = ownAll(annotation)[typeMark] ?? 'url_citation'
    return compose({ type }, ownExtra(annotation), spoken)
  }
  if (url === undefined && fileId === undefined) {
    notes.add('dropped', path, 'Responses cites URLs and files only')
    return undefined
  }
  notes.foreign(annotation, path)
  if (annotation.citedText !== undefined) {
    notes.add('dropped', `${path}.citedText`, 'Responses marks where a citation stands, not what it quotes')
  }
  if (url !== undefined) {
    return {
      type: 'url_citation',
      url,
      title: title ?? '',
      start_index: start ?? 0,
      end_index: end ?? 0,
    }
  }
  return {
    type: 'file_citation',
    file_id: fileId ?? '',
    filename: filename ?? title ?? '',
    index: annotation.documentIndex ?? 0,
  }
}

/** `ResponseOutputText.Logprob[]`; entries without a token are not read. Stream deltas may lack `bytes`. */
export function decodeLogprobs(value: JsonValue | undefined): readonly TokenLogprob[] {
  if (!isList(value) || value.length === 0) return []
  return value.filter(isObject).flatMap(entry => {
    const fields = new Fields(entry)
    const token = decodeToken(fields)
    if (token === undefined) return []
    const top = (fields.list('top_logprobs') ?? []).filter(isObject).flatMap(alternative => {
      const read = new Fields(alternative)
      const decoded = decodeToken(read)
      return decoded === undefined
        ? []
        : [present<Omit<TokenLogprob, 'top'>>({ ...decoded, extra: read.extra() })]
    })
    return [present<TokenLogprob>({ ...token, top, extra: fields.extra() })]
  })
}

function decodeToken(fields: Fields): Omit<TokenLogprob, 'top' | 'extra'> | undefined {
  const token = fields.string('token')
  const logprob = fields.number('logprob')
  if (token === undefined || logprob === undefined) return undefined
  const bytes = fields.list('bytes')?.filter(byte => typeof byte === 'number')
  return present<Omit<TokenLogprob, 'top' | 'extra'>>({ token, logprob, bytes })
}

/** The final form wants the bytes of each token; where nobody said, they are the token's own UTF-8. */
export function encodeLogprobs(logprobs: readonly TokenLogprob[] | undefined): readonly JsonObject[] {
  if (logprobs === undefined || logprobs.length === 0) return []
  return logprobs.map(entry => ({
    ...encodeToken(entry),
    top_logprobs: entry.top.map(encodeToken),
  }))
}

function encodeToken(entry: Omit<TokenLogprob, 'top'>): JsonObject {
  const bytes = entry.bytes === undefined ? [...new TextEncoder().encode(entry.token)] : (entry.bytes ?? [])
  return { ...ownExtra(entry), token: entry.token, bytes, logprob: entry.logprob }
}
