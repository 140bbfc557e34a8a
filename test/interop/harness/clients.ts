import Anthropic, { type ClientOptions as AnthropicOptions } from '@anthropic-ai/sdk'
import OpenAI, { type ClientOptions } from 'openai'

interface Server {
  readonly url: string
  readonly key: string
}

/** OpenAI's SDK, told nothing but where the gateway is; no retries of its own, so that a failure is seen. */
export const openaiFor = (server: Server, options: ClientOptions = {}) =>
  new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0, ...options })

/** Anthropic's SDK with a bearer key, as its users with a gateway set it up. */
export const anthropicFor = (server: Server, options: AnthropicOptions = {}) =>
  new Anthropic({ baseURL: server.url, authToken: server.key, apiKey: null, maxRetries: 0, ...options })

/** The tools that the scripted engine calls, and their arguments. */
export const weather = {
  name: 'get_weather',
  description: 'The weather in a city.',
  parameters: {
    type: 'object' as const,
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}

export const clock = {
  name: 'get_time',
  description: 'The time in a zone.',
  parameters: {
    type: 'object' as const,
    properties: { tz: { type: 'string' } },
    required: ['tz'],
    additionalProperties: false,
  },
}

/** Everything a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** What a promise is rejected with; fails where it is not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It was expected to fail, and did not.')
}

/** The function calls of a chat message as `[name, arguments]`. */
export const functionCalls = (message: OpenAI.Chat.ChatCompletionMessage | undefined) =>
  (message?.tool_calls ?? []).flatMap(call =>
    call.type === 'function' ? [[call.function.name, call.function.arguments]] : [],
  )

/** The function calls of a response as `[name, arguments]`, the arguments read. */
export const calledIn = (response: OpenAI.Responses.Response) =>
  response.output.flatMap(item =>
    item.type === 'function_call' ? [[item.name, JSON.parse(item.arguments)]] : [],
  )
