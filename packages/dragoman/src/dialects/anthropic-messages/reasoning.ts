import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { encodeSwitch, smallestBudget, switchTypeOf, thinkingModes } from '../../core/codec/thinking.ts'
import { defined, objectsOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { count, object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

/**
 * `thinking` and `output_config.effort` (already read) to what the model calls reasoning. A type of thinking that it
 * has no word for (`between_tools`) stays an extra of the request.
 */
export function decodeReasoning(fields: Fields, effort: string | undefined): Reasoning | undefined {
  const wire = fields.want('thinking', object)
  if (wire === undefined) return effort === undefined ? undefined : { effort }
  const inner = fields.inside('thinking', wire)
  const type = inner.need('type', text, '')
  const mode = own(thinkingModes, type)
  if (mode === undefined) {
    fields.keep('thinking', wire)
    return effort === undefined ? undefined : { effort }
  }
  const budget = mode === 'on' ? inner.need('budget_tokens', count, smallestBudget) : undefined
  const isSummarized = wire.display === 'summarized'
  if (isSummarized) inner.take('display', text)
  return defined({ effort, mode, budget, summary: isSummarized ? 'auto' : undefined, extra: inner.extra() })
}

/** How reasoning is said on this wire: a switch with a budget, and an effort. */
export interface WrittenReasoning {
  readonly thinking: JsonObject | undefined
  readonly effort: string | undefined
  /** Tokens set aside for thinking; `max_tokens` has to be more, and no tool can be forced. */
  readonly budget: number | undefined
}

export function encodeReasoning(
  reasoning: Reasoning | undefined,
  messages: readonly JsonObject[],
  notes: Notes,
): WrittenReasoning {
  if (reasoning === undefined) return { thinking: undefined, effort: undefined, budget: undefined }
  notes.foreign(reasoning, 'reasoning')
  const type = switchTypeOf(reasoning, notes)
  if (type === 'enabled' && hasLostItsThought(messages)) {
    const reason =
      'the thought before the running tool calls cannot be sent back, so this turn goes on without'
    notes.add('dropped', 'reasoning', reason)
    return { thinking: undefined, effort: undefined, budget: undefined }
  }
  const { wire, effort, budget } = encodeSwitch(reasoning, type, notes)
  return { thinking: wire && withExtra(wire, ownExtra(reasoning)), effort, budget }
}

/**
 * Whether tools are being used in a turn that did not begin with a thought. With a budget the API demands it back
 * (traps 11 and 13), and a foreign one is no use.
 */
function hasLostItsThought(messages: readonly JsonObject[]): boolean {
  const asked = messages.findLastIndex(
    message =>
      message.role === 'user' && !objectsOf(message.content).some(block => block.type === 'tool_result'),
  )
  const turn = messages.slice(asked + 1).filter(message => message.role === 'assistant')
  const begins = objectsOf(turn[0]?.content)[0]?.type
  const usesTools = turn.some(message => objectsOf(message.content).some(block => block.type === 'tool_use'))
  return usesTools && begins !== 'thinking' && begins !== 'redacted_thinking'
}
