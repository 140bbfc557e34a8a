import type { NoteLog } from '../../core/codec/notes.ts'
import type { Reading } from '../../core/codec/reading.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { CacheHint, Part, RefusalPart, TextPart, UnknownPart } from '../../ir/part.ts'
import { own } from '../../wire/json.ts'
import { noteLeftBehind, noteMarker } from './losses.ts'
import { encodeMedia, mediaDecoders } from './media.ts'
import { carriedBy, carry, type Draft, dialect, form, putBack, restOf } from './wire.ts'

/** The markers of explicit caching: `prompt_cache_breakpoint: {mode: 'explicit', ttl?}` on any content part. */
function decodeCache(reading: Reading, wire: JsonObject, path: string): { readonly cache?: CacheHint } {
  const marker = reading.field(wire, 'prompt_cache_breakpoint', 'object', path)
  if (marker === undefined) return {}
  const ttl = reading.field(marker, 'ttl', 'string', `${path}.prompt_cache_breakpoint`)
  const rest = restOf(marker, markerFields)
  return { cache: { ...(ttl === undefined ? {} : { ttl }), extra: { [dialect]: rest } } }
}

/**
 * A cache marker is put back where it was one of this wire. One of another dialect marks what that provider bills by;
 * here caching is automatic.
 */
function encodeCache(part: Part, path: string, notes: NoteLog): Draft {
  if (part.cache === undefined) return {}
  const own = carriedBy(part.cache)
  if (own === undefined) {
    noteMarker(`${path}.cache`, notes)
    return {}
  }
  const { ttl } = part.cache
  return { prompt_cache_breakpoint: putBack(ttl === undefined ? {} : { ttl }, own) }
}

const markerFields = new Set(['ttl'])
const textFields = new Set(['type', 'text', 'prompt_cache_breakpoint'])
const refusalFields = new Set(['type', 'refusal', 'prompt_cache_breakpoint'])

function decodePart(reading: Reading, wire: JsonObject, path: string): Part | undefined {
  const type = reading.required(wire, 'type', 'string', path)
  if (type === undefined) return undefined
  const cache = decodeCache(reading, wire, path)
  if (type === 'text') {
    const text = reading.required(wire, 'text', 'string', path)
    const part: TextPart = { kind: 'text', text: text ?? '', ...cache, ...carry(restOf(wire, textFields)) }
    return part
  }
  if (type === 'refusal') {
    const text = reading.required(wire, 'refusal', 'string', path)
    const rest = { ...restOf(wire, refusalFields), [form]: 'part' }
    const part: RefusalPart = { kind: 'refusal', text: text ?? '', ...cache, ...carry(rest) }
    return part
  }
  const media = own(mediaDecoders, type)?.(reading, wire, path)
  if (media !== undefined) return { ...media, ...cache }
  const unknown: UnknownPart = { kind: 'unknown', dialect, type, value: wire }
  return unknown
}

/** Content as parts: a string is one text, `''`, null and an empty list are none. */
export function decodeContent(
  reading: Reading,
  content: JsonValue | undefined,
  path: string,
): readonly Part[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  if (!isList(content)) {
    reading.wrongType(path, 'one of a string or array of objects', content)
    return []
  }
  const parts: Part[] = []
  for (const [wire, at] of reading.objects(content, path)) {
    const part = decodePart(reading, wire, at)
    if (part !== undefined) parts.push(part)
  }
  return parts
}

/**
 * The `content` of a message without any: null beside calls, a refusal or audio, `''` where there is nothing at all.
 * An empty text that came from the wire is no part, because most wires refuse one.
 */
export function emptyContentOf(parts: readonly Part[]): '' | null {
  return parts.some(part => part.kind !== 'thinking') ? null : ''
}

/** One part as a content part; undefined where this place takes no such part, which has been noted. */
function encodePart(part: Part, path: string, notes: NoteLog): JsonObject | undefined {
  noteLeftBehind(part, path, notes)
  switch (part.kind) {
    case 'text':
      if ((part.annotations ?? []).length > 0) {
        notes.add('dropped', `${path}.annotations`, 'Chat completions takes no citations on earlier text.')
      }
      return putBack({ type: 'text', text: part.text, ...encodeCache(part, path, notes) }, carriedBy(part))
    case 'refusal':
      return putBack(
        { type: 'refusal', refusal: part.text, ...encodeCache(part, path, notes) },
        carriedBy(part),
      )
    case 'media': {
      const wire = encodeMedia(part, path, notes)
      return wire && { ...wire, ...encodeCache(part, path, notes) }
    }
    case 'unknown':
    case 'hosted-tool': {
      if (part.dialect === dialect) return part.value
      const kind = part.kind === 'unknown' ? 'refused' : 'dropped'
      notes.add(kind, path, `Chat completions has no word for ${part.type} of ${part.dialect}.`)
      return undefined
    }
    case 'thinking':
      notes.add('dropped', path, 'Chat completions takes reasoning from the assistant only.')
      return undefined
    case 'tool-call':
    case 'tool-result':
      notes.add('refused', path, `Chat completions takes no ${part.kind} in a message of this role.`)
      return undefined
  }
}

/** A part with the place it has in the model, for notes. */
export interface Placed<P extends Part = Part> {
  readonly part: P
  readonly path: string
}

/**
 * Parts as `content`: a lone text without marks is a string, which every host takes; anything else is a list;
 * undefined where there is nothing to say.
 */
export function encodeContent(placed: readonly Placed[], notes: NoteLog): JsonValue | undefined {
  const wires: JsonObject[] = []
  for (const { part, path } of placed) {
    const wire = encodePart(part, path, notes)
    if (wire !== undefined) wires.push(wire)
  }
  const [first] = wires
  if (first === undefined) return undefined
  const isPlain = wires.length === 1 && first.type === 'text' && Object.keys(first).length === 2
  return isPlain && first.text !== undefined ? first.text : wires
}
