import type { Endpoint } from './endpoint.ts'
import { invalidUrl, methodNotAllowed, refuse } from './errors.ts'
import type { JsonObject } from './json.ts'
import { findModel, MODELS_CREATED, type Model, models } from './models.ts'
import { createPacer, type Live, type Sleep, sleepFor } from './pace.ts'
import { hexadecimal } from './random.ts'
import { type Context, run } from './run.ts'
import { sendError } from './send.ts'

export interface SandboxOptions {
  /** Milliseconds since 1970; only `created` and the processing time come from it. */
  readonly clock?: () => number
  /** Tokens a second of a stream; `Infinity` is as fast as it is read. Default 200. */
  readonly rate?: number
  /** Waits so many milliseconds, and no longer than the signal allows. Default: a timer. */
  readonly sleep?: Sleep
}

export interface Sandbox {
  /**
   * Answers a request as OpenAI's API would, for the routes under `/v1` that the sandbox serves. It rejects only where
   * `fetch` would: when the request's signal ends the waiting of a model that never answers.
   */
  fetch(request: Request): Promise<Response>
  /** What is still going on: nothing, once every body was read or given up. */
  readonly live: Live
}

/** One engine. Engines share nothing but the tokenizer; the same requests get the same bytes from each. */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const { clock = Date.now, rate = 200, sleep = sleepFor } = options
  const pacer = createPacer(rate, sleep)
  const failures = new Map<string, number>()
  let exchanges = 0
  return {
    live: pacer.live,
    fetch: async request => {
      const started = clock()
      const salt = `${started} ${exchanges++}`
      const created = Math.floor(started / 1000)
      const { signal } = request
      const response = await route({ request, signal, pacer, failures, salt, created })
      response.headers.set('x-request-id', `req_${hexadecimal(32, salt)}`)
      response.headers.set('openai-processing-ms', String(Math.max(0, Math.round(clock() - started))))
      response.headers.set('openai-version', '2020-10-01')
      return response
    },
  }
}

/** Loaded by the first request for each, so that a gateway which only might need the sandbox starts without it. */
const ENDPOINTS: Readonly<Record<string, () => Promise<Endpoint>>> = {
  '/v1/chat/completions': async () => (await import('./chat/index.ts')).chat,
  '/v1/responses': async () => (await import('./responses/index.ts')).responses,
  '/v1/responses/input_tokens': async () => (await import('./responses/index.ts')).inputTokens,
  '/v1/embeddings': async () => (await import('./embeddings/index.ts')).embeddings,
  '/v1/completions': async () => (await import('./completions/index.ts')).completions,
}

async function route(context: Context): Promise<Response> {
  const { method } = context.request
  const path = new URL(context.request.url).pathname.replace(/(?<=.)\/+$/, '')
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined
  if (endpoint)
    return method === 'POST'
      ? run(context, await endpoint())
      : sendError(methodNotAllowed(method, path, 'POST'))
  if (path === '/v1/models' || path.startsWith('/v1/models/'))
    return method === 'GET'
      ? listing(path.slice('/v1/models/'.length))
      : sendError(methodNotAllowed(method, path, 'GET'))
  const stored = /^\/v1\/responses\/([^/]+)$/.exec(path)?.[1]
  if (stored !== undefined && (method === 'GET' || method === 'DELETE'))
    return sendError(refuse(`Response with id '${stored}' not found.`, null, null, 404))
  return sendError(invalidUrl(method, path))
}

const modelObject = ({ id }: Model): JsonObject => ({
  id,
  object: 'model',
  created: MODELS_CREATED,
  owned_by: 'dragoman',
})

/** `GET /v1/models`, or one of them; faults are found by name, though they are not listed. */
function listing(name: string): Response {
  if (name === '') return Response.json({ object: 'list', data: models.map(modelObject) })
  const id = decoded(name)
  const model = findModel(id)
  return model
    ? Response.json(modelObject(model))
    : sendError(refuse(`The model '${id}' does not exist`, 'model', 'model_not_found', 404))
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
