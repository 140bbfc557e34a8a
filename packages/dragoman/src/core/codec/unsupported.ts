import type { NoteKind } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Notes } from './notes.ts'

type IsAsked = (request: GenerateRequest) => boolean

/** Whether a request asks for more than the default, which is lost without loss. */
const asked = {
  candidates: request => (request.candidates ?? 1) > 1,
  tools: request => (request.tools?.length ?? 0) > 0,
  toolChoice: request => request.toolChoice !== undefined,
  parallelToolCalls: request => request.parallelToolCalls === false,
  output: request => request.output !== undefined && request.output.kind !== 'text',
  modalities: request => request.modalities?.some(modality => modality !== 'text') ?? false,
  audio: request => request.audio !== undefined,
  reasoning: request => request.reasoning !== undefined,
  logprobs: request => request.logprobs !== undefined,
  cache: request => request.cache !== undefined,
  'sampling.stop': ({ sampling }) => (sampling.stop?.length ?? 0) > 0,
  'sampling.logitBias': ({ sampling }) => Object.keys(sampling.logitBias ?? {}).length > 0,
  'sampling.topK': ({ sampling }) => sampling.topK !== undefined,
  'sampling.seed': ({ sampling }) => sampling.seed !== undefined,
  'sampling.frequencyPenalty': ({ sampling }) => (sampling.frequencyPenalty ?? 0) !== 0,
  'sampling.presencePenalty': ({ sampling }) => (sampling.presencePenalty ?? 0) !== 0,
  'hints.user': ({ hints }) => hints.user !== undefined,
  'hints.safetyIdentifier': ({ hints }) => hints.safetyIdentifier !== undefined,
  'hints.metadata': ({ hints }) => hints.metadata !== undefined,
  'hints.serviceTier': ({ hints }) => hints.serviceTier !== undefined,
  'hints.promptCacheKey': ({ hints }) => hints.promptCacheKey !== undefined,
  'hints.verbosity': ({ hints }) => hints.verbosity !== undefined,
  'hints.prediction': ({ hints }) => hints.prediction !== undefined,
  'hints.store': ({ hints }) => hints.store === true,
} satisfies { readonly [path: string]: IsAsked }

/**
 * A field of the model that a wire has no word for, and why. Refused: without it the answer would be another one.
 * Dropped: it is a hint, or shapes the odds. The fourth says when, where the wire has its own idea of that.
 */
export type Unsupported =
  | readonly [path: keyof typeof asked, kind: NoteKind, reason: string]
  | readonly [path: string, kind: NoteKind, reason: string, isAsked: IsAsked]

/** Notes what this request asks for of what a wire cannot say, in the order of the table. */
export function noteUnsupported(
  table: readonly Unsupported[],
  request: GenerateRequest,
  notes: Pick<Notes, 'add'>,
): void {
  for (const entry of table) {
    const isAsked = entry.length === 4 ? entry[3] : asked[entry[0]]
    if (isAsked(request)) notes.add(entry[1], entry[0], entry[2])
  }
}
