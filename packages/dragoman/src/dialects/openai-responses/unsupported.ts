import type { Unsupported } from '../../core/codec/unsupported.ts'
import { isOwn } from './wire.ts'

/**
 * What the Responses API has no field for. Refused: without it the answer would be another one (the policy of the
 * call decides, and adaptations may have emulated it before). Dropped: it shapes the odds, or is a hint.
 */
export const unsupported: readonly Unsupported[] = [
  [
    'candidates',
    'refused',
    'Responses answers with one candidate; send as many requests as you want answers',
  ],
  ['sampling.stop', 'refused', 'Responses has no stop sequences'],
  ['sampling.logitBias', 'refused', 'Responses has no logit bias'],
  ['modalities', 'refused', 'Responses answers in text only'],
  ['audio', 'refused', 'Responses answers in text only'],
  ['sampling.seed', 'dropped', 'Responses has no seed; answers may differ between calls'],
  ['sampling.topK', 'dropped', 'Responses samples by temperature and top_p only'],
  ['sampling.frequencyPenalty', 'dropped', 'Responses has no penalties'],
  ['sampling.presencePenalty', 'dropped', 'Responses has no penalties'],
  ['hints.prediction', 'dropped', 'Responses takes no predicted output'],
  [
    'hints.store',
    'dropped',
    'another dialect asked to store a completion; a response is a different object, so nothing is stored',
    request => request.hints.store === true && !isOwn(request),
  ],
  ['cache', 'dropped', 'the cache of this wire is automatic'],
]
