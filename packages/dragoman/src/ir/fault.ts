import type { JsonObject } from './json.ts'

/** Every way a call can fail. The HTTP status and each dialect's error type follow from the code by table. */
export type FaultCode =
  // the caller's doing
  | 'invalid_request'
  | 'unsupported_parameter'
  | 'unsupported_value'
  | 'unsupported_operation'
  | 'unsupported_tool'
  | 'context_length_exceeded'
  | 'content_filtered'
  | 'model_not_found'
  | 'ambiguous_model'
  | 'not_found'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'request_too_large'
  | 'headers_too_large'
  | 'request_timeout'
  | 'missing_credentials'
  | 'invalid_credentials'
  | 'ambiguous_credentials'
  | 'permission_denied'
  | 'rate_limited'
  | 'quota_exhausted'
  | 'conflict'
  | 'loop_detected'
  // the upstream's doing
  | 'upstream_auth'
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_stalled'
  | 'upstream_disconnected'
  | 'upstream_invalid'
  | 'upstream_error'
  | 'overloaded'
  // ours
  | 'shutting_down'
  | 'unavailable'
  | 'internal'

/** An expected failure, as a value. */
export interface Fault {
  readonly code: FaultCode
  /** Whose doing it is; breakers and retries look at this, never at prose. */
  readonly origin: 'client' | 'gateway' | 'upstream'
  /** What, where, what to do. Safe to show: no key, no prompt, no stack. */
  readonly message: string
  /** HTTP status for the caller. */
  readonly status: number
  /** A more exact code than `code`, in OpenAI's words, for dialects whose clients branch on it: `previous_response_not_found`. */
  readonly word?: string
  /** The field at fault in the caller's words, such as `messages[0].content`. */
  readonly param?: string
  /** Another attempt (same or other target) may succeed. */
  readonly retryable: boolean
  /** How long the upstream asked to wait. */
  readonly retryAfterMs?: number
  /** Extra response headers, such as `allow`. */
  readonly headers?: { readonly [name: string]: string }
  /** What the upstream itself said. */
  readonly upstream?: UpstreamError
}

export interface UpstreamError {
  readonly status: number
  readonly type?: string
  readonly code?: string
  readonly param?: string
  readonly requestId?: string
  /** The upstream's error object or the first 2 KB of its text; shown only where the caller asked for an explanation. */
  readonly body?: JsonObject | string
}

interface CodeFacts {
  readonly status: number
  readonly origin: Fault['origin']
  readonly retryable: boolean
}

const client = (status: number): CodeFacts => ({ status, origin: 'client', retryable: false })
const upstream = (status: number, retryable = true): CodeFacts => ({ status, origin: 'upstream', retryable })

/** The one table code -> status, origin, retryable. */
export const faultCodes: { readonly [C in FaultCode]: CodeFacts } = {
  invalid_request: client(400),
  unsupported_parameter: client(400),
  unsupported_value: client(400),
  unsupported_operation: client(400),
  unsupported_tool: client(400),
  context_length_exceeded: client(400),
  content_filtered: client(400),
  model_not_found: client(404),
  ambiguous_model: client(400),
  not_found: client(404),
  method_not_allowed: client(405),
  unsupported_media_type: client(415),
  request_too_large: client(413),
  headers_too_large: client(431),
  request_timeout: client(408),
  missing_credentials: client(401),
  invalid_credentials: client(401),
  ambiguous_credentials: client(400),
  permission_denied: client(403),
  rate_limited: { status: 429, origin: 'upstream', retryable: true },
  quota_exhausted: { status: 429, origin: 'upstream', retryable: false },
  conflict: client(409),
  loop_detected: { status: 508, origin: 'gateway', retryable: false },
  upstream_auth: upstream(502, false),
  upstream_unreachable: upstream(502),
  upstream_timeout: upstream(504),
  upstream_stalled: upstream(504),
  upstream_disconnected: upstream(502),
  upstream_invalid: upstream(502),
  upstream_error: upstream(502),
  overloaded: upstream(503),
  shutting_down: { status: 503, origin: 'gateway', retryable: true },
  unavailable: { status: 503, origin: 'gateway', retryable: true },
  internal: { status: 500, origin: 'gateway', retryable: false },
}

/** Makes a fault; what the table says can be overridden by what is known better. */
export function createFault(
  code: FaultCode,
  message: string,
  more: Partial<Omit<Fault, 'code' | 'message'>> = {},
): Fault {
  return { code, message, ...faultCodes[code], ...more }
}

/** The result of reading something that may be wrong. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault }
