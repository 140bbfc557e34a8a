import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const names = new Set(['max_completion_tokens'])

export const maxTokensOldName: Quirk = {
  id: 'max-tokens-old-name',
  reason:
    'Knows only max_tokens and ignores max_completion_tokens, so that the output is not limited at all (reference cards of local engines; ollama/ollama#7125).',
  request(wire) {
    const { max_completion_tokens: limit } = wire
    if (limit === undefined) return unchanged(wire)
    return changed(
      { ...without(wire, names), max_tokens: limit },
      { kind: 'renamed', path: 'maxTokens', reason: 'This upstream calls the limit max_tokens.' },
    )
  },
}
