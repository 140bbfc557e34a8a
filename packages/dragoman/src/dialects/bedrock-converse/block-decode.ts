import type { Fields } from '../../core/codec/fields.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { decodeMarked } from './cache.ts'
import { decodeCitation } from './citations.ts'
import { anything, fieldsOf, need, objects, open, text } from './fields.ts'
import { decodeMedia } from './media.ts'
import { asExtra, dialect, ownExtra } from './wire.ts'

/** Reads a block of one kind; undefined where it has a form the model has no word for. */
type Decode = (block: Fields, wire: JsonObject) => Part | undefined

/** A block is a union of one member (SDK 3.1164 `ContentBlock`); the rest of them the model has no word for. */
const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['text', decodeText],
  ['toolUse', decodeToolUse],
  ['toolResult', decodeToolResult],
  ['reasoningContent', decodeReasoning],
  ['citationsContent', decodeCited],
  ['image', block => decodeMedia(block, 'image')],
  ['document', block => decodeMedia(block, 'document')],
  ['video', block => decodeMedia(block, 'video')],
  ['audio', block => decodeMedia(block, 'audio')],
  ['guardContent', decodeGuarded],
  ['json', decodeJson],
])

/** Blocks of tools that the provider runs: their `type` says so (SDK 3.1164 `ToolUseType`). */
const hostedMembers: readonly string[] = ['toolUse', 'toolResult']

/**
 * A content block of a request or an answer to a part. Blocks of the provider's own doing become hosted parts and
 * whatever else the model has no word for an unknown part, both verbatim.
 */
export function decodeBlock(wire: JsonObject, path: string, faults: Fault[]): Part {
  const member = Object.keys(wire).find(key => decoders.has(key)) ?? Object.keys(wire)[0] ?? ''
  const value = wire[member]
  if (hostedMembers.includes(member) && isObject(value) && typeof value.type === 'string') {
    return { kind: 'hosted-tool', dialect, type: value.type, value: wire }
  }
  const block = fieldsOf(wire, path, faults)
  const part = decoders.get(member)?.(block, wire)
  if (part === undefined) return { kind: 'unknown', dialect, type: member, value: wire }
  return defined({ ...part, extra: marked(block, part) })
}

/** What nobody read of the block, and the decoder's own marks. */
function marked(block: Fields, part: Part): Part['extra'] {
  return asExtra({ ...ownExtra({ extra: block.extra() ?? {} }), ...ownExtra(part) })
}

/** Blocks in a row, cache points with what they mark. */
export function decodeBlocks(wire: readonly JsonObject[], path: string, faults: Fault[]): readonly Part[] {
  return decodeMarked<Part>(wire, (block, index) => decodeBlock(block, `${path}[${index}]`, faults))
}

const mark = (name: string, value: JsonValue) => ({ extra: { [dialect]: { [name]: value } } })

function decodeText(block: Fields): TextPart {
  return { kind: 'text', text: need(block, 'text', text, '') }
}

/** The value of a tool's result that is JSON: text for everybody, and marked for the same wire. */
function decodeJson(block: Fields): TextPart {
  const value = need(block, 'json', anything, null)
  return { kind: 'text', text: JSON.stringify(value), ...mark('$form', 'json') }
}

/** Text or an image that a guardrail is to look at; how it is qualified is left with the same wire. */
function decodeGuarded(block: Fields, wire: JsonObject): Part | undefined {
  const { guardContent } = wire
  if (isObject(guardContent) && isObject(guardContent.image)) {
    const inner = open(block, 'guardContent')
    const image = decodeMedia(inner, 'image')
    block.keepRest('guardContent', inner)
    return image && { ...image, ...mark('$form', 'guardContent') }
  }
  if (!isObject(guardContent) || !isObject(guardContent.text)) return undefined
  const outer = open(block, 'guardContent')
  const inner = open(outer, 'text')
  const said = need(inner, 'text', text, '')
  outer.keepRest('text', inner)
  block.keepRest('guardContent', outer)
  return { kind: 'text', text: said, ...mark('$form', 'guardContent') }
}

