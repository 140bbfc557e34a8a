import type { Fields } from '../../core/codec/fields.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import { decodeCache } from './cache.ts'
import { decodeCitation } from './citations.ts'
import { anything, content, fieldsOf, flag, objects, text } from './fields.ts'
import { decodeMedia } from './media.ts'
import { dialect, isHostedType } from './wire.ts'

/** Reads a block of one type; undefined where it has a form the model has no word for. */
type Decode = (fields: Fields) => Part | undefined

const decoders: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['text', decodeText],
  ['image', fields => decodeMarked(fields, 'image')],
  ['document', fields => decodeMarked(fields, 'file')],
  ['thinking', decodeThinking],
  ['redacted_thinking', decodeRedacted],
  ['tool_use', decodeToolUse],
  ['tool_result', decodeToolResult],
])

/**
 * A content block of a request or an answer to a part (card 4.2). Blocks of the provider's own doing become hosted
 * parts and whatever else the model has no word for an unknown part, both verbatim.
 */
export function decodeBlock(wire: JsonObject, path: string, faults: Fault[]): Part {
  const fields = fieldsOf(wire, path, faults)
  const type = fields.need('type', text, '')
  const part = decoders.get(type)?.(fields)
  if (part !== undefined) return part
  return { kind: isHostedType(type) ? 'hosted-tool' : 'unknown', dialect, type, value: wire }
}

function decodeBlocks(wire: readonly JsonObject[], path: string, faults: Fault[]): readonly Part[] {
  return wire.map((block, index) => decodeBlock(block, `${path}[${index}]`, faults))
}

/** Content that may be one string, which is one text. */
export function decodeContent(
  wire: string | readonly JsonObject[],
  path: string,
  faults: Fault[],
): readonly Part[] {
  return typeof wire === 'string' ? [{ kind: 'text', text: wire }] : decodeBlocks(wire, path, faults)
}

function decodeText(fields: Fields): TextPart {
  const said = fields.need('text', text, '')
  const citations = fields.take('citations', objects)
  return defined({
    kind: 'text',
    text: said,
    annotations: citations?.map(citation => decodeCitation(citation, said.length)),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function decodeMarked(fields: Fields, media: 'image' | 'file'): Part | undefined {
  const part = decodeMedia(fields, media)
  return part && defined({ ...part, cache: decodeCache(fields), extra: fields.extra() })
}

/** State that only the maker of this wire can read. */
export function sealed(form: 'signature' | 'redacted', data: string): Opaque {
  return { form, data, dialect }
}

/** An empty signature is what a wire writes that has none: nothing was signed. */
function decodeThinking(fields: Fields): ThinkingPart {
  const said = fields.need('thinking', text, '')
  const signature = fields.take('signature', text) ?? ''
  return defined({
    kind: 'thinking',
    text: said,
    opaque: signature === '' ? undefined : sealed('signature', signature),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function decodeRedacted(fields: Fields): ThinkingPart {
  return defined({
    kind: 'thinking',
    text: '',
    opaque: sealed('redacted', fields.need('data', text, '')),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function decodeToolUse(fields: Fields): ToolCallPart {
  const input = fields.take('input', anything)
  return defined({
    kind: 'tool-call',
    type: 'function',
    id: fields.need('id', text, ''),
    name: fields.need('name', text, ''),
    arguments: input === undefined ? '' : JSON.stringify(input),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}

function decodeToolResult(fields: Fields): ToolResultPart {
  const inner = fields.want('content', content)
  // Nothing said and an empty list are different on the wire and the same to the model.
  if (inner?.length === 0 && typeof inner !== 'string') fields.keep('content', inner)
  return defined({
    kind: 'tool-result',
    type: 'function',
    callId: fields.need('tool_use_id', text, ''),
    parts: inner === undefined ? [] : decodeContent(inner, fields.pathOf('content'), fields.faults),
    isError: fields.want('is_error', flag),
    cache: decodeCache(fields),
    extra: fields.extra(),
  })
}
