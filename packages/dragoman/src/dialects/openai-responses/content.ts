import type { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part, TextPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation, decodeLogprobs, encodeAnnotation, encodeLogprobs } from './annotations.ts'
import { Fields, invalid } from './fields.ts'
import { decodeAudio, decodeFile, decodeImage, encodeMedia } from './media.ts'
import { compose, dialect, isDefined, isOwn, ownExtra, present } from './wire.ts'

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
    cache: fields.cache(),
    extra: fields.extra(),
  })
}

/** Which list a content part is written into: their words for text differ. */
export type Side = 'input' | 'output'

/**
 * One content part on the wire. Undefined, with a note, where the wire has no word for it. A refused note means that
 * the conversation would lose something the model has to see.
 */
export function encodePart(part: Part, side: Side, path: string, notes: NoteLog): JsonObject | undefined {
  notes.foreign(part, path)
  const cache = encodeCache(part, path, notes)
  switch (part.kind) {
    case 'text':
      return { ...ownExtra(part), ...encodeText(part, side, path, notes), ...cache }
    case 'refusal':
      if (part.logprobs !== undefined) {
        notes.add('dropped', `${path}.logprobs`, 'Responses has no log probabilities of a refusal')
      }
      return side === 'output'
        ? { type: 'refusal', ...ownExtra(part), refusal: part.text }
        : { type: 'input_text', text: part.text }
    case 'media': {
      const media = encodeMedia(part, path, notes)
      return media === undefined ? undefined : { ...ownExtra(part), ...media, ...cache }
    }
    case 'unknown':
      if (part.dialect === dialect) return { ...part.value, type: part.type }
      break
  }
  notes.add('dropped', path, `${part.kind} has no place in the content of a Responses item`)
  return undefined
}

/** Lists of annotations and log probabilities are written also where they are empty: clients index them unasked. */
function encodeText(part: TextPart, side: Side, path: string, notes: NoteLog): JsonObject {
  if (side === 'input') return { type: 'input_text', text: part.text }
  const annotations = (part.annotations ?? [])
    .map((annotation, index) => encodeAnnotation(annotation, `${path}.annotations[${index}]`, notes))
    .filter(isDefined)
  return { type: 'output_text', text: part.text, annotations, logprobs: encodeLogprobs(part.logprobs) }
}

function encodeCache(part: Part, path: string, notes: NoteLog): JsonObject {
  if (part.cache === undefined) return {}
  if (isOwn(part.cache)) {
    const { ttl } = part.cache
    return { prompt_cache_breakpoint: compose(ownExtra(part.cache), { ttl }) }
  }
  notes.add(
    'dropped',
    `${path}.cache`,
    'the cache of this wire is automatic; markers of other dialects have no place',
  )
  return {}
}
