import type { JsonObject } from '../../ir/json.ts'
import type { ItemMeta, Part, PartKind, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import { encodePart, type Side } from './content.ts'
import { type Group, groupParts, type ItemWriter, prefixOf } from './groups.ts'
import { callTypes, thoughtTexts, thoughtTypes } from './items.ts'
import { compose, dialect, isDefined, ownExtra } from './wire.ts'

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

/** One item on the wire. Undefined, with a note, where it cannot be said. */
export function encodeItem(group: Group, writer: ItemWriter): JsonObject | undefined {
  const { notes } = writer
  for (const { part, path } of group.pieces) {
    if (group.form !== 'message') notes.foreign(part, path)
    if (part.opaque !== undefined && !isOurs(part)) {
      notes.add('dropped', `${path}.opaque`, 'state that only another provider can read')
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
  const { role, notes, path } = writer
  if (role === 'tool') {
    notes.add('refused', path, 'a turn of results holds something that is no result')
    return undefined
  }
  const side: Side = role === 'assistant' ? 'output' : 'input'
  const content = group.pieces
    .map(({ part, path: at }) => encodePart(part, side, at, notes))
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
  const { notes } = writer
  if (part.isError === true) {
    notes.add(
      'dropped',
      `${path}.isError`,
      'Responses has no mark for a failed result; its text has to say it',
    )
  }
  const [first, ...more] = part.parts
  const isPlain = first?.kind === 'text' && more.length === 0 && Object.keys(first).length === 2
  const list = part.parts
    .map((inner, index) => encodePart(inner, 'input', `${path}.parts[${index}]`, notes))
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
    writer.notes.add('dropped', path, 'thoughts of another provider cannot be replayed here')
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
