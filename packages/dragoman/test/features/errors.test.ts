import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createScene, front } from '../support/scene.ts'

// Complaint C32: the wrong class of error. Every status and word on its way through is in faults/status.test.ts; here
// the official clients say what they make of it.

const scene = createScene()

type Class =
  | 'BadRequestError'
  | 'NotFoundError'
  | 'ConflictError'
  | 'UnprocessableEntityError'
  | 'RateLimitError'
  | 'InternalServerError'
  | 'APIError'

interface Case {
  readonly status: number
  readonly error: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly openai: Class
  readonly anthropic: Class
  readonly code: string | null
}

const cases: { readonly [name: string]: Case } = {
  'a bad request': {
    status: 400,
    error: {
      message: 'top_p is too large',
      type: 'invalid_request_error',
      param: 'top_p',
      code: 'integer_above_max',
    },
    openai: 'BadRequestError',
    anthropic: 'BadRequestError',
    code: 'integer_above_max',
  },
  'a context that is too long': {
    status: 400,
    error: {
      message: 'too long',
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    },
    openai: 'BadRequestError',
    anthropic: 'BadRequestError',
    code: 'context_length_exceeded',
  },
  'a model that is not there': {
    status: 404,
    error: { message: 'no model m', type: 'invalid_request_error', param: 'model', code: 'model_not_found' },
    openai: 'NotFoundError',
    anthropic: 'NotFoundError',
    code: 'model_not_found',
  },
  'a key that is refused': {
    status: 401,
    error: { message: 'bad key', type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
    openai: 'InternalServerError',
    anthropic: 'InternalServerError',
    code: 'upstream_auth',
  },
  'too many requests': {
    status: 429,
    error: { message: 'slow down', type: 'requests', param: null, code: 'rate_limit_exceeded' },
    headers: { 'retry-after': '7' },
    openai: 'RateLimitError',
    anthropic: 'RateLimitError',
    code: 'rate_limit_exceeded',
  },
  'no quota left': {
    status: 429,
    error: { message: 'pay first', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    openai: 'RateLimitError',
    anthropic: 'APIError',
    code: 'insufficient_quota',
  },
  'a failure': {
    status: 500,
    error: { message: 'it fell over', type: 'server_error', param: null, code: null },
    openai: 'InternalServerError',
    anthropic: 'InternalServerError',
    code: null,
  },
  'an error inside a success': {
    status: 200,
    error: { message: 'slow down', type: 'requests', param: null, code: 'rate_limit_exceeded' },
    openai: 'RateLimitError',
    anthropic: 'RateLimitError',
    code: 'rate_limit_exceeded',
  },
}

describe.each(Object.entries(cases))(
  'features C32: %s',
  (_, { status, error, headers = {}, openai, anthropic, code }) => {
    const open = () => {
      const upstream = scene.upstream(() => () => Response.json({ error }, { status, headers }))
      return front(scene, 'compatible', upstream.url).url
    }
    const caught = (promise: Promise<unknown>) =>
      promise.then(
        () => undefined,
        (reason: unknown) => reason,
      )

    test.each([true, false])('is what OpenAI’s client says it is, streamed: %p', async stream => {
      const client = new OpenAI({ baseURL: `${open()}/v1`, apiKey: 'x', maxRetries: 0 })
      const messages = [{ role: 'user' as const, content: 'hi' }]
      for (const call of [
        client.chat.completions.create({ model: 'a/m', messages, stream }),
        client.responses.create({ model: 'a/m', input: 'hi', stream }),
      ]) {
        const reason = await caught(call)
        expect(reason).toBeInstanceOf(OpenAI[openai])
        if (!(reason instanceof OpenAI.APIError)) return
        expect(reason.code ?? null).toBe(code)
        if (code !== 'upstream_auth') {
          expect([reason.type, reason.param ?? null]).toEqual([error.type, error.param ?? null] as [
            string,
            string | null,
          ]) // as the table has them
          expect(reason.message).toContain(String(error.message))
        }
        expect(reason.headers?.get('retry-after')).toBe(headers['retry-after'] ?? null)
      }
    })

    test('is what Anthropic’s client says it is', async () => {
      const client = new Anthropic({ baseURL: open(), apiKey: 'x', maxRetries: 0 })
      const body = { model: 'a/m', max_tokens: 5, messages: [{ role: 'user' as const, content: 'hi' }] }
      for (const call of [client.messages.create(body), client.messages.stream(body).finalMessage()]) {
        const reason = await caught(call)
        expect(reason).toBeInstanceOf(Anthropic[anthropic])
        if (!(reason instanceof Anthropic.APIError)) return
        if (code !== 'upstream_auth') expect(reason.message).toContain(String(error.message))
        expect(reason.headers?.get('retry-after')).toBe(headers['retry-after'] ?? null)
        expect(reason.error).toMatchObject({ type: 'error', error: { type: expect.any(String) } })
      }
    })
  },
)
