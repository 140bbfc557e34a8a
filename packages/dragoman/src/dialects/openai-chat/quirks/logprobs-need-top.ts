import type { Quirk } from '../../../core/quirk.ts'
import { changed, unchanged } from './edit.ts'

export const logprobsNeedTop: Quirk = {
  id: 'logprobs-need-top',
  reason:
    'Gives no log probabilities for top_logprobs 0, and 20 alternatives a token where it is absent (recorded: llama-server transcripts, cases "logprobs" and "logprobs top0").',
  request(wire) {
    if (wire.logprobs !== true || (wire.top_logprobs !== undefined && wire.top_logprobs !== 0))
      return unchanged(wire)
    return changed(
      { ...wire, top_logprobs: 1 },
      {
        kind: 'approximated',
        path: 'logprobs.top',
        reason: 'This upstream needs at least one alternative a token to give any.',
      },
    )
  },
}
