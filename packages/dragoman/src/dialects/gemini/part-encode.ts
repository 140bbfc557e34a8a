import type { Notes, Side } from '../../core/codec/notes.ts'
import { encodeVerbatim } from '../../core/codec/verbatim.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Opaque } from '../../ir/opaque.ts'
import type { CacheHint, Part, TextPart, ThinkingPart } from '../../ir/part.ts'
import { encodeMedia } from './media.ts'
import { thoughtMark } from './part-decode.ts'
import { encodeCall } from './tool-call.ts'
import { type CallNames, encodeResult } from './tool-result.ts'
import { dialect, ownExtra, withExtra } from './wire.ts'

const noNames: CallNames = new Map()

/**
 * A part of the model as a part of a content. Undefined where there is nothing to say (an unsigned empty text says
 * nothing) or no way to say it, which is noted.
 */
export function encodePart(
  part: Part,
  path: string,
  side: Side,
  notes: Notes,
  names: CallNames = noNames,
): JsonObject | undefined {
  notes.foreign(part, path, side)
  const wire = encodeKind(part, path, side, notes, names)
  if (wire === undefined) {
    if (side === 'reply' || part.kind !== 'thinking') encodeSignature(part, path, notes)
    return undefined
  }
  noteMarker(part, path, notes)
  if (part.kind === 'hosted-tool' || part.kind === 'unknown') return wire
  return withExtra({ ...wire, ...encodeSignature(part, path, notes) }, ownExtra(part))
}

export function noteMarker(node: { readonly cache?: CacheHint }, path: string, notes: Notes): void {
  if (node.cache === undefined) return
  notes.add('dropped', `${path}.cache`, 'caches are made beforehand or by themselves here, not marked')
}

/** A signature that this wire wrote and may write again, on the part it came on (card 5.2). */
export function isOwnOpaque(opaque: Opaque | undefined): opaque is Opaque {
  return opaque?.dialect === dialect && opaque.form === 'signature' && opaque.data !== ''
}

function encodeSignature({ opaque }: Part, path: string, notes: Notes): JsonObject {
  if (isOwnOpaque(opaque)) return { thoughtSignature: opaque.data }
  if (opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
  return {}
}

function encodeKind(
  part: Part,
  path: string,
  side: Side,
  notes: Notes,
  names: CallNames,
): JsonObject | undefined {
  switch (part.kind) {
    case 'text':
      return encodeText(part, path, side, notes)
    case 'refusal':
      if (part.text === '' && !isOwnOpaque(part.opaque)) return undefined
      notes.add('renamed', path, 'a refusal is text here')
      return { text: part.text }
    case 'thinking':
      return encodeThinking(part, path, side, notes)
    case 'tool-call':
      return encodeCall(part, path, side, notes)
    case 'tool-result':
      if (side === 'request') return encodeResult(part, path, names, notes)
      notes.add('dropped', path, 'an answer has no results of functions here')
      return undefined
    case 'media':
      return encodeMedia(part, path, ownExtra(part), notes)
    case 'hosted-tool':
    case 'unknown':
      return encodeVerbatim(part, dialect, path, side, notes)
  }
}

/** Citations and log probabilities of an answer have their own places beside its content. */
function encodeText(part: TextPart, path: string, side: Side, notes: Notes): JsonObject | undefined {
  if (part.text === '' && !isOwnOpaque(part.opaque)) return undefined
  if (side === 'request') {
    if (part.annotations?.length) {
      notes.add('dropped', `${path}.annotations`, 'text of the past has no citations here')
    }
    if (part.logprobs?.length) {
      notes.add('dropped', `${path}.logprobs`, 'text of the past has no log probabilities here')
    }
  }
  return { text: part.text }
}

/** The reasoning that can be shown, one paragraph after the other: the provider's summary of it, and itself. */
export function shownThinking(part: ThinkingPart): string {
  return [...(part.summary ?? []), part.text].filter(text => text !== '').join('\n\n')
}

/**
 * A thought goes to an upstream only where this wire wrote it; others would read as words of the model. A client gets
 * what can be shown.
 */
function encodeThinking(part: ThinkingPart, path: string, side: Side, notes: Notes): JsonObject | undefined {
  const said = shownThinking(part)
  const isOwn = isOwnOpaque(part.opaque) || ownExtra(part)?.[thoughtMark] === true
  if (!isOwn && side === 'request') {
    notes.add('dropped', path, 'only thoughts that this wire wrote can be sent to it')
    return undefined
  }
  if (!isOwn && said === '') return undefined
  return { text: said, thought: true }
}
