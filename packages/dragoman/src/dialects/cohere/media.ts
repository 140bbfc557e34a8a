import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { object, text } from './fields.ts'
import { merged, ownExtra, withExtra } from './wire.ts'

const dataUrl = /^data:([^;,]*);base64,(.*)$/s

/** `{type: 'image_url', image_url: {url, detail}}` (SDK 8.1.0 `ImageContent`): a web address or a data URL. */
export function decodeImage(fields: Fields): MediaPart {
  const inner = fields.inside('image_url', fields.need('image_url', object, {}))
  const url = inner.need('url', text, '')
  const [, mediaType, data] = dataUrl.exec(url) ?? []
  const source: MediaSource =
    mediaType === undefined || data === undefined ? { type: 'url', url } : { type: 'base64', mediaType, data }
  const detail = inner.want('detail', text)
  fields.keepRest('image_url', inner)
  return defined({ kind: 'media', media: 'image', source, detail, extra: fields.extra() })
}

/** SDK 8.1.0 `ImageUrlDetail`. */
const details: readonly string[] = ['auto', 'low', 'high']

/** An image as content of a user's message; undefined (and refused) where it is given in no form this wire takes. */
export function encodeImage(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  const { source, detail, filename } = part
  const url = urlOf(source)
  if (url === undefined) {
    notes.add('refused', path, 'images are given by address or as bytes here')
    return undefined
  }
  if (filename !== undefined) notes.add('dropped', `${path}.filename`, 'images have no name here')
  const known = detail === undefined || details.includes(detail) ? detail : 'high'
  if (known !== detail) notes.add('approximated', `${path}.detail`, `${detail} becomes ${known}`)
  const extra = ownExtra(part)
  const image = merged(defined({ url, detail: known }), extra?.image_url)
  return withExtra({ type: 'image_url', image_url: image }, extra)
}

function urlOf(source: MediaSource): string | undefined {
  if (source.type === 'url') return source.url
  return source.type === 'base64' ? `data:${source.mediaType};base64,${source.data}` : undefined
}
