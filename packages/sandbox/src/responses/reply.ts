import type { Answer, Citation } from '../answer.ts'
import { isSet, type Json, type JsonObject, objectAt, objectsAt, own, textAt } from '../json.ts'
import { allLogprobs } from '../logprobs.ts'
import type { Model } from '../models.ts'
import type { Question } from '../question.ts'
import { letters } from '../random.ts'
import { strictProblem } from '../schema/strict.ts'
import { type Tokenizer, type Tokens, textOf } from '../tokens.ts'
import { type Cost, responseUsage } from '../usage.ts'
import { type Ids, seal } from './ids.ts'

/** Everything that the whole and the streamed form of a response have in common. */
export interface ResponseReply {
  readonly ids: Ids
  readonly salt: string
  readonly created: number
  readonly model: Model
  readonly question: Question
  /** The request, of which a response repeats a good part. */
  readonly body: JsonObject
  readonly tier: string
  readonly answer: Answer
  /** Summaries of the reasoning, where they were asked for. */
  readonly summary: readonly string[]
  readonly cost: Cost
  /** How many alternatives a token; null where no log probabilities were asked for. */
  readonly logprobs: number | null
  readonly seed: number
  readonly tokenizer: Tokenizer
}

export type Status = 'in_progress' | 'completed' | 'incomplete' | 'failed'

/** An item of the output, in order, before it has its wire form. */
export type Item =
  | { readonly kind: 'reasoning'; readonly id: string }
  | {
      readonly kind: 'message'
      readonly id: string
      readonly part: 'output_text' | 'refusal'
      readonly tokens: Tokens
    }
  | {
      readonly kind: 'call'
      readonly id: string
      readonly callId: string
      readonly custom: boolean
      readonly name: string
      readonly tokens: Tokens
    }

export function itemsOf({ answer, ids, question, salt }: ResponseReply): readonly Item[] {
  const items: Item[] = []
  if (question.effort !== 'none') items.push({ kind: 'reasoning', id: ids.item('rs', 0) })
  const { text, refusal } = answer
  // Thinking may use up all tokens: then there is no message at all.
  const silent = answer.finish === 'length' && text?.ids.length === 0
  if (refusal) items.push({ kind: 'message', id: ids.item('msg', 0), part: 'refusal', tokens: refusal })
  else if (text && !silent)
    items.push({ kind: 'message', id: ids.item('msg', 0), part: 'output_text', tokens: text })
  for (const [at, call] of answer.calls.entries()) {
    const custom = call.kind === 'custom'
    const id = ids.item(custom ? 'ctc' : 'fc', at)
    const callId = `call_${letters(24, salt, 'call', at)}`
    items.push({ kind: 'call', id, callId, custom, name: call.name, tokens: call.input })
  }
  return items
}

/** The last item of an answer that was cut short is incomplete, and so is the response. */
export function statusOf({ answer }: ResponseReply): 'completed' | 'incomplete' {
  return answer.finish === 'length' || answer.finish === 'content_filter' ? 'incomplete' : 'completed'
}

/** An item as it stands when it is done. */
export function itemObject(reply: ResponseReply, item: Item, status: Status): JsonObject {
  const { tokenizer } = reply
  if (item.kind === 'reasoning') return reasoningItem(item.id, reply.summary, true)
  if (item.kind === 'message') return messageItem(item.id, [partObject(reply, item)], status)
  return callItem(item, textOf(item.tokens, tokenizer), status)
}

export const reasoningItem = (id: string, summary: readonly string[], done: boolean): JsonObject => ({
  id,
  type: 'reasoning',
  ...(done && { encrypted_content: seal(id) }),
  summary: summary.map(text => ({ type: 'summary_text', text })),
})

export const messageItem = (id: string, content: readonly JsonObject[], status: Status): JsonObject => ({
  id,
  type: 'message',
  status,
  content,
  role: 'assistant',
})

export function callItem(item: Extract<Item, { kind: 'call' }>, input: string, status: Status): JsonObject {
  const { id, callId, name } = item
  return item.custom
    ? { id, type: 'custom_tool_call', status, call_id: callId, input, name }
    : { id, type: 'function_call', status, arguments: input, call_id: callId, name }
}

