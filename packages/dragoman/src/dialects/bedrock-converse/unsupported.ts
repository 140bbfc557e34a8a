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

const entry = (
  path: string,
  kind: NoteKind,
  reason: string,
  isAsked: (request: GenerateRequest) => boolean,
): Unsupported => ({ path, kind, reason, isAsked })

/** What the model can say and this wire cannot (SDK 3.1164 `ConverseRequest`). Hints are dropped, the rest is refused. */
const unsupported: readonly Unsupported[] = [
  entry('candidates', 'refused', 'a request has one answer here', r => (r.candidates ?? 1) > 1),
  entry('logprobs', 'refused', 'there are no logprobs here', r => r.logprobs !== undefined),
  entry(
    'modalities',
    'refused',
    'the answer is text here',
    r => r.modalities?.some(modality => modality !== 'text') ?? false,
  ),
  entry('audio', 'dropped', 'there is no audio output here', r => r.audio !== undefined),
  entry(
    'sampling.logitBias',
    'refused',
    'tokens cannot be biased here',
    r => Object.keys(r.sampling.logitBias ?? {}).length > 0,
  ),
  entry('sampling.seed', 'dropped', 'there is no seed here', r => r.sampling.seed !== undefined),
  entry(
    'sampling.frequencyPenalty',
    'dropped',
    'there are no penalties here',
    r => (r.sampling.frequencyPenalty ?? 0) !== 0,
  ),
  entry(
    'sampling.presencePenalty',
    'dropped',
    'there are no penalties here',
    r => (r.sampling.presencePenalty ?? 0) !== 0,
  ),
  entry('cache', 'dropped', 'cache points stand after what they mark here', r => r.cache !== undefined),
  entry('hints.user', 'dropped', 'end users have no name here', r => r.hints.user !== undefined),
  entry(
    'hints.safetyIdentifier',
    'dropped',
    'end users have no name here',
    r => r.hints.safetyIdentifier !== undefined,
  ),
  entry(
    'hints.promptCacheKey',
    'dropped',
    'caches have no key here',
    r => r.hints.promptCacheKey !== undefined,
  ),
  entry('hints.verbosity', 'dropped', 'there is no verbosity here', r => r.hints.verbosity !== undefined),
  entry(
    'hints.prediction',
    'dropped',
    'there are no predicted outputs here',
    r => r.hints.prediction !== undefined,
  ),
  entry('hints.store', 'dropped', 'answers are not stored here', r => r.hints.store === true),
]

export function noteUnsupported(request: GenerateRequest, notes: Notes): void {
  for (const { path, kind, reason, isAsked } of unsupported) {
    if (isAsked(request)) notes.add(kind, path, reason)
  }
}
