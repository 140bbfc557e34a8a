import type { Operation } from '../core/call.ts'
import type { DialectId } from '../ir/extra.ts'

/** A path that carries calls: what is asked, in which dialect. */
export interface CallRoute {
  readonly dialect: DialectId
  readonly operation: Operation
}

/** Every path that carries calls, all by POST. */
export const callRoutes: ReadonlyMap<string, CallRoute> = new Map<string, CallRoute>([
  ['/v1/chat/completions', { dialect: 'openai-chat', operation: 'generate' }],
  ['/v1/responses', { dialect: 'openai-responses', operation: 'generate' }],
  ['/v1/messages', { dialect: 'anthropic-messages', operation: 'generate' }],
  ['/v1/messages/count_tokens', { dialect: 'anthropic-messages', operation: 'count' }],
  ['/v1/embeddings', { dialect: 'openai-chat', operation: 'embed' }],
])

/** Paths of ours that carry no call, as they are shown to somebody who asked for a path there is not. */
export const otherPaths = [
  '/v1/models',
  '/v1/models/{id}',
  '/dragoman/requests/{id}',
  '/healthz',
  '/readyz',
] as const

/** The dialect in which to speak about a path: its own, or the one its caller's headers give away. */
export function dialectOf(path: string, headers: Headers): DialectId {
  const route = callRoutes.get(path)
  if (route !== undefined) return route.dialect
  return path.startsWith('/v1/messages') || headers.has('anthropic-version')
    ? 'anthropic-messages'
    : 'openai-chat'
}

/** Path and query of a URL, cut out by hand: parsing it whole costs more than routing it. */
export function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return { path: '/', query: '' }
  const fragment = url.indexOf('#', start)
  const whole = url.slice(start, fragment < 0 ? undefined : fragment)
  const question = whole.indexOf('?')
  return question < 0
    ? { path: whole, query: '' }
    : { path: whole.slice(0, question), query: whole.slice(question + 1) }
}

/** The known path that somebody who wrote `path` most likely meant. */
export function didYouMean(path: string): string | undefined {
  const wanted = path.replace(/\/+$/, '').toLowerCase()
  const tail = wanted.replace(/^\/v\d+\w*/, '')
  return [...callRoutes.keys(), '/v1/models'].find(
    known =>
      known === wanted ||
      known === `/v1${wanted}` ||
      `/v1${known}` === wanted ||
      (tail !== '' && known.endsWith(tail)),
  )
}
