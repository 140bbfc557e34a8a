import type { Unsupported } from '../../core/codec/unsupported.ts'

/** What the model can say and this wire cannot (card 3, "Not available"). Hints are dropped, the rest is refused. */
export const unsupported: readonly Unsupported[] = [
  ['candidates', 'refused', 'a request has one answer here'],
  ['logprobs', 'refused', 'there are no logprobs here'],
  ['modalities', 'refused', 'the answer is text here'],
  ['audio', 'dropped', 'there is no audio output here'],
  ['sampling.logitBias', 'refused', 'tokens cannot be biased here'],
  ['sampling.seed', 'dropped', 'there is no seed here'],
  ['sampling.frequencyPenalty', 'dropped', 'there are no penalties here'],
  ['sampling.presencePenalty', 'dropped', 'there are no penalties here'],
  ['hints.metadata', 'dropped', 'metadata is the user id only here'],
  ['hints.promptCacheKey', 'dropped', 'caches have no key here'],
  ['hints.verbosity', 'dropped', 'there is no verbosity here'],
  ['hints.prediction', 'dropped', 'there are no predicted outputs here'],
  ['hints.store', 'dropped', 'answers are not stored here'],
]
