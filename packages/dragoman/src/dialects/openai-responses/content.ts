import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { CacheHint, MediaPart, MediaSource, Part, TextPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation, decodeLogprobs, encodeAnnotation, encodeLogprobs } from './annotations.ts'
import {
  compose,
  dialect,
  Fields,
  invalid,
  isDefined,
  isList,
  isOwn,
  type Losses,
  ownExtra,
  present,
} from './wire.ts'

/** What a message or a tool output holds: a string, or a list of parts. */
export function decodeContent(value: JsonValue | undefined, path: string, faults: Fault[]): readonly Part[] {
  if (typeof value === 'string') return [{ kind: 'text', text: value }]
  if (isList(value)) return value.flatMap((part, index) => decodePart(part, `${path}[${index}]`, faults))
  faults.push(
    invalid(path, value === undefined || value === null ? 'is required' : 'must be a string or an array'),
  )
  return []
}

const decoders: { readonly [type: string]: (fields: Fields) => Part } = {
  input_text: decodeText,
  output_text: decodeText,
  refusal: fields =>
    present<Part>({ kind: 'refusal', text: fields.required('refusal'), extra: fields.extra() }),
  input_image: decodeImage,
  input_file: decodeFile,
  input_audio: decodeAudio,
}

/** One content part; nothing where a fault says why not. A type this version does not know is carried as it is. */
export function decodePart(value: JsonValue, path: string, faults: Fault[]): readonly Part[] {
  if (!isObject(value)) {
    faults.push(invalid(path, 'must be an object'))
    return []
  }
  const fields = new Fields(value, path, faults)
  const type = fields.required('type')
  const decode = Object.hasOwn(decoders, type) ? decoders[type] : undefined
  return [decode?.(fields) ?? { kind: 'unknown', dialect, type, value }]
}

