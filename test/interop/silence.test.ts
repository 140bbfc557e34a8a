// Upstreams that say nothing for a while: the status goes out early, keep-alives follow in the words of each dialect, and
// the official SDKs take no notice of them.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { anthropicFor, openaiFor, rejection } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const slow = 'sandbox/slow-2500'
const order = 'Reply with exactly "ok"'
const messages = [{ role: 'user' as const, content: order }]

let gateway: RunningGateway

beforeAll(async () => {
  gateway = await startGateway({
    server: { keep_alive: '1s', status_after: '0s' },
    retry: { attempts: 0 },
    models: {
      'second-chance': {
        targets: [
          { provider: 'sandbox', model: '500' },
          { provider: 'sandbox', model: slow.slice(8) },
        ],
      },
    },
  })
})

afterAll(async () => {
  await gateway?.stop()
})

async function raw(path: string, body: object): Promise<string> {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: slow, stream: true, ...body }),
  })
  expect(response.status).toBe(200)
  return response.text()
}

describe('a stream whose first token is late', () => {
  test('chat: comments, then the answer', async () => {
    const stream = openaiFor(gateway).chat.completions.stream({ model: slow, messages })
    const [text, content] = await Promise.all([
      raw('/v1/chat/completions', { messages }),
      stream.finalContent(),
    ])
    expect(text).toMatch(/^(?::[^\n]*\n\n)+data: \{/)
    expect(text.trimEnd()).toEndWith('data: [DONE]')
    expect(content).toBe('ok')
  })

  test('responses: comments, then the answer', async () => {
    const stream = openaiFor(gateway).responses.stream({ model: slow, input: order })
    const [text, response] = await Promise.all([
      raw('/v1/responses', { input: order }),
      stream.finalResponse(),
    ])
    expect(text).toMatch(/^(?::[^\n]*\n\n)+event: response\.created\n/)
    expect(response.output_text).toBe('ok')
  })

  test('messages: pings, then the answer', async () => {
    const stream = anthropicFor(gateway).messages.stream({ model: slow, messages, max_tokens: 99 })
    const [text, message] = await Promise.all([
      raw('/v1/messages', { messages, max_tokens: 99 }),
      stream.finalMessage(),
    ])
    expect(text).toMatch(/^(?:event: ping\ndata: \{"type": ?"ping"\}\n\n)+event: message_start\n/)
    expect(message.content).toMatchObject([{ type: 'text', text: 'ok' }])
  })
})

describe('a failure after the status went out', () => {
  test('is the next target’s chance as long as no content was shown', async () => {
    const stream = openaiFor(gateway).chat.completions.stream({ model: 'second-chance', messages })
    expect(await stream.finalContent()).toBe('ok')
  })

  test('is an error in band in the SDK’s own class', async () => {
    const chat = openaiFor(gateway).chat.completions.stream({ model: 'sandbox/500', messages })
    expect(await rejection(chat.finalContent())).toBeInstanceOf(OpenAI.APIError)
    const message = anthropicFor(gateway).messages.stream({ model: 'sandbox/500', messages, max_tokens: 99 })
    expect(await rejection(message.finalMessage())).toBeInstanceOf(Anthropic.APIError)
    const failed: string[] = []
    const responses = openaiFor(gateway).responses.stream({ model: 'sandbox/500', input: order })
    const error = await rejection(
      (async () => {
        for await (const event of responses) failed.push(event.type)
        if (failed.includes('response.failed')) throw new Error('response.failed')
      })(),
    )
    expect(error).toBeInstanceOf(Error)
    expect(failed).not.toContain('response.completed')
  })
})
