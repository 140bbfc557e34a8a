import type { Fields } from '../../core/codec/fields.ts'
import type { Notes, Side } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part, TextPart, ThinkingPart } from '../../ir/part.ts'
import { decodeDocument } from './documents.ts'
import { fieldsOf, text } from './fields.ts'
import { decodeImage } from './media.ts'
import { dialect } from './wire.ts'

/** Marks thinking that is the plan of a tool call: a field of its own here, not content. */
export const planMark = { [dialect]: { $plan: true } }

/** Reads an item of one type; undefined where it has a form the model has no word for. */
type Decode = (fields: Fields, wire: JsonObject) => Part | undefined

const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['text', decodeText],
  ['thinking', decodeThinking],
  ['image_url', decodeImage],
  ['document', decodeToolDocument],
])

/** An item of content (card, sections 4 and 5). What the model has no word for is kept whole. */
export function decodeItem(wire: JsonObject, path: string, faults: Fault[]): Part {
  const fields = fieldsOf(wire, path, faults)
  const type = fields.need('type', text, '')
  return decoders.get(type)?.(fields, wire) ?? { kind: 'unknown', dialect, type, value: wire }
}

/** An item of an answer; one that is not what its type promises is kept as it is. */
export function decodeGenerated(wire: JsonObject): Part {
  const faults: Fault[] = []
  const part = decodeItem(wire, '', faults)
  return faults.length === 0 ? part : { kind: 'unknown', dialect, type: String(wire.type), value: wire }
}

/** Content that may be one string, which is one text; an empty one is none. */
export function decodeContent(
  wire: string | readonly JsonObject[],
  path: string,
  faults: Fault[],
): readonly Part[] {
  if (typeof wire === 'string') return wire === '' ? [] : [{ kind: 'text', text: wire }]
  return wire.map((item, index) => decodeItem(item, `${path}[${index}]`, faults))
}

function decodeText(fields: Fields): TextPart {
  return defined({ kind: 'text', text: fields.need('text', text, ''), extra: fields.extra() })
}

function decodeThinking(fields: Fields): ThinkingPart {
  return defined({ kind: 'thinking', text: fields.need('thinking', text, ''), extra: fields.extra() })
}

/** A document in a tool's result; one with more than its document is kept whole. */
function decodeToolDocument(_: Fields, wire: JsonObject): Part | undefined {
  const { document } = wire
  const isPlain = document !== undefined && document !== null && Object.keys(wire).length === 2
  return isPlain ? decodeDocument(document, true) : undefined
}

/** Content as it is written: one plain text as a string, which means the same and is what most callers sent. */
export function asContent(items: readonly JsonObject[]): JsonValue {
  const [first] = items
  const isPlain = items.length === 1 && first?.type === 'text' && Object.keys(first).length === 2
  return isPlain ? (first.text ?? '') : items
}

/** The reasoning that can be shown, one paragraph after the other: a provider's summary of it, and itself. */
export function shownThinking(part: ThinkingPart): string {
  return [...(part.summary ?? []), part.text].filter(paragraph => paragraph !== '').join('\n\n')
}

/** What a part may carry and this wire has no place for, whatever its kind. */
export function noteUncarried(part: Part, path: string, side: Side, notes: Notes): void {
  notes.foreign(part, path, side)
  if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'there are no cache markers here')
  if (part.opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
}
