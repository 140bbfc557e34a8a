import type { NoteLog } from '../../core/codec/notes.ts'
import { isList, objectsOf, textOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ThinkingPart } from '../../ir/part.ts'
import { carriedBy, carry, type Draft, dialect, form, formOf } from './wire.ts'

/**
 * OpenAI's chat never shows reasoning; hosts that do use one of these fields for its text, the first being the most
 * common. `reasoning_details` holds it in pieces with signatures and encrypted state, and is kept as it came.
 */
export const reasoningFields = ['reasoning_content', 'reasoning'] as const
export const reasoningDetails = 'reasoning_details'

/** The field to use where a thought does not come from this wire: the de-facto name of its text. */
const defaultField = reasoningFields[0]

/** The field that holds reasoning text in a message or delta; hosts that fill both mean the same by them. */
export function reasoningOf(
  message: JsonObject,
): { readonly field: string; readonly text: string } | undefined {
  for (const field of reasoningFields) {
    const text = textOf(message[field])
    if (text !== undefined) return { field, text }
  }
  return undefined
}

/** The fields that `decodeThinking` uses up: those with text, and a second field that repeats the first. */
export function consumedReasoning(message: JsonObject): readonly string[] {
  const found = reasoningOf(message)
  const fields = reasoningFields.filter(field => found !== undefined && message[field] === found.text)
  return objectsOf(message[reasoningDetails]).length > 0 ? [...fields, reasoningDetails] : fields
}

/** The thought of an assistant message, from whichever fields it has. */
export function decodeThinking(message: JsonObject): ThinkingPart | undefined {
  const found = reasoningOf(message)
  const details = message[reasoningDetails]
  const carried: Draft = {}
  if (found !== undefined) carried[form] = found.field
  if (objectsOf(details).length > 0) carried[reasoningDetails] = details ?? []
  if (Object.keys(carried).length === 0) return undefined
  return { kind: 'thinking', text: found?.text ?? '', ...carry(carried) }
}

/** The field a thought is written to: its own, or the de-facto one. */
export function reasoningFieldOf(part: ThinkingPart): string {
  const own = formOf(part)
  return reasoningFields.find(field => field === own) ?? defaultField
}

/**
 * Why a thought of a request's history is left out, if it is. It goes back to the wire it came from and nowhere else:
 * hosts that do not know the fields refuse them, and another provider's reasoning is no history of this one's.
 */
const leftOut: { readonly [whose in 'own' | 'foreign']: string | undefined } = {
  own: undefined,
  foreign: 'Reasoning of another dialect is not replayed to chat completions, which has no field for it.',
}

/** The thoughts of one assistant message, as fields of that message. */
export function encodeHistory(
  thoughts: readonly { readonly part: ThinkingPart; readonly path: string }[],
  notes: NoteLog,
): Draft {
  const fields: Draft = {}
  for (const { part, path } of thoughts) {
    notes.foreign(part, path)
    const reason = leftOut[carriedBy(part) === undefined ? 'foreign' : 'own']
    if (reason === undefined) appendThinking(fields, part, path, notes)
    else notes.add('dropped', path, reason)
  }
  return fields
}

/** Adds one thought to the fields of a message. Opaque state that has no field here is left out with a note. */
export function appendThinking(fields: Draft, part: ThinkingPart, path: string, notes: NoteLog): void {
  const field = reasoningFieldOf(part)
  const text = part.text === '' ? (part.summary ?? []).join('\n\n') : part.text
  const before = fields[field]
  if (text !== '') fields[field] = typeof before === 'string' ? before + text : text
  if (part.text !== '' && (part.summary ?? []).length > 0) {
    notes.add(
      'dropped',
      `${path}.summary`,
      'Chat completions has one text for reasoning; the summary beside it was left out.',
    )
  }
  const details = carriedBy(part)?.[reasoningDetails]
  if (isList(details)) {
    const earlier = fields[reasoningDetails]
    fields[reasoningDetails] = isList(earlier) ? [...earlier, ...details] : details
  }
  if (part.opaque !== undefined) {
    notes.add('dropped', `${path}.opaque`, 'Chat completions has no field for signed or encrypted reasoning.')
  }
}

/** The text pieces of `reasoning_details`, in the three shapes that grow while streaming. */
const growing = ['text', 'summary', 'data']

/**
 * Joins a streamed piece of `reasoning_details` to those before it: pieces of one type and index that follow each
 * other are one, its texts appended and its other fields replaced.
 */
export function mergeDetail(details: JsonObject[], piece: JsonObject): void {
  const last = details.at(-1)
  if (
    last === undefined ||
    last.type !== piece.type ||
    last.index !== piece.index ||
    last.index === undefined
  ) {
    details.push(piece)
    return
  }
  const grown = growing.flatMap(name => {
    const [before, after] = [last[name], piece[name]]
    return typeof before === 'string' && typeof after === 'string' ? [[name, before + after]] : []
  })
  const said = Object.entries(piece).filter(([, value]) => value !== null)
  details[details.length - 1] = { ...last, ...Object.fromEntries(said), ...Object.fromEntries(grown) }
}

/**
 * A chunk of content that is a thought: `{type: 'thinking', thinking: [{type: 'text', text}], signature?}`. Its
 * signature is its maker's and stays with the part.
 */
export function decodeThinkingChunk(chunk: JsonObject): ThinkingPart {
  const { thinking } = chunk
  const pieces =
    typeof thinking === 'string' ? [thinking] : objectsOf(thinking).map(piece => textOf(piece.text) ?? '')
  const data = textOf(chunk.signature)
  return {
    kind: 'thinking',
    text: pieces.join(''),
    ...(data === undefined ? {} : { opaque: { form: 'signature', data, dialect } }),
  }
}
