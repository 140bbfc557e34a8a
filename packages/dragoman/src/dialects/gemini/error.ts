import { defined, isList, objectsOf, parseText } from '../../core/codec/values.ts'
import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode, faultCodes, type UpstreamError } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'
import { readRetryAfter } from '../../wire/retry-after.ts'
import { writeSse } from '../../wire/sse.ts'

/** `error.status`, a `google.rpc.Code`, to a code (card 10). */
const byStatusWord: { readonly [status: string]: FaultCode } = {
  INVALID_ARGUMENT: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  UNAUTHENTICATED: 'upstream_auth',
  PERMISSION_DENIED: 'upstream_auth',
  NOT_FOUND: 'model_not_found',
  ALREADY_EXISTS: 'conflict',
  ABORTED: 'conflict',
  RESOURCE_EXHAUSTED: 'rate_limited',
  CANCELLED: 'upstream_error',
  INTERNAL: 'upstream_error',
  UNKNOWN: 'upstream_error',
  DATA_LOSS: 'upstream_error',
  UNIMPLEMENTED: 'unsupported_operation',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'upstream_timeout',
}

/** `ErrorInfo.reason`: a refused key comes as a bad request (trap 36). */
const byReason: { readonly [reason: string]: FaultCode } = {
  API_KEY_INVALID: 'upstream_auth',
  API_KEY_EXPIRED: 'upstream_auth',
  API_KEY_SERVICE_BLOCKED: 'upstream_auth',
  API_KEY_HTTP_REFERRER_BLOCKED: 'upstream_auth',
  API_KEY_IP_ADDRESS_BLOCKED: 'upstream_auth',
  SERVICE_DISABLED: 'upstream_auth',
  BILLING_DISABLED: 'quota_exhausted',
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
}

/** The one place where prose decides: a prompt that is too long has no status of its own (card 10). */
const tooLong = /input token count.*exceeds|exceeds the maximum number of tokens/i

