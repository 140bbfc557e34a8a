import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { Path } from '../support/scene.ts'

/** A tool call as its caller's official client understands it. */
export interface HeardCall {
  readonly id: string
  readonly name: string
  readonly args: unknown
}

/** What a caller's official client makes of an answer. */
export interface Heard {
  readonly text: string
  readonly calls: readonly HeardCall[]
  /** The dialect's own word for why it ended. */
  readonly finish: string
}

const weather = { type: 'object' as const, properties: { city: { type: 'string' } } }
const question = [{ role: 'user' as const, content: 'hi' }]

async function hearChat(url: string, stream: boolean): Promise<Heard> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
  const body = {
    model: 'a/m',
    messages: question,
    tools: [{ type: 'function' as const, function: { name: 'weather', parameters: weather } }],
  }
  const completion = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body)
  const [choice] = completion.choices
  return {
    text: choice?.message.content ?? '',
    finish: choice?.finish_reason ?? '',
    calls: (choice?.message.tool_calls ?? []).flatMap(call =>
      call.type === 'function'
        ? [{ id: call.id, name: call.function.name, args: JSON.parse(call.function.arguments) }]
        : [],
    ),
  }
}

async function hearResponses(url: string, stream: boolean): Promise<Heard> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
  const body = {
    model: 'a/m',
    input: 'hi',
    tools: [{ type: 'function' as const, name: 'weather', parameters: weather, strict: false }],
  }
  const response = stream
    ? await client.responses.stream(body).finalResponse()
    : await client.responses.create(body)
  return {
    text: response.output_text,
    finish: response.status ?? '',
    calls: response.output.flatMap(item =>
      item.type === 'function_call'
        ? [{ id: item.call_id, name: item.name, args: JSON.parse(item.arguments) }]
        : [],
    ),
  }
}

async function hearMessages(url: string, stream: boolean): Promise<Heard> {
  const client = new Anthropic({ baseURL: url, apiKey: 'x', maxRetries: 0 })
  const body = {
    model: 'a/m',
    max_tokens: 500,
    messages: question,
    tools: [{ name: 'weather', input_schema: weather }],
  }
  const message = stream
    ? await client.messages.stream(body).finalMessage()
    : await client.messages.create(body)
  return {
    text: message.content.flatMap(block => (block.type === 'text' ? [block.text] : [])).join(''),
    finish: message.stop_reason ?? '',
    calls: message.content.flatMap(block =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, args: block.input }] : [],
    ),
  }
}

/** Asks by the official client of a path's dialect, with one tool on offer. */
export const hear: { readonly [P in Path]: (url: string, stream: boolean) => Promise<Heard> } = {
  '/v1/chat/completions': hearChat,
  '/v1/responses': hearResponses,
  '/v1/messages': hearMessages,
}

/** The word for "I called a tool" and for "I am done". */
export const finishes: { readonly [P in Path]: { readonly calls: string; readonly stop: string } } = {
  '/v1/chat/completions': { calls: 'tool_calls', stop: 'stop' },
  '/v1/responses': { calls: 'completed', stop: 'completed' },
  '/v1/messages': { calls: 'tool_use', stop: 'end_turn' },
}
