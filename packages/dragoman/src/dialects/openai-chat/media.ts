import type { NoteLog } from '../../core/codec/notes.ts'
import type { Reading } from '../../core/codec/reading.ts'
import { defined, textOf } from '../../core/codec/values.ts'
import type { Render } from '../../core/dialect.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { MediaPart, MediaSource } from '../../ir/part.ts'
import { own } from '../../wire/json.ts'
import { carriedBy, carry, putBack, restOf } from './wire.ts'

/** `data:image/png;base64,AAAA` as its type and data; undefined for anything else, such as data that is not base64. */
function parseDataUrl(url: string): { readonly mediaType: string; readonly data: string } | undefined {
  if (!url.startsWith('data:')) return undefined
  // Cut at the comma before looking closer: the rest may be megabytes.
  const comma = url.indexOf(',')
  const head = comma < 0 ? '' : url.slice('data:'.length, comma)
  if (!head.endsWith(';base64') || head.length === ';base64'.length) return undefined
  return { mediaType: head.slice(0, -';base64'.length), data: url.slice(comma + 1) }
}

function writeDataUrl(source: { readonly mediaType: string; readonly data: string }): string {
  return `data:${source.mediaType};base64,${source.data}`
}

/** `input_audio.format` and the media types it stands for; other formats are called as their subtype. */
const audioTypes: { readonly [format: string]: string } = { mp3: 'audio/mpeg', wav: 'audio/wav' }
const audioFormats: { readonly [mediaType: string]: string } = {
  'audio/mpeg': 'mp3',
  'audio/mp3': 'mp3',
  'audio/wav': 'wav',
  'audio/wave': 'wav',
  'audio/x-wav': 'wav',
}

type MediaDecoder = (reading: Reading, wire: JsonObject, path: string) => MediaPart | undefined

/**
 * Media parts of a user message by their `type`: `image_url`, `input_audio`, `file`. Undefined where the wire object
 * has nothing of what the model knows, so that it is kept as it is and the upstream judges.
 */
export const mediaDecoders: { readonly [type: string]: MediaDecoder } = {
  image_url(reading, wire, path) {
    const image = reading.required(wire, 'image_url', 'object', path)
    const url = image && reading.required(image, 'url', 'string', `${path}.image_url`)
    if (image === undefined || url === undefined) return undefined
    const data = parseDataUrl(url)
    return {
      kind: 'media',
      media: 'image',
      source: data === undefined ? { type: 'url', url } : { type: 'base64', ...data },
      ...defined({ detail: reading.field(image, 'detail', 'string', `${path}.image_url`) }),
      ...carryInside('image_url', image, ['url', 'detail'], wire),
    }
  },

  input_audio(reading, wire, path) {
    const audio = reading.required(wire, 'input_audio', 'object', path)
    const data = audio && reading.required(audio, 'data', 'string', `${path}.input_audio`)
    const format = audio && reading.required(audio, 'format', 'string', `${path}.input_audio`)
    if (audio === undefined || data === undefined || format === undefined) return undefined
    return {
      kind: 'media',
      media: 'audio',
      source: { type: 'base64', mediaType: own(audioTypes, format) ?? `audio/${format}`, data },
      ...carryInside('input_audio', audio, ['data', 'format'], wire),
    }
  },

  file(reading, wire, path) {
    const file = reading.required(wire, 'file', 'object', path)
    if (file === undefined) return undefined
    const id = reading.field(file, 'file_id', 'string', `${path}.file`)
    const data = parseDataUrl(reading.field(file, 'file_data', 'string', `${path}.file`) ?? '')
    const source: MediaSource | undefined =
      id !== undefined ? { type: 'file-id', id } : data && { type: 'base64', ...data }
    if (source === undefined) return undefined
    return {
      kind: 'media',
      media: 'file',
      source,
      ...defined({ filename: reading.field(file, 'filename', 'string', `${path}.file`) }),
      ...carryInside('file', file, [id === undefined ? 'file_data' : 'file_id', 'filename'], wire),
    }
  },
}

const outer = new Set(['type', 'prompt_cache_breakpoint'])

/** What is left of a part and of the object inside it, kept in the shape of the wire. */
function carryInside(type: string, inside: JsonObject, consumed: readonly string[], wire: JsonObject) {
  const inner = restOf(inside, new Set(consumed))
  const rest = restOf(wire, new Set([...outer, type]))
  return carry(Object.keys(inner).length === 0 ? rest : { ...rest, [type]: inner })
}

