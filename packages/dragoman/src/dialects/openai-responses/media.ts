import type { NoteLog } from '../../core/codec/notes.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import type { Fields } from './fields.ts'
import { compose, dialect, ownAll, present } from './wire.ts'

/** Stands on a file whose base64 came without the data URL around it. */
const bareMark = '$bare'

/** `ResponseInputImage`: a URL, which may hold the data, or the id of a stored file. */
export function decodeImage(fields: Fields): MediaPart {
  const url = fields.string('image_url')
  return decodeMedia(fields, 'image', url === undefined ? decodeId(fields) : decodeUrl(url), 'image_url')
}

/** `ResponseInputFile`: data, a URL or the id of a stored file. */
export function decodeFile(fields: Fields): MediaPart {
  const data = fields.string('file_data')
  if (data === undefined) {
    const url = fields.string('file_url')
    const source: MediaSource | undefined = url === undefined ? decodeId(fields) : { type: 'url', url }
    return decodeMedia(fields, 'file', source, 'file_data')
  }
  if (data.startsWith('data:')) return decodeMedia(fields, 'file', decodeUrl(data), 'file_data')
  const source: MediaSource = { type: 'base64', mediaType: 'application/octet-stream', data }
  const part = decodeMedia(fields, 'file', source, 'file_data')
  return { ...part, extra: { [dialect]: { ...ownAll(part), [bareMark]: true } } }
}

/** `ResponseInputAudio`. */
export function decodeAudio(fields: Fields): MediaPart {
  const audio = fields.child('input_audio')
  if (audio === undefined) return decodeMedia(fields, 'audio', undefined, 'input_audio')
  const format = audio.required('format')
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
  const source: MediaSource = { type: 'base64', mediaType, data: audio.required('data') }
  return decodeMedia(fields, 'audio', source, 'input_audio')
}

/** A part without a source is a fault that names the field it should have. */
function decodeMedia(
  fields: Fields,
  media: MediaPart['media'],
  source: MediaSource | undefined,
  wanted: string,
): MediaPart {
  if (source === undefined) fields.missing(wanted)
  return present<MediaPart>({
    kind: 'media',
    media,
    source: source ?? { type: 'file-id', id: '' },
    detail: fields.string('detail'),
    filename: fields.string('filename'),
    cache: fields.cache(),
    extra: fields.extra(),
  })
}

function decodeId(fields: Fields): MediaSource | undefined {
  const id = fields.string('file_id')
  return id === undefined ? undefined : { type: 'file-id', id }
}

/** A data URL with nothing but a media type and base64 becomes bytes; any other URL stays one. */
function decodeUrl(url: string): MediaSource {
  const head = url.startsWith('data:') ? /^data:([^;,]+);base64,/.exec(url.slice(0, 200)) : null
  const mediaType = head?.[1]
  if (head === null || mediaType === undefined) return { type: 'url', url }
  return { type: 'base64', mediaType, data: url.slice(head[0].length) }
}

/** Undefined, with a note, where the wire takes no such medium, or not in this form. */
export function encodeMedia(part: MediaPart, path: string, notes: NoteLog): JsonObject | undefined {
  if (part.citations === true) {
    notes.add('dropped', `${path}.citations`, 'Responses cannot be asked to cite a document')
  }
  const encoded = encoders[part.media]?.(part)
  if (encoded === undefined) {
    notes.add('refused', path, `Responses takes no ${part.media} given as ${part.source.type}`)
  }
  return encoded
}

const encoders: { readonly [M in MediaPart['media']]?: (part: MediaPart) => JsonObject | undefined } = {
  image: ({ source, detail }) => {
    const image = { type: 'input_image', detail: detail ?? 'auto' }
    if (source.type === 'file-id') return { ...image, file_id: source.id }
    return source.type === 'text' ? undefined : { ...image, image_url: encodeUrl(source) }
  },
  file: part => {
    const { source, detail, filename } = part
    const file = compose({ type: 'input_file', detail, filename })
    if (source.type === 'file-id') return { ...file, file_id: source.id }
    if (source.type === 'url') {
      return { ...file, [source.url.startsWith('data:') ? 'file_data' : 'file_url']: source.url }
    }
    const isBare = source.type === 'base64' && ownAll(part)[bareMark] === true
    const data = isBare ? source.data : encodeUrl(source)
    return { ...file, filename: filename ?? defaultName(source.mediaType), file_data: data }
  },
  audio: ({ source }) => {
    if (source.type !== 'base64') return undefined
    return { type: 'input_audio', input_audio: { data: source.data, format: audioFormat(source.mediaType) } }
  },
}

function encodeUrl(source: Exclude<MediaSource, { type: 'file-id' }>): string {
  if (source.type === 'url') return source.url
  const data = source.type === 'text' ? base64(source.text) : source.data
  return `data:${source.mediaType};base64,${data}`
}

/** The wire names formats; these are the ones whose media type is called otherwise. */
function audioFormat(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1)
  if (subtype === 'mpeg') return 'mp3'
  return subtype === 'x-wav' || subtype === 'wave' ? 'wav' : subtype
}

/** The server tells kinds of files apart by their name, so that bytes never travel without one. */
function defaultName(mediaType: string): string {
  if (mediaType === 'application/pdf') return 'document.pdf'
  return mediaType === 'text/plain' ? 'document.txt' : 'document'
}

function base64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}
