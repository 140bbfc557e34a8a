import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { type ErrorFacts, errorFactsOf, readErrorBody } from './error-body.ts'
import { classify, statusFor } from './error-class.ts'
import { textOf } from './wire.ts'

/** What is said where the upstream said nothing, or nothing that the caller may read. */
const sentences: { readonly [C in FaultCode]?: string } = {
  upstream_auth:
    "The upstream refused the gateway's credentials. The key configured for this provider has to be checked.",
  quota_exhausted: "The upstream's quota for this key is used up.",
  rate_limited: 'The upstream limits the rate of requests for this key.',
  overloaded: 'The upstream is overloaded or not ready.',
  upstream_timeout: 'The upstream took too long.',
}

/**
 * An error response of a host that speaks this wire. Any status and any body gives a fault; the upstream's own words
 * are kept beside it. An upstream's 401 or 403 is about the gateway's key, so what it says is not shown to the caller.
 */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers } = response
  const { facts, shown } = readErrorBody(response.body)
  const requestId = headers.get('x-request-id') ?? headers.get('request-id')
  return faultOf(status, facts, {
    shown,
    ...(requestId === null ? {} : { requestId }),
    ...(headers.get('x-should-retry') === 'false' ? { retryable: false } : {}),
    retryAfterMs: retryAfterOf(headers),
  })
}

interface Circumstances {
  readonly shown: JsonObject | string
  readonly requestId?: string
  readonly retryable?: boolean
  readonly retryAfterMs?: number | undefined
}

