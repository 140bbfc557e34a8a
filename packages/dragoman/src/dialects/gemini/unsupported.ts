import type { Unsupported } from '../../core/codec/unsupported.ts'

/** Hints that the model can say and this wire cannot (card 3). */
export const unsupported: readonly Unsupported[] = [
  [
    'parallelToolCalls',
    'dropped',
    'how many calls are made at once cannot be limited here',
    request => request.parallelToolCalls === false && (request.tools?.length ?? 0) > 0,
  ],
  ['cache', 'dropped', 'caches are made beforehand or by themselves here, not marked'],
  ['hints.user', 'dropped', 'a request names no user here'],
  ['hints.safetyIdentifier', 'dropped', 'a request names no user here'],
  ['hints.metadata', 'dropped', 'a request carries no metadata here'],
  ['hints.promptCacheKey', 'dropped', 'caches have no key here'],
  ['hints.verbosity', 'dropped', 'there is no verbosity here'],
  ['hints.prediction', 'dropped', 'there are no predicted outputs here'],
  ['hints.store', 'dropped', 'answers are not stored here'],
]
