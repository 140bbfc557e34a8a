import { type FaultCode, faultCodes, type UpstreamError } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'
import { Fields } from './fields.ts'
import { isList, present } from './wire.ts'

/** What an error says, whatever it was wrapped in. */
export interface ErrorFacts {
  readonly message: string | undefined
  readonly words: Pick<UpstreamError, 'type' | 'code' | 'param'>
}

const longestMessage = 2048

/** Reads an error body: OpenAI's envelope, a list around it, a bare error, a validator's `detail`, or text. */
export function readErrorBody(body: string): ErrorFacts & { readonly shown: JsonObject | string } {
  const text = body.trim()
  const shown = text.slice(0, longestMessage)
  try {
    const parsed: JsonValue = JSON.parse(text)
    const value = isList(parsed) ? parsed[0] : parsed
    if (isObject(value)) return { ...readError(value), shown: value }
  } catch {
    // A page or a sentence: not every upstream answers JSON.
  }
  return { message: text === '' || text.startsWith('<') ? undefined : shown, words: {}, shown }
}

/** An error object, or what holds one under `error`. */
export function readError(value: JsonValue | undefined): ErrorFacts {
  if (!isObject(value)) return { message: typeof value === 'string' ? value : undefined, words: {} }
  if (isObject(value.error)) return readError(value.error)
  const fields = new Fields(value)
  const code = typeof value.code === 'number' ? String(value.code) : fields.string('code')
  const type = fields.string('type')
  const said = fields.string('message') ?? fields.string('error') ?? describe(value.detail)
  return {
    message: said?.slice(0, longestMessage),
    words: present<ErrorFacts['words']>({
      type: type === 'error' ? undefined : type,
      code,
      param: fields.string('param'),
    }),
  }
}

/** A validator's `detail`: a sentence, or a list of places and sentences. */
function describe(detail: JsonValue | undefined): string | undefined {
  if (typeof detail === 'string') return detail
  const first = isList(detail) ? detail[0] : undefined
  return isObject(first) && typeof first.msg === 'string' ? first.msg : undefined
}

/** Words that servers of this wire use as `code` or `type`, and what they mean whatever the status is. */
const meanings: { readonly [word: string]: FaultCode } = {
  authentication_error: 'upstream_auth',
  bio_policy: 'content_filtered',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  context_length_exceeded: 'context_length_exceeded',
  deploymentnotfound: 'model_not_found',
  exceed_context_size_error: 'context_length_exceeded',
  image_content_policy_violation: 'content_filtered',
  insufficient_quota: 'quota_exhausted',
  invalid_api_key: 'upstream_auth',
  misalignment_policy_violation: 'content_filtered',
  model_not_found: 'model_not_found',
  not_supported_error: 'unsupported_operation',
  overloaded_error: 'overloaded',
  rate_limit_error: 'rate_limited',
  rate_limit_exceeded: 'rate_limited',
  unavailable_error: 'overloaded',
  unknown_parameter: 'unsupported_parameter',
  unsupported_parameter: 'unsupported_parameter',
  unsupported_value: 'unsupported_value',
}

const statuses: { readonly [status: string]: FaultCode } = {
  401: 'upstream_auth',
  402: 'quota_exhausted',
  403: 'upstream_auth',
  404: 'not_found',
  405: 'upstream_invalid',
  408: 'upstream_timeout',
  409: 'conflict',
  413: 'request_too_large',
  429: 'rate_limited',
  501: 'unsupported_operation',
  503: 'overloaded',
  504: 'upstream_timeout',
  529: 'overloaded',
}

/** What the message alone tells where code and type are silent. */
const sentences: readonly (readonly [from: FaultCode, pattern: RegExp, to: FaultCode])[] = [
  ['invalid_request', /context (length|window|size)|prompt is too long/i, 'context_length_exceeded'],
  ['invalid_request', /\bmodel\b.{0,80}(does not exist|not found)/i, 'model_not_found'],
  ['not_found', /\b(model|deployment)\b/i, 'model_not_found'],
]

/** The kind of failure, from the most telling fact to the least: word, status, sentence. */
export function classify(status: number, { message = '', words }: ErrorFacts): FaultCode {
  const word = [words.code, words.type].map(said => own(meanings, said?.toLowerCase() ?? '')).find(Boolean)
  if (word !== undefined) return word
  const otherwise = status >= 400 && status < 500 ? 'invalid_request' : 'upstream_error'
  const code = own(statuses, String(status)) ?? otherwise
  return sentences.find(([from, pattern]) => from === code && pattern.test(message))?.[2] ?? code
}

/** Codes of `Response.error` that blame the request, in streams, where no status tells. */
const promptCodes = /^(invalid_|empty_image|image_|unsupported_|data_residency)/

export function classifyInBand(facts: ErrorFacts): FaultCode {
  const { code = '', type } = facts.words
  const isPrompts = promptCodes.test(code) || type === 'invalid_request_error'
  return classify(isPrompts ? 400 : 500, facts)
}

/** Failures whose own status tells the caller more than the upstream's. */
const speaking: ReadonlySet<FaultCode> = new Set([
  'context_length_exceeded',
  'model_not_found',
  'overloaded',
  'quota_exhausted',
  'unsupported_operation',
  'upstream_auth',
  'upstream_invalid',
  'upstream_timeout',
])

/** The status for the caller: the upstream's, unless it is none or the failure's own says more. */
export function statusFor(code: FaultCode, status: number): number {
  const isError = status >= 400 && status <= 599
  return isError && !speaking.has(code) ? status : faultCodes[code].status
}
