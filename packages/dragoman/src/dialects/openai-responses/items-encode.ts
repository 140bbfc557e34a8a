import type { JsonObject } from '../../ir/json.ts'
import type { ItemMeta, Part, PartKind, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Role } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { encodePart, type Side } from './content.ts'
import { callTypes, thoughtTexts, thoughtTypes } from './items.ts'
import { compose, dialect, isDefined, type Losses, ownExtra } from './wire.ts'

/** How the items of one node are written. */
export interface ItemWriter {
  readonly role: Role
  /** The model's path of the node whose parts these are. */
  readonly path: string
  readonly losses: Losses
  /** Gives the items and calls of an answer their ids. Absent in requests: there they keep those they came with. */
  readonly ids?: ItemIds
  /** The status of a message that ends an answer, where the message itself has none. */
  readonly lastStatus?: 'completed' | 'incomplete'
}

/** Where the ids of an answer come from. */
export interface ItemIds {
  /** `known` is the id the item came with; the prefix tells its kind, as the server's do. */
  item(prefix: string, known: string | undefined): string
  call(known: string, path: string): string
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
  const groups = groupParts(node, writer.path)
  return groups
    .map((group, index) => encodeItem(group, index === groups.length - 1 ? writer : others))
    .filter(isDefined)
}

function groupParts(
  node: { readonly parts: readonly Part[]; readonly items?: readonly ItemMeta[] },
  path: string,
): readonly Group[] {
  const ordered: { readonly order: number; readonly group: Group }[] = []
  const known = new Map<number, Group>()
  let order = -1
  for (const [index, part] of node.parts.entries()) {
    const piece: Piece = { part, path: `${path}.parts[${index}]` }
    const meta = part.item === undefined ? undefined : node.items?.[part.item]
    if (part.item !== undefined && meta !== undefined && holds(formOfItem(meta.type), part)) {
      order = part.item
      const group = known.get(order)
      if (group !== undefined) group.pieces.push(piece)
      else {
        const started: Group = { form: formOfItem(meta.type), meta, pieces: [piece] }
        known.set(order, started)
        ordered.push({ order, group: started })
      }
      continue
    }
    const last = ordered.at(-1)?.group
    const joins = last?.form === 'message' && last.meta === undefined && formOf(part) === 'message'
    if (joins) last.pieces.push(piece)
    else ordered.push({ order, group: { form: formOf(part), pieces: [piece] } })
  }
  for (const [index, meta] of (node.items ?? []).entries()) {
    const wasEmpty = meta.type === 'message' && ownExtra(meta).content !== undefined
    if (wasEmpty && !known.has(index))
      ordered.push({ order: index, group: { form: 'message', meta, pieces: [] } })
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
  return compose({
    ...(meta === undefined ? {} : ownExtra(meta)),
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
    .map(({ part, path: at }) => {
      if (part.kind !== 'media' || side === 'input' || group.meta !== undefined) {
        return encodePart(part, side, at, losses)
      }
      const kind = writer.ids === undefined ? 'refused' : 'dropped'
      losses.add(kind, at, `Responses has no ${part.media} in what the assistant says`)
      return undefined
    })
    .filter(isDefined)
  if (content.length === 0 && group.pieces.length > 0) return undefined
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
  return compose({
    ...fields,
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
  const piece = group.pieces[0]
  if (piece === undefined) return undefined
  const { part, path } = piece
  if ((part.kind === 'hosted-tool' || part.kind === 'unknown') && part.dialect === dialect) {
    if (writer.ids === undefined) return part.value
    const known = typeof part.value.id === 'string' ? part.value.id : undefined
    return { ...part.value, id: writer.ids.item(prefixOf(part.type), known) }
  }
  writer.losses.add('dropped', path, `only the provider that made this ${part.kind} has a word for it`)
  return undefined
}
