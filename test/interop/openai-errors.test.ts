// OpenAI’s own TypeScript SDK against the running gateway: errors as its own classes, and giving up.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { openaiFor, rejection } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const model = 'sandbox'
const user = (content: string) => [{ role: 'user' as const, content }]
const exactly = (text: string) => user(`Reply with exactly "${text}"`)

let gateway: RunningGateway
let openai: OpenAI

beforeAll(async () => {
  gateway = await startGateway({
    retry: { attempts: 1, max_wait: '1500ms' },
    models: {
      'gpt-*': 'sandbox/sandbox',
      impatient: {
        targets: [{ provider: 'sandbox', model: 'stall' }],
        timeouts: { first_token: '300ms' },
      },
    },
  })
  openai = openaiFor(gateway)
})

afterAll(async () => {
  await gateway?.stop()
})

describe('errors are the SDK’s own classes', () => {
  test('400 BadRequestError names the field', async () => {
    const error = await rejection(
      openai.chat.completions.create({ model, messages: user('Hello'), temperature: 9 }),
    )
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ status: 400, param: 'temperature', type: 'invalid_request_error' })
    expect(error instanceof OpenAI.APIError && error.requestID).toMatch(/^[A-Za-z0-9]{16,}$/)
  })

  test('401 AuthenticationError for a wrong key and for none', async () => {
    for (const apiKey of ['sk-wrong', ' ']) {
      const error = await rejection(openaiFor({ ...gateway, key: apiKey }).models.list())
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError)
    }
  })

  test('404 NotFoundError for an unknown model, with a suggestion', async () => {
    const error = await rejection(
      openai.chat.completions.create({ model: 'sandbx-mini', messages: user('Hello') }),
    )
    expect(error).toBeInstanceOf(OpenAI.NotFoundError)
    expect(error).toMatchObject({ code: 'model_not_found', param: 'model' })
    expect(error instanceof Error && error.message).toContain('Did you mean "sandbox-mini"')
  })

  test('429 RateLimitError keeps the upstream’s retry-after', async () => {
    const error = await rejection(
      openai.chat.completions.create({ model: 'sandbox/429', messages: user('Hello') }),
    )
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    expect(error instanceof OpenAI.APIError && error.headers?.get('retry-after')).toBe('2')
  })

  test('a failure that passes is tried again by the gateway', async () => {
    const { data, response } = await openai.chat.completions
      .create({ model: 'sandbox/flaky-1', messages: exactly('ok'), seed: Date.now() % 1_000_000 })
      .withResponse()
    expect(data.choices[0]?.message.content).toBe('ok')
    expect(response.headers.get('dragoman-attempts')).toBe('2')
  })

  test.each([
    ['sandbox/500', 500],
    ['sandbox/html', 502],
  ])('%s is an InternalServerError of %d', async (name, status) => {
    const error = await rejection(openai.chat.completions.create({ model: name, messages: user('Hello') }))
    expect(error).toBeInstanceOf(OpenAI.InternalServerError)
    expect(error).toMatchObject({ status })
  })

  test('200 with an error inside is no success', async () => {
    for (const stream of [false, true]) {
      const error = await rejection(
        openai.chat.completions.create({ model: 'sandbox/ok-error', messages: user('Hello'), stream }),
      )
      expect(error).toBeInstanceOf(OpenAI.APIError)
    }
  })

  test('a stream that breaks is an error in band, never a finish that nobody sent', async () => {
    for (const name of ['sandbox/cut', 'sandbox/error-mid', 'sandbox/reset', 'sandbox/cut-tool']) {
      const stream = openai.chat.completions.stream({ model: name, messages: user('Hello') })
      const finishes: unknown[] = []
      stream.on('chunk', chunk => finishes.push(...chunk.choices.map(choice => choice.finish_reason)))
      const error = await rejection(stream.finalChatCompletion())
      expect(error).toBeInstanceOf(OpenAI.OpenAIError)
      expect(finishes.filter(reason => reason !== null)).toEqual([])
    }
  })

  test('a broken Responses stream ends with response.failed or an error event', async () => {
    const stream = openai.responses.stream({ model: 'sandbox/cut', input: 'Hello' })
    const types: string[] = []
    const error = await rejection(
      (async () => {
        for await (const event of stream) types.push(event.type)
        const response = await stream.finalResponse()
        if (response.status === 'failed') throw new Error(response.error?.message)
      })(),
    )
    expect(error).toBeInstanceOf(Error)
    expect(types).not.toContain('response.completed')
  })
})

describe('giving up', () => {
  test('a client that aborts ends the upstream too', async () => {
    const { data: stream, response } = await openai.chat.completions
      .create({ model: 'sandbox/long-20000', messages: user('Hello'), stream: true })
      .withResponse()
    let seen = 0
    for await (const _ of stream) if (++seen === 5) break
    const record = await gateway.record(response.headers.get('x-request-id'))
    expect(record.outcome).toBe('cancelled')
    expect(record.attempts.map(attempt => attempt.end)).toEqual(['cancelled'])
  })

  test('an abort signal ends the call with the SDK’s class', async () => {
    const controller = new AbortController()
    const stream = openai.chat.completions.stream(
      { model: 'sandbox/long-20000', messages: user('Hello') },
      { signal: controller.signal },
    )
    stream.on('chunk', () => controller.abort())
    expect(await rejection(stream.finalChatCompletion())).toBeInstanceOf(OpenAI.APIUserAbortError)
  })

  test('the SDK’s own timeout', async () => {
    const hasty = openaiFor(gateway, { timeout: 200 })
    const error = await rejection(
      hasty.chat.completions.create({ model: 'sandbox/silent', messages: user('Hello') }),
    )
    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
  })

  test('the gateway’s own timeout is an error with a sentence', async () => {
    const error = await rejection(
      openai.chat.completions.create({ model: 'impatient', messages: user('Hello'), stream: true }),
    )
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ status: 504 })
  })
})
