import { defined, isList, parseText } from '../../core/codec/values.ts'
import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode, faultCodes, type UpstreamError } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'
import { writeSse } from '../../wire/sse.ts'

/** `error.type` to a code (SDK 1.12.0 `ErrorType`, card 10). `invalid_request_error` is missing: hosts use it for anything. */
const byType: { readonly [type: string]: FaultCode } = {
  authentication_error: 'upstream_auth',
  permission_error: 'upstream_auth',
  billing_error: 'quota_exhausted',
  not_found_error: 'model_not_found',
  conflict_error: 'conflict',
  request_too_large: 'request_too_large',
  rate_limit_error: 'rate_limited',
  api_error: 'upstream_error',
  timeout_error: 'upstream_timeout',
  overloaded_error: 'overloaded',
  // words of hosts that answer in OpenAI's shape
  insufficient_quota: 'quota_exhausted',
  server_error: 'upstream_error',
}

/** `error.details.error_code` (SDK 1.12.0 error details) or OpenAI's `error.code`: the stable name of a cause. */
const byCause: { readonly [cause: string]: FaultCode } = {
  contract_spend_limit_reached: 'quota_exhausted',
  enforced_spend_limit_reached: 'quota_exhausted',
  linked_organization_spend_limit_reached: 'quota_exhausted',
  linked_organization_billing_unavailable: 'quota_exhausted',
  ramp_limit_exceeded: 'rate_limited',
  compaction_unavailable: 'overloaded',
  request_body_too_large_after_decoding: 'request_too_large',
  context_length_exceeded: 'context_length_exceeded',
  insufficient_quota: 'quota_exhausted',
  rate_limit_exceeded: 'rate_limited',
  invalid_api_key: 'upstream_auth',
  model_not_found: 'model_not_found',
  content_filter: 'content_filtered',
}

const byStatus: { readonly [status: number]: FaultCode } = {
  400: 'invalid_request',
  401: 'upstream_auth',
  402: 'quota_exhausted',
  403: 'upstream_auth',
  404: 'model_not_found',
  408: 'upstream_timeout',
  409: 'conflict',
  413: 'request_too_large',
  415: 'invalid_request',
  422: 'invalid_request',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'upstream_timeout',
  529: 'overloaded',
}

/**
 * The one place where prose decides. The API gives these causes no type and no code of their own (card 10, trap 51):
 * both come as `invalid_request_error` with status 400, and their handling differs from every other 400.
 */
const byMessage: readonly (readonly [RegExp, FaultCode])[] = [
  [/^prompt is too long|exceed context limit/i, 'context_length_exceeded'],
  [/credit balance is too low|usage limits|spend(ing)? limit/i, 'quota_exhausted'],
]

/** What an error body says, whichever shape it has. */
interface Reported {
  readonly type?: string
  readonly message?: string
  readonly cause?: string
  readonly param?: string
  readonly requestId?: string
  readonly body: JsonObject | string
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** This wire's shape, OpenAI's, Bedrock's `{message}` and FastAPI's `{detail}`. */
function readReport(wire: JsonObject): Reported {
  const error = isObject(wire.error) ? wire.error : wire
  const details = isObject(error.details) ? error.details : {}
  const [first] = isList(wire.detail) ? wire.detail : []
  const detail = textOf(wire.detail) ?? (isObject(first) ? textOf(first.msg) : undefined)
  return defined({
    type: textOf(error.type),
    message: textOf(error.message) ?? textOf(wire.error) ?? textOf(wire.message) ?? detail,
    cause: textOf(details.error_code) ?? textOf(error.code),
    param: textOf(error.param),
    requestId: textOf(wire.request_id),
    body: error,
  })
}

function lookUp(
  table: { readonly [key: string]: FaultCode },
  key: string | undefined,
): FaultCode | undefined {
  return key === undefined ? undefined : own(table, key)
}

function codeOf(reported: Reported, status: number): FaultCode {
  const isVague = reported.type === 'invalid_request_error'
  const said = isVague && byMessage.find(([pattern]) => pattern.test(reported.message ?? ''))?.[1]
  return (
    lookUp(byCause, reported.cause) ??
    (said || undefined) ??
    lookUp(byType, reported.type) ??
    byStatus[status] ??
    (isVague || (status >= 400 && status < 500) ? 'invalid_request' : 'upstream_error')
  )
}

function createReportedFault(
  reported: Reported,
  status: number,
  more: { readonly retryAfterMs?: number; readonly retryable?: boolean; readonly requestId?: string },
): Fault {
  const code = codeOf(reported, status)
  const { requestId, ...timing } = more
  const upstream: UpstreamError = defined({
    status,
    type: reported.type,
    code: reported.cause,
    param: reported.param,
    requestId: reported.requestId ?? requestId,
    body: reported.body,
  })
  // The caller's mistake and the server's plain failure keep their status; the other codes say more than it.
  const isCallers = faultCodes[code].origin === 'client' && status >= 400 && status < 500
  const isServers = code === 'upstream_error' && status >= 500 && status < 600
  return createFault(code, messageOf(code, reported, status), {
    ...timing,
    ...((isCallers || isServers) && { status }),
    ...(reported.param !== undefined && { param: reported.param }),
    upstream,
  })
}

function messageOf(code: FaultCode, reported: Reported, status: number): string {
  // The upstream's words about a key would be about the operator's.
  if (code === 'upstream_auth') return 'The upstream refused the credentials it was given.'
  return reported.message ?? `The upstream answered with status ${status} and no message.`
}

/** The failure in an error object that came with status 200: in a whole body, or as an `error` event of a stream. */
export function faultOf(wire: JsonObject): Fault {
  return createReportedFault(readReport(wire), 200, {})
}

/** Milliseconds to wait: `retry-after-ms`, or `retry-after` in seconds or as a date, measured by the sender's clock. */
function retryAfterMs(headers: ErrorResponse['headers']): number | undefined {
  const precise = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(precise) && precise >= 0) return precise
  const value = headers.get('retry-after')
  if (value === null || value.trim() === '') return undefined
  const seconds = Number(value)
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined
  const wait = Date.parse(value) - Date.parse(headers.get('date') ?? '')
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined
}