/** A media part as this wire's content part; undefined, with a note, where it has no word for it. */
export function encodeMedia(part: MediaPart, path: string, notes: NoteLog): JsonObject | undefined {
  const wire = encodeByKind(part, path, notes)
  if (wire === undefined) return undefined
  if (part.citations === true) {
    notes.add('dropped', `${path}.citations`, 'Chat completions cannot be asked to cite a document.')
  }
  return putBack(wire, carriedBy(part))
}

function encodeByKind(part: MediaPart, path: string, notes: NoteLog): JsonObject | undefined {
  const { source, media } = part
  if (source.type === 'text') {
    const title = part.filename === undefined ? '' : `${part.filename}\n\n`
    notes.add('approximated', path, 'Chat completions takes no text documents; it was sent as text.')
    return { type: 'text', text: title + source.text }
  }
  if (media === 'image' && source.type !== 'file-id') {
    const url = source.type === 'url' ? source.url : writeDataUrl(source)
    return { type: 'image_url', image_url: defined({ url, detail: part.detail }) }
  }
  if (media === 'audio' && source.type === 'base64') {
    const format = own(audioFormats, source.mediaType) ?? source.mediaType.replace(/^audio\//, '')
    return { type: 'input_audio', input_audio: { data: source.data, format } }
  }
  if (media === 'file' && source.type === 'file-id') {
    return { type: 'file', file: defined({ file_id: source.id, filename: part.filename }) }
  }
  if (media === 'file' && source.type === 'base64') {
    return {
      type: 'file',
      file: { filename: filenameOf(part, source.mediaType, path, notes), file_data: writeDataUrl(source) },
    }
  }
  notes.add('refused', path, `Chat completions takes no ${media} by ${source.type}.`)
  return undefined
}

/** The service asks for a `file_id` when data comes without a name. */
function filenameOf(part: MediaPart, mediaType: string, path: string, notes: NoteLog): string {
  if (part.filename !== undefined) return part.filename
  const extension = /^[^/]+\/([a-z0-9]+)$/.exec(mediaType)?.[1] ?? 'bin'
  notes.add(
    'approximated',
    `${path}.filename`,
    'Chat completions wants a name beside file data; one was made up.',
  )
  return `document.${extension}`
}

const idField = new Set(['id'])

/** Audio of an earlier answer, which history names by id: `audio: {id}` of an assistant message. */
export function decodeAudioReference(
  reading: Reading,
  audio: JsonObject,
  path: string,
): MediaPart | undefined {
  const id = reading.required(audio, 'id', 'string', path)
  if (id === undefined) return undefined
  return {
    kind: 'media',
    media: 'audio',
    source: { type: 'file-id', id },
    ...carry(restOf(audio, idField)),
  }
}

/** The id of generated audio, whether it is a reference or the audio as it was answered. */
export function audioIdOf(part: MediaPart): string | undefined {
  if (part.media !== 'audio') return undefined
  if (part.source.type === 'file-id') return part.source.id
  const id = carriedBy(part)?.id
  return typeof id === 'string' ? id : undefined
}

const audioFields = new Set(['data', 'transcript'])

/** Generated audio: `{id, data, expires_at, transcript}`. The reply does not name its format; the request did. */
export function decodeAudio(audio: JsonObject): MediaPart {
  return {
    kind: 'media',
    media: 'audio',
    source: { type: 'base64', mediaType: 'audio/*', data: textOf(audio.data) ?? '' },
    ...defined({ transcript: typeof audio.transcript === 'string' ? audio.transcript : undefined }),
    ...carry(restOf(audio, audioFields)),
  }
}

/**
 * Audio of an answer; undefined for any other medium. Audio of another wire gets an id under which nothing is stored,
 * and so one that expires at once.
 */
export function encodeAudio(part: MediaPart, render: Render): JsonObject | undefined {
  if (part.media !== 'audio' || part.source.type !== 'base64') return undefined
  const own = carriedBy(part)
  const made = own?.id === undefined ? { id: `audio_${render.id}`, expires_at: render.created } : {}
  return putBack({ ...made, data: part.source.data, transcript: part.transcript ?? '' }, own)
}
