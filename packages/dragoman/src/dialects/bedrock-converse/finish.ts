import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part } from '../../ir/part.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra, ownExtra } from './wire.ts'

/** SDK 3.1164 `StopReason`. Malformed output is a failure of the model, whatever part of it arrived (trap 36). */
const reasons: { readonly [stopReason: string]: FinishReason } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content-filter',
  guardrail_intervened: 'content-filter',
  malformed_model_output: 'error',
  malformed_tool_use: 'error',
}

const words: { readonly [R in FinishReason]: string } = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-filter': 'content_filtered',
  pause: 'end_turn',
  error: 'malformed_model_output',
  unknown: 'end_turn',
}

/** Whether the client is expected to run this call: those of the provider's own tools are no calls of the model here. */
export const isClientCall = (part: Part): boolean => part.kind === 'tool-call'

/** The stop sequence that matched, among the fields of the model that were asked for, in either form. */
function sequenceOf(fields: JsonValue | undefined): string | undefined {
  if (!isObject(fields)) return undefined
  const { delta } = fields
  const told = isObject(delta) ? (delta.stop_sequence ?? fields.stop_sequence) : fields.stop_sequence
  return typeof told === 'string' ? told : undefined
}

/**
 * Why an answer ended: `stopReason`, and the fields of the model that stand beside it. Some models say `end_turn` after
 * a call that waits for its result; whoever reads the reason has to be told the truth, and the word is kept.
 */
export function decodeFinish(
  stopReason: JsonValue | undefined,
  fields: JsonValue | undefined,
  hasCall: boolean,
): Finish {
  const raw = typeof stopReason === 'string' ? stopReason : undefined
  const known = raw === undefined ? undefined : own(reasons, raw)
  return defined({
    reason: raw === 'end_turn' && hasCall ? 'tool-calls' : (known ?? 'unknown'),
    raw,
    stopSequence: sequenceOf(fields),
    extra: raw !== undefined && known === undefined ? asExtra({ stopReason: raw }) : undefined,
  })
}

/** What an answer holds that its reason to stop has to agree with. */
export interface Ending {
  readonly hasCall: boolean
  readonly hasRefusal: boolean
}

/** The fields of the model as a client asks for them who wants to know which stop sequence matched. */
const sequenceFields = (sequence: string): JsonObject => ({ delta: { stop_sequence: sequence } })

export interface WrittenFinish {
  readonly stopReason: string
  /** For `additionalModelResponseFields`, where nothing stands there yet. */
  readonly fields: JsonObject | undefined
}

/** The finish in this wire's words: its own word where that still says the same, else one derived from the answer. */
export function encodeFinish(finish: Finish, ending: Ending, path: string, notes: Notes): WrittenFinish {
  const reason = reasonOf(finish, ending)
  const stopReason = wordOf(finish, reason)
  const isLost =
    finish.reason === 'pause' || (reason === 'unknown' && ownExtra(finish)?.stopReason === undefined)
  if (isLost) notes.add('approximated', `${path}.reason`, `${finish.raw ?? finish.reason} has no word here`)
  if (finish.explanation !== undefined)
    notes.add('dropped', `${path}.explanation`, 'there is no place for it here')
  const { stopSequence } = finish
  return { stopReason, fields: stopSequence === undefined ? undefined : sequenceFields(stopSequence) }
}

function reasonOf(finish: Finish, { hasCall, hasRefusal }: Ending): FinishReason {
  const { reason } = finish
  const isOpen = reason === 'stop' || reason === 'unknown' || reason === 'pause'
  if (isOpen && hasRefusal) return 'content-filter'
  if (isOpen && hasCall) return 'tool-calls'
  return reason === 'tool-calls' && !hasCall ? 'stop' : reason
}

function wordOf(finish: Finish, reason: FinishReason): string {
  const { raw } = finish
  if (raw !== undefined && own(reasons, raw) === reason) return raw
  const kept = ownExtra(finish)?.stopReason
  if (reason === 'unknown' && typeof kept === 'string') return kept
  return reason === 'stop' && finish.stopSequence !== undefined ? 'stop_sequence' : words[reason]
}
