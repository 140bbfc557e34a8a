import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonValue } from '../../ir/json.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { own } from '../../wire/json.ts'
import { dialect, ownExtra, textOf } from './wire.ts'

/** SDK 8.1.0 `ChatFinishReason`, less the two that are failures. `ERROR_TOXIC` is v1's, which some hosts still say. */
const reasons: { readonly [word: string]: FinishReason } = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
}

const words: { readonly [R in FinishReason]: string } = {
  stop: 'COMPLETE',
  'tool-calls': 'TOOL_CALL',
  length: 'MAX_TOKENS',
  'content-filter': 'COMPLETE',
  pause: 'COMPLETE',
  error: 'ERROR',
  unknown: 'COMPLETE',
}

/**
 * The failure that an end is, undefined for one that is none. `ERROR`, `TIMEOUT` and an `error` beside the reason say
 * that what came is not the answer (traps COH-10, COH-11): calling it `stop` would hide that.
 */
export function failedEnd(word: JsonValue | undefined, error: JsonValue | undefined): Fault | undefined {
  const said = textOf(error)
  if (word === 'TIMEOUT') {
    return createFault('upstream_timeout', said ?? 'The upstream ran out of time while it generated.')
  }
  if (word !== 'ERROR' && (said === undefined || said === '')) return undefined
  return createFault('upstream_error', said || 'The upstream failed while it generated.')
}

/** Why an answer ended. One that merely completed after calls ended with them. */
export function decodeFinish(word: JsonValue | undefined, hasCalls: boolean): Finish {
  const raw = textOf(word)
  const known = raw === undefined ? undefined : own(reasons, raw)
  return defined({
    reason: hasCalls && (known === 'stop' || raw === undefined) ? 'tool-calls' : (known ?? 'unknown'),
    raw,
    extra: raw !== undefined && known === undefined ? { [dialect]: { finish_reason: raw } } : undefined,
  })
}

/** The word for a finish: this wire's own where it still says the same, else the nearest. */
export function encodeFinish(finish: Finish, hasCalls: boolean, path: string, notes: Notes): string {
  notes.foreign(finish, path, 'reply')
  const { reason, raw, stopSequence, explanation } = finish
  if (stopSequence !== undefined)
    notes.add('dropped', `${path}.stopSequence`, 'which sequence matched is not told here')
  if (explanation !== undefined) notes.add('dropped', `${path}.explanation`, 'why it ended is not told here')
  if (raw !== undefined && own(reasons, raw) === reason) return raw
  const kept = textOf(ownExtra(finish)?.finish_reason)
  if (reason === 'unknown' && kept !== undefined) return kept
  if (reason === 'content-filter' || reason === 'pause' || reason === 'unknown')
    notes.add('approximated', `${path}.reason`, `there is no word for ${raw ?? reason} here`)
  const word = words[reason]
  if (word !== 'COMPLETE') return word
  if (hasCalls) return 'TOOL_CALL'
  return stopSequence === undefined || reason !== 'stop' ? word : 'STOP_SEQUENCE'
}
