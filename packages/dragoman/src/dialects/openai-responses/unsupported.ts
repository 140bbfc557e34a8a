import type { NoteKind } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { isOwn } from './wire.ts'

interface Unsupported {
  readonly path: string
  readonly kind: NoteKind
  readonly reason: string
  readonly said: (request: GenerateRequest) => boolean
}

/**
 * What the Responses API has no field for. Refused: without it the answer would be another one (the policy of the
 * call decides, and adaptations may have emulated it before). Dropped: it shapes the odds, or is a hint.
 */
export const unsupported: readonly Unsupported[] = [
  {
    path: 'candidates',
    kind: 'refused',
    reason: 'Responses answers with one candidate; send as many requests as you want answers',
    said: request => (request.candidates ?? 1) > 1,
  },
  {
    path: 'sampling.stop',
    kind: 'refused',
    reason: 'Responses has no stop sequences',
    said: request => (request.sampling.stop?.length ?? 0) > 0,
  },
  {
    path: 'sampling.logitBias',
    kind: 'refused',
    reason: 'Responses has no logit bias',
    said: request => Object.keys(request.sampling.logitBias ?? {}).length > 0,
  },
  {
    path: 'modalities',
    kind: 'refused',
    reason: 'Responses answers in text only',
    said: request => request.modalities?.some(modality => modality !== 'text') === true,
  },
  {
    path: 'audio',
    kind: 'refused',
    reason: 'Responses answers in text only',
    said: request => request.audio !== undefined,
  },
  {
    path: 'sampling.seed',
    kind: 'dropped',
    reason: 'Responses has no seed; answers may differ between calls',
    said: request => request.sampling.seed !== undefined,
  },
  {
    path: 'sampling.topK',
    kind: 'dropped',
    reason: 'Responses samples by temperature and top_p only',
    said: request => request.sampling.topK !== undefined,
  },
  {
    path: 'sampling.frequencyPenalty',
    kind: 'dropped',
    reason: 'Responses has no penalties',
    said: request => (request.sampling.frequencyPenalty ?? 0) !== 0,
  },
  {
    path: 'sampling.presencePenalty',
    kind: 'dropped',
    reason: 'Responses has no penalties',
    said: request => (request.sampling.presencePenalty ?? 0) !== 0,
  },
  {
    path: 'hints.prediction',
    kind: 'dropped',
    reason: 'Responses takes no predicted output',
    said: request => request.hints.prediction !== undefined,
  },
  {
    path: 'hints.store',
    kind: 'dropped',
    reason:
      'another dialect asked to store a completion; a response is a different object, so nothing is stored',
    said: request => request.hints.store === true && !isOwn(request),
  },
  {
    path: 'cache',
    kind: 'dropped',
    reason: 'the cache of this wire is automatic',
    said: request => request.cache !== undefined,
  },
]
