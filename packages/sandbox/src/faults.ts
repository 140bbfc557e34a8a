import type { ApiError, ErrorBody } from './errors.ts'
import { modelNotFound, refuse } from './errors.ts'

/** What a fault does to a request, by the moment at which it strikes. */
export type Fault = FaultFacts &
  (
    | { readonly kind: 'status'; readonly error: ApiError; readonly times?: number }
    | { readonly kind: 'body'; readonly body: 'html' | 'nothing' | 'error-in-200' }
    | { readonly kind: 'time'; readonly wait: 'silent' | 'stall' | 'late'; readonly milliseconds: number }
    | { readonly kind: 'stream'; readonly spoil: Spoil }
    | { readonly kind: 'answer'; readonly change: Change; readonly tokens: number }
  )

interface FaultFacts {
  /** The model's name without its number. */
  readonly name: string
  readonly sentence: string
  /** The number that the name may end in, where it has a meaning: `sandbox/flaky-3`. */
  readonly number: { readonly meaning: string; readonly default: number } | null
}

/** What happens to the bytes of an answer that began well. */
export type Spoil =
  | 'cut'
  | 'reset'
  | 'cut-tool'
  | 'error-mid'
  | 'error-first'
  | 'truncated'
  | 'garbage'
  | 'no-done'
/** What changes about the answer itself, which stays well-formed. */
export type Change = 'long' | 'think' | 'refuse' | 'filter' | 'length' | 'unicode' | 'cites'

export const serverError: ErrorBody = {
  message:
    'The server had an error while processing your request. Sorry about that! You can retry your request.',
  type: 'server_error',
  param: null,
  code: null,
}

/** Recorded from OpenAI (capture openai-error.1). */
const quota: ErrorBody = {
  message:
    'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  type: 'insufficient_quota',
  param: null,
  code: 'insufficient_quota',
}

const overloaded: ApiError = {
  status: 503,
  error: {
    message:
      'The engine is currently overloaded, please try again later. This is a scripted fault of the sandbox.',
    type: 'server_error',
    param: null,
    code: null,
  },
  headers: { 'retry-after': '1' },
}

const rateLimit: ApiError = {
  status: 429,
  error: {
    message:
      'Rate limit reached for sandbox/429 in organization org-sandbox on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 2s. Visit https://platform.openai.com/account/rate-limits to learn more.',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  },
  headers: {
    'retry-after': '2',
    'retry-after-ms': '2000',
    'x-ratelimit-limit-requests': '3',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '2s',
  },
}

const status = (name: string, error: ApiError, sentence: string): Fault => ({
  name,
  sentence,
  number: null,
  kind: 'status',
  error,
})
const stream = (spoil: Spoil, sentence: string): Fault => ({
  name: spoil,
  sentence,
  number: null,
  kind: 'stream',
  spoil,
})
const answer = (change: Change, sentence: string, tokens = 0): Fault => ({
  name: change,
  sentence,
  number: tokens > 0 ? { meaning: 'tokens', default: tokens } : null,
  kind: 'answer',
  change,
  tokens,
})