interface Reported {
  readonly status?: string
  readonly message?: string
  readonly reason?: string
  readonly param?: string
  readonly requestId?: string
  readonly retryAfterMs?: number
  /** A quota that is counted by the day: waiting a moment does not help. */
  readonly isDaily?: boolean
  /** The status the body names. */
  readonly code?: number
  readonly body: JsonObject | string
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The detail of this type, by the end of its name. */
function detailOf(error: JsonObject, type: string): JsonObject | undefined {
  const details = objectsOf(error.details)
  return details.find(detail => textOf(detail['@type'])?.endsWith(`.${type}`) ?? false)
}

const firstOf = (list: JsonValue | undefined): JsonObject => {
  const [first] = isList(list) ? list : []
  return isObject(first) ? first : {}
}

/** A duration of proto3 JSON, `"34.4s"`, in milliseconds. */
function durationOf(value: JsonValue | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(textOf(value) ?? '')
  return match === null ? undefined : Math.round(Number(match[1]) * 1000)
}

/** This wire's envelope, alone or in a list (trap 35), OpenAI's, and a bare message. */
function readReport(wire: JsonObject): Reported {
  const error = isObject(wire.error) ? wire.error : wire
  const info = detailOf(error, 'ErrorInfo')
  const violations = detailOf(error, 'QuotaFailure')?.violations
  const quotas = objectsOf(violations)
  return defined({
    status: textOf(error.status) ?? textOf(error.type),
    message: textOf(error.message) ?? textOf(wire.error) ?? textOf(wire.message),
    reason: textOf(info?.reason) ?? textOf(error.code),
    param: textOf(firstOf(detailOf(error, 'BadRequest')?.fieldViolations).field) ?? textOf(error.param),
    requestId: textOf(detailOf(error, 'RequestInfo')?.requestId),
    retryAfterMs: durationOf(detailOf(error, 'RetryInfo')?.retryDelay),
    isDaily: quotas.some(quota => /PerDay/.test(textOf(quota.quotaId) ?? '')),
    code: typeof error.code === 'number' ? error.code : undefined,
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
  const named = lookUp(byReason, reported.reason) ?? lookUp(byStatusWord, reported.status) ?? byStatus[status]
  const code = named ?? (status >= 400 && status < 500 ? 'invalid_request' : 'upstream_error')
  if (code === 'rate_limited' && reported.isDaily === true) return 'quota_exhausted'
  if (code === 'invalid_request' && tooLong.test(reported.message ?? '')) return 'context_length_exceeded'
  return code
}

function createReportedFault(
  reported: Reported,
  status: number,
  more: { readonly retryAfterMs?: number; readonly requestId?: string } = {},
): Fault {
  const code = codeOf(reported, status)
  const upstream: UpstreamError = defined({
    status,
    type: reported.status,
    code: reported.reason,
    param: reported.param,
    requestId: more.requestId ?? reported.requestId,
    body: reported.body,
  })
  // The caller's mistake and the server's plain failure keep their status; the other codes say more than it.
  const isCallers = faultCodes[code].origin === 'client' && status >= 400 && status < 500
  const isServers = code === 'upstream_error' && status >= 500 && status < 600
  const retryAfterMs = more.retryAfterMs ?? reported.retryAfterMs
  return createFault(code, messageOf(code, reported, status), {
    ...((isCallers || isServers) && { status }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(reported.param !== undefined && { param: reported.param }),
    upstream,
  })
}

function messageOf(code: FaultCode, reported: Reported, status: number): string {
  // The upstream's words about a key would be about the operator's.
  if (code === 'upstream_auth') return 'The upstream refused the credentials it was given.'
  return reported.message ?? `The upstream answered with status ${status} and no message.`
}

/** The failure in an error object that came with status 200: in a whole body, or in a chunk of a stream (trap 34). */
export function faultOf(wire: JsonObject): Fault {
  const reported = readReport(wire)
  return createReportedFault(reported, reported.code ?? 200)
}

/** Any error response: this wire's envelope, a list of it, another's, HTML, nothing. */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers, body } = response
  const parsed = parseText(body)
  const [first] = isList(parsed) ? parsed : [parsed]
  const reported = isObject(first) ? readReport(first) : { body: body.slice(0, 2048) }
  return createReportedFault(
    reported,
    status,
    defined({
      retryAfterMs: readRetryAfter(headers),
      requestId: headers.get('x-request-id') ?? undefined,
    }),
  )
}

/** A status's `google.rpc.Code` for clients, where the code of the fault has none of its own. */
const wordOf: { readonly [status: number]: string } = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

const rpc = 'type.googleapis.com/google.rpc'

/** The upstream's own name of the cause; what it calls a refused key is about the operator's, not the caller's. */
function causeOf(fault: Fault): string {
  return fault.code === 'upstream_auth' ? fault.code : (fault.upstream?.code ?? fault.code)
}

function errorObject(fault: Fault, requestId?: string): JsonObject {
  const { status, message, param, retryAfterMs: wait } = fault
  return {
    code: status,
    message,
    status: wordOf[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL'),
    details: [
      { '@type': `${rpc}.ErrorInfo`, reason: causeOf(fault), domain: 'dragoman' },
      ...(param === undefined
        ? []
        : [{ '@type': `${rpc}.BadRequest`, fieldViolations: [{ field: param, description: message }] }]),
      ...(wait === undefined ? [] : [{ '@type': `${rpc}.RetryInfo`, retryDelay: `${wait / 1000}s` }]),
      ...(requestId === undefined ? [] : [{ '@type': `${rpc}.RequestInfo`, requestId }]),
    ],
  }
}

/** The error response a client of this wire expects (trap 62). */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs: wait } = fault
  return {
    status: fault.status,
    headers: defined({
      ...fault.headers,
      'retry-after': wait === undefined ? undefined : String(Math.ceil(wait / 1000)),
    }),
    body: { error: errorObject(fault, requestId) },
  }
}

/** The failure in band: a frame whose only field is the error, after which nothing comes. */
export function writeFault(fault: Fault): string {
  return writeSse({ data: JSON.stringify({ error: errorObject(fault) }) })
}
