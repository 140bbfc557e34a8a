import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { createFault, type Fault, type FaultCode, faultCodes } from '../../src/ir/fault.ts'
import { decodeWire, encode } from './openai-responses-driver.ts'

const { decodeError, decodeReply, encodeError, glance } = openaiResponses

const respond = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers: new Headers(headers),
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const error = (type: string, code: string | null, message = 'Why.', param: string | null = null) => ({
  error: { type, code, message, param },
})

/** Answers of servers of this wire, and what they mean. The status is the caller's. */
const answers: readonly (readonly [string, ReturnType<typeof respond>, FaultCode, number])[] = [
  [
    'a bad value',
    respond(400, error('invalid_request_error', null, 'Bad.', 'top_p')),
    'invalid_request',
    400,
  ],
  [
    'an unknown field',
    respond(400, error('invalid_request_error', 'unknown_parameter')),
    'unsupported_parameter',
    400,
  ],
  [
    'a field of another model',
    respond(400, error('invalid_request_error', 'unsupported_parameter')),
    'unsupported_parameter',
    400,
  ],
  [
    'too long',
    respond(400, error('invalid_request_error', 'context_length_exceeded')),
    'context_length_exceeded',
    400,
  ],
  [
    'too long, in words',
    respond(400, error('invalid_request_error', null, 'Exceeds the context window.')),
    'context_length_exceeded',
    400,
  ],
  [
    'too long for an engine',
    respond(400, { error: { code: 400, type: 'exceed_context_size_error', message: 'x' } }),
    'context_length_exceeded',
    400,
  ],
  ['filtered', respond(400, error('invalid_request_error', 'content_filter')), 'content_filtered', 400],
  [
    'a key it does not know',
    respond(401, error('invalid_request_error', 'invalid_api_key', 'Incorrect: sk-1')),
    'upstream_auth',
    502,
  ],
  ['no permission', respond(403, error('invalid_request_error', null)), 'upstream_auth', 502],
  ['no such model', respond(404, error('invalid_request_error', 'model_not_found')), 'model_not_found', 404],
  ['no such route', respond(404, { detail: 'Not Found' }), 'not_found', 404],
  [
    'a validator',
    respond(422, { detail: [{ loc: ['body', 'input'], msg: 'Field required' }] }),
    'invalid_request',
    422,
  ],
  ['too large', respond(413, ''), 'request_too_large', 413],
  ['too fast', respond(429, error('tokens', 'rate_limit_exceeded')), 'rate_limited', 429],
  ['nothing left', respond(429, error('insufficient_quota', 'insufficient_quota')), 'quota_exhausted', 429],
  ['a failure', respond(500, error('server_error', null)), 'upstream_error', 500],
  [
    'a list around it',
    respond(400, [error('invalid_request_error', 'unsupported_value')]),
    'unsupported_value',
    400,
  ],
  [
    'a string for an error',
    respond(400, { error: 'No such model: the model x was not found' }),
    'model_not_found',
    404,
  ],
  ['a page', respond(502, '<html>Bad gateway</html>'), 'upstream_error', 502],
  ['nothing', respond(503, ''), 'overloaded', 503],
  ['a status nobody has', respond(799, 'x'), 'upstream_error', 502],
]

describe('an error of an upstream', () => {
  test.each(answers)('%s', (_, response, code, status) => {
    const fault = decodeError(response)
    expect(fault).toMatchObject({ code, status, retryable: faultCodes[code].retryable })
    expect(fault.upstream?.status).toBe(response.status)
    expect(fault.message).not.toContain('sk-1')
    expect(fault.message).not.toContain('<html>')
  })

  test('keeps its words, its id and its wait', () => {
    const headers = { 'retry-after': '7', 'x-request-id': 'req_1' }
    const fault = decodeError(respond(429, error('tokens', 'rate_limit_exceeded', 'Slow down.'), headers))
    expect(fault).toMatchObject({
      message: 'Slow down.',
      retryAfterMs: 7000,
      upstream: { type: 'tokens', code: 'rate_limit_exceeded', requestId: 'req_1' },
    })
    expect(encodeError(fault, 'call1')).toEqual({
      status: 429,
      headers: { 'x-request-id': 'call1', 'retry-after': '7', 'retry-after-ms': '7000' },
      body: error('tokens', 'rate_limit_exceeded', 'Slow down.'),
    })
  })

  test.each([
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': '1.5' }, 1500],
    [{ 'retry-after': 'Mon, 23 Nov 2026 10:00:30 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('that says %p waits %p ms', (headers, wait) => {
    expect(decodeError(respond(429, '', headers as Record<string, string>)).retryAfterMs).toBe(wait as number)
  })

  test('is not worth a retry where the server says so', () => {
    const again = (told: string) => decodeError(respond(503, '', { 'x-should-retry': told })).retryable
    expect([again('false'), again('true')]).toEqual([false, true])
  })

  test('keeps a code that is a number', () => {
    const fault = decodeError(
      respond(400, { error: { code: 400, type: 'invalid_request_error', message: 'x' } }),
    )
    expect(fault.upstream).toMatchObject({ type: 'invalid_request_error', code: '400' })
  })

  test('that came with status 200 is a failure too', () => {
    const reply = decodeReply(error('server_error', null, 'Boom.'))
    expect(reply).toMatchObject({
      ok: false,
      fault: { code: 'upstream_error', message: 'Boom.', status: 502 },
    })
  })

  test('that a whole answer reports is a failure', () => {
    const failed = {
      status: 'failed',
      output: [],
      error: { code: 'invalid_image_url', message: 'No image.' },
    }
    expect(decodeReply(failed)).toMatchObject({
      ok: false,
      fault: { code: 'invalid_request', message: 'No image.' },
    })
    const refused = { status: 'failed', error: { code: 'invalid_api_key', message: 'Incorrect: sk-1' } }
    expect(
      JSON.stringify(encodeError(glance(refused).fault ?? createFault('internal', 'sk-1'), 'call1')),
    ).not.toContain('sk-1')
    expect(glance(failed)).toMatchObject({ fault: { code: 'invalid_request', message: 'No image.' } })
    expect(glance({ error: { message: 'Boom.' } })).toMatchObject({ fault: { message: 'Boom.' } })
    expect(glance({ status: 'completed', error: null, output: [] })).toEqual({})
    const usage = { input_tokens: 3, output_tokens: 2 }
    expect(glance({ status: 'completed', usage })).toMatchObject({ usage: { input: 3, output: 2 } })
    expect(decodeReply({ object: 'response' })).toMatchObject({
      ok: false,
      fault: { code: 'upstream_invalid' },
    })
  })
})

/** What the official client makes of it. */
async function thrownFor(fault: Fault): Promise<InstanceType<typeof OpenAI.APIError>> {
  const { status, headers, body } = encodeError(fault, 'call1')
  const client = new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(JSON.stringify(body), { status, headers }),
  })
  try {
    await client.responses.create({ model: 'm', input: 'hi' })
  } catch (thrown) {
    if (thrown instanceof OpenAI.APIError) return thrown
  }
  throw new Error('the client did not throw an APIError')
}

