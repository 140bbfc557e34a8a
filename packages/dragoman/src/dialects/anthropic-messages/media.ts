import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { flag, object, text } from './fields.ts'
import { merged, ownExtra } from './wire.ts'

/** SDK 1.12.0 `Base64ImageSource.media_type`. */
const imageTypes: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])

/** The text of a document that is given as content; undefined where it is more than text. */
function textOfContent(content: JsonValue | undefined): string | undefined {
  if (typeof content === 'string') return content
  if (!isList(content)) return undefined
  const texts: string[] = []
  for (const block of content) {
    if (!isObject(block) || block.type !== 'text' || typeof block.text !== 'string') return undefined
    texts.push(block.text)
  }
  return texts.join('\n')
}

/** Reads a source of an image or a document; undefined where the model has no word for it. */
function decodeSource(fields: Fields, wire: JsonObject): MediaSource | undefined {
  if (wire.type === 'content') {
    const joined = textOfContent(wire.content)
    return joined === undefined ? undefined : { type: 'text', mediaType: 'text/plain', text: joined }
  }
  switch (fields.take('type', text)) {
    case 'base64':
      return {
        type: 'base64',
        mediaType: fields.need('media_type', text, ''),
        data: fields.need('data', text, ''),
      }
    case 'text':
      return {
        type: 'text',
        mediaType: fields.need('media_type', text, ''),
        text: fields.need('data', text, ''),
      }
    case 'url':
      return { type: 'url', url: fields.need('url', text, '') }
    case 'file':
      return { type: 'file-id', id: fields.need('file_id', text, '') }
    default:
      return undefined
  }
}

/** An image or document block; undefined where its source is of a kind the model has no word for. */
export function decodeMedia(fields: Fields, media: 'image' | 'file'): MediaPart | undefined {
  const wire = fields.need('source', object, {})
  const inner = fields.inside('source', wire)
  const source = decodeSource(inner, wire)
  if (source === undefined) return undefined
  fields.keepRest('source', inner)
  const filename = media === 'file' ? fields.take('title', text) : undefined
  const citations = media === 'file' ? decodeCitationSwitch(fields) : undefined
  return defined({ kind: 'media' as const, media, source, filename, citations })
}

function decodeCitationSwitch(fields: Fields): boolean | undefined {
  const wire = fields.take('citations', object)
  if (wire === undefined) return undefined
  const inner = fields.inside('citations', wire)
  const enabled = inner.take('enabled', flag)
  if (enabled === undefined) fields.keep('citations', wire)
  else fields.keepRest('citations', inner)
  return enabled
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

type Written = { readonly type: 'image' | 'document'; readonly source: JsonObject }

const plainText = (data: string): Written => ({
  type: 'document',
  source: { type: 'text', media_type: 'text/plain', data },
})

function encodeBase64(
  part: MediaPart,
  mediaType: string,
  data: string,
  path: string,
  notes: Notes,
): Written | undefined {
  const source = { type: 'base64', media_type: mediaType, data }
  if (imageTypes.has(mediaType)) return { type: 'image', source }
  if (part.media === 'image') {
    notes.add('refused', path, `images are jpeg, png, gif or webp here, not ${mediaType}`)
    return undefined
  }
  if (mediaType === 'application/pdf') return { type: 'document', source }
  const isText = mediaType.startsWith('text/') || mediaType === 'application/json'
  const plain = isText ? textOfBase64(data) : undefined
  if (plain === undefined) {
    notes.add('refused', path, `files are PDF or text here, not ${mediaType}`)
    return undefined
  }
  if (mediaType !== 'text/plain') notes.add('approximated', path, `${mediaType} is sent as plain text`)
  return plainText(plain)
}

function encodeSource(part: MediaPart, path: string, notes: Notes): Written | undefined {
  const type = part.media === 'image' ? 'image' : 'document'
  const { source } = part
  switch (source.type) {
    case 'base64':
      return encodeBase64(part, source.mediaType, source.data, path, notes)
    case 'url':
      return { type, source: { type: 'url', url: source.url } }
    case 'file-id':
      return { type, source: { type: 'file', file_id: source.id } }
    case 'text':
      if (part.media === 'file') return plainText(source.text)
      notes.add('refused', path, 'an image cannot be given as text here')
      return undefined
  }
}

/**
 * An image or a file as a block, without cache marker and extras. Refused: audio, video, and what the API takes in no
 * form (card 4.2).
 */
export function encodeMedia(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  if (part.media === 'audio' || part.media === 'video') {
    notes.add('refused', path, `there is no ${part.media} input here`)
    return undefined
  }
  const written = encodeSource(part, path, notes)
  if (written === undefined) return undefined
  if (part.detail !== undefined && part.detail !== 'auto') {
    notes.add('dropped', `${path}.detail`, 'images have no level of detail here')
  }
  if (part.transcript !== undefined)
    notes.add('dropped', `${path}.transcript`, 'there is no place for it here')
  const own = ownExtra(part)
  // A document's text that came as content blocks is put back as it was, not as the text it amounts to.
  const kept = own?.source
  const source = isObject(kept) && kept.type === 'content' ? kept : merged(written.source, kept)
  if (written.type === 'image') {
    if (part.filename !== undefined) notes.add('dropped', `${path}.filename`, 'images have no name here')
    return { type: 'image', source }
  }
  return defined({
    type: 'document',
    source,
    title: part.filename,
    citations: part.citations === undefined ? undefined : merged({ enabled: part.citations }, own?.citations),
  })
}
