import type { Quirk } from '../../../core/quirk.ts'
import { changed, unchanged } from './edit.ts'

export const refuseOverflow: Quirk = {
  id: 'refuse-overflow',
  reason:
    'Lowers the token limit in silence where prompt and limit do not fit the context; the wire’s own answer is a 400, which comes with context_length_exceeded_behavior error (fw-ai-external/python-sdk).',
  request(wire) {
    const { max_completion_tokens: newer, max_tokens: older, context_length_exceeded_behavior: said } = wire
    const isLimited = newer !== undefined || older !== undefined
    return isLimited && said === undefined
      ? changed({ ...wire, context_length_exceeded_behavior: 'error' })
      : unchanged(wire)
  },
}