function faultOf(status: number, facts: ErrorFacts, around: Circumstances): Fault {
  const code = classify(status, facts)
  const silent = sentences[code] ?? `The upstream answered with status ${status} and no explanation.`
  const message = code === 'upstream_auth' ? silent : (facts.message ?? silent)
  const { type, code: word, param } = facts
  const { requestId, retryable, retryAfterMs, shown } = around
  return createFault(code, message, {
    status: statusFor(code, status >= 400 ? status : (facts.status ?? 0)),
    ...(param === undefined ? {} : { param }),
    ...(retryable === undefined ? {} : { retryable }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    upstream: {
      status,
      ...(type === undefined ? {} : { type }),
      ...(word === undefined ? {} : { code: word }),
      ...(param === undefined ? {} : { param }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(shown === '' ? {} : { body: shown }),
    },
  })
}

/** Milliseconds to wait: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3). */
function retryAfterOf(headers: ErrorResponse['headers']): number | undefined {
  const milliseconds = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (milliseconds >= 0) return milliseconds
  const after = headers.get('retry-after')?.trim()
  if (after === undefined || after === '') return undefined
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000
  // A date starts with its weekday; engines take other things for dates, such as "-7".
  const until = /^[a-z]/i.test(after) ? Date.parse(after) : Number.NaN
  if (Number.isNaN(until)) return undefined
  // The upstream's own clock, where it tells the time: the two may differ.
  const sent = Date.parse(headers.get('date') ?? '')
  return Math.max(0, until - (Number.isNaN(sent) ? Date.now() : sent))
}

/**
 * The failure that a body of status 200, or a frame of a stream, really is; undefined for an answer. An `error` that
 * is null is no error; one that is empty still is (openai-node throws on it).
 */
export function faultInBody(wire: JsonObject): Fault | undefined {
  const { error, choices } = wire
  const hasError = isObject(error) || textOf(error) !== undefined || error === true
  const isFlat =
    choices === undefined &&
    (wire.object === 'error' || isComplaint(wire) || isObject(wire.fault) || Array.isArray(wire.errors))
  if (!hasError && !isFlat) return undefined
  return faultOf(200, errorFactsOf(wire), { shown: wire })
}

/** The failure that an error frame tells of: JSON of any shape, or text. */
export function readFault(text: string): Fault {
  const { facts, shown } = readErrorBody(text)
  return faultOf(200, facts, { shown })
}

/** The envelope's fields without an envelope. */
function isComplaint(wire: JsonObject): boolean {
  if (wire.detail !== undefined) return true
  const { message, code, type } = wire
  return (typeof message === 'string' || isObject(message)) && (code !== undefined || type !== undefined)
}

/** OpenAI's `type` and `code` for each fault (reference card, section 3); a code it does not have is the fault's own. */
const envelopes: { readonly [C in FaultCode]: readonly [type: string, code: string | null] } = {
  invalid_request: ['invalid_request_error', null],
  unsupported_parameter: ['invalid_request_error', 'unsupported_parameter'],
  unsupported_value: ['invalid_request_error', 'unsupported_value'],
  unsupported_operation: ['invalid_request_error', 'unsupported_operation'],
  unsupported_tool: ['invalid_request_error', 'unsupported_tool'],
  context_length_exceeded: ['invalid_request_error', 'context_length_exceeded'],
  content_filtered: ['invalid_request_error', 'content_filter'],
  model_not_found: ['invalid_request_error', 'model_not_found'],
  ambiguous_model: ['invalid_request_error', 'ambiguous_model'],
  not_found: ['invalid_request_error', null],
  method_not_allowed: ['invalid_request_error', null],
  unsupported_media_type: ['invalid_request_error', null],
  request_too_large: ['invalid_request_error', 'request_too_large'],
  headers_too_large: ['invalid_request_error', 'headers_too_large'],
  request_timeout: ['invalid_request_error', 'request_timeout'],
  missing_credentials: ['invalid_request_error', null],
  invalid_credentials: ['invalid_request_error', 'invalid_api_key'],
  ambiguous_credentials: ['invalid_request_error', 'ambiguous_credentials'],
  permission_denied: ['invalid_request_error', 'permission_denied'],
  rate_limited: ['requests', 'rate_limit_exceeded'],
  quota_exhausted: ['insufficient_quota', 'insufficient_quota'],
  conflict: ['invalid_request_error', 'conflict'],
  loop_detected: ['server_error', 'loop_detected'],
  upstream_auth: ['server_error', 'upstream_auth'],
  upstream_unreachable: ['server_error', 'upstream_unreachable'],
  upstream_timeout: ['server_error', 'upstream_timeout'],
  upstream_stalled: ['server_error', 'upstream_stalled'],
  upstream_disconnected: ['server_error', 'upstream_disconnected'],
  upstream_invalid: ['server_error', 'upstream_invalid'],
  upstream_error: ['server_error', null],
  overloaded: ['server_error', 'overloaded'],
  shutting_down: ['server_error', 'shutting_down'],
  unavailable: ['server_error', 'unavailable'],
  internal: ['server_error', null],
}

/** OpenAI's own types: an upstream that uses one of them speaks its language, and its words are passed on. */
const openaiTypes = ['invalid_request_error', 'insufficient_quota', 'tokens', 'requests', 'server_error']

function envelopeOf(fault: Fault): JsonObject {
  const [type, code] = envelopes[fault.code]
  const { upstream, message } = fault
  const isOurs = fault.code === 'upstream_auth'
  const spoken = !isOurs && openaiTypes.includes(upstream?.type ?? '') ? upstream : undefined
  const param = fault.param ?? spoken?.param ?? null
  return { message, type: spoken?.type ?? type, param, code: spoken?.code ?? code }
}

/** Statuses that openai-node sends again by itself unless it is told not to. */
function isRetriedByClients(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** A fault as OpenAI would answer it: `{error: {message, type, param, code}}`. */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs, status } = fault
  const waits =
    retryAfterMs === undefined
      ? {}
      : {
          'retry-after': String(Math.ceil(retryAfterMs / 1000)),
          'retry-after-ms': String(Math.ceil(retryAfterMs)),
        }
  return {
    status,
    headers: {
      'x-request-id': requestId,
      ...(!fault.retryable && isRetriedByClients(status) ? { 'x-should-retry': 'false' } : {}),
      ...waits,
      ...fault.headers,
    },
    body: { error: envelopeOf(fault) },
  }
}

/** A fault after the status went out: one frame, and no `[DONE]` that would make it look like an end. */
export function writeFault(fault: Fault): string {
  return `data: ${JSON.stringify({ error: envelopeOf(fault) })}\n\n`
}

/** A fault that the decoder found by itself. */
export function upstreamInvalid(message: string): Fault {
  return createFault('upstream_invalid', message)
}
