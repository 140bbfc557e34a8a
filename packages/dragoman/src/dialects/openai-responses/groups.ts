import type { NoteLog } from '../../core/codec/notes.ts'
import type { ItemMeta, Part, PartKind } from '../../ir/part.ts'
import type { Role } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import type { AnswerIds } from './ids.ts'
import { callTypes } from './items.ts'
import { dialect, ownExtra } from './wire.ts'

/** How the items of one node are written. */
export interface ItemWriter {
  readonly role: Role
  /** The model's path of the node whose parts these are. */
  readonly path: string
  readonly notes: NoteLog
  /** Gives the items and calls of an answer their ids. Absent in requests: there they keep those they came with. */
  readonly ids?: AnswerIds
  /** The status of a message that ends an answer, where the message itself has none. */
  readonly lastStatus?: 'completed' | 'incomplete'
}

/** A part and its place in the model. */
export interface Piece {
  readonly part: Part
  readonly path: string
}

export type Form = 'message' | 'call' | 'result' | 'reasoning' | 'verbatim'

/** What one wire item is made of. */
export interface Group {
  readonly form: Form
  readonly meta?: ItemMeta | undefined
  readonly pieces: Piece[]
}

const formsOfItems: { readonly [type: string]: Form } = {
  message: 'message',
  function_call: 'call',
  custom_tool_call: 'call',
  function_call_output: 'result',
  custom_tool_call_output: 'result',
  reasoning: 'reasoning',
}

const formsOfParts: { readonly [K in PartKind]: Form } = {
  text: 'message',
  refusal: 'message',
  media: 'message',
  thinking: 'reasoning',
  'tool-call': 'call',
  'tool-result': 'result',
  'hosted-tool': 'verbatim',
  unknown: 'verbatim',
}

export function formOf(part: Part): Form {
  return formsOfParts[part.kind]
}

export function formOfItem(type: string): Form {
  return own(formsOfItems, type) ?? 'verbatim'
}

/** Messages and reasoning begin empty and take parts; all others are made by the one part they consist of. */
export function holdsMany(form: Form): boolean {
  return form === 'message' || form === 'reasoning'
}

/** Whether an item of this form can hold the part: a part that was put in later may name an item that cannot. */
export function holds(form: Form, part: Part): boolean {
  return form === formOf(part) || (form === 'message' && part.kind === 'unknown')
}

/** The wire type of the item that a part without one makes. */
export function itemTypeOf(part: Part): string {
  switch (part.kind) {
    case 'thinking':
      return 'reasoning'
    case 'tool-call':
      return callTypes[part.type]
    case 'tool-result':
      return `${callTypes[part.type]}_output`
    case 'hosted-tool':
    case 'unknown':
      return part.type
    case 'text':
    case 'refusal':
    case 'media':
      return 'message'
  }
}

const prefixes: { readonly [type: string]: string } = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
}

/** How ids of this type of item begin, as the server's do. */
export function prefixOf(type: string): string {
  return own(prefixes, type) ?? 'item'
}

/**
 * Whether this wire has a place for the part; where not, a note says so: in a request a part that is left out may be a
 * gap in the conversation, in an answer it is a loss.
 */
export function canSay(part: Part, path: string, { role, ids, notes }: ItemWriter): boolean {
  const isWhole = part.kind === 'hosted-tool' || part.kind === 'unknown'
  if (isWhole && part.dialect !== dialect) {
    // A hosted tool's trace may go, what a caller says may not.
    const kind = ids === undefined && part.kind === 'unknown' ? 'refused' : 'dropped'
    notes.add(kind, path, `only ${part.dialect} has ${part.type}`)
    return false
  }
  if (part.kind !== 'media' || role !== 'assistant') return true
  if (ids === undefined && part.item !== undefined) return true
  const kind = ids === undefined ? 'refused' : 'dropped'
  notes.add(kind, path, `Responses has no ${part.media} in what the assistant says`)
  return false
}

/** What becomes one item each, in the order of the node's items; parts without one are grouped where they stand. */
export function groupParts(
  { parts, items = [] }: { readonly parts: readonly Part[]; readonly items?: readonly ItemMeta[] },
  writer: ItemWriter,
): readonly Group[] {
  const { path, ids } = writer
  const ordered: { readonly order: number; readonly group: Group }[] = []
  const known = new Map<number, Group>()
  const open = (order: number, group: Group) => ordered.push({ order, group })
  let last = -1
  for (const [index, part] of parts.entries()) {
    const piece: Piece = { part, path: `${path}.parts[${index}]` }
    last = part.item ?? last
    if (!canSay(part, piece.path, writer)) continue
    const meta = part.item === undefined ? undefined : items[part.item]
    if (meta !== undefined && holds(formOfItem(meta.type), part)) {
      const group = known.get(last) ?? { form: formOfItem(meta.type), meta, pieces: [] }
      group.pieces.push(piece)
      if (!known.has(last)) open(last, group)
      known.set(last, group)
      continue
    }
    // A part without an item of its own comes right after the item it stands behind.
    const order = last + 0.5
    const before = ordered.at(-1)
    const isMessage = before?.order === order && before.group.form === 'message'
    if (isMessage && formOf(part) === 'message') before.group.pieces.push(piece)
    else open(order, { form: formOf(part), pieces: [piece] })
  }
  for (const [index, meta] of items.entries()) {
    const form = formOfItem(meta.type)
    // In a request an item whose parts are gone was taken out; one that never had any says so.
    const isEmpty = ids === undefined ? ownExtra(meta).content !== undefined : holdsMany(form)
    if (isEmpty && !known.has(index)) open(index, { form, meta, pieces: [] })
  }
  return ordered.sort((left, right) => left.order - right.order).map(({ group }) => group)
}
