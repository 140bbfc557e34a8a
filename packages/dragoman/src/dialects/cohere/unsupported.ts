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

/** What the model can say and this wire cannot (card, section 3). Hints are dropped, the rest is refused. */
const unsupported: readonly Unsupported[] = [
  {
    path: 'candidates',
    kind: 'refused',
    reason: 'a request has one answer here',
    isAsked: request => (request.candidates ?? 1) > 1,
  },
  {
    path: 'logprobs.top',
    kind: 'refused',
    reason: 'only the tokens that were chosen have log probabilities here',
    isAsked: request => (request.logprobs?.top ?? 0) > 0,
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
    path: 'cache',
    kind: 'dropped',
    reason: 'there are no cache markers here',
    isAsked: request => request.cache !== undefined,
  },
  ...(
    [
      ['user', 'users are not told apart here'],
      ['safetyIdentifier', 'users are not told apart here'],
      ['metadata', 'there is no metadata here'],
      ['serviceTier', 'there is a priority instead of tiers here'],
      ['promptCacheKey', 'caches have no key here'],
      ['verbosity', 'there is no verbosity here'],
      ['prediction', 'there are no predicted outputs here'],
    ] as const
  ).map(([hint, reason]) => ({
    path: `hints.${hint}`,
    kind: 'dropped' as const, // a literal
    reason,
    isAsked: ({ hints }: GenerateRequest) => hints[hint] !== undefined,
  })),
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
