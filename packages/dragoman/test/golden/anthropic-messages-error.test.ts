import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import { createFault, type Fault, type FaultCode, faultCodes } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'

const { decodeError, encodeError, decodeReply, glance } = anthropicMessages

function read(status: number, body: unknown, headers: { readonly [name: string]: string } = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return decodeError({ status, headers: new Headers(headers), body: text })
}

const anthropicError = (type: string, message = 'It failed.', more: JsonObject = {}): JsonObject => ({
  type: 'error',
  error: { type, message, ...more },
  request_id: 'req_1',
})

describe('features C32: errors of upstreams are what they are', () => {
  const errors: readonly (readonly [number, string, FaultCode, number])[] = [
    [400, 'invalid_request_error', 'invalid_request', 400],
    [401, 'authentication_error', 'upstream_auth', 502],
    [402, 'billing_error', 'quota_exhausted', 429],
    [403, 'permission_error', 'upstream_auth', 502],
    [404, 'not_found_error', 'model_not_found', 404],
    [409, 'conflict_error', 'conflict', 409],
    [413, 'request_too_large', 'request_too_large', 413],
    [429, 'rate_limit_error', 'rate_limited', 429],
    [500, 'api_error', 'upstream_error', 500],
    [504, 'timeout_error', 'upstream_timeout', 504],
    [529, 'overloaded_error', 'overloaded', 503],
  ]
  test.each(errors)('%d %s', (status, type, code, faultStatus) => {
    expect(read(status, anthropicError(type))).toMatchObject({
      code,
      status: faultStatus,
      upstream: { status, type, requestId: 'req_1', body: { type, message: 'It failed.' } },
    })
  })

  const causes: readonly (readonly [number, JsonObject | string, FaultCode])[] = [
    [
      400,
      anthropicError('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
      'context_length_exceeded',
    ],
    [
      429,
      anthropicError('rate_limit_error', 'x', { details: { error_code: 'enforced_spend_limit_reached' } }),
      'quota_exhausted',
    ],
    [
      402,
      anthropicError('billing_error', 'x', {
        details: { error_code: 'linked_organization_spend_limit_reached' },
      }),
      'quota_exhausted',
    ],
    [
      400,
      anthropicError('invalid_request_error', 'x', { details: { error_code: 'tool_name_conflict' } }),
      'invalid_request',
    ],
    [
      400,
      {
        error: {
          message: 'too long',
          type: 'invalid_request_error',
          code: 'context_length_exceeded',
          param: 'messages',
        },
      },
      'context_length_exceeded',
    ],
    [
      429,
      { error: { message: 'x', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'quota_exhausted',
    ],
    [404, { error: { message: 'x', type: 'invalid_request_error', code: null } }, 'model_not_found'],
    [401, { error: { message: 'x', type: 'invalid_request_error' } }, 'upstream_auth'],
    [422, { detail: [{ loc: ['body'], msg: 'field required', type: 'value_error' }] }, 'invalid_request'],
    [400, { message: 'Malformed input' }, 'invalid_request'],
    [500, { error: 'boom' }, 'upstream_error'],
    [503, '', 'overloaded'],
    [418, 'short and stout', 'invalid_request'],
    [302, '<html></html>', 'upstream_error'],
    [500, 'null', 'upstream_error'],
  ]
  test.each(causes)('%d %j', (status, body, code) => expect(read(status, body).code).toBe(code))

  test('trap 50: HTML is no JSON, and its text is not shown', () => {
    const fault = read(413, '<html><h1>413 Request Entity Too Large</h1></html>')
    expect(fault).toMatchObject({ code: 'request_too_large', status: 413, retryable: false })
    expect(fault.message).not.toContain('<')
    expect(fault.upstream?.body).toContain('<html>')
  })

  test('trap 51: a spend limit is not the caller’s mistake', () => {
    for (const message of [
      'You have reached your specified API usage limits. You will regain access on 2026-12-01.',
      'Your credit balance is too low to access the Anthropic API.',
    ]) {
      expect(read(400, anthropicError('invalid_request_error', message)).code).toBe('quota_exhausted')
    }
    expect(
      read(400, anthropicError('invalid_request_error', 'messages: at least one is required')).code,
    ).toBe('invalid_request')
  })

  test('the words of the upstream are kept, except about the operator’s key', () => {
    expect(read(400, anthropicError('invalid_request_error', 'max_tokens: wrong'))).toMatchObject({
      message: 'max_tokens: wrong',
    })
    expect(
      read(401, anthropicError('authentication_error', 'invalid x-api-key sk-ant-1')).message,
    ).not.toContain('sk-')
  })

  test('what kind of mistake of the caller it was stays told by the status', () => {
    expect(read(422, anthropicError('invalid_request_error')).status).toBe(422)
    expect(read(412, anthropicError('memory_precondition_failed_error')).status).toBe(412)
  })

  test('how long to wait, and whether to try again', () => {
    const type = anthropicError('rate_limit_error')
    expect(read(429, type, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7000, retryable: true })
    expect(read(429, type, { 'retry-after-ms': '250', 'retry-after': '1' }).retryAfterMs).toBe(250)
    const dates = { 'retry-after': 'Mon, 23 Nov 2026 10:00:30 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' }
    expect(read(429, type, dates).retryAfterMs).toBe(30_000)
    expect(read(429, type, { 'retry-after': 'soon' }).retryAfterMs).toBeUndefined()
    expect(read(429, type, { 'x-should-retry': 'false' }).retryable).toBe(false)
    expect(read(400, type, { 'x-should-retry': 'true' }).retryable).toBe(true)
    expect(read(400, {}, { 'request-id': 'req_2' }).upstream?.requestId).toBe('req_2')
  })

  test('an error that came as an answer is no answer', () => {
    expect(decodeReply(anthropicError('overloaded_error', 'Busy'))).toMatchObject({
      ok: false,
      fault: { code: 'overloaded', message: 'Busy' },
    })
    expect(glance(anthropicError('overloaded_error', 'Busy'))).toMatchObject({
      fault: { code: 'overloaded' },
    })
    expect(glance({ id: 'x' })).toMatchObject({ fault: { code: 'upstream_invalid' } })
    expect(glance({ input_tokens: 7 })).toEqual({})
    expect(decodeReply({ id: 'x' })).toMatchObject({ ok: false, fault: { code: 'upstream_invalid' } })
  })

  test('any status with any body is some fault', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.oneof(fc.json(), fc.string()), (status, body) => {
        const fault = read(status, body)
        expect(Object.keys(faultCodes)).toContain(fault.code)
        expect(fault.message).not.toBe('')
      }),
    )
  })
})

