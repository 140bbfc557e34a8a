import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { count, object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

const modes: { readonly [type: string]: 'on' | 'off' } = { enabled: 'on', disabled: 'off' }

/** `thinking` (SDK 8.1.0 `Thinking`): a switch, with the most tokens it may take. */
export function decodeReasoning(fields: Fields): Reasoning | undefined {
  const wire = fields.want('thinking', object)
  if (wire === undefined) return undefined
  const inner = fields.inside('thinking', wire)
  const mode = own(modes, inner.need('type', text, ''))
  if (mode === undefined) {
    fields.keep('thinking', wire)
    return undefined
  }
  return defined({ mode, budget: inner.want('token_budget', count), extra: inner.extra() })
}

/** Reasoning as a switch and a budget. An effort has no word here: it switches thinking on, or off where it is none. */
export function encodeReasoning(reasoning: Reasoning | undefined, notes: Notes): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  notes.foreign(reasoning, 'reasoning')
  const { effort, budget, mode, summary } = reasoning
  if (summary !== undefined) notes.add('dropped', 'reasoning.summary', 'thinking is shown as it is here')
  const type = typeOf(reasoning)
  if (effort !== undefined) {
    const isSaid = effort === 'none' && type === 'disabled'
    notes.add(isSaid ? 'renamed' : 'approximated', 'reasoning.effort', 'thinking is on or off here')
  }
  if (type === undefined) return undefined
  if (mode === 'adaptive') notes.add('approximated', 'reasoning.mode', 'thinking is on or off here')
  const tokens = type === 'enabled' && budget !== undefined && budget > 0 ? budget : undefined
  if (tokens !== budget && budget !== 0) notes.add('dropped', 'reasoning.budget', 'thinking is switched off')
  return withExtra(defined({ type, token_budget: tokens }), ownExtra(reasoning))
}

function typeOf({ mode, budget, effort }: Reasoning): 'enabled' | 'disabled' | undefined {
  if (mode !== undefined) return mode === 'off' ? 'disabled' : 'enabled'
  if (budget !== undefined) return budget > 0 ? 'enabled' : 'disabled'
  if (effort === undefined) return undefined
  return effort === 'none' ? 'disabled' : 'enabled'
}
