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

/** Most alternatives a token that are told (openai-node 7.57.0 `logprobs`). */
const mostAlternatives = 5

/** What the model can say and this wire cannot. Hints are dropped, the rest is refused. */
const unsupported: readonly Unsupported[] = [
  {
    path: 'tools',
    kind: 'refused',
    reason: 'a text is completed here; there are no tools to call',
    isAsked: request => (request.tools?.length ?? 0) > 0,
  },
  {
    path: 'toolChoice',
    kind: 'dropped',
    reason: 'there are no tools here',
    isAsked: request => request.toolChoice !== undefined,
  },
  {
    path: 'parallelToolCalls',
    kind: 'dropped',
    reason: 'there are no tools here',
    isAsked: request => request.parallelToolCalls === false,
  },
  {
    path: 'output',
    kind: 'refused',
    reason: 'the answer is text here',
    isAsked: request => request.output !== undefined && request.output.kind !== 'text',
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
    path: 'reasoning',
    kind: 'dropped',
    reason: 'there is no reasoning here',
    isAsked: request => request.reasoning !== undefined,
  },
  {
    path: 'logprobs.top',
    kind: 'refused',
    reason: `${mostAlternatives} alternatives a token are the most here`,
    isAsked: request => (request.logprobs?.top ?? 0) > mostAlternatives,
  },
  {
    path: 'sampling.topK',
    kind: 'dropped',
    reason: 'there is no top_k here',
    isAsked: ({ sampling }) => sampling.topK !== undefined,
  },
  {
    path: 'cache',
    kind: 'dropped',
    reason: 'there are no cache markers here',
    isAsked: request => request.cache !== undefined,
  },
  ...(
    ['safetyIdentifier', 'metadata', 'serviceTier', 'promptCacheKey', 'verbosity', 'prediction'] as const
  ).map(hint => ({
    path: `hints.${hint}`,
    kind: 'dropped' as const, // a literal
    reason: 'there is no such field here',
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
