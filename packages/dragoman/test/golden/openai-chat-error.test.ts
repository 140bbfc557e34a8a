import { describe, expect, test } from 'bun:test'
import { listCaptures, readText } from '@dragoman/fixtures'
import OpenAI from 'openai'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { createFault, type FaultCode, faultCodes } from '../../src/ir/fault.ts'
import { clientOf } from './openai-chat-driver.ts'

const { decodeError, encodeError } = openaiChat

function fault(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return decodeError({ status, headers: new Headers(headers), body: text })
}

const openai = (fields: object) => ({
  error: { message: 'said', type: 'invalid_request_error', param: null, code: null, ...fields },
})

/** Status, body, and the code, status and message that follow. */
const cases: readonly (readonly [string, number, unknown, FaultCode, number, string?])[] = [
  ['a bad request', 400, openai({ param: 'temperature' }), 'invalid_request', 400, 'said'],
  [
    'a parameter the model lacks (trap 5)',
    400,
    openai({ code: 'unsupported_parameter', param: 'max_tokens' }),
    'unsupported_parameter',
    400,
  ],
  [
    'the same without a code (trap 6)',
    400,
    openai({ message: "Unsupported value: 'temperature' does not support 0." }),
    'unsupported_value',
    400,
  ],
  [
    'too long a context by code',
    400,
    openai({ code: 'context_length_exceeded' }),
    'context_length_exceeded',
    400,
  ],
  [
    'too long a context by type',
    400,
    { error: { code: 400, message: 'the request exceeds', type: 'exceed_context_size_error', n_ctx: 4 } },
    'context_length_exceeded',
    400,
  ],
  [
    'too long a context by text',
    400,
    {
      error: {
        message: "This model's maximum context length is 4096 tokens.",
        type: 'BadRequestError',
        code: 400,
      },
    },
    'context_length_exceeded',
    400,
  ],
  ['a model that is not there', 404, openai({ code: 'model_not_found' }), 'model_not_found', 404],
  [
    'a model that is not there, by text and 400',
    400,
    openai({ message: 'The model `x` does not exist.' }),
    'model_not_found',
    404,
  ],
  [
    'a model that is not there, by param',
    404,
    { error: { message: 'nope', type: 'NotFoundError', param: 'model', code: 404 } },
    'model_not_found',
    404,
  ],
  [
    'a path that is not there',
    404,
    { error: { message: 'File Not Found', type: 'not_found_error', code: 404 } },
    'not_found',
    404,
  ],
  [
    'a wrong key',
    401,
    openai({ code: 'invalid_api_key', message: 'Incorrect API key provided: sk-abc' }),
    'upstream_auth',
    502,
  ],
  ['a wrong key as a string', 401, { error: 'Unauthorized' }, 'upstream_auth', 502],
  ['a country', 403, openai({ code: 'unsupported_country_region_territory' }), 'upstream_auth', 502],
  [
    'a rate (trap 30)',
    429,
    openai({ type: 'tokens', code: 'rate_limit_exceeded' }),
    'rate_limited',
    429,
    'said',
  ],
  [
    'a rate without envelope',
    429,
    { message: 'Requests rate limit exceeded' },
    'rate_limited',
    429,
    'Requests rate limit exceeded',
  ],
  [
    'a quota (trap 29)',
    429,
    openai({ type: 'insufficient_quota', code: 'insufficient_quota' }),
    'quota_exhausted',
    429,
  ],
  ['an empty purse', 402, openai({ type: 'unknown_error' }), 'quota_exhausted', 429],
  ['too large a body', 413, '', 'request_too_large', 413],
  ['a conflict', 409, openai({}), 'conflict', 409],
  [
    'a validator',
    422,
    {
      detail: [
        {
          loc: ['body', 'messages', 0, 'name'],
          msg: 'Extra inputs are not permitted',
          type: 'extra_forbidden',
        },
      ],
    },
    'invalid_request',
    422,
    'messages[0].name: Extra inputs are not permitted',
  ],
  [
    'a validator inside a message',
    422,
    {
      object: 'error',
      message: { detail: [{ loc: ['body', 'n'], msg: 'bad' }] },
      type: 'invalid_request_error',
    },
    'invalid_request',
    422,
    'n: bad',
  ],
  ['a detail as text', 404, { detail: 'Model not found' }, 'model_not_found', 404, 'Model not found'],
  ['a server error', 500, openai({ type: 'server_error' }), 'upstream_error', 500],
  [
    'a server error as HTML',
    502,
    '<html><title>502</title></html>',
    'upstream_error',
    502,
    'The upstream answered with status 502 and no explanation.',
  ],
  ['a server error as nothing', 500, '', 'upstream_error', 500],
  ['a server error as text', 500, 'upstream connect error', 'upstream_error', 500, 'upstream connect error'],
  [
    'a model that is loading',
    503,
    { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } },
    'overloaded',
    503,
    'Loading model',
  ],
  ['an overload', 529, { error: { message: 'x', type: 'overloaded_error' } }, 'overloaded', 503],
  ['a time out', 504, '', 'upstream_timeout', 504],
  [
    'a feature that is off',
    501,
    { error: { code: 501, message: 'not supported', type: 'not_supported_error' } },
    'unsupported_operation',
    400,
  ],
  [
    'a list around an error (trap 53)',
    400,
    [{ error: { code: 400, message: 'said', status: 'INVALID_ARGUMENT' } }],
    'invalid_request',
    400,
    'said',
  ],
  [
    'a list of errors',
    400,
    { success: false, errors: [{ code: 10000, message: 'said' }], result: null },
    'invalid_request',
    400,
    'said',
  ],
  ['JSON that was cut', 500, '{"error":{"message":"so', 'upstream_error', 500],
  [
    'words that every object has',
    400,
    openai({ code: 'constructor', type: '__proto__' }),
    'invalid_request',
    400,
  ],
  ['a status nobody knows', 418, '', 'invalid_request', 418],
]

