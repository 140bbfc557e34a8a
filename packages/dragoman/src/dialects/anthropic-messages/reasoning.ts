import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { isObject, own } from '../../wire/json.ts'
import { count, object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

const modes: { readonly [type: string]: 'on' | 'off' | 'adaptive' } = {
  enabled: 'on',
  disabled: 'off',
  adaptive: 'adaptive',
}

/** Smallest budget the API takes (card 3). */
const smallestBudget = 1024

/**
 * `thinking` and `output_config.effort` (already read) to what the model calls reasoning. A type of thinking that it
 * has no word for (`between_tools`) stays an extra of the request.
 */
export function decodeReasoning(fields: Fields, effort: string | undefined): Reasoning | undefined {
  const wire = fields.want('thinking', object)
  if (wire === undefined) return effort === undefined ? undefined : { effort }
  const inner = fields.inside('thinking', wire)
  const type = inner.need('type', text, '')
  const mode = own(modes, type)
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
  const mode = modeOf(reasoning, notes)
  if (mode === 'enabled' && hasLostItsThought(messages)) {
    const reason =
      'the thought before the running tool calls cannot be sent back, so this turn goes on without'
    notes.add('dropped', 'reasoning', reason)
    return { thinking: undefined, effort: undefined, budget: undefined }
  }
  const budget = mode === 'enabled' ? budgetOf(reasoning, notes) : undefined
  if (budget === undefined && reasoning.budget !== undefined) {
    notes.add('dropped', 'reasoning.budget', `thinking that is ${mode} has no budget here`)
  }
  const display = displayOf(reasoning.summary, mode, notes)
  const core = mode && defined({ type: mode, budget_tokens: budget, display })
  const effort = effortOf(reasoning.effort, mode, notes)
  return { thinking: core && withExtra(core, ownExtra(reasoning)), effort, budget }
}

/**
 * Whether tools are being used in a turn that did not begin with a thought. With a budget the API demands it back
 * (traps 11 and 13), and a foreign one is no use.
 */
function hasLostItsThought(messages: readonly JsonObject[]): boolean {
  const asked = messages.findLastIndex(
    message => message.role === 'user' && !blocksOf(message).some(block => block.type === 'tool_result'),
  )
  const turn = messages.slice(asked + 1).filter(message => message.role === 'assistant')
  const begins = blocksOf(turn[0] ?? {})[0]?.type
  const usesTools = turn.some(message => blocksOf(message).some(block => block.type === 'tool_use'))
  return usesTools && begins !== 'thinking' && begins !== 'redacted_thinking'
}

function blocksOf(message: JsonObject): readonly JsonObject[] {
  return Array.isArray(message.content) ? message.content.filter(isObject) : []
}

/** Whether thinking is switched at all: naming an effort does not, since models differ in what they do unasked. */
function modeOf(reasoning: Reasoning, notes: Notes): 'enabled' | 'disabled' | 'adaptive' | undefined {
  const { mode, budget, effort } = reasoning
  if (mode === 'off') return 'disabled'
  if (mode === 'adaptive') return 'adaptive'
  if (budget !== undefined) return budget === 0 && mode === undefined ? 'disabled' : 'enabled'
  if (mode === 'on') {
    notes.add('approximated', 'reasoning.mode', 'thinking without a budget is left to the model here')
    return 'adaptive'
  }
  return effort === 'none' ? 'disabled' : undefined
}

function budgetOf(reasoning: Reasoning, notes: Notes): number {
  const budget = reasoning.budget ?? smallestBudget
  if (budget >= smallestBudget) return budget
  notes.add('clamped', 'reasoning.budget', `the smallest budget here is ${smallestBudget}`)
  return smallestBudget
}

function displayOf(summary: string | undefined, mode: string | undefined, notes: Notes): string | undefined {
  if (summary === undefined) return undefined
  if (mode === undefined || mode === 'disabled') {
    notes.add('dropped', 'reasoning.summary', 'whether thinking is shown is part of its switch here')
    return undefined
  }
  if (summary !== 'auto') notes.add('approximated', 'reasoning.summary', 'a summary has no length here')
  return 'summarized'
}

function effortOf(effort: string | undefined, mode: string | undefined, notes: Notes): string | undefined {
  if (effort === 'none') {
    if (mode === 'disabled') notes.add('renamed', 'reasoning.effort', 'no effort is thinking disabled here')
    else notes.add('dropped', 'reasoning.effort', 'thinking is switched on')
    return undefined
  }
  if (effort !== 'minimal') return effort
  notes.add('approximated', 'reasoning.effort', 'the lowest effort here is low')
  return 'low'
}
