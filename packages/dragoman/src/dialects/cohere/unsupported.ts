import type { Unsupported } from '../../core/codec/unsupported.ts'

/** What the model can say and this wire cannot (card, section 3). Hints are dropped, the rest is refused. */
export const unsupported: readonly Unsupported[] = [
  ['candidates', 'refused', 'a request has one answer here'],
  [
    'logprobs.top',
    'refused',
    'only the tokens that were chosen have log probabilities here',
    request => (request.logprobs?.top ?? 0) > 0,
  ],
  ['modalities', 'refused', 'the answer is text here'],
  ['audio', 'dropped', 'there is no audio output here'],
  ['sampling.logitBias', 'refused', 'tokens cannot be biased here'],
  ['cache', 'dropped', 'there are no cache markers here'],
  ['hints.user', 'dropped', 'users are not told apart here'],
  ['hints.safetyIdentifier', 'dropped', 'users are not told apart here'],
  ['hints.metadata', 'dropped', 'there is no metadata here'],
  ['hints.serviceTier', 'dropped', 'there is a priority instead of tiers here'],
  ['hints.promptCacheKey', 'dropped', 'caches have no key here'],
  ['hints.verbosity', 'dropped', 'there is no verbosity here'],
  ['hints.prediction', 'dropped', 'there are no predicted outputs here'],
  ['hints.store', 'dropped', 'answers are not stored here'],
]
