import Anthropic from '@anthropic-ai/sdk'
import type { Message } from '@anthropic-ai/sdk/resources/messages/messages'
import type { JsonObject } from '@dragoman/fixtures'
import OpenAI from 'openai'
import type { ChatCompletion } from 'openai/resources/chat/completions/completions'
import type { Response as OpenaiResponse } from 'openai/resources/responses/responses'
import type { CallerDialect, Got } from './cell.ts'
import { understandGemini } from './client-gemini.ts'

/** How an answer ended, in words that all dialects share. */
export type Ending = 'stop' | 'calls' | 'length' | 'filtered'

/** What a client understood of one candidate, whatever its dialect. */
export interface Heard {
  readonly text: string
  readonly thinking?: string
  readonly refusal?: string
  readonly calls?: readonly { readonly name: string; readonly input: unknown }[]
  /** What is cited: addresses, or titles of documents. */
  readonly citations?: readonly string[]
  readonly ending: Ending
}

export type Understood =
  | {
      readonly kind: 'answer'
      readonly candidates: readonly Heard[]
      readonly usage?: { readonly input: number; readonly output: number }
    }
  /** The SDK threw: an error of its own class, with what it read of it. */
  | { readonly kind: 'error'; readonly name: string; readonly message: string; readonly status?: number }

/** Feeds what the caller got to the official SDK of its dialect, through the helper its users use. */
export async function understand(dialect: CallerDialect, sent: JsonObject, got: Got): Promise<Understood> {
  const fetch = async () => new Response(got.body, { status: got.status, headers: got.headers })
  try {
    return await readers[dialect](sent, fetch, got)
  } catch (error) {
    if (error instanceof OpenAI.APIError || error instanceof Anthropic.APIError) {
      const status = error.status === undefined ? {} : { status: Number(error.status) }
      return { kind: 'error', name: error.constructor.name, message: error.message, ...status }
    }
    // The helpers also refuse to parse answers that were cut or filtered.
    if (error instanceof OpenAI.OpenAIError)
      return { kind: 'error', name: error.constructor.name, message: error.message }
    throw error
  }
}

type Fetch = () => Promise<Response>
type Reader = (sent: JsonObject, fetch: Fetch, got: Got) => Promise<Understood>

const options = { apiKey: 'caller-secret', baseURL: 'http://gateway.invalid/v1', maxRetries: 0 }

const readers: { readonly [D in CallerDialect]: Reader } = {
  async 'openai-chat'(sent, fetch, got) {
    const { chat } = new OpenAI({ ...options, fetch })
    const body = sent as never // the fixture is a request of this wire; the SDK's type is not what is tested
    const isStream = sent.stream === true
    const completion: ChatCompletion = isStream
      ? await chat.completions.stream(body).finalChatCompletion()
      : await chat.completions.create(body)
    return understandChat(completion, isStream ? thinkingOf(got.body) : undefined)
  },
  async 'openai-responses'(sent, fetch) {
    const { responses } = new OpenAI({ ...options, fetch })
    const body = sent as never // as above
    const response: OpenaiResponse =
      sent.stream === true ? await responses.stream(body).finalResponse() : await responses.create(body)
    return understandResponse(response)
  },
  async 'anthropic-messages'(sent, fetch) {
    const { messages } = new Anthropic({ ...options, baseURL: 'http://gateway.invalid', fetch })
    const body = sent as never // as above
    const message: Message =
      sent.stream === true ? await messages.stream(body).finalMessage() : await messages.create(body)
    return understandMessage(message)
  },
  async gemini(_, __, got) {
    return understandGemini(got)
  },
}

/** openai-node keeps only the last piece of a field it does not know, so the stream itself is asked. */
function thinkingOf(stream: string): string {
  const deltas = stream.matchAll(/"reasoning_content":("(?:[^"\\]|\\.)*")/g)
  return [...deltas].map(([, text]) => JSON.parse(text ?? '""')).join('')
}