/** Everything that can be made to go wrong: call the model `sandbox/<name>`. */
export const faults: readonly Fault[] = [
  status(
    '400',
    refuse(
      'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
      null,
      'invalid_prompt',
    ),
    'Refuses every prompt with 400 `invalid_prompt`.',
  ),
  status(
    '401',
    refuse(
      'Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.',
      null,
      'invalid_api_key',
      401,
    ),
    'Takes every key for a wrong one: 401 `invalid_api_key`.',
  ),
  status(
    '403',
    {
      status: 403,
      error: {
        message: 'Country, region, or territory not supported',
        type: 'request_forbidden',
        param: null,
        code: 'unsupported_country_region_territory',
      },
    },
    'Forbids the caller: 403 `unsupported_country_region_territory`.',
  ),
  status('404', modelNotFound('sandbox/404'), 'Says that the model does not exist: 404 `model_not_found`.'),
  status('429', rateLimit, 'Limits the rate: 429 `rate_limit_exceeded` with `retry-after: 2`.'),
  status(
    '429-quota',
    { status: 429, error: quota },
    'Has no money left: 429 `insufficient_quota`, without `retry-after`.',
  ),
  status('500', { status: 500, error: serverError }, 'Fails inside: 500 `server_error`.'),
  status('503', overloaded, 'Is overloaded: 503 with `retry-after: 1`.'),
  status(
    '529',
    {
      status: 529,
      error: { message: 'Overloaded', type: 'overloaded_error', param: null, code: null },
    },
    'Is overloaded in the way of another provider: 529 `overloaded_error`.',
  ),
  {
    name: 'flaky',
    sentence:
      'Fails with 503 N times (2 unless the name says: `flaky-3`) for each `user` or seed, then answers.',
    number: { meaning: 'failures', default: 2 },
    kind: 'status',
    error: overloaded,
    times: 2,
  },
  {
    name: 'html',
    sentence: 'Answers 502 with a page of HTML, as a proxy in front of an engine does.',
    number: null,
    kind: 'body',
    body: 'html',
  },
  {
    name: 'empty',
    sentence: 'Answers 200 with nothing: a body of no bytes, a stream of no frames.',
    number: null,
    kind: 'body',
    body: 'nothing',
  },
  {
    name: 'ok-error',
    sentence: 'Answers 200 with an error object in the body, also where a stream was asked for.',
    number: null,
    kind: 'body',
    body: 'error-in-200',
  },
  {
    name: 'silent',
    sentence: 'Accepts the request and never answers, not even with headers.',
    number: null,
    kind: 'time',
    wait: 'silent',
    milliseconds: Number.POSITIVE_INFINITY,
  },
  {
    name: 'stall',
    sentence: 'Sends the headers, then nothing, and keeps the connection open.',
    number: null,
    kind: 'time',
    wait: 'stall',
    milliseconds: Number.POSITIVE_INFINITY,
  },
  {
    name: 'slow',
    sentence: 'Sends the headers at once and the first token late: after N milliseconds (5000; `slow-200`).',
    number: { meaning: 'milliseconds', default: 5000 },
    kind: 'time',
    wait: 'late',
    milliseconds: 5000,
  },
  stream(
    'cut',
    'Ends the body in the middle of the content, cleanly, with no terminator; a whole body is cut.',
  ),
  stream('reset', 'Tears the connection in the middle of the content.'),
  stream(
    'cut-tool',
    'Calls a tool and ends the body inside its arguments (a tool `lookup` where the request has none).',
  ),
  stream('error-mid', 'Streams half of the content, then an error frame, and ends; a whole answer is 500.'),
  stream(
    'error-first',
    'Opens a stream with 200 and sends an error as its first frame; a whole answer is 500.',
  ),
  stream('truncated', 'Cuts the body inside a frame, or a whole body in the middle of its JSON.'),
  stream('garbage', 'Puts a frame that is not JSON among the good ones; a whole body is not JSON.'),
  stream(
    'no-done',
    'Leaves out the terminator: `[DONE]` on chat and completions, the last event on Responses.',
  ),
  answer('long', 'Answers at length: N tokens (4000; `long-20000`).', 4000),
  answer('think', 'Thinks first, as the reasoning model does.'),
  answer('refuse', 'Refuses: the answer is a refusal, not content.'),
  answer('filter', 'Is stopped by a content filter after half of the answer: `content_filter`.'),
  answer('length', 'Always runs into the token limit: at most N tokens (8; `length-3`), finish `length`.', 8),
  answer(
    'unicode',
    'Answers with emoji, combining marks, right-to-left text and characters spread over tokens.',
  ),
  answer('cites', 'Cites its sources: `url_citation` annotations.'),
]

/**
 * The fault that a model name asks for, its number read; null where the name asks for none. The part before the slash
 * may be missing: a gateway in front takes it for the name of the provider.
 */
export function findFault(model: string): Fault | null {
  const name = model.replace(/^sandbox\//, '')
  const exact = faults.find(fault => fault.name === name)
  if (exact) return exact
  const [, stem, digits] = /^([a-z-]+)-(\d{1,7})$/.exec(name) ?? []
  const numbered = faults.find(fault => fault.name === stem && fault.number !== null)
  return numbered && digits !== undefined ? withNumber(numbered, Number(digits)) : null
}

function withNumber(fault: Fault, asked: number): Fault {
  const number = Math.min(asked, 200_000)
  if (fault.kind === 'status') return { ...fault, times: number }
  if (fault.kind === 'time') return { ...fault, milliseconds: number }
  if (fault.kind === 'answer') return { ...fault, tokens: number }
  return fault
}
