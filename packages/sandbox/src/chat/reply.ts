import type { Answer, Call, Citation } from '../answer.ts'
import type { Json, JsonObject } from '../json.ts'
import { allLogprobs } from '../logprobs.ts'
import { hash, letters } from '../random.ts'
import { type Tokenizer, type Tokens, textOf } from '../tokens.ts'
import { type Cost, chatUsage } from '../usage.ts'

/** Everything that the whole and the streamed form of a chat completion have in common. */
export interface ChatReply {
  readonly id: string
  readonly salt: string
  readonly created: number
  readonly model: string
  readonly tier: string
  readonly fingerprint: string
  readonly answers: readonly Answer[]
  readonly cost: Cost
  /** Asked with the deprecated `functions`: the call goes into `function_call`. */
  readonly legacy: boolean
  /** How many alternatives a token; null where no log probabilities were asked for. */
  readonly logprobs: number | null
  readonly metadata: JsonObject | null
  readonly seed: number
  readonly tokenizer: Tokenizer
}

/** A `chat.completion`: the keys of capture openai-text, in their order. */
export function chatCompletion(reply: ChatReply): JsonObject {
  return {
    id: reply.id,
    object: 'chat.completion',
    created: reply.created,
    model: reply.model,
    choices: reply.answers.map((answer, index) => choice(reply, answer, index)),
    usage: chatUsage(reply.cost),
    service_tier: reply.tier,
    system_fingerprint: reply.fingerprint,
    ...(reply.metadata && { metadata: reply.metadata }),
  }
}

function choice(reply: ChatReply, answer: Answer, index: number): JsonObject {
  const { tokenizer } = reply
  const said = (tokens: Tokens | null) => (tokens === null ? null : textOf(tokens, tokenizer))
  const calls = answer.calls.map((call, at) =>
    chatCall(reply, call, index, at, textOf(call.input, tokenizer)),
  )
  return {
    index,
    message: {
      role: 'assistant',
      content: said(answer.text),
      refusal: said(answer.refusal),
      annotations: answer.citations.map(annotation),
      ...(calls.length > 0 && !reply.legacy && { tool_calls: calls }),
      ...(reply.legacy && calls[0] && { function_call: calls[0].function }),
    },
    logprobs: choiceLogprobs(reply, answer, index),
    finish_reason: finishOf(reply, answer),
  }
}

export const finishOf = (reply: ChatReply, answer: Answer): string =>
  reply.legacy && answer.finish === 'tool_calls' ? 'function_call' : answer.finish

export const callId = (reply: ChatReply, index: number, at: number): string =>
  `call_${letters(24, reply.salt, 'call', index, at)}`

interface ChatCall extends JsonObject {
  readonly function: JsonObject
}

export function chatCall(
  reply: ChatReply,
  call: Call,
  index: number,
  at: number,
  input: string,
): JsonObject & Partial<ChatCall> {
  const id = callId(reply, index, at)
  return call.kind === 'custom'
    ? { id, type: 'custom', custom: { name: call.name, input } }
    : { id, type: 'function', function: { name: call.name, arguments: input } }
}

/** Chat nests a citation; its places are characters of the content. */
export const annotation = ({ start, end, title, url }: Citation): JsonObject => ({
  type: 'url_citation',
  url_citation: { start_index: start, end_index: end, title, url },
})

function choiceLogprobs(reply: ChatReply, answer: Answer, index: number): Json {
  if (reply.logprobs === null) return null
  const { logprobs, tokenizer, seed } = reply
  const listed = (tokens: Tokens | null) =>
    tokens === null ? null : allLogprobs(tokens, tokenizer, logprobs, hash(seed, index))
  return { content: listed(answer.text), refusal: listed(answer.refusal) }
}
