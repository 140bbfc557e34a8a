import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { own } from '../../wire/json.ts'
import { dialect, ownExtra } from './wire.ts'

/** SDK 3.1.0 `FinishReason`, all of it, and `CONTINUATION` of card 8. Words it lacks are unknown. */
const reasons: { readonly [finishReason: string]: FinishReason } = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  // There is more to come for who asks for it; whoever does not has an answer that was cut (trap 45).
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
}

const words: { readonly [R in FinishReason]: string } = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  pause: 'OTHER',
  error: 'OTHER',
  unknown: 'OTHER',
}

/** Why a candidate ended: this wire says STOP after a call, too (trap 1), and has a sentence for those who look. */
export function decodeFinish(
  word: string | undefined,
  message: string | undefined,
  hasCall: boolean,
): Finish {
  const known = word === undefined ? undefined : own(reasons, word)
  const reason = known === 'stop' && hasCall ? 'tool-calls' : (known ?? 'unknown')
  // After a plain STOP the sentence says that a function was called, and is no sign of trouble (trap 63).
  const explanation = known === 'stop' ? undefined : message
  return defined({ reason, raw: word, explanation })
}

/** SDK 3.1.0 `BlockedReason`: the first of them stands for none. */
const unblocked = 'BLOCKED_REASON_UNSPECIFIED'

/** The finish of an answer that was never begun because its prompt was blocked (trap 8); undefined where it was not. */
export function decodeBlock(feedback: JsonObject | undefined): Finish | undefined {
  const reason = feedback?.blockReason
  if (typeof reason !== 'string' || reason === unblocked) return undefined
  const message = feedback?.blockReasonMessage
  const explanation = typeof message === 'string' ? message : `The prompt was blocked: ${reason}.`
  return { reason: 'content-filter', raw: reason, explanation }
}

/** Nothing was generated: the wire has no candidate that could end. */
const blockedMark = '$blocked'

/** A finish of nothing, so that the same wire gets no candidate for it. */
export function blockedCandidate(finish: Finish): Finish {
  return { ...finish, extra: { [dialect]: { [blockedMark]: true } } }
}

export function isBlock(finish: Finish): boolean {
  return ownExtra(finish)?.[blockedMark] === true
}

export interface Ending {
  readonly hasCall: boolean
  readonly hasRefusal: boolean
}

/** The finish in this wire's words: its own word where that still says the same, else the one that comes closest. */
export function encodeFinish(
  finish: Finish,
  { hasCall, hasRefusal }: Ending,
  path: string,
  notes: Notes,
): JsonObject {
  const { raw, stopSequence, explanation } = finish
  const isOpen = finish.reason === 'stop' || finish.reason === 'unknown'
  const reason = isOpen && hasRefusal ? 'content-filter' : finish.reason
  const isOwn = raw !== undefined && isWordFor(raw, reason)
  if (!isOwn && words[reason] === words.unknown && !hasCall) {
    notes.add('approximated', `${path}.reason`, `${raw ?? reason} has no word here`)
  }
  if (stopSequence !== undefined) {
    notes.add('dropped', `${path}.stopSequence`, 'which stop sequence ended the answer is not told here')
  }
  const isDone = reason === 'unknown' && hasCall
  return defined({
    finishReason: isOwn ? raw : words[isDone ? 'stop' : reason],
    finishMessage: explanation,
  })
}

/** Whether this is the wire's own word and still means that reason; words of upper case nobody knows are unknown ones. */
function isWordFor(raw: string, reason: FinishReason): boolean {
  const known = own(reasons, raw)
  if (known === undefined) return reason === 'unknown' && /^[A-Z][A-Z_]*$/.test(raw)
  return known === reason || (known === 'stop' && reason === 'tool-calls')
}