describe('a fault', () => {
  const classes: readonly (readonly [FaultCode, unknown, string, string | null])[] = [
    ['invalid_request', OpenAI.BadRequestError, 'invalid_request_error', null],
    ['unsupported_parameter', OpenAI.BadRequestError, 'invalid_request_error', 'unsupported_parameter'],
    ['invalid_credentials', OpenAI.AuthenticationError, 'invalid_request_error', 'invalid_api_key'],
    ['permission_denied', OpenAI.PermissionDeniedError, 'invalid_request_error', 'permission_denied'],
    ['model_not_found', OpenAI.NotFoundError, 'invalid_request_error', 'model_not_found'],
    ['conflict', OpenAI.ConflictError, 'invalid_request_error', 'conflict'],
    ['rate_limited', OpenAI.RateLimitError, 'requests', 'rate_limit_exceeded'],
    ['quota_exhausted', OpenAI.RateLimitError, 'insufficient_quota', 'insufficient_quota'],
    ['upstream_auth', OpenAI.InternalServerError, 'server_error', 'upstream_auth'],
    ['overloaded', OpenAI.InternalServerError, 'server_error', 'overloaded'],
    ['internal', OpenAI.InternalServerError, 'server_error', null],
  ]

  test.each(classes)('%s is the class that the client has for it', async (code, kind, type, word) => {
    const thrown = await thrownFor(createFault(code, 'Why.', { param: 'input' }))
    expect(thrown).toBeInstanceOf(kind as new () => Error)
    expect(thrown).toMatchObject({ type, code: word, param: 'input', requestID: 'call1' })
    expect(thrown.message).toBe(`${faultCodes[code].status} Why.`)
  })

  test('has words for every code', () => {
    for (const code of Object.keys(faultCodes) as FaultCode[]) {
      const { body } = encodeError(createFault(code, 'Why.'), 'call1')
      expect(Object.keys(body.error as object)).toEqual(['message', 'type', 'param', 'code'])
    }
  })

  test.each([
    ['quota_exhausted', 'false'],
    ['upstream_auth', 'false'],
    ['internal', 'false'],
    ['rate_limited', undefined],
    ['overloaded', undefined],
    ['invalid_request', undefined],
  ] as const)('%s tells clients whether to try again: %p', (code, told) => {
    expect(encodeError(createFault(code, 'Why.'), 'call1').headers['x-should-retry']).toBe(told as string)
  })

  test('of another dialect does not speak that dialect here', () => {
    const upstream = { status: 529, type: 'overloaded_error', code: 'x' }
    const { body } = encodeError(createFault('overloaded', 'Busy.', { upstream }), 'call1')
    expect(body).toEqual(error('server_error', 'overloaded', 'Busy.'))
  })

  test.each([
    ['rate_limited', undefined, 'rate_limit_exceeded'],
    ['quota_exhausted', undefined, 'insufficient_quota'],
    ['invalid_request', undefined, 'invalid_prompt'],
    ['invalid_request', 'invalid_image', 'invalid_image'],
    ['upstream_disconnected', undefined, 'server_error'],
    ['internal', 'made_up', 'server_error'],
  ] as const)('in a stream, %s (%p) has a code of response.error: %s', (code, said, word) => {
    const upstream = said === undefined ? {} : { upstream: { status: 200, code: said } }
    const { text } = encode([{ type: 'fault', fault: createFault(code, 'Why.', upstream) }])
    expect(text).toContain(`"error":{"code":"${word}","message":"Why."}`)
  })

  test('survives a stream of this wire', () => {
    const wire = { code: 'invalid_image', message: 'No image.' }
    const failed = { type: 'response.failed', response: { status: 'failed', error: wire } }
    const { text } = encode(decodeWire({ type: 'response.created', response: {} }, failed))
    expect(text).toContain('"error":{"code":"invalid_image","message":"No image."}')
  })
})
