import type { ErrorRendering, ErrorResponse } from '../../core/dialect.ts'
import { createFault, type Fault, type FaultCode, type UpstreamError } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { writeSse } from '../../wire/sse.ts'
import { classify, classifyInBand, readError, readErrorBody, statusFor } from './error-read.ts'
import { present } from './wire.ts'

/**
 * An upstream's HTTP error. Total: any status, any body. What it says about a refused key is not shown, because it may
 * quote the key.
 */
export function decodeError(response: ErrorResponse): Fault {
  const { status, headers } = response
  const { shown, ...facts } = readErrorBody(response.body)
  const code = classify(status, facts)
  const said =
    code === 'upstream_auth' ? `The upstream refused this gateway's key (status ${status}).` : facts.message
  return createFault(
    code,
    said ?? `The upstream answered with status ${status} and no explanation.`,
    present<Partial<Fault>>({
      status: statusFor(code, status),
      param: facts.words.param,
      retryable: headers.get('x-should-retry') === 'false' ? false : undefined,
      retryAfterMs: readRetryAfter(headers),
      upstream: present<UpstreamError>({
        status,
        ...facts.words,
        requestId: headers.get('x-request-id') ?? undefined,
        body: shown === '' ? undefined : shown,
      }),
    }),
  )
}

/** `retry-after-ms`, else `retry-after` as seconds or as a date, which counts from the response's own `date`. */
function readRetryAfter(headers: ErrorResponse['headers']): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '')
  if (exact >= 0) return exact
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  // A date starts with its weekday; engines take other things for dates, such as "-7".
  if (!/^[a-z]/i.test(text)) return undefined
  const sent = Date.parse(headers.get('date') ?? '')
  const until = Date.parse(text) - (Number.isNaN(sent) ? Date.now() : sent)
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}

/**
 * An error that came in band, with status 200: `response.error`, or an `error` event in its flat or its nested form.
 * The codes are an open set (`insufficient_quota` was recorded and is not in the SDK's list).
 */
export function decodeInBandError(value: JsonValue | undefined): Fault {
  const facts = readError(value)
  const code = classifyInBand(facts)
  const said =
    code === 'upstream_auth' ? "The upstream refused this gateway's key in its answer." : facts.message
  return createFault(
    code,
    said ?? 'The upstream reported a failure and did not say why.',
    present<Partial<Fault>>({
      param: facts.words.param,
      upstream: present<UpstreamError>({
        status: 200,
        ...facts.words,
        body: isObject(value) ? value : undefined,
      }),
    }),
  )
}

/** OpenAI's `type` and `code` for each fault (card, section 3); a code it has no word for is the fault's own name. */
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
const openaiTypes = ['insufficient_quota', 'invalid_request_error', 'requests', 'server_error', 'tokens']

function encodeEnvelope(fault: Fault): JsonObject {
  const [type, code] = envelopes[fault.code]
  const { upstream, message } = fault
  const isOpenai = fault.code !== 'upstream_auth' && openaiTypes.includes(upstream?.type ?? '')
  const said = isOpenai ? upstream : undefined
  return {
    message,
    type: said?.type ?? type,
    param: fault.param ?? said?.param ?? null,
    code: said?.code ?? code,
  }
}

/** Statuses that the SDKs send again by themselves unless they are told not to. */
function isRetriedByClients(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** A fault as OpenAI would answer it: `{error: {message, type, param, code}}`. */
export function encodeError(fault: Fault, requestId: string): ErrorRendering {
  const { retryAfterMs: wait, status } = fault
  const headers = {
    'x-request-id': requestId,
    ...(wait !== undefined && {
      'retry-after': String(Math.ceil(wait / 1000)),
      'retry-after-ms': String(Math.ceil(wait)),
    }),
    ...(!fault.retryable && isRetriedByClients(status) && { 'x-should-retry': 'false' }),
    ...fault.headers,
  }
  return { status, headers, body: { error: encodeEnvelope(fault) } }
}

/** `ResponseError.code` of openai-node 7.57.0, and one that was recorded and is not in it. */
const responseCodes: ReadonlySet<string> = new Set([
  'bio_policy',
  'data_residency_mismatch',
  'empty_image_file',
  'failed_to_download_image',
  'image_content_policy_violation',
  'image_file_not_found',
  'image_file_too_large',
  'image_parse_error',
  'image_too_large',
  'image_too_small',
  'insufficient_quota',
  'invalid_base64_image',
  'invalid_image',
  'invalid_image_format',
  'invalid_image_mode',
  'invalid_image_url',
  'invalid_prompt',
  'misalignment_policy_violation',
  'rate_limit_exceeded',
  'server_error',
  'unsupported_image_media_type',
  'vector_store_timeout',
])

/** `Response.error`, whose code must be one that clients know; the message tells the rest. */
export function encodeResponseError(fault: Fault): JsonObject {
  const fallback = fault.origin === 'client' ? 'invalid_prompt' : 'server_error'
  const words = [fault.upstream?.code, envelopes[fault.code][1]]
  return { code: words.find(code => responseCodes.has(code ?? '')) ?? fallback, message: fault.message }
}

/** Above every number that a stream can have reached, and an int32 still. */
const lastSequenceNumber = 2_147_483_647

/**
 * A fault in a relayed stream: its ids and its count are the upstream's, so that it cannot be a `response.failed`. The
 * nested `error` event makes openai-node 7.57.0 throw in the plain iterator (which wants the event name) and in the
 * helper alike; the flat fields are what the published type has.
 */
export function writeFault(fault: Fault): string {
  const error = encodeEnvelope(fault)
  const { code, message, param } = error
  const event = { type: 'error', sequence_number: lastSequenceNumber, error, code, message, param }
  return writeSse({ event: 'error', data: JSON.stringify(event) })
}
