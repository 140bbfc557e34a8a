import type { Quirk } from '../../../core/quirk.ts'
import { changed, unchanged } from './edit.ts'

const known = new Set(['none', 'default'])

export const effortDefault: Quirk = {
  id: 'effort-default',
  reason: 'Models of the line qwen3- know the efforts none and default only (its SDK 1.6.0).',
  request(wire) {
    const { reasoning_effort: effort, model } = wire
    const isOfLine = typeof model === 'string' && /(?:^|\/)qwen3-/i.test(model)
    if (typeof effort !== 'string' || !isOfLine || known.has(effort)) return unchanged(wire)
    return changed(
      { ...wire, reasoning_effort: 'default' },
      {
        kind: 'approximated',
        path: 'reasoning.effort',
        reason: `This model thinks or does not: "${effort}" became "default".`,
      },
    )
  },
}
