import type { Notes, Side } from '../../core/codec/notes.ts'
import { encodeInput } from '../../core/codec/tool-input.ts'
import { defined, parseText } from '../../core/codec/values.ts'
import { encodeVerbatim } from '../../core/codec/verbatim.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { MediaPart, Part, TextPart, ThinkingPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import { isTextList, unsigned } from './block-decode.ts'
import { encodeCachePoint } from './cache.ts'
import { citationOf, encodeCitation } from './citations.ts'
import { encodeMedia } from './media.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

/** What writing a block has to know. */
export interface Writing {
  readonly side: Side
  readonly notes: Notes
  /** The model takes back only reasoning that it signed. */
  readonly signedOnly: boolean
}

/**
 * A part as content blocks: one, with its cache point after it. None where there is nothing to say (the API refuses
 * blank text) or no way to say it, which is noted.
 */
export function encodeBlocks(part: Part, path: string, writing: Writing): readonly JsonObject[] {
  const { side, notes } = writing
  notes.foreign(part, path, side)
  const block = encodeKind(part, path, writing)
  const isVerbatim = part.kind === 'hosted-tool' || part.kind === 'unknown'
  if (block !== undefined && part.kind !== 'thinking' && part.opaque !== undefined) {
    notes.add('dropped', `${path}.opaque`, 'only reasoning carries a signature here')
  }
  const blocks = block === undefined ? [] : [isVerbatim ? block : withExtra(block, ownExtra(part))]
  if (side === 'reply') {
    if (part.cache !== undefined) notes.add('dropped', `${path}.cache`, 'an answer has no cache points')
    return blocks
  }
  // A cache point with nothing before it is refused.
  if (block === undefined && part.cache !== undefined) {
    notes.add('dropped', `${path}.cache`, 'what it marks is not sent')
    return blocks
  }
  return [...blocks, ...encodeCachePoint(part.cache, `${path}.cache`, notes)]
}

/** Opaque state that this wire wrote and may write again. */
export function isOwnOpaque(opaque: Opaque | undefined): opaque is Opaque {
  return opaque?.dialect === dialect && opaque.form !== 'encrypted' && opaque.data !== ''
}

function encodeKind(part: Part, path: string, writing: Writing): JsonObject | undefined {
  const { side, notes } = writing
  switch (part.kind) {
    case 'text':
      return encodeText(part, path, writing)
    case 'refusal':
      if (saysNothing(part.text, side)) return undefined
      notes.add('renamed', path, 'a refusal is text here')
      return { text: part.text }
    case 'thinking':
      return encodeThinking(part, path, writing)
    case 'tool-call':
      return encodeToolCall(part, path, writing)
    case 'tool-result':
      if (side === 'request') return encodeToolResult(part, path, writing)
      notes.add('dropped', path, 'an answer has no tool results here')
      return undefined
    case 'media':
      return side === 'request' ? encodeGiven(part, path, notes) : encodeGenerated(part, path, notes)
    case 'hosted-tool':
    case 'unknown':
      return encodeVerbatim(part, dialect, path, writing.side, writing.notes)
  }
}

/** Blank text is refused in requests; of an answer nothing is left out that says anything. */
const saysNothing = (text: string, side: Side): boolean =>
  side === 'request' ? text.trim() === '' : text === ''

function encodeText(part: TextPart, path: string, writing: Writing): JsonObject | undefined {
  const { side, notes } = writing
  const { text, annotations } = part
  if (part.logprobs !== undefined) notes.add('dropped', `${path}.logprobs`, 'there are no logprobs here')
  if (saysNothing(text, side) && (side === 'request' || !annotations?.length)) return undefined
  const own = ownExtra(part)
  if (own?.$form === 'guardContent') return { guardContent: { text: { text } } }
  const json = own?.$form === 'json' ? parseText(text) : undefined
  if (json !== undefined) return { json }
  return annotations === undefined ? { text } : encodeCited(part, annotations, path, writing)
}