describe('an error response is a fault', () => {
  // As one value: where a row is short, bun fills the rest of the parameters.
  test.each(cases.map(row => [row[0], row] as const))(
    '%s',
    (_, [, status, body, code, expected, message]) => {
      const decoded = fault(status, body)
      expect({ code: decoded.code, status: decoded.status }).toEqual({ code, status: expected })
      if (message !== undefined) expect(decoded.message).toBe(message)
      expect(decoded.message).not.toBe('')
      expect(decoded.upstream?.status).toBe(status)
    },
  )

  test('what it says of a key is not shown', () => {
    const decoded = fault(
      401,
      openai({ message: 'Incorrect API key provided: sk-abc', code: 'invalid_api_key' }),
    )
    expect(JSON.stringify(encodeError(decoded, 'r').body)).not.toContain('sk-abc')
  })

  test('its facts are kept', () => {
    const decoded = fault(400, openai({ param: 'n', code: 'invalid_value' }), { 'x-request-id': 'req_1' })
    expect(decoded).toMatchObject({
      param: 'n',
      upstream: { type: 'invalid_request_error', code: 'invalid_value', param: 'n', requestId: 'req_1' },
    })
  })

  const waits: readonly (readonly [Record<string, string>, number | undefined])[] = [
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '10', 'retry-after': '2' }, 10],
    [{ 'retry-after': 'Mon, 23 Nov 2026 00:00:30 GMT', date: 'Mon, 23 Nov 2026 00:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Mon, 23 Nov 2020 00:00:00 GMT', date: 'Mon, 23 Nov 2026 00:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ]
  test.each(waits)('%j is how long to wait', (headers, expected) => {
    expect(fault(429, openai({}), headers).retryAfterMs).toBe(expected)
  })

  test('x-should-retry: false is believed', () => {
    expect(fault(500, '', { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(fault(500, '').retryable).toBe(true)
  })

  const recorded = listCaptures({ provider: 'openai' }).filter(
    ({ name }) => name.includes('error') && name.endsWith('.json'),
  )
  test.each(recorded.map(capture => [capture.name, capture] as const))('%s keeps its words', (_, capture) => {
    const text = readText(capture)
    const { error } = JSON.parse(text)
    const rendered = encodeError(fault(error.code === 'insufficient_quota' ? 429 : 400, text), 'r')
    expect(rendered.body).toEqual({ error })
  })
})

describe('a fault is an error of OpenAI', () => {
  test.each(Object.keys(faultCodes) as FaultCode[])('%s', code => {
    const { status, body } = encodeError(createFault(code, 'said'), 'req_1')
    expect(status).toBe(faultCodes[code].status)
    const { error } = body as { error: { [key: string]: unknown } }
    expect(Object.keys(error)).toEqual(['message', 'type', 'param', 'code'])
    expect(error.message).toBe('said')
    expect(['invalid_request_error', 'server_error', 'insufficient_quota', 'requests']).toContain(
      error.type as string,
    )
  })

  const classes: readonly (readonly [FaultCode, unknown])[] = [
    ['invalid_request', OpenAI.BadRequestError],
    ['invalid_credentials', OpenAI.AuthenticationError],
    ['permission_denied', OpenAI.PermissionDeniedError],
    ['model_not_found', OpenAI.NotFoundError],
    ['conflict', OpenAI.ConflictError],
    ['rate_limited', OpenAI.RateLimitError],
    ['upstream_auth', OpenAI.InternalServerError],
  ]
  test.each(classes)('%s is raised by the official client as its class', async (code, type) => {
    const { status, body } = encodeError(createFault(code, 'said', { param: 'x' }), 'req_1')
    const error = await clientOf(JSON.stringify(body), 'application/json', status)
      .chat.completions.create({ model: 'm', messages: [] })
      .catch(reason => reason)
    expect(error).toBeInstanceOf(type as typeof OpenAI.APIError)
    expect(error).toMatchObject({ status, param: 'x' })
  })

  test('headers tell when, and whether, to come back', () => {
    const headers = (code: FaultCode, more = {}) => encodeError(createFault(code, '', more), 'req_1').headers
    expect(headers('rate_limited', { retryAfterMs: 1500 })).toEqual({
      'x-request-id': 'req_1',
      'retry-after': '2',
      'retry-after-ms': '1500',
    })
    expect(headers('upstream_auth')).toEqual({ 'x-request-id': 'req_1', 'x-should-retry': 'false' })
    expect(headers('quota_exhausted')).toMatchObject({ 'x-should-retry': 'false' })
    expect(headers('invalid_request')).toEqual({ 'x-request-id': 'req_1' })
    expect(headers('method_not_allowed', { headers: { allow: 'POST' } })).toMatchObject({ allow: 'POST' })
  })

  test('words of an upstream that are not OpenAI’s are not passed on as OpenAI’s', () => {
    const { body } = encodeError(
      fault(400, { error: { message: 'm', type: 'BadRequestError', code: 400, param: 'n' } }),
      'r',
    )
    expect(body).toEqual({ error: { message: 'm', type: 'invalid_request_error', param: 'n', code: null } })
  })

  test('an upstream’s 401 is never the caller’s 401', () => {
    const { status, body } = encodeError(fault(401, openai({ code: 'invalid_api_key' })), 'r')
    expect(status).toBe(502)
    expect(body).toMatchObject({ error: { type: 'server_error', code: 'upstream_auth' } })
  })
})
