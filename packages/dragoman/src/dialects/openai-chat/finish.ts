import type { NoteKind } from '../../ir/note.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { own } from '../../wire/json.ts'

/** Words of `finish_reason`: OpenAI's five, then those of hosts that speak its wire with words of their own. */
const reasons: { readonly [word: string]: FinishReason } = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  content_filter: 'content-filter',
  function_call: 'tool-calls',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  safety: 'content-filter',
  sensitive: 'content-filter',
  error: 'error',
  abort: 'error',
  network_error: 'error',
  insufficient_system_resource: 'error',
}

const official: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call']

/** OpenAI's word for each reason. A failed answer is called so: no word of OpenAI's would be true. */
const wordOf: { readonly [R in FinishReason]: string } = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  pause: 'stop',
  error: 'error',
  unknown: 'stop',
}

/** Why a choice ended. One that made tool calls and merely stopped ended with them (forced tools say `stop`). */
export function decodeFinish(raw: string | undefined, hasCalls: boolean): Finish {
  if (raw === undefined) return { reason: hasCalls ? 'tool-calls' : 'unknown' }
  const word = raw.toLowerCase()
  const reason = own(reasons, word) ?? 'unknown'
  return { reason: reason === 'stop' && hasCalls ? 'tool-calls' : reason, raw }
}

export interface FinishContext {
  /** The finish was decoded from this wire, so its word may go back. */
  readonly isOwn: boolean
  readonly hasCalls: boolean
  /** The calls are written as the deprecated `function_call`. */
  readonly isDeprecated: boolean
  /** Why it was refused stands in the message. */
  readonly isExplained: boolean
}

export interface EncodedFinish {
  readonly word: string
  /** What the word does not say; `field` is appended to the path of the finish. */
  readonly losses: readonly { readonly kind: NoteKind; readonly field: string; readonly reason: string }[]
}

/**
 * The word for a finish, and what it does not say. A word of OpenAI's goes back as it came; one that only a host has
 * does where the model has no reason for it.
 */
export function encodeFinish(finish: Finish, context: FinishContext): EncodedFinish {
  const { isOwn, hasCalls, isDeprecated, isExplained } = context
  const { reason, raw, stopSequence, explanation } = finish
  const losses: EncodedFinish['losses'][number][] = []
  if (stopSequence !== undefined) {
    losses.push({
      kind: 'dropped',
      field: '.stopSequence',
      reason: 'Chat completions does not tell which stop sequence matched.',
    })
  }
  if (explanation !== undefined && !isExplained) {
    losses.push({
      kind: 'dropped',
      field: '.explanation',
      reason: 'Chat completions does not tell why an answer was cut.',
    })
  }
  const isByCalls =
    reason === 'stop' || reason === 'tool-calls' || (reason === 'unknown' && raw === undefined)
  if (hasCalls && isByCalls) return { word: isDeprecated ? 'function_call' : 'tool_calls', losses }
  if (isOwn && raw !== undefined && (reason === 'unknown' || official.includes(raw)))
    return { word: raw, losses }
  if (reason === 'pause' || reason === 'unknown') {
    const said = reason === 'pause' ? 'a paused turn' : `the finish reason ${raw ?? 'that was not told'}`
    losses.push({ kind: 'approximated', field: '', reason: `Chat completions has no word for ${said}.` })
  }
  return { word: wordOf[reason], losses }
}