/** Text with its sources (SDK 3.1164 `CitationsContentBlock`): what is cited stands in here and nowhere else. */
function decodeCited(block: Fields): TextPart | undefined {
  const inner = open(block, 'citationsContent')
  const content = inner.want('content', objects) ?? []
  const citations = inner.want('citations', objects) ?? []
  if (!content.every(piece => typeof piece.text === 'string')) return undefined
  const said = content.map(piece => piece.text).join('')
  block.keepRest('citationsContent', inner)
  return {
    kind: 'text',
    text: said,
    annotations: citations.map(citation => decodeCitation(citation, said.length)),
    // What the model's words would not bring back: other than one piece, or no source for it.
    ...(content.length === 1 && citations.length > 0 ? {} : mark('$content', content)),
  }
}

/** State that only the maker of this wire can read. */
export function sealed(form: 'signature' | 'redacted', data: string): Opaque {
  return { form, data, dialect }
}

/** Reasoning that nobody signed is this wire's all the same, for models that sign nothing. */
export const unsigned = '$unsigned'

function decodeReasoning(block: Fields, wire: JsonObject): ThinkingPart | undefined {
  const { reasoningContent } = wire
  if (!isObject(reasoningContent)) return undefined
  const outer = open(block, 'reasoningContent')
  const redacted = outer.take('redactedContent', text)
  if (redacted !== undefined) {
    block.keepRest('reasoningContent', outer)
    return { kind: 'thinking', text: '', opaque: sealed('redacted', redacted) }
  }
  if (!isObject(reasoningContent.reasoningText)) return undefined
  const inner = open(outer, 'reasoningText')
  const said = need(inner, 'text', text, '')
  const signature = inner.take('signature', text) ?? ''
  outer.keepRest('reasoningText', inner)
  block.keepRest('reasoningContent', outer)
  return {
    kind: 'thinking',
    text: said,
    ...(signature === '' ? mark(unsigned, true) : { opaque: sealed('signature', signature) }),
  }
}

function decodeToolUse(block: Fields): ToolCallPart {
  const inner = open(block, 'toolUse')
  const input = inner.take('input', anything)
  const call = {
    kind: 'tool-call' as const, // a kind is a literal
    type: 'function' as const, // as above
    id: need(inner, 'toolUseId', text, ''),
    name: need(inner, 'name', text, ''),
    arguments: input === undefined ? '' : JSON.stringify(input),
  }
  block.keepRest('toolUse', inner)
  return call
}

const statuses: readonly JsonValue[] = ['success', 'error']

function decodeToolResult(block: Fields): ToolResultPart {
  const inner = open(block, 'toolResult')
  const content = need(inner, 'content', objects, [])
  const status = inner.take('status', text)
  if (status !== undefined && !statuses.includes(status)) inner.keep('status', status)
  const result = defined({
    kind: 'tool-result' as const, // a kind is a literal
    type: 'function' as const, // as above
    callId: need(inner, 'toolUseId', text, ''),
    parts: decodeBlocks(content, inner.pathOf('content'), inner.faults),
    isError: status !== undefined && statuses.includes(status) ? status === 'error' : undefined,
  })
  block.keepRest('toolResult', inner)
  return result
}

/** A block of an answer; one that is not what its member promises is kept as it is. */
export function decodeGenerated(wire: JsonObject): Part {
  const faults: Fault[] = []
  const part = decodeBlock(wire, '', faults)
  return faults.length === 0
    ? part
    : { kind: 'unknown', dialect, type: Object.keys(wire)[0] ?? '', value: wire }
}

/** Blocks of an answer, cache points with what they mark. */
export function decodeGeneratedBlocks(wire: readonly JsonObject[]): readonly Part[] {
  return decodeMarked<Part>(wire, decodeGenerated)
}

export function isTextList(value: JsonValue | undefined): value is readonly JsonObject[] {
  return isList(value) && value.every(entry => isObject(entry) && typeof entry.text === 'string')
}
