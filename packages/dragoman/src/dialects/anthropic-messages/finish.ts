import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra, dialect, ownExtra } from './wire.ts'

/** Card 8; `compaction` is beta. */
const reasons: { readonly [stopReason: string]: FinishReason } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content-filter',
  pause_turn: 'pause',
  compaction: 'stop',
}

const words: { readonly [R in FinishReason]: string } = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-filter': 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  unknown: 'end_turn',
}

/** The fields of a message that tell why it ended, as whole answers, `message_start` and `message_delta` carry them. */
export const finishFields: readonly string[] = ['stop_reason', 'stop_sequence', 'stop_details']

/** Whether the client is expected to run this call: those of code execution were run already or wait for it to go on. */
export function isClientCall(part: Part): boolean {
  if (part.kind !== 'tool-call') return false
  const caller = ownExtra(part)?.caller
  return !isObject(caller) || caller.type === undefined || caller.type === 'direct'
}

/**
 * Why a message ended. Some upstreams say `end_turn` after a call that waits for its result; whoever reads the reason
 * has to be told the truth (features C2, C4), and the word they used is kept.
 */
export function decodeFinish(wire: JsonObject, hasClientCall: boolean): Finish {
  const raw = typeof wire.stop_reason === 'string' ? wire.stop_reason : undefined
  const known = raw === undefined ? undefined : own(reasons, raw)
  const details = wire.stop_details
  const explanation = isObject(details) ? details.explanation : undefined
  const extra: { [key: string]: JsonValue } = {}
  if (raw !== undefined && known === undefined) extra.stop_reason = raw
  if (details !== undefined) extra.stop_details = details
  return defined({
    reason: raw === 'end_turn' && hasClientCall ? 'tool-calls' : (known ?? 'unknown'),
    raw,
    stopSequence: typeof wire.stop_sequence === 'string' ? wire.stop_sequence : undefined,
    explanation: typeof explanation === 'string' ? explanation : undefined,
    extra: asExtra(extra),
  })
}

/** What an answer holds that its reason to stop has to agree with. */
export interface Ending {
  readonly hasCall: boolean
  readonly hasClientCall: boolean
  /** Text of refusals in it; undefined where there are none. */
  readonly refusal: string | undefined
  /** Stop sequences were asked for, of a target whose wire does not tell when one of them ended the answer. */
  readonly mayHideStop: boolean
}

/** Only this wire names the stop sequence that matched. */
export function mayHideStop(request: GenerateRequest, from: string | undefined): boolean {
  return from !== dialect && (request.sampling.stop?.length ?? 0) > 0
}

/**
 * The finish in this wire's words: its own word where that still says the same (an adaptation may have changed the
 * reason), else a word derived from what the answer holds.
 */
export function encodeFinish(finish: Finish, ending: Ending, path: string, notes: Notes): JsonObject {
  const kept = ownExtra(finish)
  const reason = reasonOf(finish, ending)
  const word = wordOf(finish, reason)
  const isLost = finish.reason === 'error' || (reason === 'unknown' && kept?.stop_reason === undefined)
  if (isLost) notes.add('approximated', `${path}.reason`, `${finish.raw ?? finish.reason} has no word here`)
  if (finish.stopSequence !== undefined && word !== 'stop_sequence') {
    notes.add('dropped', `${path}.stopSequence`, 'the answer did not end at it')
  }
  if (ending.mayHideStop && word === 'end_turn' && finish.stopSequence === undefined) {
    const reason = 'the target does not tell whether a stop sequence ended the answer; end_turn may hide one'
    notes.add('approximated', `${path}.stopSequence`, reason)
  }
  const refused = {
    type: 'refusal',
    category: null,
    explanation: finish.explanation ?? ending.refusal ?? null,
  }
  return defined({
    stop_reason: word,
    stop_sequence: word === 'stop_sequence' ? (finish.stopSequence ?? null) : null,
    stop_details: kept?.stop_details === undefined && word === 'refusal' ? refused : kept?.stop_details,
  })
}

function reasonOf(finish: Finish, ending: Ending): FinishReason {
  const { reason } = finish
  const isOpen = reason === 'stop' || reason === 'unknown' || reason === 'error'
  if (isOpen && ending.refusal !== undefined) return 'content-filter'
  if (isOpen && ending.hasClientCall) return 'tool-calls'
  return reason === 'tool-calls' && !ending.hasCall ? 'stop' : reason
}

function wordOf(finish: Finish, reason: FinishReason): string {
  const { raw } = finish
  if (raw !== undefined && own(reasons, raw) === reason) return raw
  const kept = ownExtra(finish)?.stop_reason
  if (reason === 'unknown' && typeof kept === 'string') return kept
  return reason === 'stop' && finish.stopSequence !== undefined ? 'stop_sequence' : words[reason]
}
