import type { Json } from './json.ts'

/** OpenAI's error body: all four keys always stand there (openai 7.57.0 `ErrorObject`). */
export interface ErrorBody {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

/** A refusal as a value: the status, the body, and headers of its own. */
export interface ApiError {
  readonly status: number
  readonly error: ErrorBody
  readonly headers?: Readonly<Record<string, string>>
}

/** Tells a refusal from what the engine made. Never to be asked of what a client sent: it may hold the same keys. */
export const isApiError = (value: unknown): value is ApiError =>
  typeof value === 'object' && value !== null && 'status' in value && 'error' in value

/** The usual refusal: 400, `invalid_request_error`. */
export const refuse = (
  message: string,
  param: string | null = null,
  code: string | null = null,
  status = 400,
): ApiError => ({ status, error: { message, type: 'invalid_request_error', param, code } })

export const missingParameter = (param: string): ApiError =>
  refuse(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter')

export const unknownParameter = (param: string): ApiError =>
  refuse(`Unknown parameter: '${param}'.`, param, 'unknown_parameter')

export const unsupportedParameter = (param: string, hint = ''): ApiError =>
  refuse(
    `Unsupported parameter: '${param}' is not supported with this model.${hint}`,
    param,
    'unsupported_parameter',
  )

export const invalidType = (param: string, expected: string, got: Json): ApiError =>
  refuse(
    `Invalid type for '${param}': expected ${expected}, but got ${describe(got)} instead.`,
    param,
    'invalid_type',
  )

export const invalidValue = (param: string, got: string, supported: readonly string[]): ApiError =>
  refuse(`Invalid value: '${got}'. Supported values are: ${enumerate(supported)}.`, param, 'invalid_value')

/** `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`: how OpenAI lists what it would have taken. */
export function enumerate(values: readonly string[]): string {
  const quoted = values.map(value => `'${value}'`)
  if (quoted.length < 3) return quoted.join(' and ')
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`
}

/** How OpenAI names the kind of a JSON value. */
export function describe(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number'
  return typeof value === 'boolean' ? 'a boolean' : 'a string'
}

export const notJson: ApiError = refuse(
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
)

export const modelNotFound = (model: string): ApiError =>
  refuse(
    `The model \`${model}\` does not exist or you do not have access to it.`,
    null,
    'model_not_found',
    404,
  )

/** Chat, completions and embeddings say it so; Responses names the parameter. */
export const noModel: ApiError = refuse('you must provide a model parameter')

export const cannotSample: ApiError = refuse('You are not allowed to sample from this model', null, null, 403)

export const invalidUrl = (method: string, path: string): ApiError =>
  refuse(`Invalid URL (${method} ${path})`, null, null, 404)

export const methodNotAllowed = (method: string, path: string, allow: string): ApiError => ({
  ...refuse(
    `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to use a different HTTP method?)`,
    null,
    null,
    405,
  ),
  headers: { allow },
})

export const unsupportedContentType = (type: string): ApiError =>
  refuse(
    `Unsupported content type: '${type}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: ${type}'. Please try again with a supported content type.`,
    null,
    'unsupported_content_type',
  )
