import { type FaultCode, faultCodes } from '../ir/fault.ts'
import { own } from '../wire/json.ts'
import type { ErrorFacts } from './envelope-read.ts'

/** Words that hosts use as `code` or `type`, and what they mean whatever the status is. */
const words: { readonly [word: string]: FaultCode } = {
  insufficient_quota: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  billing_not_active: 'quota_exhausted',
  payment_required: 'quota_exhausted',
  context_length_exceeded: 'context_length_exceeded',
  exceed_context_size_error: 'context_length_exceeded',
  model_not_found: 'model_not_found',
  deploymentnotfound: 'model_not_found',
  bio_policy: 'content_filtered',
  image_content_policy_violation: 'content_filtered',
  misalignment_policy_violation: 'content_filtered',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  unsupported_parameter: 'unsupported_parameter',
  unknown_parameter: 'unsupported_parameter',
  extra_forbidden: 'unsupported_parameter',
  unsupported_value: 'unsupported_value',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  rate_limited: 'rate_limited',
  overloaded_error: 'overloaded',
  unavailable_error: 'overloaded',
  invalid_api_key: 'upstream_auth',
  authentication_error: 'upstream_auth',
  not_supported_error: 'unsupported_operation',
}

/** Types that say whose doing it is where no status does. */
const clientTypes = ['invalid_request_error', 'badrequesterror', 'invalid_argument', 'not_found_error']

/** Codes of the same kind: those of `Response.error` that blame the prompt. */
const promptCodes = /^(invalid_|empty_image|image_|unsupported_|data_residency)/

const statuses: { readonly [status: number]: FaultCode } = {
  401: 'upstream_auth',
  402: 'quota_exhausted',
  403: 'upstream_auth',
  404: 'not_found',
  405: 'upstream_invalid',
  408: 'upstream_timeout',
  409: 'conflict',
  413: 'request_too_large',
  429: 'rate_limited',
  498: 'overloaded',
  501: 'unsupported_operation',
  503: 'overloaded',
  504: 'upstream_timeout',
  524: 'upstream_timeout',
  529: 'overloaded',
}

/** What the message alone tells, for the codes on the left: hosts leave `code` null or invent one. */
const sentences: readonly (readonly [FaultCode, RegExp, FaultCode])[] = [
  [
    'invalid_request',
    /context (length|window|size)|maximum (context|prompt)|prompt is too long/i,
    'context_length_exceeded',
  ],
  ['invalid_request', /\bmodel\b.{0,80}(does not exist|not found|is not available)/i, 'model_not_found'],
  ['invalid_request', /unsupported value/i, 'unsupported_value'],
  [
    'invalid_request',
    /unsupported parameter|property '.*' is unsupported|does not support parameter/i,
    'unsupported_parameter',
  ],
  ['not_found', /\b(model|deployment)\b/i, 'model_not_found'],
]

/** The kind of failure, from the most telling fact to the least: word, status, sentence. */
export function classify(status: number, facts: ErrorFacts): FaultCode {
  const word = own(words, facts.code?.toLowerCase() ?? '') ?? own(words, facts.type?.toLowerCase() ?? '')
  if (word !== undefined) return word
  const code = byStatus(status >= 400 ? status : (facts.status ?? 0), facts)
  if (code === 'not_found' && facts.param === 'model') return 'model_not_found'
  const message = facts.message ?? ''
  return sentences.find(([from, pattern]) => from === code && pattern.test(message))?.[2] ?? code
}

function byStatus(status: number, facts: ErrorFacts): FaultCode {
  const known = statuses[status]
  if (known !== undefined) return known
  if (status >= 500) return 'upstream_error'
  if (status >= 400) return 'invalid_request'
  const isClients =
    clientTypes.includes(facts.type?.toLowerCase() ?? '') || promptCodes.test(facts.code ?? '')
  return isClients ? 'invalid_request' : 'upstream_error'
}

/** Codes whose own status says more to the caller than the upstream's. */
const ownStatus: readonly FaultCode[] = [
  'upstream_auth',
  'upstream_invalid',
  'quota_exhausted',
  'model_not_found',
  'context_length_exceeded',
  'unsupported_operation',
  'overloaded',
  'upstream_timeout',
]

/** The status for the caller: the upstream's, unless the code's own says more. */
export function statusFor(code: FaultCode, status: number): number {
  const isKept = status >= 400 && status <= 599 && !ownStatus.includes(code)
  return isKept ? status : faultCodes[code].status
}
