import type { FaultCode } from '../../ir/fault.ts'

/** What an exception is in the model's words; its name comes in a header, or as the name of a frame. */
export const byException: { readonly [exception: string]: FaultCode } = {
  ValidationException: 'invalid_request',
  SerializationException: 'invalid_request',
  ServiceQuotaExceededException: 'quota_exhausted',
  ConflictException: 'conflict',
  UnrecognizedClientException: 'upstream_auth',
  InvalidSignatureException: 'upstream_auth',
  IncompleteSignatureException: 'upstream_auth',
  MissingAuthenticationTokenException: 'upstream_auth',
  ExpiredTokenException: 'upstream_auth',
  AccessDeniedException: 'upstream_auth',
  ResourceNotFoundException: 'model_not_found',
  ModelTimeoutException: 'upstream_timeout',
  ModelErrorException: 'upstream_error',
  ModelStreamErrorException: 'upstream_error',
  ThrottlingException: 'rate_limited',
  ModelNotReadyException: 'overloaded',
  InternalServerException: 'upstream_error',
  InternalFailure: 'upstream_error',
  ServiceUnavailableException: 'overloaded',
}

export const byStatus: { readonly [status: number]: FaultCode } = {
  400: 'invalid_request',
  401: 'upstream_auth',
  403: 'upstream_auth',
  404: 'model_not_found',
  408: 'upstream_timeout',
  409: 'conflict',
  413: 'request_too_large',
  415: 'invalid_request',
  422: 'invalid_request',
  424: 'upstream_error',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'upstream_timeout',
}

/**
 * The one place where prose decides: a `ValidationException` stands for anything wrong with a request, and what to do
 * about these differs from every other 400 (card 8, traps 32 and 33). The advice is added to what was said.
 */
export const byMessage: readonly {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly advice?: string
}[] = [
  {
    pattern:
      /input is too long|prompt is too long|too many (input )?tokens|maximum (context|number of (input )?tokens)|exceed context limit|context (length|window)/i,
    code: 'context_length_exceeded',
  },
  {
    pattern: /on-demand throughput/i,
    code: 'model_not_found',
    advice:
      'Name an inference profile instead of the model, such as "us." or "global." before the model’s id.',
  },
  {
    pattern: /model identifier is invalid|invalid model identifier/i,
    code: 'model_not_found',
    advice:
      'Look whether the model’s id is right and whether its prefix ("us.", "eu.", "global.") goes with the region.',
  },
]

/** A code as the exception that clients of this wire branch on. */
export const exceptionOf: { readonly [C in FaultCode]?: string } = {
  missing_credentials: 'UnrecognizedClientException',
  invalid_credentials: 'UnrecognizedClientException',
  permission_denied: 'AccessDeniedException',
  model_not_found: 'ResourceNotFoundException',
  not_found: 'ResourceNotFoundException',
  conflict: 'ConflictException',
  rate_limited: 'ThrottlingException',
  quota_exhausted: 'ServiceQuotaExceededException',
  request_timeout: 'ModelTimeoutException',
  upstream_timeout: 'ModelTimeoutException',
  upstream_stalled: 'ModelTimeoutException',
  overloaded: 'ServiceUnavailableException',
  unavailable: 'ServiceUnavailableException',
  shutting_down: 'ServiceUnavailableException',
}
