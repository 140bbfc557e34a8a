import { createFault, type Fault, type FaultCode } from '../ir/fault.ts'
import type { JsonObject } from '../ir/json.ts'
import { readRetryAfter } from '../wire/retry-after.ts'
import type { ErrorRendering, ErrorResponse } from './dialect.ts'
import { classify, statusFor } from './envelope-class.ts'
import { type ErrorFacts, readErrorBody } from './envelope-read.ts'

// `{error: {message, type, param, code}}`: the one error that two wires share, so that it has its home below both.

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
 * An error response of a host that speaks one of these wires. Any status and any body gives a fault; the upstream's own words
 * are kept beside it. An upstream's 401 or 403 is about the gateway's key, so what it says is not shown to the caller.
 */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers } = response
  const { facts, shown } = readErrorBody(response.body)
  const requestId = headers.get('x-request-id') ?? headers.get('request-id')
  return reportedFault(status, facts, {
    shown,
    ...(requestId === null ? {} : { requestId }),
    ...(headers.get('x-should-retry') === 'false' ? { retryable: false } : {}),
    retryAfterMs: readRetryAfter(headers),
  })
}

export interface Circumstances {
  readonly shown: JsonObject | string
  readonly requestId?: string
  readonly retryable?: boolean
  readonly retryAfterMs?: number | undefined
}

/** The fault that a body or a frame tells of, with the status it came with (200 in band). */
export function reportedFault(status: number, facts: ErrorFacts, around: Circumstances): Fault {
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

/** OpenAI's `type` and `code` for each fault (reference card, section 3); a code it does not have is the fault's own. */
export const envelopes: { readonly [C in FaultCode]: readonly [type: string, code: string | null] } = {
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

/** The envelope's own types: an upstream that uses one of them speaks its language, and its words are passed on. */
const spokenTypes = ['invalid_request_error', 'insufficient_quota', 'tokens', 'requests', 'server_error']

/** What stands under `error`. An exact word that the gateway has for its own failure goes before the general one. */
export function encodeEnvelope(fault: Fault): JsonObject {
  const [type, code] = envelopes[fault.code]
  const { upstream, message } = fault
  const isOurs = fault.code === 'upstream_auth'
  const spoken = !isOurs && spokenTypes.includes(upstream?.type ?? '') ? upstream : undefined
  const param = fault.param ?? spoken?.param ?? null
  return { message, type: spoken?.type ?? type, param, code: spoken?.code ?? fault.word ?? code }
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
    body: { error: encodeEnvelope(fault) },
  }
}

/** A fault after the status went out: one frame, and no `[DONE]` that would make it look like an end. */
export function writeFault(fault: Fault): string {
  return `data: ${JSON.stringify({ error: encodeEnvelope(fault) })}\n\n`
}
