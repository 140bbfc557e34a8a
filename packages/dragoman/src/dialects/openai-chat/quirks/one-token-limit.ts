import type { Quirk } from '../../../core/quirk.ts'
import { without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const older = new Set(['max_tokens'])

export const oneTokenLimit: Quirk = {
  id: 'one-token-limit',
  reason:
    'Answers both names of the token limit at once with an error; the newer one is meant (fw-ai-external/python-sdk).',
  request(wire) {
    if (wire.max_tokens === undefined || wire.max_completion_tokens === undefined) return unchanged(wire)
    return changed(without(wire, older), {
      kind: 'dropped',
      path: 'maxTokens',
      reason: 'This upstream takes one limit: max_completion_tokens was kept.',
    })
  },
}
