import { defined, parseText } from '../../core/codec/values.ts'
import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode, faultCodes, type UpstreamError } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { readRetryAfter } from '../../wire/retry-after.ts'
import { writeSse } from '../../wire/sse.ts'
import { textOf } from './wire.ts'

/** Status to a code (card, section 8). The body has a message and nothing to branch on. */
const byStatus: { readonly [status: number]: FaultCode } = {
  400: 'invalid_request',
  401: 'upstream_auth',
  402: 'quota_exhausted',
  403: 'upstream_auth',
  404: 'model_not_found',
  408: 'upstream_timeout',
  409: 'conflict',
  413: 'request_too_large',
  422: 'unsupported_parameter',
  429: 'rate_limited',
  // "Invalid token", which is the operator's key.
  498: 'upstream_auth',
  499: 'upstream_disconnected',
  501: 'unsupported_operation',
  503: 'overloaded',
  504: 'upstream_timeout',
}

/**
 * Causes that share their status with others and are told by their words alone; only for the statuses named, because
 * refused keys and limits speak of tokens too (trap COH-20).
 */
const byMessage: readonly (readonly [statuses: readonly number[], pattern: RegExp, code: FaultCode])[] = [
  [[400, 413], /too many tokens|context (length|window)|maximum context/i, 'context_length_exceeded'],
  [[400, 422], /\bmodel\b.{0,80}(not found|does not exist|is not (available|supported))/i, 'model_not_found'],
  [[429], /trial key|monthly|billing|calls \/ month/i, 'quota_exhausted'],
]

/** `unknown field: parameter 'X' is not a valid field`: the closed schema names what it does not know. */
const fieldPattern = /parameter '([^']{1,200})'/

function codeOf(status: number, message: string): FaultCode {
  const told = byMessage.find(([statuses, pattern]) => statuses.includes(status) && pattern.test(message))
  return (
    told?.[2] ?? byStatus[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : 'upstream_error')
  )
}

interface Reported {
  readonly message: string | undefined
  readonly id: string | undefined
  readonly body: JsonObject | string
}

/** `{message, id}`; a host in front of it may answer `{error}` or `{detail}`, or with a page. */
function readReport(wire: JsonObject): Reported {
  const inner = isObject(wire.error) ? wire.error : wire
  const message = textOf(inner.message) ?? textOf(wire.error) ?? textOf(wire.detail)
  return { message: message?.slice(0, 2048), id: textOf(wire.id), body: wire }
}

function createReportedFault(
  reported: Reported,
  status: number,
  more: { readonly retryAfterMs?: number; readonly requestId?: string },
): Fault {
  const said = reported.message ?? ''
  const code = codeOf(status, said)
  const param = status === 422 ? fieldPattern.exec(said)?.[1] : undefined
  const { requestId, ...timing } = more
  const upstream: UpstreamError = defined({
    status,
    param,
    requestId: reported.id ?? requestId,
    body: reported.body,
  })
  // The caller's mistake and the server's plain failure keep their status; the other codes say more than it.
  const isCallers = faultCodes[code].origin === 'client' && status >= 400 && status < 500 && status !== 422
  const isServers = code === 'upstream_error' && status >= 500 && status < 600
  return createFault(code, messageOf(code, said, status), {
    ...timing,
    ...((isCallers || isServers) && { status }),
    ...(param !== undefined && { param }),
    upstream,
  })
}

function messageOf(code: FaultCode, said: string, status: number): string {
  // The upstream's words about a key would be about the operator's.
  if (code === 'upstream_auth') return 'The upstream refused the credentials it was given.'
  return said === '' ? `The upstream answered with status ${status} and no message.` : said
}

/** The failure in an error body that came with status 200. */
export function faultOf(wire: JsonObject): Fault {
  return createReportedFault(readReport(wire), 200, {})
}

/** Any error response: this wire's shape, another's, HTML, nothing. */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers, body } = response
  const parsed = parseText(body)
  const isPage = body.trimStart().startsWith('<')
  const reported = isObject(parsed)
    ? readReport(parsed)
    : { message: isPage ? undefined : body.trim().slice(0, 2048), id: undefined, body: body.slice(0, 2048) }
  const requestId = headers.get('x-request-id') ?? headers.get('x-debug-trace-id') ?? undefined
  return createReportedFault(reported, status, defined({ retryAfterMs: readRetryAfter(headers), requestId }))
}

/** The error response a client of this wire expects: `{message, id}`. */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs: wait } = fault
  return {
    status: fault.status,
    headers: defined({
      ...fault.headers,
      'x-request-id': requestId,
      'retry-after': wait === undefined ? undefined : String(Math.ceil(wait / 1000)),
    }),
    body: { message: fault.message, id: requestId },
  }
}

/** The failure in band: the end of the message says so, and nothing comes after it (SDK 8.1.0 `ChatMessageEndEventDelta`). */
export function writeFault(fault: Fault): string {
  const isLate = fault.code === 'upstream_timeout' || fault.code === 'upstream_stalled'
  const delta = { error: fault.message, finish_reason: isLate ? 'TIMEOUT' : 'ERROR' }
  return writeSse({ event: 'message-end', data: JSON.stringify({ type: 'message-end', delta }) })
}
