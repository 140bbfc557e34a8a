import type { Unsupported } from '../../core/codec/unsupported.ts'

/** Most alternatives a token that are told (openai-node 7.57.0 `logprobs`). */
const mostAlternatives = 5

/** What the model can say and this wire cannot. Hints are dropped, the rest is refused. */
export const unsupported: readonly Unsupported[] = [
  ['tools', 'refused', 'a text is completed here; there are no tools to call'],
  ['toolChoice', 'dropped', 'there are no tools here'],
  ['parallelToolCalls', 'dropped', 'there are no tools here'],
  ['output', 'refused', 'the answer is text here'],
  ['modalities', 'refused', 'the answer is text here'],
  ['audio', 'dropped', 'there is no audio output here'],
  ['reasoning', 'dropped', 'there is no reasoning here'],
  [
    'logprobs.top',
    'refused',
    `${mostAlternatives} alternatives a token are the most here`,
    request => (request.logprobs?.top ?? 0) > mostAlternatives,
  ],
  ['sampling.topK', 'dropped', 'there is no top_k here'],
  ['cache', 'dropped', 'there are no cache markers here'],
  ['hints.safetyIdentifier', 'dropped', 'there is no such field here'],
  ['hints.metadata', 'dropped', 'there is no such field here'],
  ['hints.serviceTier', 'dropped', 'there is no such field here'],
  ['hints.promptCacheKey', 'dropped', 'there is no such field here'],
  ['hints.verbosity', 'dropped', 'there is no such field here'],
  ['hints.prediction', 'dropped', 'there is no such field here'],
  ['hints.store', 'dropped', 'answers are not stored here'],
]
