import type { Endpoint, Exchange } from './endpoint.ts'
import {
  type ApiError,
  invalidType,
  invalidUrl,
  isApiError,
  methodNotAllowed,
  notJson,
  refuse,
  unsupportedContentType,
} from './errors.ts'
import { type Fault, serverError } from './faults.ts'
import { isObject, type Json, type JsonObject, own, parseJson, textAt } from './json.ts'
import { findModel, MODELS_CREATED, type Model, models } from './models.ts'
import { createPacer, type Live, type Pacer, type Sleep, type Step, sleepFor } from './pace.ts'
import { hexadecimal } from './random.ts'
import { type Stream, spoil, spoilWhole } from './spoil.ts'
import { loadTokenizer } from './tokens.ts'

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
      const headers = {
        'x-request-id': `req_${hexadecimal(32, salt)}`,
        'openai-version': '2020-10-01',
      }
      const finish = (response: Response): Response => {
        for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
        response.headers.set('openai-processing-ms', String(Math.max(0, Math.round(clock() - started))))
        return response
      }
      const created = Math.floor(started / 1000)
      return finish(await route({ request, pacer, failures, salt, created }))
    },
  }
}

/** One exchange on its way through the server. */
interface Context {
  readonly request: Request
  readonly pacer: Pacer
  /** How often each caller has met a flaky model. */
  readonly failures: Map<string, number>
  readonly salt: string
  readonly created: number
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
      : refusal(methodNotAllowed(method, path, 'POST'))
  if (path === '/v1/models' || path.startsWith('/v1/models/'))
    return method === 'GET'
      ? listing(path.slice('/v1/models/'.length))
      : refusal(methodNotAllowed(method, path, 'GET'))
  const stored = /^\/v1\/responses\/([^/]+)$/.exec(path)?.[1]
  if (stored !== undefined && (method === 'GET' || method === 'DELETE'))
    return refusal(refuse(`Response with id '${stored}' not found.`, null, null, 404))
  return refusal(invalidUrl(method, path))
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
    : refusal(refuse(`The model '${id}' does not exist`, 'model', 'model_not_found', 404))
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const refusal = ({ status, error, headers }: ApiError): Response =>
  Response.json({ error }, { status, ...(headers && { headers }) })

async function run(context: Context, endpoint: Endpoint): Promise<Response> {
  const body = await readBody(context.request)
  if (isApiError(body)) return refusal(body)
  const model = modelOf(body, endpoint)
  if (isApiError(model)) return refusal(model)
  const { fault } = model
  const failed = fault?.kind === 'status' && strikes(fault, body, context)
  if (failed) return refusal(fault.error)
  const problem = endpoint.problem(body, model)
  if (problem) return refusal(problem)
  if (fault?.kind === 'body') return scriptedBody(fault, own(body, 'stream') === true)
  if (fault?.kind === 'time' && fault.wait === 'silent') return silence(context)
  const exchange: Exchange = {
    salt: context.salt,
    created: context.created,
    tokenizer: await loadTokenizer(),
  }
  const outcome = endpoint.answer(body, model, exchange)
  if (isApiError(outcome)) return refusal(outcome)
  return outcome.kind === 'whole'
    ? sendWhole(outcome.body, fault, context)
    : sendStream(outcome.stream, fault, context)
}

async function readBody(request: Request): Promise<JsonObject | ApiError> {
  const type = request.headers.get('content-type')
  if (type !== null && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) return unsupportedContentType(type)
  const text = decodeUtf8(await request.arrayBuffer())
  const body = text === null ? undefined : parseJson(text)
  return isObject(body) ? body : notJson
}

/** Bytes that are no UTF-8 are not JSON: nothing is replaced in silence. */
function decodeUtf8(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function modelOf(body: JsonObject, endpoint: Endpoint): Model | ApiError {
  const given = own(body, 'model')
  if (given === undefined || given === null || given === '') return endpoint.noModel
  if (typeof given !== 'string') return invalidType('model', 'a string', given)
  const model = findModel(given)
  if (!model) return endpoint.unknownModel(given)
  // A fault is a fault on every route: it takes the place of the model that the route would have.
  if (model.kind === endpoint.serves || model.fault) return servedBy(model, endpoint)
  return endpoint.wrongModel(model)
}

function servedBy(model: Model, { serves }: Endpoint): Model {
  const plain = models.find(one => one.kind === serves)
  return plain && model.kind !== serves ? { ...plain, id: model.id, fault: model.fault } : model
}

/** Callers of flaky models that are told apart; one more, and all are forgotten. */
const MOST_CALLERS = 10_000

/** A flaky model fails a number of times for each caller, told apart by `user` or seed; the others fail always. */
function strikes(fault: Fault & { kind: 'status' }, body: JsonObject, { failures }: Context): boolean {
  if (fault.times === undefined) return true
  const caller = textAt(body, 'user') ?? textAt(body, 'safety_identifier') ?? own(body, 'seed') ?? ''
  const key = `${textAt(body, 'model')} ${JSON.stringify(caller)}`
  const met = failures.get(key) ?? 0
  if (failures.size >= MOST_CALLERS) failures.clear()
  if (met < fault.times) failures.set(key, met + 1)
  return met < fault.times
}

const HTML =
  '<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>sandbox</center>\n</body>\n</html>\n'

function scriptedBody(fault: Fault & { kind: 'body' }, streams: boolean): Response {
  if (fault.body === 'html')
    return new Response(HTML, { status: 502, headers: { 'content-type': 'text/html; charset=utf-8' } })
  if (fault.body === 'error-in-200') return Response.json({ error: serverError })
  return new Response('', { headers: streams ? STREAM_TYPE : JSON_TYPE })
}

/** Never resolves; rejects when the caller gives up, as `fetch` does. */
async function silence({ request, pacer }: Context): Promise<Response> {
  await pacer.sleep(Number.POSITIVE_INFINITY, request.signal)
  throw request.signal.reason
}

const JSON_TYPE = { 'content-type': 'application/json' } as const
const STREAM_TYPE = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
} as const

function sendWhole(body: Json, fault: Fault | null, { pacer, request }: Context): Response {
  const text = JSON.stringify(body)
  const delay = waitOf(fault)
  const spoilt = fault?.kind === 'stream' ? spoilWhole(text, fault.spoil) : []
  if (spoilt === null) return refusal({ status: 500, error: serverError })
  const whole: Step = { text, tokens: 0 }
  const steps: readonly Step[] = spoilt.length > 0 ? spoilt : [...delay, whole]
  if (steps.length === 1 && 'text' in whole && steps[0] === whole)
    return new Response(text, { headers: JSON_TYPE })
  return new Response(pacer.stream(steps.values(), request.signal), { headers: JSON_TYPE })
}

const waitOf = (fault: Fault | null): readonly Step[] =>
  fault?.kind === 'time' ? [{ wait: fault.milliseconds }] : []

function sendStream(stream: Stream, fault: Fault | null, { pacer, request }: Context): Response {
  const steps = fault?.kind === 'stream' ? spoil(stream, fault.spoil) : stepsOf(stream, waitOf(fault))
  return new Response(pacer.stream(steps, request.signal), { headers: STREAM_TYPE })
}

function* stepsOf(stream: Stream, first: readonly Step[]): Generator<Step> {
  yield* first
  for (let next = stream.frames.next(); !next.done; next = stream.frames.next()) yield next.value
}
