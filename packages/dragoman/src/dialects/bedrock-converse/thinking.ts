import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra, ownExtra, withExtra } from './wire.ts'

const modes: { readonly [type: string]: 'on' | 'off' | 'adaptive' } = {
  enabled: 'on',
  disabled: 'off',
  adaptive: 'adaptive',
}

/** Smallest budget that models with one take. */
const smallestBudget = 1024

/** `thinking` of models that switch reasoning by it; a type nobody knows says nothing and stays where it is. */
export function decodeThinking(wire: JsonObject): Reasoning | undefined {
  const { type, budget_tokens: budget, display, ...rest } = wire
  const mode = typeof type === 'string' ? own(modes, type) : undefined
  if (mode === undefined) return undefined
  const isSummarized = display === 'summarized'
  return defined({
    mode,
    budget: typeof budget === 'number' ? budget : undefined,
    summary: isSummarized ? 'auto' : undefined,
    extra: asExtra(display === undefined || isSummarized ? rest : { ...rest, display }),
  })
}

export interface WrittenThinking {
  readonly thinking: JsonObject | undefined
  readonly effort: { readonly word: string | undefined }
  readonly budget: number | undefined
}

/** Reasoning as a switch with a budget, beside an effort in the wire's own word. */
export function encodeThinking(
  reasoning: Reasoning | undefined,
  messages: readonly JsonObject[],
  notes: Notes,
): WrittenThinking {
  if (reasoning === undefined) return { thinking: undefined, effort: { word: undefined }, budget: undefined }
  notes.foreign(reasoning, 'reasoning')
  const type = typeOf(reasoning, notes)
  if (type === 'enabled' && hasLostItsThought(messages)) {
    const reason = 'the thought before the running calls cannot be sent back, so this turn goes on without'
    notes.add('dropped', 'reasoning', reason)
    return { thinking: undefined, effort: { word: undefined }, budget: undefined }
  }
  const budget = type === 'enabled' ? budgetOf(reasoning, notes) : undefined
  if (budget === undefined && reasoning.budget !== undefined) {
    notes.add('dropped', 'reasoning.budget', `thinking that is ${type} has no budget here`)
  }
  const display = displayOf(reasoning.summary, type, notes)
  const core = type && defined({ type, budget_tokens: budget, display })
  return {
    thinking: core && withExtra(core, ownExtra(reasoning)),
    effort: { word: effortOf(reasoning.effort, type, notes) },
    budget,
  }
}

/** Whether calls are under way in a turn that did not begin with a thought: with a budget the API demands it back. */
function hasLostItsThought(messages: readonly JsonObject[]): boolean {
  const asked = messages.findLastIndex(
    message => message.role === 'user' && !blocksOf(message).some(block => isObject(block.toolResult)),
  )
  const turn = messages.slice(asked + 1).filter(message => message.role === 'assistant')
  const first = blocksOf(turn[0] ?? {})[0]
  const usesTools = turn.some(message => blocksOf(message).some(block => isObject(block.toolUse)))
  return usesTools && !isObject(first?.reasoningContent)
}

const blocksOf = (message: JsonObject): readonly JsonObject[] =>
  isList(message.content) ? message.content.filter(isObject) : []

function typeOf(reasoning: Reasoning, notes: Notes): 'enabled' | 'disabled' | 'adaptive' | undefined {
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

function displayOf(summary: string | undefined, type: string | undefined, notes: Notes): string | undefined {
  if (summary === undefined) return undefined
  if (type === undefined || type === 'disabled') {
    notes.add('dropped', 'reasoning.summary', 'whether thinking is shown is part of its switch here')
    return undefined
  }
  if (summary !== 'auto') notes.add('approximated', 'reasoning.summary', 'a summary has no length here')
  return 'summarized'
}

function effortOf(effort: string | undefined, type: string | undefined, notes: Notes): string | undefined {
  if (effort === 'none') {
    if (type === 'disabled') notes.add('renamed', 'reasoning.effort', 'no effort is thinking disabled here')
    else notes.add('dropped', 'reasoning.effort', 'thinking is switched on')
    return undefined
  }
  if (effort !== 'minimal') return effort
  notes.add('approximated', 'reasoning.effort', 'the lowest effort here is low')
  return 'low'
}