/** A candidate with only what there was of it. */
export function heard(fields: {
  text: string
  thinking: string
  refusal: string
  calls: readonly { name: string; input: unknown }[]
  citations: readonly string[]
  ending: Ending
}): Heard {
  const { text, thinking, refusal, calls, citations, ending } = fields
  return {
    text,
    ...(thinking === '' ? {} : { thinking }),
    ...(refusal === '' ? {} : { refusal }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(citations.length === 0 ? {} : { citations }),
    ending,
  }
}

const chatEndings: { readonly [reason: string]: Ending } = {
  stop: 'stop',
  tool_calls: 'calls',
  length: 'length',
  content_filter: 'filtered',
}

function understandChat(completion: ChatCompletion, streamed: string | undefined): Understood {
  const candidates = completion.choices.map(({ message, finish_reason }) => {
    const shown = (message as { reasoning_content?: string }).reasoning_content // a host's own field
    return heard({
      text: message.content ?? '',
      thinking: streamed ?? shown ?? '',
      refusal: message.refusal ?? '',
      calls: (message.tool_calls ?? []).map(call =>
        call.type === 'function'
          ? { name: call.function.name, input: JSON.parse(call.function.arguments) }
          : { name: call.custom.name, input: call.custom.input },
      ),
      citations: (message.annotations ?? []).map(annotation => annotation.url_citation.url),
      ending: chatEndings[finish_reason] ?? 'stop',
    })
  })
  const { usage } = completion
  return {
    kind: 'answer',
    candidates,
    ...(usage === undefined || usage === null
      ? {}
      : { usage: { input: usage.prompt_tokens, output: usage.completion_tokens } }),
  }
}

function understandResponse(response: OpenaiResponse): Understood {
  if (response.status === 'failed') {
    return { kind: 'error', name: 'failed', message: response.error?.message ?? '' }
  }
  const { output, usage } = response
  const parts = output.flatMap(item => (item.type === 'message' ? item.content : []))
  const calls = output.flatMap(item =>
    item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) }] : [],
  )
  const reason = response.incomplete_details?.reason
  const candidate = heard({
    text: parts.flatMap(part => (part.type === 'output_text' ? [part.text] : [])).join(''),
    thinking: output
      .flatMap(item => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])] : []))
      .map(part => part.text)
      .join(''),
    refusal: parts.flatMap(part => (part.type === 'refusal' ? [part.refusal] : [])).join(''),
    calls,
    citations: parts
      .flatMap(part => (part.type === 'output_text' ? part.annotations : []))
      .map(annotation =>
        'url' in annotation ? annotation.url : 'filename' in annotation ? annotation.filename : '',
      ),
    ending:
      reason === 'content_filter'
        ? 'filtered'
        : reason === undefined
          ? calls.length > 0
            ? 'calls'
            : 'stop'
          : 'length',
  })
  return {
    kind: 'answer',
    candidates: [candidate],
    ...(usage ? { usage: { input: usage.input_tokens, output: usage.output_tokens } } : {}),
  }
}

const messageEndings: { readonly [reason: string]: Ending } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'calls',
  max_tokens: 'length',
  refusal: 'filtered',
}

function understandMessage(message: Message): Understood {
  const { content, usage } = message
  const texts = content.flatMap(block => (block.type === 'text' ? [block] : []))
  const candidate = heard({
    text: texts.map(block => block.text).join(''),
    thinking: content.flatMap(block => (block.type === 'thinking' ? [block.thinking] : [])).join(''),
    refusal: message.stop_details?.type === 'refusal' ? (message.stop_details.explanation ?? '') : '',
    calls: content.flatMap(block =>
      block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [],
    ),
    citations: texts
      .flatMap(block => block.citations ?? [])
      .map(citation =>
        'url' in citation
          ? citation.url
          : 'document_title' in citation
            ? (citation.document_title ?? '')
            : '',
      ),
    ending: messageEndings[message.stop_reason ?? ''] ?? 'stop',
  })
  const input =
    usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)
  return { kind: 'answer', candidates: [candidate], usage: { input, output: usage.output_tokens } }
}
