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

/** A part of the wire that Google's SDK speaks. */
export type GenaiPart = Readonly<Record<string, unknown>>

interface GenaiContent {
  readonly role: string
  readonly parts: readonly GenaiPart[]
}

/** The caller of Google's wire: like its SDK, it keeps every chunk of a stream as a content of its own. */
export const genaiClient: Client = async (url, { stream, key = 'x', headers = {} }) => {
  const contents: GenaiContent[] = [{ role: 'user', parts: [{ text: question }] }]
  const generate = async () => {
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
    const response = await fetch(`${url}/v1beta/models/${model}:${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': key, ...headers },
      body: JSON.stringify({
        contents,
        tools: [{ functionDeclarations: [{ name: 'weather', parameters }] }],
        generationConfig: { thinkingConfig: { includeThoughts: true } },
      }),
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(text)
    const chunks = stream ? text.split('\n').filter(line => line.startsWith('data: ')) : [`data: ${text}`]
    return chunks.flatMap((chunk): readonly GenaiContent[] => {
      const { candidates } = JSON.parse(chunk.slice('data: '.length))
      return candidates?.[0]?.content === undefined ? [] : [candidates[0].content]
    })
  }
  contents.push(...(await generate()))
  const parts = contents.flatMap(content => (content.role === 'model' ? content.parts : []))
  const results = parts.flatMap(({ functionCall }) => {
    if (functionCall === undefined) return []
    const { id = '', name } = functionCall as { readonly id?: string; readonly name: string } // the wire's own shape
    return [{ functionResponse: { ...(id === '' ? {} : { id }), name, response: { output: resultOf(id) } } }]
  })
  contents.push({ role: 'user', parts: results })
  await generate()
}

/** What a model of Google's wire says in the first turn: a signed thought, a signed text, calls of which the first is signed. */
export const saidGenai: readonly GenaiPart[] = [
  { text: 'Two cities.', thought: true },
  { text: 'Let me look.', thoughtSignature: 'VGV4dFNpZ25hdHVyZQ==' },
  {
    functionCall: { id: 'fn-1', name: 'weather', args: { city: 'Paris' } },
    thoughtSignature: 'Q2FsbFNpZ25hdHVyZQ==',
  },
  { functionCall: { id: 'fn-2', name: 'weather', args: { city: 'Oslo' } } },
]

/** Google's wire saying these parts, in the form it was asked for; streamed, a part is a chunk. */
export function answerGenai(
  { path }: SeenRequest,
  parts: readonly GenaiPart[],
  stream: (steps: readonly string[]) => Response,
): Response {
  const chunk = (some: readonly GenaiPart[], isLast: boolean) => ({
    candidates: [
      { content: { role: 'model', parts: some }, index: 0, ...(isLast ? { finishReason: 'STOP' } : {}) },
    ],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: 'm',
    responseId: 'r1',
  })
  if (!path.includes('streamGenerateContent')) return Response.json(chunk(parts, true))
  return stream(
    parts.map((part, index) => `data: ${JSON.stringify(chunk([part], index === parts.length - 1))}\n\n`),
  )
}

/** The model's parts in what Google's wire was sent. */
export function replayedGenai({ json }: SeenRequest): readonly unknown[] {
  const contents = json.contents as readonly GenaiContent[] // the wire's own shape
  return contents.flatMap(({ role, parts }) => (role === 'model' ? parts : []))
}