/** Text with its sources. An upstream is told only of its own: no other model's citations mean anything to it. */
function encodeCited(
  part: TextPart,
  annotations: NonNullable<TextPart['annotations']>,
  path: string,
  { side, notes }: Writing,
): JsonObject {
  const { text } = part
  const citations = annotations.flatMap((annotation, index) => {
    const at = `${path}.annotations[${index}]`
    if (side === 'reply' || citationOf(annotation) !== undefined)
      return encodeCitation(annotation, text.length, at, notes) ?? []
    notes.add('dropped', at, 'only citations of this wire are taken back')
    return []
  })
  const kept = ownExtra(part)?.$content
  const pieces = isTextList(kept) && kept.map(piece => piece.text).join('') === text ? kept : undefined
  if (citations.length === 0 && pieces === undefined) return { text }
  return { citationsContent: { content: pieces ?? [{ text }], citations } }
}

/** The reasoning that can be shown, one paragraph after the other: the provider's summary of it, and itself. */
function shownThinking(part: ThinkingPart): string {
  return [...(part.summary ?? []), part.text].filter(text => text !== '').join('\n\n')
}

/**
 * Reasoning goes to an upstream only with the signature its maker gave it, or as this wire's own where the model signs
 * nothing (law 5). A client gets what can be shown.
 */
function encodeThinking(part: ThinkingPart, path: string, writing: Writing): JsonObject | undefined {
  const { side, notes, signedOnly } = writing
  const { opaque } = part
  const text = shownThinking(part)
  if (isOwnOpaque(opaque)) {
    return opaque.form === 'redacted'
      ? { reasoningContent: { redactedContent: opaque.data } }
      : { reasoningContent: { reasoningText: { text, signature: opaque.data } } }
  }
  if (text === '' && opaque === undefined) return undefined
  const mayReturn = ownExtra(part)?.[unsigned] === true && !signedOnly
  if (text === '' || (side === 'request' && !mayReturn)) {
    notes.add('dropped', path, 'reasoning without a signature of this wire is not accepted by it')
    return undefined
  }
  if (opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
  return { reasoningContent: { reasoningText: { text } } }
}

function encodeToolCall(part: ToolCallPart, path: string, writing: Writing): JsonObject {
  return {
    toolUse: {
      toolUseId: part.id,
      name: part.name,
      input: encodeInput(part, path, writing.side, writing.notes),
    },
  }
}

/** SDK 3.1164 `ToolResultContentBlock`: no cache points, no reasoning, no audio. */
const inResults: readonly string[] = ['text', 'json', 'image', 'document', 'video', 'searchResult']

function encodeToolResult(part: ToolResultPart, path: string, writing: Writing): JsonObject {
  const { notes } = writing
  const content = part.parts.flatMap((inner, index) => {
    const at = `${path}.parts[${index}]`
    const { cache, ...unmarked } = inner
    if (cache !== undefined) notes.add('dropped', `${at}.cache`, 'a result has no cache points inside here')
    const blocks = encodeBlocks(unmarked, at, writing)
    const fits = blocks.filter(block => Object.keys(block).some(member => inResults.includes(member)))
    if (fits.length < blocks.length)
      notes.add('refused', at, `the result of a tool has no ${inner.kind} here`)
    return fits
  })
  const { isError } = part
  return {
    toolResult: defined({
      toolUseId: part.callId,
      content,
      status: isError === undefined ? undefined : isError ? 'error' : 'success',
    }),
  }
}

/** Media of a request, as what a guardrail is to look at where it came as that. */
function encodeGiven(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  const block = encodeMedia(part, path, notes)
  return block !== undefined && ownExtra(part)?.$form === 'guardContent' ? { guardContent: block } : block
}

/** Generated media; the words of a voice that has no bytes are text. */
function encodeGenerated(part: MediaPart, path: string, notes: Notes): JsonObject | undefined {
  if (part.transcript === undefined || part.transcript === '') return encodeGiven(part, path, notes)
  notes.add('approximated', path, 'a voice is its transcript here')
  return { text: part.transcript }
}