function decodeText(fields: Fields): TextPart {
  const text = fields.required('text')
  const annotations = (fields.list('annotations') ?? []).filter(isObject).map(decodeAnnotation)
  const logprobs = decodeLogprobs(fields.object.logprobs)
  if (isList(fields.object.logprobs)) fields.drop('logprobs')
  return present<TextPart>({
    kind: 'text',
    text,
    annotations: annotations.length > 0 ? annotations : undefined,
    logprobs: logprobs.length > 0 ? logprobs : undefined,
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function decodeImage(fields: Fields): Part {
  const url = fields.string('image_url')
  const id = fields.string('file_id')
  return decodeMedia(fields, 'image', url === undefined ? fileId(id) : decodeUrl(url), 'image_url')
}

function decodeFile(fields: Fields): Part {
  const data = fields.string('file_data')
  const url = fields.string('file_url')
  const id = fields.string('file_id')
  if (data === undefined) {
    return decodeMedia(fields, 'file', url === undefined ? fileId(id) : { type: 'url', url }, 'file_data')
  }
  const source = decodeUrl(data)
  if (source.type === 'base64') return decodeMedia(fields, 'file', source, 'file_data')
  // Bare base64 stays beside the model, so that the same wire gets the same form back.
  fields.keep('file_data')
  return decodeMedia(
    fields,
    'file',
    { type: 'base64', mediaType: 'application/octet-stream', data },
    'file_data',
  )
}

function decodeAudio(fields: Fields): Part {
  const audio = fields.child('input_audio')
  if (audio === undefined) fields.missing('input_audio')
  const format = audio?.required('format') ?? ''
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`
  return decodeMedia(
    fields,
    'audio',
    { type: 'base64', mediaType, data: audio?.required('data') ?? '' },
    'input_audio',
  )
}

function decodeMedia(
  fields: Fields,
  media: MediaPart['media'],
  source: MediaSource | undefined,
  wanted: string,
): Part {
  if (source === undefined) fields.missing(wanted)
  return present<MediaPart>({
    kind: 'media',
    media,
    source: source ?? { type: 'file-id', id: '' },
    detail: fields.string('detail'),
    filename: fields.string('filename'),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function fileId(id: string | undefined): MediaSource | undefined {
  return id === undefined ? undefined : { type: 'file-id', id }
}

/** A data URL with nothing but a media type and base64 becomes bytes; any other URL stays one. */
function decodeUrl(url: string): MediaSource {
  const head = url.startsWith('data:') ? /^data:([^;,]+);base64,/.exec(url.slice(0, 200)) : null
  const mediaType = head?.[1]
  if (head === null || mediaType === undefined) return { type: 'url', url }
  return { type: 'base64', mediaType, data: url.slice(head[0].length) }
}

function decodeCache(fields: Fields): CacheHint | undefined {
  const breakpoint = fields.child('prompt_cache_breakpoint')
  if (breakpoint === undefined) return undefined
  return present<CacheHint>({ ttl: breakpoint.string('ttl'), extra: { [dialect]: breakpoint.rest() } })
}

/** Which list a content part is written into: their words for text differ. */
export type Side = 'input' | 'output'

/**
 * One content part on the wire. Undefined, with a note, where the wire has no word for it. A refused note means that
 * the conversation would lose something the model has to see.
 */
export function encodePart(part: Part, side: Side, path: string, losses: Losses): JsonObject | undefined {
  losses.foreign(part, path)
  const cache = encodeCache(part, path, losses)
  switch (part.kind) {
    case 'text':
      return { ...ownExtra(part), ...encodeText(part, side, path, losses), ...cache }
    case 'refusal':
      if (part.logprobs !== undefined) {
        losses.add('dropped', `${path}.logprobs`, 'Responses has no log probabilities of a refusal')
      }
      return side === 'output'
        ? { type: 'refusal', ...ownExtra(part), refusal: part.text }
        : { type: 'input_text', text: part.text }
    case 'media': {
      const media = encodeMedia(part, path, losses)
      return media === undefined ? undefined : { ...ownExtra(part), ...media, ...cache }
    }
    case 'unknown':
      if (part.dialect === dialect) return { ...part.value, type: part.type }
      break
  }
  losses.add('dropped', path, `${part.kind} has no place in the content of a Responses item`)
  return undefined
}

/** Lists of annotations and log probabilities are written also where they are empty: clients index them unasked. */
function encodeText(part: TextPart, side: Side, path: string, losses: Losses): JsonObject {
  if (side === 'input') return { type: 'input_text', text: part.text }
  const annotations = (part.annotations ?? [])
    .map((annotation, index) => encodeAnnotation(annotation, `${path}.annotations[${index}]`, losses))
    .filter(isDefined)
  return { type: 'output_text', text: part.text, annotations, logprobs: encodeLogprobs(part.logprobs) }
}

function encodeCache(part: Part, path: string, losses: Losses): JsonObject {
  if (part.cache === undefined) return {}
  if (isOwn(part.cache)) {
    const { ttl } = part.cache
    return { prompt_cache_breakpoint: compose(ownExtra(part.cache), { ttl }) }
  }
  losses.add(
    'dropped',
    `${path}.cache`,
    'the cache of this wire is automatic; markers of other dialects have no place',
  )
  return {}
}

function encodeMedia(part: MediaPart, path: string, losses: Losses): JsonObject | undefined {
  if (part.citations === true) {
    losses.add('dropped', `${path}.citations`, 'Responses cannot be asked to cite a document')
  }
  const encoded = mediaEncoders[part.media]?.(part)
  if (encoded === undefined) {
    losses.add('refused', path, `Responses takes no ${part.media} given as ${part.source.type}`)
  }
  return encoded
}

const mediaEncoders: { readonly [M in MediaPart['media']]?: (part: MediaPart) => JsonObject | undefined } = {
  image: ({ source, detail }) => {
    const image = { type: 'input_image', detail: detail ?? 'auto' }
    if (source.type === 'file-id') return { ...image, file_id: source.id }
    return source.type === 'text' ? undefined : { ...image, image_url: encodeUrl(source) }
  },
  file: ({ source, detail, filename, extra }) => {
    const file = compose({ type: 'input_file', detail, filename })
    if (source.type === 'file-id') return { ...file, file_id: source.id }
    if (source.type === 'url') return { ...file, file_url: source.url }
    const isBare = source.type === 'base64' && extra?.[dialect]?.file_data === source.data
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

/** The wire names formats; `audio/mpeg` and `audio/x-wav` are the ones whose media type is called otherwise. */
function audioFormat(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1)
  if (subtype === 'mpeg') return 'mp3'
  return subtype === 'x-wav' || subtype === 'wave' ? 'wav' : subtype
}

/** The server tells file kinds apart by their name, so that bytes never travel without one. */
function defaultName(mediaType: string): string {
  const endings: { readonly [type: string]: string } = { 'application/pdf': '.pdf', 'text/plain': '.txt' }
  return `document${endings[mediaType] ?? ''}`
}

function base64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}
