import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import type { Notes } from './notes.ts'
import { defined } from './values.ts'

// Thinking as a switch with a budget, beside an effort: models that are asked so are asked so on every wire they are on.

type Mode = 'on' | 'off' | 'adaptive'
type SwitchType = 'enabled' | 'disabled' | 'adaptive'

/** The types of the switch in the words of the model; a type that is not here says nothing it knows. */
export const thinkingModes: { readonly [type: string]: Mode } = {
  enabled: 'on',
  disabled: 'off',
  adaptive: 'adaptive',
}

/** Smallest budget in tokens that is taken. */
export const smallestBudget = 1024

/** Whether thinking is switched at all: naming an effort does not, since models differ in what they do unasked. */
export function switchTypeOf({ mode, budget, effort }: Reasoning, notes: Notes): SwitchType | undefined {
  if (mode === 'off') return 'disabled'
  if (mode === 'adaptive') return 'adaptive'
  if (budget !== undefined) return budget === 0 && mode === undefined ? 'disabled' : 'enabled'
  if (mode === 'on') {
    notes.add('approximated', 'reasoning.mode', 'thinking without a budget is left to the model here')
    return 'adaptive'
  }
  return effort === 'none' ? 'disabled' : undefined
}

/** The switch as an object of the wire, and the effort that stands beside it. */
export interface ThinkingSwitch {
  readonly wire: JsonObject | undefined
  readonly effort: string | undefined
  /** Tokens set aside for thinking. */
  readonly budget: number | undefined
}

/** Reasoning with a switch of this type, or with none. */
export function encodeSwitch(
  reasoning: Reasoning,
  type: SwitchType | undefined,
  notes: Notes,
): ThinkingSwitch {
  const budget = type === 'enabled' ? budgetOf(reasoning, notes) : undefined
  if (budget === undefined && reasoning.budget !== undefined) {
    notes.add('dropped', 'reasoning.budget', `thinking that is ${type} has no budget here`)
  }
  const display = displayOf(reasoning.summary, type, notes)
  const wire = type && defined({ type, budget_tokens: budget, display })
  return { wire, effort: effortOf(reasoning.effort, type, notes), budget }
}

function budgetOf(reasoning: Reasoning, notes: Notes): number {
  const budget = reasoning.budget ?? smallestBudget
  if (budget >= smallestBudget) return budget
  notes.add('clamped', 'reasoning.budget', `the smallest budget here is ${smallestBudget}`)
  return smallestBudget
}

function displayOf(
  summary: string | undefined,
  type: SwitchType | undefined,
  notes: Notes,
): string | undefined {
  if (summary === undefined) return undefined
  if (type === undefined || type === 'disabled') {
    notes.add('dropped', 'reasoning.summary', 'whether thinking is shown is part of its switch here')
    return undefined
  }
  if (summary !== 'auto') notes.add('approximated', 'reasoning.summary', 'a summary has no length here')
  return 'summarized'
}

function effortOf(
  effort: string | undefined,
  type: SwitchType | undefined,
  notes: Notes,
): string | undefined {
  if (effort === 'none') {
    if (type === 'disabled') notes.add('renamed', 'reasoning.effort', 'no effort is thinking disabled here')
    else notes.add('dropped', 'reasoning.effort', 'thinking is switched on')
    return undefined
  }
  if (effort !== 'minimal') return effort
  notes.add('approximated', 'reasoning.effort', 'the lowest effort here is low')
  return 'low'
}