describe('errors for clients', () => {
  test('every code has a type, a status and an id', () => {
    for (const code of Object.keys(faultCodes) as FaultCode[]) {
      // the keys of a record over codes
      const { status, headers, body } = encodeError(createFault(code, 'What, where.'), 'r1')
      expect(status).toBeGreaterThanOrEqual(400)
      expect(headers).toMatchObject({
        'request-id': 'r1',
        'x-should-retry': String(faultCodes[code].retryable),
      })
      expect(body).toMatchObject({
        type: 'error',
        error: { message: 'What, where.', details: { error_code: code } },
        request_id: 'r1',
      })
    }
  })

  const types: readonly (readonly [FaultCode, number, string])[] = [
    ['invalid_request', 400, 'invalid_request_error'],
    ['unsupported_parameter', 400, 'invalid_request_error'],
    ['context_length_exceeded', 400, 'invalid_request_error'],
    ['missing_credentials', 401, 'authentication_error'],
    ['quota_exhausted', 402, 'billing_error'],
    ['permission_denied', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['method_not_allowed', 405, 'invalid_request_error'],
    ['conflict', 409, 'conflict_error'],
    ['request_too_large', 413, 'request_too_large'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['upstream_auth', 502, 'api_error'],
    ['upstream_timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
  ]
  test.each(types)('%s is %d %s', (code, status, type) => {
    expect(encodeError(createFault(code, 'x'), 'r')).toMatchObject({ status, body: { error: { type } } })
  })

  test('what the upstream said of its cause, when to come back, and other headers go along', () => {
    const upstream = { status: 429, type: 'rate_limit_error', code: 'ramp_limit_exceeded' }
    const fault = createFault('rate_limited', 'Slow down.', {
      upstream,
      retryAfterMs: 1500,
      headers: { allow: 'POST' },
    })
    expect(encodeError(fault, 'r')).toMatchObject({
      headers: { 'retry-after': '2', 'x-should-retry': 'true', allow: 'POST' },
      body: { error: { details: { error_code: 'ramp_limit_exceeded' } } },
    })
  })

  test('the official client makes its classes of them', async () => {
    const classes: readonly (readonly [FaultCode, abstract new (...parameters: never[]) => Error])[] = [
      ['invalid_request', Anthropic.BadRequestError],
      ['invalid_credentials', Anthropic.AuthenticationError],
      ['model_not_found', Anthropic.NotFoundError],
      ['rate_limited', Anthropic.RateLimitError],
      ['overloaded', Anthropic.InternalServerError],
    ]
    for (const [code, expected] of classes) {
      const fault = createFault(code, 'It failed.', { param: 'model' })
      const { status, headers, body } = encodeError(fault, 'r1')
      const fetch = async () => Response.json(body, { status, headers })
      const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch })
      const failure = await client.messages
        .create({ model: 'm', max_tokens: 1, messages: [] })
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(expected)
      expect(failure).toMatchObject({
        requestID: 'r1',
        apiMessage: 'It failed.',
        errorCode: code,
        details: { param: 'model' },
      })
    }
  })
})
