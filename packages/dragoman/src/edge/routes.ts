import type { Operation } from '../core/call.ts'
import type { Framing } from '../core/dialect.ts'
import type { DialectId } from '../ir/extra.ts'

/** Where a call goes in: what is asked, in which dialect, and what its path says instead of its body. */
export interface CallRoute {
  readonly dialect: DialectId
  readonly operation: Operation
  /** Where the path names the model and tells whether to stream, the body does not. */
  readonly named?: { readonly model: string; readonly stream: boolean }
  /** How this caller wants a stream framed, where it is not as the dialect frames it. */
  readonly framing?: Framing
}

/** Every fixed path that carries calls, all by POST. */
const callRoutes: ReadonlyMap<string, CallRoute> = new Map<string, CallRoute>([
  ['/v1/chat/completions', { dialect: 'openai-chat', operation: 'generate' }],
  ['/v1/completions', { dialect: 'openai-completions', operation: 'generate' }],
  ['/v1/responses', { dialect: 'openai-responses', operation: 'generate' }],
  ['/v1/responses/input_tokens', { dialect: 'openai-responses', operation: 'count' }],
  ['/v1/responses/compact', { dialect: 'openai-responses', operation: 'compact' }],
  ['/v1/messages', { dialect: 'anthropic-messages', operation: 'generate' }],
  ['/v1/messages/count_tokens', { dialect: 'anthropic-messages', operation: 'count' }],
  ['/v1/embeddings', { dialect: 'openai-chat', operation: 'embed' }],
])

interface ModelAction {
  readonly operation: Operation
  readonly stream?: true
}

/** What can be asked of a model whose name is in the path (`@google/genai` 3.x calls `/v1`, 2.x `/v1beta`). */
const modelActions: { readonly [action: string]: ModelAction } = {
  generateContent: { operation: 'generate' },
  streamGenerateContent: { operation: 'generate', stream: true },
  countTokens: { operation: 'count' },
  embedContent: { operation: 'embed' },
  batchEmbedContents: { operation: 'embed' },
}

/** SDKs write `models/` before a bare name only: one with a slash in it is a resource of its own to them. */
const modelPath = /^\/v1(?:beta)?\/(?:models\/)?(.+):(\w+)$/

const isModelAction = (path: string): boolean => {
  const action = path.includes(':') ? modelPath.exec(path)?.[2] : undefined
  return action !== undefined && Object.hasOwn(modelActions, action)
}

/** What a path and query carry, or undefined where they carry no call. */
export function findCallRoute(path: string, query: string): CallRoute | undefined {
  return callRoutes.get(path) ?? (path.includes(':') ? findModelAction(path, query) : undefined)
}

function findModelAction(path: string, query: string): CallRoute | undefined {
  const match = modelPath.exec(path)
  const [, model, name] = match ?? []
  if (model === undefined || name === undefined || !Object.hasOwn(modelActions, name)) return undefined
  const action = modelActions[name]
  if (action === undefined) return undefined
  const isSse = new URLSearchParams(query).get('alt') === 'sse'
  return {
    dialect: 'gemini',
    operation: action.operation,
    named: { model: decodePath(model), stream: action.stream === true },
    ...(action.stream === true && !isSse ? { framing: 'json-array' } : {}),
  }
}

/** The dialect in which to speak about a path: its own, or the one its caller's headers give away. */
export function dialectOf(path: string, headers: Headers): DialectId {
  const route = callRoutes.get(path)
  if (route !== undefined) return route.dialect
  if (path.startsWith('/v1/messages') || headers.has('anthropic-version')) return 'anthropic-messages'
  const isGemini = path.startsWith('/v1beta/') || isModelAction(path) || headers.has('x-goog-api-client')
  return isGemini ? 'gemini' : 'openai-chat'
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

/** A part of a path as its writer meant it; what is no percent-encoding stays as it is. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The known path that somebody who wrote `path` most likely meant. */
export function didYouMean(path: string, pages: readonly string[]): string | undefined {
  const wanted = path.replace(/\/+$/, '').toLowerCase()
  const tail = wanted.replace(/^\/v\d+\w*/, '')
  return [...callRoutes.keys(), ...pages.filter(page => page.startsWith('/v1/'))].find(
    known =>
      known === wanted ||
      known === `/v1${wanted}` ||
      `/v1${known}` === wanted ||
      (tail !== '' && known.endsWith(tail)),
  )
}
