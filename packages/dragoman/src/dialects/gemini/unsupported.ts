import type { Notes } from '../../core/codec/notes.ts'
import type { GenerateRequest } from '../../ir/request.ts'

interface Unsupported {
  readonly path: string
  readonly reason: string
  /** Whether the caller asks for more than the default, which is lost without loss. */
  isAsked(request: GenerateRequest): boolean
}

/** Hints that the model can say and this wire cannot (card 3). */
const unsupported: readonly Unsupported[] = [
  {
    path: 'parallelToolCalls',
    reason: 'how many calls are made at once cannot be limited here',
    isAsked: request => request.parallelToolCalls === false && (request.tools?.length ?? 0) > 0,
  },
  {
    path: 'cache',
    reason: 'caches are made beforehand or by themselves here, not marked',
    isAsked: request => request.cache !== undefined,
  },
  {
    path: 'hints.user',
    reason: 'a request names no user here',
    isAsked: ({ hints }) => hints.user !== undefined,
  },
  {
    path: 'hints.safetyIdentifier',
    reason: 'a request names no user here',
    isAsked: ({ hints }) => hints.safetyIdentifier !== undefined,
  },
  {
    path: 'hints.metadata',
    reason: 'a request carries no metadata here',
    isAsked: ({ hints }) => hints.metadata !== undefined,
  },
  {
    path: 'hints.promptCacheKey',
    reason: 'caches have no key here',
    isAsked: ({ hints }) => hints.promptCacheKey !== undefined,
  },
  {
    path: 'hints.verbosity',
    reason: 'there is no verbosity here',
    isAsked: ({ hints }) => hints.verbosity !== undefined,
  },
  {
    path: 'hints.prediction',
    reason: 'there are no predicted outputs here',
    isAsked: ({ hints }) => hints.prediction !== undefined,
  },
  {
    path: 'hints.store',
    reason: 'answers are not stored here',
    isAsked: ({ hints }) => hints.store === true,
  },
]

export function noteUnsupported(request: GenerateRequest, notes: Notes): void {
  for (const { path, reason, isAsked } of unsupported)
    if (isAsked(request)) notes.add('dropped', path, reason)
}