export function partObject(reply: ResponseReply, item: Extract<Item, { kind: 'message' }>): JsonObject {
  const text = textOf(item.tokens, reply.tokenizer)
  if (item.part === 'refusal') return { type: 'refusal', refusal: text }
  return {
    type: 'output_text',
    annotations: reply.answer.citations.map(citation),
    logprobs: logprobsIn(reply, item.tokens),
    text,
  }
}

export const logprobsIn = (
  { logprobs, tokenizer, seed }: ResponseReply,
  tokens: Tokens,
): readonly JsonObject[] => (logprobs === null ? [] : allLogprobs(tokens, tokenizer, logprobs, seed))

/** Responses does not nest a citation as chat does. */
export const citation = ({ start, end, title, url }: Citation): JsonObject => ({
  type: 'url_citation',
  end_index: end,
  start_index: start,
  title,
  url,
})

/** A `response` object: the keys of capture openai-error.1 and of openai 7.57.0, in their order. */
export function responseObject(
  reply: ResponseReply,
  status: Status,
  output: readonly JsonObject[],
  error: JsonObject | null = null,
): JsonObject {
  const { body, question, model, answer } = reply
  const over = status === 'completed' || status === 'incomplete'
  const reason = answer.finish === 'content_filter' ? 'content_filter' : 'max_output_tokens'
  const given = (key: string, otherwise: Json): Json =>
    isSet(body, key) ? (own(body, key) ?? null) : otherwise
  return {
    id: reply.ids.response,
    object: 'response',
    created_at: reply.created,
    status,
    background: false,
    completed_at: status === 'completed' ? reply.created : null,
    error,
    frequency_penalty: 0,
    incomplete_details: status === 'incomplete' ? { reason } : null,
    instructions: given('instructions', null),
    max_output_tokens: given('max_output_tokens', null),
    max_tool_calls: given('max_tool_calls', null),
    model: model.id,
    output,
    parallel_tool_calls: given('parallel_tool_calls', true),
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: given('prompt_cache_key', null),
    prompt_cache_retention: given('prompt_cache_retention', null),
    reasoning: reasoningEcho(reply),
    safety_identifier: given('safety_identifier', null),
    service_tier: over ? reply.tier : given('service_tier', 'auto'),
    store: given('store', true),
    temperature: question.sampling.temperature,
    text: textEcho(body, question),
    tool_choice: given('tool_choice', 'auto'),
    tools: objectsAt(body, 'tools').map(toolEcho),
    top_logprobs: given('top_logprobs', 0),
    top_p: question.sampling.topP,
    truncation: given('truncation', 'disabled'),
    usage: over ? responseUsage(reply.cost) : null,
    user: given('user', null),
    metadata: given('metadata', {}),
  }
}

function reasoningEcho({ body, question, model }: ResponseReply): JsonObject {
  const asked = objectAt(body, 'reasoning') ?? {}
  const summary = textAt(asked, 'summary') ?? textAt(asked, 'generate_summary')
  return { effort: model.efforts === null ? null : question.effort, summary }
}

function textEcho(body: JsonObject, { verbosity }: Question): JsonObject {
  const format = objectAt(objectAt(body, 'text') ?? {}, 'format') ?? { type: 'text' }
  if (textAt(format, 'type') !== 'json_schema') return { format, verbosity }
  const { description = null, name = '', schema = {}, strict = false } = format
  return { format: { type: 'json_schema', description, name, schema, strict }, verbosity }
}

/** Where `strict` was left open, a schema that can be strict is made so (openai 7.57.0 `FunctionTool.strict`). */
function toolEcho(tool: JsonObject): JsonObject {
  if (textAt(tool, 'type') === 'custom') return { ...tool, format: own(tool, 'format') ?? { type: 'text' } }
  const parameters = objectAt(tool, 'parameters')
  const strict = own(tool, 'strict') ?? (parameters !== null && strictProblem(parameters) === null)
  const { type = 'function', description = null, name = '', ...rest } = tool
  return { type, description, name, ...rest, parameters, strict }
}
