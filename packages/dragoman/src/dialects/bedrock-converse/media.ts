import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { isObject, own } from '../../wire/json.ts'
import { cleanName } from './documents.ts'
import { flag, need, objects, open, openOptional, text } from './fields.ts'
import { ownExtra } from './wire.ts'

/** The members of a content block that hold media, with the model's word (SDK 3.1164 `ContentBlock`). */
export const mediaKinds = { image: 'image', document: 'file', audio: 'audio', video: 'video' } as const // a table of literals
export type MediaMember = keyof typeof mediaKinds
const members = { image: 'image', file: 'document', audio: 'audio', video: 'video' } as const // its inverse

const office = 'application/vnd.openxmlformats-officedocument'

/** The wire's formats (SDK 3.1164 `ImageFormat`, `DocumentFormat`, `VideoFormat`, `AudioFormat`) and their media types. */
const types: { readonly [M in MediaMember]: { readonly [format: string]: string } } = {
  image: { png: 'image/png', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' },
  document: {
    pdf: 'application/pdf',
    csv: 'text/csv',
    doc: 'application/msword',
    docx: `${office}.wordprocessingml.document`,
    xls: 'application/vnd.ms-excel',
    xlsx: `${office}.spreadsheetml.sheet`,
    html: 'text/html',
    txt: 'text/plain',
    md: 'text/markdown',
  },
  video: {
    mp4: 'video/mp4',
    mov: 'video/quicktime',
    mkv: 'video/x-matroska',
    webm: 'video/webm',
    flv: 'video/x-flv',
    mpeg: 'video/mpeg',
    mpg: 'video/mpg',
    wmv: 'video/x-ms-wmv',
    three_gp: 'video/3gpp',
  },
  audio: Object.fromEntries(
    ['aac', 'flac', 'm4a', 'mka', 'mkv', 'mp3', 'mp4', 'mpeg', 'mpga', 'ogg', 'opus', 'pcm', 'wav', 'webm']
      .map(format => [format, `audio/${format}`])
      .concat([['x-aac', 'audio/x-aac']]),
  ),
}

/** Other names of the same types. */
const aliases: { readonly [mediaType: string]: string } = {
  'image/jpg': 'image/jpeg',
  'audio/mpeg': 'audio/mp3',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/x-m4a': 'audio/m4a',
  'text/x-markdown': 'text/markdown',
}

function formatOf(member: MediaMember, mediaType: string): string | undefined {
  const bare = mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
  const known = own(aliases, bare) ?? bare
  return Object.keys(types[member]).find(format => types[member][format] === known)
}

const typeOf = (member: MediaMember, format: string): string =>
  own(types[member], format) ?? `${mediaKinds[member]}/${format}`

/** A media block's source; undefined where it is of a kind the model has no word for. */
function decodeSource(source: Fields, member: MediaMember, mediaType: string): MediaSource | undefined {
  const data = source.take('bytes', text)
  if (data !== undefined) return { type: 'base64', mediaType, data }
  const place = openOptional(source, 's3Location')
  if (place !== undefined) {
    const url = need(place, 'uri', text, '')
    source.keepRest('s3Location', place)
    return { type: 'url', url, mediaType }
  }
  if (member !== 'document') return undefined
  const plain = source.take('text', text)
  if (plain !== undefined) return { type: 'text', mediaType, text: plain }
  const pieces = source.take('content', objects)
  if (pieces === undefined || !pieces.every(piece => typeof piece.text === 'string')) return undefined
  // The pieces are what citations count; the same wire gets them back.
  source.keep('content', pieces)
  return { type: 'text', mediaType, text: pieces.map(piece => piece.text).join('\n') }
}

/** An image, document, audio or video block without its marks. */
export function decodeMedia(block: Fields, member: MediaMember): MediaPart | undefined {
  const inner = open(block, member)
  const format = member === 'document' ? inner.take('format', text) : need(inner, 'format', text, '')
  const place = open(inner, 'source')
  const source = decodeSource(place, member, typeOf(member, format ?? 'txt'))
  if (source === undefined) return undefined
  inner.keepRest('source', place)
  const isDocument = member === 'document'
  if (isDocument && format === undefined) inner.keep('$noFormat', true)
  const citations = decodeSwitch(inner)
  const filename = isDocument ? need(inner, 'name', text, '') : undefined
  block.keepRest(member, inner)
  return defined({ kind: 'media' as const, media: mediaKinds[member], source, filename, citations })
}

/** Whether a document is to be cited. */
function decodeSwitch(document: Fields): boolean | undefined {
  const inner = openOptional(document, 'citations')
  const enabled = inner?.take('enabled', flag)
  if (inner !== undefined) document.keepRest('citations', inner)
  return enabled
}

function encodeSource(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  const { source } = part
  const bucket = /^s3:\/\//
  switch (source.type) {
    case 'base64':
      return { bytes: source.data }
    case 'url':
      if (bucket.test(source.url)) return { s3Location: { uri: source.url } }
      notes.add(
        'refused',
        path,
        `a ${part.media} is given as bytes or as an s3:// location here, not by its URL`,
      )
      return undefined
    case 'file-id':
      notes.add('refused', path, 'there are no file ids here')
      return undefined
    case 'text':
      if (part.media === 'file') return { text: source.text }
      notes.add('refused', path, `a ${part.media} cannot be given as text here`)
      return undefined
  }
}

function mediaTypeOf(part: MediaPart): string {
  const { source } = part
  if (source.type === 'base64' || source.type === 'text') return source.mediaType
  const ending = source.type === 'url' ? source.url.split('.').at(-1) : undefined
  const { mediaType } = source.type === 'url' ? source : {}
  return mediaType ?? typeOf(members[part.media], ending === 'jpg' ? 'jpeg' : (ending ?? ''))
}

/** The format of a part; a file that is some other kind of text is sent as plain text. */
function encodeFormat(part: MediaPart, path: string, notes: Notes): string | undefined {
  const member = members[part.media]
  const mediaType = mediaTypeOf(part)
  const format = formatOf(member, mediaType)
  if (format !== undefined) return format
  if (member === 'document' && /^text\/|\b(json|xml|yaml)$/.test(mediaType)) {
    notes.add('approximated', path, `${mediaType} is sent as plain text`)
    return 'txt'
  }
  const known = Object.keys(types[member]).join(', ')
  notes.add('refused', path, `a ${part.media} is one of ${known} here, not ${mediaType}`)
  return undefined
}

/** Media as a block, without cache marker and extras. Refused: what the API takes in no form. */
export function encodeMedia(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  const source = encodeSource(part, path, notes)
  const format = source && encodeFormat(part, path, notes)
  if (source === undefined || format === undefined) return undefined
  noteUnsaid(part, path, notes)
  const member = members[part.media]
  const kept = ownExtra(part)?.[member]
  const inner = isObject(kept) ? kept : {}
  if (member !== 'document') return { [member]: { format, source } }
  // What came as pieces is put back as pieces, not as the text they amount to.
  const pieces = isObject(inner.source) ? inner.source.content : undefined
  const name = cleanName(part.filename)
  if (name !== part.filename) {
    const reason = 'a document has a name of letters, digits, spaces, hyphens and brackets here'
    notes.add('emulated', `${path}.filename`, reason)
  }
  const { citations } = part
  return {
    document: defined({
      format: inner.$noFormat === true ? undefined : format,
      name,
      source: pieces === undefined ? source : { content: pieces },
      citations: citations === undefined ? undefined : { enabled: citations },
    }),
  }
}

function noteUnsaid(part: MediaPart, path: string, notes: Notes): void {
  if (part.detail !== undefined && part.detail !== 'auto') {
    notes.add('dropped', `${path}.detail`, 'images have no level of detail here')
  }
  if (part.transcript !== undefined)
    notes.add('dropped', `${path}.transcript`, 'there is no place for it here')
  if (part.media === 'file') return
  if (part.filename !== undefined) notes.add('dropped', `${path}.filename`, 'only documents have names here')
  if (part.citations !== undefined) {
    notes.add('dropped', `${path}.citations`, 'only documents can be cited here')
  }
}
