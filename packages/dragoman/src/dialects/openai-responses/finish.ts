import type { JsonObject } from '../../ir/json.ts'
import type { Finish, FinishReason } from '../../ir/reply.ts'
import { isObject, own } from '../../wire/json.ts'
import { dialect, ownAll } from './wire.ts'

/** `incomplete_details.reason` of the SDK's type; the fourth, "steered", has no word in the model. */
const reasons: { readonly [reason: string]: FinishReason } = {
  max_output_tokens: 'length',
  max_messages: 'length',
  content_filter: 'content-filter',
}

/** Where the wire's own words stand, so that this wire gets them back. */
const endMark = '$end'

/** Status and incomplete_details to a finish. The wire has no word for "the model calls tools": the output says it. */
export function decodeFinish(wire: JsonObject, hasCall: boolean): Finish {
  const status = typeof wire.status === 'string' ? wire.status : 'completed'
  if (status === 'completed') return { reason: hasCall ? 'tool-calls' : 'stop', raw: status }
  const { incomplete_details = null } = wire
  const said = isObject(incomplete_details) ? incomplete_details.reason : undefined
  const raw = typeof said === 'string' ? said : status
  const end = { status, incomplete_details }
  return { reason: own(reasons, raw) ?? 'unknown', raw, extra: { [dialect]: { [endMark]: end } } }
}

/** The end of an answer as the wire says it. */
export function encodeFinish(finish: Finish): JsonObject {
  const end = ownAll(finish)[endMark]
  if (isObject(end)) return end
  switch (finish.reason) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    case 'content-filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    case 'error': {
      const message = finish.explanation ?? 'The model failed.'
      return { status: 'failed', error: { code: 'server_error', message } }
    }
    case 'stop':
    case 'tool-calls':
    case 'pause':
    case 'unknown':
      return { status: 'completed' }
  }
}
