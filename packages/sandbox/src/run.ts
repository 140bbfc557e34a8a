import type { Endpoint, Exchange } from './endpoint.ts'
import { type ApiError, invalidType, isApiError, notJson, unsupportedContentType } from './errors.ts'
import type { Fault } from './faults.ts'
import { isObject, type JsonObject, own, parseJson, textAt } from './json.ts'
import { findModel, type Model, models } from './models.ts'
import { sendError, sendNothing, sendScripted, sendStream, sendWhole, type Way } from './send.ts'
import { loadTokenizer } from './tokens.ts'

/** One exchange on its way through the engine. */
export interface Context extends Way {
  readonly request: Request
  /** How often each caller has met a flaky model. */
  readonly failures: Map<string, number>
  readonly salt: string
  readonly created: number
}

/** Reads a request, checks it and has it answered. */
export async function run(context: Context, endpoint: Endpoint): Promise<Response> {
  const type = context.request.headers.get('content-type')
  if (type !== null && !JSON_TYPE.test(type)) return sendError(unsupportedContentType(type))
  const body = await readObject(context.request)
  if (!body) return sendError(notJson)
  const model = modelOf(body, endpoint)
  if (isApiError(model)) return sendError(model)
  const { fault } = model
  if (fault?.kind === 'status' && strikes(fault, body, context)) return sendError(fault.error)
  const problem = endpoint.problem(body, model)
  if (problem) return sendError(problem)
  if (fault?.kind === 'body') return sendScripted(fault, own(body, 'stream') === true)
  if (fault?.kind === 'time' && fault.wait === 'silent') return sendNothing(context)
  const exchange: Exchange = {
    salt: context.salt,
    created: context.created,
    tokenizer: await loadTokenizer(),
  }
  const outcome = endpoint.answer(body, model, exchange)
  if (isApiError(outcome)) return sendError(outcome)
  return outcome.kind === 'whole'
    ? sendWhole(outcome.body, fault, context)
    : sendStream(outcome.stream, fault, context)
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/i

async function readObject(request: Request): Promise<JsonObject | null> {
  const text = decodeUtf8(await request.arrayBuffer())
  const value = text === null ? undefined : parseJson(text)
  return isObject(value) ? value : null
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
