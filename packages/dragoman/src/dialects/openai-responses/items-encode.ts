import type { JsonObject } from '../../ir/json.ts'
import type { ItemMeta, Part, PartKind, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Role } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { encodePart, type Side } from './content.ts'
import type { AnswerIds } from './ids.ts'
import { callTypes, thoughtTexts, thoughtTypes } from './items.ts'
import { compose, dialect, isDefined, type Losses, ownExtra } from './wire.ts'

/** How the items of one node are written. */
export interface ItemWriter {
  readonly role: Role
  /** The model's path of the node whose parts these are. */
  readonly path: string
  readonly losses: Losses
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

/** The items of a turn or a candidate, in the order of its own items; parts without one are grouped where they stand. */
export function encodeItems(
  node: { readonly parts: readonly Part[]; readonly items?: readonly ItemMeta[] },
  writer: ItemWriter,
): readonly JsonObject[] {
  const { lastStatus, ...others } = writer
  const groups = groupParts(node, writer)
  return groups
    .map((group, index) => encodeItem(group, index === groups.length - 1 ? writer : others))
    .filter(isDefined)
}

/**
 * Whether this wire has a place for the part; where not, a note says so. The assistant of this wire says nothing but
 * text: in a request that would be a gap in the conversation, in an answer it is a loss.
 */
export function canSay(part: Part, path: string, { role, ids, losses }: ItemWriter): boolean {
  const isWhole = part.kind === 'hosted-tool' || part.kind === 'unknown'
  if (isWhole && part.dialect !== dialect) {
    losses.add('dropped', path, `only the provider that made this ${part.kind} has a word for it`)
    return false
  }
  if (part.kind !== 'media' || role !== 'assistant') return true
  if (ids === undefined && part.item !== undefined) return true
  const kind = ids === undefined ? 'refused' : 'dropped'
  losses.add(kind, path, `Responses has no ${part.media} in what the assistant says`)
  return false
}

function groupParts(
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

/** One item on the wire. Undefined, with a note, where it cannot be said. */
export function encodeItem(group: Group, writer: ItemWriter): JsonObject | undefined {
  const { losses } = writer
  for (const { part, path } of group.pieces) {
    if (group.form !== 'message') losses.foreign(part, path)
    if (part.opaque !== undefined && !isOurs(part)) {
      losses.add('dropped', `${path}.opaque`, 'state that only another provider can read')
    }
  }
  switch (group.form) {
    case 'message':
      return encodeMessage(group, writer)
    case 'reasoning':
      return encodeReasoning(group, writer)
    case 'call':
      return encodeFirst(group, 'tool-call', piece => encodeCall(group, piece, writer))
    case 'result':
      return encodeFirst(group, 'tool-result', piece => encodeResult(group, piece, writer))
    case 'verbatim':
      return encodeVerbatim(group, writer)
  }
}

function isOurs(part: Part): boolean {
  return part.kind === 'thinking' && part.opaque?.form === 'encrypted' && part.opaque.dialect === dialect
}

/** Id, status, phase and extras of an item. */
function envelope(type: string, group: Group, writer: ItemWriter, status?: string): JsonObject {
  const { meta } = group
  return compose(meta === undefined ? {} : ownExtra(meta), {
    type,
    id: writer.ids?.item(prefixOf(type), meta?.id) ?? meta?.id,
    status: meta === undefined ? status : meta.status,
    phase: meta?.phase,
  })
}

function encodeMessage(group: Group, writer: ItemWriter): JsonObject | undefined {
  const { role, losses, path } = writer
  if (role === 'tool') {
    losses.add('refused', path, 'a turn of results holds something that is no result')
    return undefined
  }
  const side: Side = role === 'assistant' ? 'output' : 'input'
  const content = group.pieces
    .map(({ part, path: at }) => encodePart(part, side, at, losses))
    .filter(isDefined)
  const isLost = content.length === 0 && group.pieces.length > 0
  if (isLost && (writer.ids === undefined || group.meta === undefined)) return undefined
  const status = role === 'assistant' ? (writer.lastStatus ?? 'completed') : undefined
  return { ...envelope('message', group, writer, status), role, content }
}

function encodeFirst<K extends PartKind>(
  group: Group,
  kind: K,
  encode: (piece: { readonly part: Extract<Part, { kind: K }>; readonly path: string }) => JsonObject,
): JsonObject | undefined {
  const piece = group.pieces[0]
  if (piece?.part.kind !== kind) return undefined
  return encode({ part: piece.part as Extract<Part, { kind: K }>, path: piece.path }) // its kind was compared
}

function encodeCall(
  group: Group,
  { part, path }: { readonly part: ToolCallPart; readonly path: string },
  writer: ItemWriter,
): JsonObject {
  const isFunction = part.type === 'function'
  return {
    ...envelope(callTypes[part.type], group, writer, 'completed'),
    call_id: writer.ids?.call(part.id, path) ?? part.id,
    name: part.name,
    // The model counts no arguments as an empty object; on the wire they are a JSON document.
    ...(isFunction
      ? { arguments: part.arguments === '' ? '{}' : part.arguments }
      : { input: part.arguments }),
  }
}

function encodeResult(
  group: Group,
  { part, path }: { readonly part: ToolResultPart; readonly path: string },
  writer: ItemWriter,
): JsonObject {
  const { losses } = writer
  if (part.isError === true) {
    losses.add(
      'dropped',
      `${path}.isError`,
      'Responses has no mark for a failed result; its text has to say it',
    )
  }
  const [first, ...more] = part.parts
  const isPlain = first?.kind === 'text' && more.length === 0 && Object.keys(first).length === 2
  const list = part.parts
    .map((inner, index) => encodePart(inner, 'input', `${path}.parts[${index}]`, losses))
    .filter(isDefined)
  const output = isPlain ? first.text : list.length === 0 ? '' : list
  const type = `${callTypes[part.type]}_output`
  return { ...envelope(type, group, writer), call_id: part.callId, output }
}

/**
 * Reasoning without its encrypted form cannot be sent back to the server that made it, let alone to another one, so
 * that thoughts of other dialects stay out of requests. Answers show them.
 */
function encodeReasoning(group: Group, writer: ItemWriter): JsonObject | undefined {
  const thoughts = group.pieces.flatMap(({ part }) => (part.kind === 'thinking' ? [part] : []))
  const encrypted = thoughts.find(isOurs)?.opaque?.data
  const isRequest = writer.ids === undefined
  if (isRequest && group.meta === undefined && encrypted === undefined) {
    const path = group.pieces[0]?.path ?? writer.path
    writer.losses.add('dropped', path, 'thoughts of another provider cannot be replayed here')
    return undefined
  }
  const { summary, content, ...fields } = envelope('reasoning', group, writer)
  return compose(fields, {
    summary: encodeThoughts('summary', thoughts, summary) ?? [],
    content: encodeThoughts('content', thoughts, content),
    encrypted_content: encrypted ?? fields.encrypted_content,
  })
}

/** A list of texts, in the form it came in as long as that says the same. */
function encodeThoughts(
  name: 'summary' | 'content',
  thoughts: readonly ThinkingPart[],
  own: JsonObject[string] | undefined,
): JsonObject[string] | undefined {
  const said = thoughts.flatMap(thought => (name === 'summary' ? (thought.summary ?? []) : [thought.text]))
  const texts = name === 'summary' ? said : said.filter(text => text !== '')
  const kept = name === 'summary' ? thoughtTexts(own) : thoughtTexts(own).filter(text => text !== '')
  const isSame = kept.length === texts.length && kept.every((text, index) => text === texts[index])
  if (own !== undefined && isSame) return own
  return texts.length === 0 ? undefined : texts.map(text => ({ type: thoughtTypes[name], text }))
}

function encodeVerbatim(group: Group, writer: ItemWriter): JsonObject | undefined {
  const part = group.pieces[0]?.part
  if (part?.kind !== 'hosted-tool' && part?.kind !== 'unknown') return undefined
  const value = { ...part.value, type: part.type }
  if (writer.ids === undefined) return value
  const known = typeof part.value.id === 'string' ? part.value.id : undefined
  return { ...value, id: writer.ids.item(prefixOf(part.type), known) }
}