/** Any error response: this wire's shape, another's, HTML, nothing. */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers, body } = response
  const whole = parseText(body)
  // A platform that hosts the models may refuse in its own shape, and in a list.
  const parsed = isList(whole) ? whole[0] : whole
  const reported = isObject(parsed) ? readReport(parsed) : { body: body.slice(0, 2048) }
  const advice = headers.get('x-should-retry')
  return createReportedFault(
    reported,
    status,
    defined({
      retryAfterMs: retryAfterMs(headers),
      retryable: advice === 'true' ? true : advice === 'false' ? false : undefined,
      requestId: headers.get('request-id') ?? headers.get('x-request-id') ?? undefined,
    }),
  )
}

/** A code's `error.type` for clients; the rest are `invalid_request_error` below 500 and `api_error` from there. */
const typeOf: { readonly [C in FaultCode]?: string } = {
  missing_credentials: 'authentication_error',
  invalid_credentials: 'authentication_error',
  permission_denied: 'permission_error',
  model_not_found: 'not_found_error',
  not_found: 'not_found_error',
  conflict: 'conflict_error',
  request_too_large: 'request_too_large',
  request_timeout: 'timeout_error',
  upstream_timeout: 'timeout_error',
  upstream_stalled: 'timeout_error',
  rate_limited: 'rate_limit_error',
  quota_exhausted: 'billing_error',
  overloaded: 'overloaded_error',
}

/** Statuses that this wire's clients know by another number than the model's (card 10). */
const statusOf: { readonly [C in FaultCode]?: number } = { overloaded: 529, quota_exhausted: 402 }

function errorObject(fault: Fault): JsonObject {
  const status = statusOf[fault.code] ?? fault.status
  return {
    type: typeOf[fault.code] ?? (status < 500 ? 'invalid_request_error' : 'api_error'),
    message: fault.message,
    // Clients branch on the code and are told to take one they do not know as the bare type.
    details:
      fault.param === 'thread' ? threadRefusal : defined({ error_code: causeOf(fault), param: fault.param }),
  }
}

/** The upstream's own name of the cause; what it calls a refused key is about the operator's, not the caller's. */
function causeOf(fault: Fault): string {
  return fault.code === 'upstream_auth' ? fault.code : (fault.upstream?.code ?? fault.code)
}

/** After these words the SDK's tool runner goes on without a thread by itself (SDK 1.12.0 `ThreadState`). */
const threadRefusal: JsonObject = { error_code: 'thread_unsupported_request', unsupported: ['thread'] }

/** The error response a client of this wire expects. */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs: wait } = fault
  return {
    status: statusOf[fault.code] ?? fault.status,
    headers: defined({
      ...fault.headers,
      'request-id': requestId,
      'x-should-retry': String(fault.retryable),
      'retry-after': wait === undefined ? undefined : String(Math.ceil(wait / 1000)),
    }),
    body: { type: 'error', error: errorObject(fault), request_id: requestId },
  }
}

/** The failure in band: an `error` event, after which nothing comes. */
export function writeFault(fault: Fault): string {
  return writeSse({ event: 'error', data: JSON.stringify({ type: 'error', error: errorObject(fault) }) })
}
