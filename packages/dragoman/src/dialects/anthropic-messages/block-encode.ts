import type { Notes, Side } from '../../core/codec/notes.ts'
import { encodeInput } from '../../core/codec/tool-input.ts'
import { defined } from '../../core/codec/values.ts'
import { encodeVerbatim } from '../../core/codec/verbatim.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { MediaPart, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import { encodeCache } from './cache.ts'
import { encodeCitation } from './citations.ts'
import { encodeMedia } from './media.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/**
 * A part as a content block. Undefined where there is nothing to say (an empty text, which the API refuses, says
 * nothing) or no way to say it, which is noted.
 */
export function encodeBlock(part: Part, path: string, side: Side, notes: Notes): JsonObject | undefined {
  notes.foreign(part, path)
  const block = encodeKind(part, path, side, notes)
  if (block === undefined) return undefined
  if (part.kind !== 'thinking' && part.opaque !== undefined) {
    notes.add('dropped', `${path}.opaque`, 'only thinking carries a signature here')
  }
  if (part.kind === 'hosted-tool' || part.kind === 'unknown') return block
  if (side === 'reply') {
    noteMarker(part, path, notes)
    return withExtra(block, ownExtra(part))
  }
  const marked = defined({ ...block, cache_control: encodeCache(part.cache, `${path}.cache`, notes) })
  return withExtra(marked, ownExtra(part))
}

/** Cache markers are for requests. */
export function noteMarker(part: Part, path: string, notes: Notes): void {
  if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'an answer has no cache markers')
}

/** Opaque state that this wire wrote and may write again. An empty signature signs nothing. */
export function isOwnOpaque(opaque: Opaque | undefined): opaque is Opaque {
  return opaque?.dialect === dialect && opaque.form !== 'encrypted' && opaque.data !== ''
}

function encodeKind(part: Part, path: string, side: Side, notes: Notes): JsonObject | undefined {
  switch (part.kind) {
    case 'text':
      return encodeText(part, path, notes)
    case 'refusal':
      if (part.text === '') return undefined
      notes.add('renamed', path, 'a refusal is text here')
      return { type: 'text', text: part.text }
    case 'thinking':
      return encodeThinking(part, path, side, notes)
    case 'tool-call':
      return encodeToolCall(part, path, side, notes)
    case 'tool-result':
      if (side === 'request') return encodeToolResult(part, path, notes)
      notes.add('dropped', path, 'an answer has no tool results here')
      return undefined
    case 'media':
      return side === 'request' ? encodeMedia(part, path, notes) : encodeGenerated(part, path, notes)
    case 'hosted-tool':
    case 'unknown':
      return encodeVerbatim(part, dialect, path, side, notes)
  }
}

function encodeText(part: TextPart, path: string, notes: Notes): JsonObject | undefined {
  if (part.text === '') return undefined
  if (part.logprobs !== undefined) notes.add('dropped', `${path}.logprobs`, 'there are no logprobs here')
  return defined({ type: 'text', text: part.text, citations: encodeCitations(part, path, notes) })
}

function encodeCitations(part: TextPart, path: string, notes: Notes): readonly JsonObject[] | undefined {
  const { annotations } = part
  if (annotations === undefined) return undefined
  const citations = annotations
    .map((annotation, index) => encodeCitation(annotation, `${path}.annotations[${index}]`, notes))
    .filter(citation => citation !== undefined)
  return citations.length === 0 && annotations.length > 0 ? undefined : citations
}

/** The reasoning that can be shown, one paragraph after the other: the provider's summary of it, and itself. */
function shownThinking(part: ThinkingPart): string {
  return [...(part.summary ?? []), part.text].filter(text => text !== '').join('\n\n')
}

/**
 * Thinking goes to an upstream only with the signature its maker gave it (law 5, features C20). A client gets what can
 * be shown; the signature its type demands stays empty there, which nobody can mistake for one.
 */
function encodeThinking(part: ThinkingPart, path: string, side: Side, notes: Notes): JsonObject | undefined {
  const { opaque } = part
  const thinking = shownThinking(part)
  if (isOwnOpaque(opaque)) {
    const isRedacted = opaque.form === 'redacted'
    return isRedacted
      ? { type: 'redacted_thinking', data: opaque.data }
      : { type: 'thinking', thinking, signature: opaque.data }
  }
  if (thinking === '' && opaque === undefined) return undefined
  if (side === 'request' || thinking === '') {
    notes.add('dropped', path, 'thinking without a signature of this wire is not accepted by it')
    return undefined
  }
  if (opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
  notes.add(
    'approximated',
    path,
    'this thinking has no signature of this wire: it can be read, not sent back',
  )
  return { type: 'thinking', thinking, signature: '' }
}

function encodeToolCall(part: ToolCallPart, path: string, side: Side, notes: Notes): JsonObject {
  return { type: 'tool_use', id: part.id, name: part.name, input: encodeInput(part, path, side, notes) }
}

function encodeToolResult(part: ToolResultPart, path: string, notes: Notes): JsonObject {
  const blocks = part.parts
    .map((inner, index) => encodeBlock(inner, `${path}.parts[${index}]`, 'request', notes))
    .filter(block => block !== undefined)
  const first = part.parts[0]
  // A result may be empty, other than a message; said and not said stay different.
  const isEmptyText = blocks.length === 0 && first?.kind === 'text'
  return defined({
    type: 'tool_result',
    tool_use_id: part.callId,
    content: isEmptyText ? '' : blocks.length === 0 ? undefined : asContent(blocks),
    is_error: part.isError,
  })
}

/** Blocks as content: one plain text is written as a string, which means the same and is what most callers sent. */
export function asContent(blocks: readonly JsonObject[]): JsonValue {
  const [first] = blocks
  const isPlain = blocks.length === 1 && first?.type === 'text' && Object.keys(first).length === 2
  return isPlain ? (first.text ?? '') : blocks
}

/** Generated media: there is none here, but the words of a voice are text. */
function encodeGenerated(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  if (part.transcript === undefined || part.transcript === '') {
    notes.add('dropped', path, `there is no ${part.media} output here`)
    return undefined
  }
  notes.add('approximated', path, 'a voice is its transcript here')
  return { type: 'text', text: part.transcript }
}
