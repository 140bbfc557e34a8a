import { encodeEnvelope, envelopes, reportedFault } from '../../core/envelope.ts'
import { errorFactsOf } from '../../core/envelope-read.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { writeSse } from '../../wire/sse.ts'

/**
 * An error that came in band, with status 200: `response.error`, or an `error` event in its flat or its nested form.
 * The codes are an open set (`insufficient_quota` was recorded and is not in the SDK's list).
 */
export function decodeInBandError(value: JsonValue | undefined): Fault {
  const wire = isObject(value) ? value : { error: value ?? null }
  return reportedFault(200, errorFactsOf(wire), { shown: isObject(value) ? value : '' })
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
