import type { Notes } from '../../core/codec/notes.ts'
import type { NoteKind } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'

interface Unsupported {
  readonly path: string
  readonly kind: NoteKind
  readonly reason: string
  /** Whether the caller asks for more than the default, which is lost without loss. */
  isAsked(request: GenerateRequest): boolean
}

/** What the model can say and this wire cannot (card 3, "Not available"). Hints are dropped, the rest is refused. */
const unsupported: readonly Unsupported[] = [
  {
    path: 'candidates',
    kind: 'refused',
    reason: 'a request has one answer here',
    isAsked: request => (request.candidates ?? 1) > 1,
  },
  {
    path: 'logprobs',
    kind: 'refused',
    reason: 'there are no logprobs here',
    isAsked: request => request.logprobs !== undefined,
  },
  {
    path: 'modalities',
    kind: 'refused',
    reason: 'the answer is text here',
    isAsked: request => request.modalities?.some(modality => modality !== 'text') ?? false,
  },
  {
    path: 'audio',
    kind: 'dropped',
    reason: 'there is no audio output here',
    isAsked: request => request.audio !== undefined,
  },
  {
    path: 'sampling.logitBias',
    kind: 'refused',
    reason: 'tokens cannot be biased here',
    isAsked: ({ sampling }) => Object.keys(sampling.logitBias ?? {}).length > 0,
  },
  {
    path: 'sampling.seed',
    kind: 'dropped',
    reason: 'there is no seed here',
    isAsked: ({ sampling }) => sampling.seed !== undefined,
  },
  {
    path: 'sampling.frequencyPenalty',
    kind: 'dropped',
    reason: 'there are no penalties here',
    isAsked: ({ sampling }) => (sampling.frequencyPenalty ?? 0) !== 0,
  },
  {
    path: 'sampling.presencePenalty',
    kind: 'dropped',
    reason: 'there are no penalties here',
    isAsked: ({ sampling }) => (sampling.presencePenalty ?? 0) !== 0,
  },
  {
    path: 'hints.metadata',
    kind: 'dropped',
    reason: 'metadata is the user id only here',
    isAsked: ({ hints }) => hints.metadata !== undefined,
  },
  {
    path: 'hints.promptCacheKey',
    kind: 'dropped',
    reason: 'caches have no key here',
    isAsked: ({ hints }) => hints.promptCacheKey !== undefined,
  },
  {
    path: 'hints.verbosity',
    kind: 'dropped',
    reason: 'there is no verbosity here',
    isAsked: ({ hints }) => hints.verbosity !== undefined,
  },
  {
    path: 'hints.prediction',
    kind: 'dropped',
    reason: 'there are no predicted outputs here',
    isAsked: ({ hints }) => hints.prediction !== undefined,
  },
  {
    path: 'hints.store',
    kind: 'dropped',
    reason: 'answers are not stored here',
    isAsked: ({ hints }) => hints.store === true,
  },
]

export function noteUnsupported(request: GenerateRequest, notes: Notes): void {
  for (const entry of unsupported) {
    if (entry.isAsked(request)) notes.add(entry.kind, entry.path, entry.reason)
  }
}
