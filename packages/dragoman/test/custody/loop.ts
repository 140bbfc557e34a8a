import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import type { SeenRequest } from '../support/upstream.ts'

// A tool loop of two calls by each official client: it asks, sends the whole answer back with results, and asks again.

export interface LoopOptions {
  readonly stream: boolean
  readonly key?: string
  /** Headers of every request. */
  readonly headers?: Record<string, string>
}

export type Client = (url: string, options: LoopOptions) => Promise<void>

export const model = 'a/claude-opus-4-6'
export const question = 'Weather in Paris and Oslo?'
const parameters = { type: 'object' as const, properties: { city: { type: 'string' } } }
const resultOf = (id: string) => `rain for ${id.length > 0 ? 'you' : 'nobody'}`

const chatTools = [{ type: 'function' as const, function: { name: 'weather', parameters } }]

type ChatMessages = OpenAI.ChatCompletionMessageParam[]

/** `keep` is what a client makes of an assistant message that it sends back. */
const chatWith =
  (keep: (message: OpenAI.ChatCompletionMessage) => OpenAI.ChatCompletionMessageParam): Client =>
  async (url, { stream, key = 'x', headers = {} }) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, defaultHeaders: headers })
    const messages: ChatMessages = [{ role: 'user', content: question }]
    const body = { model, messages, tools: chatTools, reasoning_effort: 'low' as const }
    const completion = stream
      ? await client.chat.completions.stream(body).finalChatCompletion()
      : await client.chat.completions.create(body)
    const message = completion.choices[0]?.message
    if (message === undefined) throw new Error('no answer')
    messages.push(keep(message))
    for (const call of message.tool_calls ?? [])
      messages.push({ role: 'tool', tool_call_id: call.id, content: resultOf(call.id) })
    await client.chat.completions.create(body)
  }

/** Appends the message as the SDK gave it. */
export const chatClient = chatWith(message => message)

/** Builds the message anew from the fields it knows, as frameworks do. */
export const forgetfulChatClient = chatWith(({ content, tool_calls }) => ({
  role: 'assistant',
  content,
  ...(tool_calls === undefined ? {} : { tool_calls }),
}))

export const responsesClient: Client = async (url, { stream, key = 'x', headers = {} }) => {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, defaultHeaders: headers })
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: question }]
  const body: OpenAI.Responses.ResponseCreateParamsNonStreaming = {
    model,
    input,
    store: false,
    include: ['reasoning.encrypted_content'],
    reasoning: { effort: 'low' },
    tools: [{ type: 'function', name: 'weather', parameters, strict: false }],
  }
  const response = stream
    ? await client.responses.stream({ ...body, stream: true }).finalResponse()
    : await client.responses.create(body)
  for (const item of response.output) input.push(item as OpenAI.Responses.ResponseInputItem) // as the SDK's guide does
  for (const item of response.output) {
    if (item.type !== 'function_call') continue
    input.push({ type: 'function_call_output', call_id: item.call_id, output: resultOf(item.call_id) })
  }
  await client.responses.create(body)
}

export const messagesClient: Client = async (url, { stream, key = 'x', headers = {} }) => {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, defaultHeaders: headers })
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: question }]
  const body = {
    model,
    max_tokens: 4000,
    messages,
    thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    tools: [{ name: 'weather', input_schema: parameters }],
  }
  const message = stream
    ? await client.messages.stream(body).finalMessage()
    : await client.messages.create(body)
  messages.push({ role: 'assistant', content: message.content })
  messages.push({
    role: 'user',
    content: message.content.flatMap(block =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: resultOf(block.id) }]
        : [],
    ),
  })
  await client.messages.create(body)
}

const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`

/** A content block of the Messages wire. */
export type Block = { readonly type: string } & Readonly<Record<string, unknown>>

/** What the model says in the first turn: every kind of block that has to come back as it was. */
export const said: readonly Block[] = [
  {
    type: 'thinking',
    thinking: 'Two cities,\n  so two calls.',
    signature: 'EqQBCkgIBRABGAIiQL8+first/signature==',
  },
  { type: 'redacted_thinking', data: 'EmwKAhgBEgyRedacted+/==' },
  { type: 'text', text: 'Let me look.' },
  { type: 'thinking', thinking: 'Paris first.', signature: 'EqQBCkgSecond+signature==' },
  { type: 'tool_use', id: 'toolu_01Paris', name: 'weather', input: { city: 'Paris' } },
  { type: 'tool_use', id: 'toolu_01Oslo', name: 'weather', input: { city: 'Oslo' } },
]

const delta = (index: number, value: object) => named('content_block_delta', { index, delta: value })

function frames(block: Block, index: number): string {
  const start = (content_block: object) => named('content_block_start', { index, content_block })
  const stop = named('content_block_stop', { index })
  switch (block.type) {
    case 'thinking':
      return (
        start({ type: 'thinking', thinking: '', signature: '' }) +
        delta(index, { type: 'thinking_delta', thinking: block.thinking }) +
        delta(index, { type: 'signature_delta', signature: block.signature }) +
        stop
      )
    case 'text':
      return start({ type: 'text', text: '' }) + delta(index, { type: 'text_delta', text: block.text }) + stop
    case 'tool_use':
      return (
        start({ ...block, input: {} }) +
        delta(index, { type: 'input_json_delta', partial_json: JSON.stringify(block.input) }) +
        stop
      )
    default:
      return start(block) + stop
  }
}

const message = (content: readonly Block[], stop_reason: string | null) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-6',
  content,
  stop_reason,
  stop_sequence: null,
  usage: { input_tokens: 3, output_tokens: 2 },
})

/** The Messages wire saying these blocks, in the form it was asked for. */
export function answerMessages(
  { json }: SeenRequest,
  blocks: readonly Block[],
  stream: (steps: readonly string[]) => Response,
): Response {
  const reason = blocks.some(block => block.type === 'tool_use') ? 'tool_use' : 'end_turn'
  if (json.stream !== true) return Response.json(message(blocks, reason))
  return stream([
    named('message_start', { message: message([], null) }),
    ...blocks.map(frames),
    named('message_delta', {
      delta: { stop_reason: reason, stop_sequence: null },
      usage: { output_tokens: 2 },
    }),
    named('message_stop', {}),
  ])
}

/** The content of the assistant's first turn in what the Messages wire was sent. */
export function replayed({ json }: SeenRequest): unknown {
  const messages = json.messages as readonly { readonly role: string; readonly content: unknown }[] // the wire's own shape
  return messages.find(({ role }) => role === 'assistant')?.content
}

/** The ids that the results answer. */
export function answeredIds({ json }: SeenRequest): readonly unknown[] {
  const messages = json.messages as readonly { readonly content: string | readonly Block[] }[] // as above
  return messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap(block => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
  )
}
