import type { Note } from '../../ir/note.ts'
import type { Reasoning } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import type { AdaptContext, Adapter } from './adaptation.ts'

/** Tokens of thinking an effort stands for where a model takes only a budget and its provider does not say which. Our choice. */
const budgets: { readonly [effort: string]: number } = {
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 32_000,
  max: 32_000,
}

const order = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** The effort a budget comes closest to. */
function effortOf(budget: number): string {
  if (budget < 2048) return 'low'
  return budget < 8192 ? 'medium' : 'high'
}

/** The nearest effort the model knows, towards the stronger one on a tie. */
function nearest(effort: string, known: readonly string[]): string {
  const wanted = order.indexOf(effort)
  if (wanted < 0 || known.includes(effort)) return effort
  const distance = (other: string) =>
    Math.abs(order.indexOf(other) - wanted) - (order.indexOf(other) > wanted ? 0.5 : 0)
  return [...known].sort((one, other) => distance(one) - distance(other))[0] ?? effort
}

interface Change {
  readonly reasoning: Reasoning | undefined
  readonly note?: Note
}

const note = (kind: Note['kind'], path: string, reason: string): Note => ({ kind, path, reason })

function toBudget(reasoning: Reasoning, { facts }: AdaptContext): Change | undefined {
  if (reasoning.effort === undefined) return undefined
  const { effort, mode: _, ...rest } = reasoning
  const known = facts.budgets ?? budgets
  // A model that always thinks has a least budget.
  const least = facts.alwaysThinks === true ? (known.none ?? 0) : 0
  if (effort === 'none' && least === 0) return { reasoning: { ...rest, mode: 'off' } }
  const budget = own(known, effort) ?? 4096
  return {
    reasoning: { ...rest, mode: 'on', budget },
    note: note(
      'approximated',
      'reasoning.effort',
      `This model takes a thinking budget: "${effort}" became ${budget} tokens.`,
    ),
  }
}

function toEffort(reasoning: Reasoning, context: AdaptContext): Change | undefined {
  const known = context.facts.efforts ?? []
  const asked =
    reasoning.effort ??
    (reasoning.budget === undefined
      ? reasoning.mode === 'off'
        ? 'none'
        : undefined
      : effortOf(reasoning.budget))
  if (asked === undefined) return undefined
  const isAdaptive = context.facts.reasoning === 'adaptive'
  if (asked === 'none' && isAdaptive && context.facts.alwaysThinks !== true) {
    const { effort: _, budget: __, ...rest } = reasoning
    return { reasoning: { ...rest, mode: 'off' } }
  }
  const effort = known.length === 0 ? asked : nearest(asked, known)
  const { budget, mode: _, ...rest } = reasoning
  const changed = effort !== reasoning.effort
  const path = reasoning.effort === undefined ? 'reasoning.budget' : 'reasoning.effort'
  const said = budget === undefined ? `"${asked}"` : `a budget of ${budget} tokens`
  return {
    reasoning: { ...rest, effort, ...(isAdaptive ? { mode: 'adaptive' as const } : {}) },
    ...(changed
      ? { note: note('approximated', path, `This model knows other efforts: ${said} became "${effort}".`) }
      : {}),
  }
}

/** Brings effort words and thinking budgets into the form the model takes. */
export const reasoningForm: Adapter = (request, context) => {
  const { reasoning } = request
  const form = context.facts.reasoning
  if (reasoning === undefined || form === undefined) return undefined
  const change = form === 'budget' ? toBudget(reasoning, context) : toEffort(reasoning, context)
  if (change === undefined) return undefined
  return {
    id: 'reasoning-form',
    request: ({ reasoning: _, ...rest }) => ({
      value: change.reasoning === undefined ? rest : { ...rest, reasoning: change.reasoning },
      notes: change.note === undefined ? [] : [change.note],
    }),
  }
}
