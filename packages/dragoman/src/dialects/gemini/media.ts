import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { type Fields, object, text } from './fields.ts'

type Medium = MediaPart['media']

/** What a MIME type is a medium of; anything that is none of these is a file. */
function mediumOf(mediaType: string | undefined): Medium {
  const [family] = (mediaType ?? '').toLowerCase().split('/')
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'file'
}

/** Bytes in the body (SDK 3.1.0 `Blob`). */
export function decodeInlineData(fields: Fields): MediaPart {
  const inner = fields.inside('inlineData', fields.need('inlineData', object, {}))
  const mediaType = inner.take('mimeType', text) ?? ''
  const data = inner.take('data', text) ?? ''
  const filename = inner.take('displayName', text)
  fields.keepRest('inlineData', inner)
  const source: MediaSource = { type: 'base64', mediaType, data }
  return defined({ kind: 'media', media: mediumOf(mediaType), source, filename })
}

/** A name of an uploaded file: the Files API writes it as an address below its own (card 3). */
const uploaded = /\/v\d\w*\/files\/[^/?#]+$/

/** Bytes elsewhere (SDK 3.1.0 `FileData`): an address, or a file that was uploaded before and only its host can read. */
export function decodeFileData(fields: Fields): MediaPart {
  const inner = fields.inside('fileData', fields.need('fileData', object, {}))
  const url = inner.take('fileUri', text) ?? ''
  const filename = inner.take('displayName', text)
  const mediaType = inner.take('mimeType', text)
  if (uploaded.test(url) && mediaType !== undefined) inner.keep('mimeType', mediaType)
  fields.keepRest('fileData', inner)
  const source: MediaSource = uploaded.test(url)
    ? { type: 'file-id', id: url }
    : defined({ type: 'url', url, mediaType })
  return defined({ kind: 'media', media: mediumOf(mediaType), source, filename })
}

/** MIME types by the end of an address; the field is required (trap 27) and other wires need none. */
const byEnding: { readonly [ending: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mov: 'video/quicktime',
}

const byMedium: { readonly [M in Medium]: string } = {
  image: 'image/jpeg',
  audio: 'audio/mp3',
  video: 'video/mp4',
  file: 'application/pdf',
}

function guessMediaType(part: MediaPart, url: string, path: string, notes: Notes): string {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? ''
  const known = Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined
  if (known !== undefined) return known
  const assumed = byMedium[part.media]
  notes.add(
    'approximated',
    `${path}.source`,
    `a type is required here and nobody said one: ${assumed} is assumed`,
  )
  return assumed
}

function base64Of(plain: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(plain)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** A medium as the one data field of a part: `inlineData` or `fileData`. `own` is what this wire said of it before. */
export function encodeMedia(
  part: MediaPart,
  path: string,
  own: JsonObject | undefined,
  notes: Notes,
): JsonObject {
  if (part.transcript !== undefined) {
    notes.add('dropped', `${path}.transcript`, 'there is no place for it here')
  }
  if (part.citations === true) {
    notes.add('dropped', `${path}.citations`, 'documents are not cited on demand here')
  }
  const { source } = part
  const displayName = part.filename
  switch (source.type) {
    case 'base64':
      return { inlineData: defined({ mimeType: source.mediaType, data: source.data, displayName }) }
    case 'text':
      return { inlineData: defined({ mimeType: source.mediaType, data: base64Of(source.text), displayName }) }
    case 'url': {
      const mimeType = source.mediaType ?? guessMediaType(part, source.url, path, notes)
      return { fileData: defined({ mimeType, fileUri: source.url, displayName }) }
    }
    case 'file-id': {
      const isTyped = own?.fileData !== undefined
      const mimeType = isTyped ? undefined : guessMediaType(part, source.id, path, notes)
      return { fileData: defined({ mimeType, fileUri: source.id, displayName }) }
    }
  }
}
