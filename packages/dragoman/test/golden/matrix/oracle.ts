import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages/messages'
import { type JsonObject, readSchema, type WireDialect } from '@dragoman/fixtures'
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions'
import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses'
import { checkChat } from './oracle-chat.ts'
import { checkCohere } from './oracle-cohere.ts'
import { checkConverse } from './oracle-converse.ts'
import { checkGemini } from './oracle-gemini.ts'
import { checkMessages } from './oracle-messages.ts'
import { listOf, objectOf, textOf } from './oracle-read.ts'
import { checkResponses } from './oracle-responses.ts'
import { misfitsOf } from './schema.ts'

/** Every top-level field of the official types; the compiler keeps the tables complete. */
const chatFields: Record<keyof ChatCompletionCreateParamsBase, true> = {
  messages: true,
  model: true,
  audio: true,
  frequency_penalty: true,
  function_call: true,
  functions: true,
  logit_bias: true,
  logprobs: true,
  max_completion_tokens: true,
  max_tokens: true,
  metadata: true,
  modalities: true,
  moderation: true,
  n: true,
  parallel_tool_calls: true,
  prediction: true,
  presence_penalty: true,
  prompt_cache_key: true,
  prompt_cache_options: true,
  prompt_cache_retention: true,
  reasoning_effort: true,
  response_format: true,
  safety_identifier: true,
  seed: true,
  service_tier: true,
  stop: true,
  store: true,
  stream: true,
  stream_options: true,
  temperature: true,
  tool_choice: true,
  tools: true,
  top_logprobs: true,
  top_p: true,
  user: true,
  verbosity: true,
  web_search_options: true,
}

const responsesFields: Record<keyof ResponseCreateParamsBase, true> = {
  access_programs: true,
  background: true,
  context_management: true,
  conversation: true,
  image: true,
  include: true,
  input: true,
  instructions: true,
  max_output_tokens: true,
  max_tool_calls: true,
  metadata: true,
  model: true,
  moderation: true,
  parallel_tool_calls: true,
  previous_response_id: true,
  prompt: true,
  prompt_cache_key: true,
  prompt_cache_options: true,
  prompt_cache_retention: true,
  reasoning: true,
  safety_identifier: true,
  service_tier: true,
  store: true,
  stream: true,
  stream_options: true,
  temperature: true,
  text: true,
  tool_choice: true,
  tools: true,
  top_logprobs: true,
  top_p: true,
  truncation: true,
  user: true,
}

/** The SDK sends two of its fields as headers; its types follow a revision that has no sampling any more. */
const messagesFields: Record<
  | Exclude<keyof MessageCreateParamsBase, 'user_profile_id' | 'workspace_id'>
  | ('temperature' | 'top_k' | 'top_p'),
  true
> = {
  max_tokens: true,
  messages: true,
  model: true,
  cache_control: true,
  container: true,
  diagnostics: true,
  inference_geo: true,
  metadata: true,
  output_config: true,
  service_tier: true,
  speed: true,
  stop_sequences: true,
  stream: true,
  system: true,
  temperature: true,
  thinking: true,
  tool_choice: true,
  tools: true,
  top_k: true,
  top_p: true,
}

interface Rules {
  readonly fields: Readonly<Record<string, true>>
  check(body: JsonObject, complain: Complain): void
}

/** Says what is wrong with a request and where. */
export type Complain = (problem: string) => void

/** The fields that the schema derived from an SDK's types lists at the top. */
const fieldsOf = (dialect: WireDialect): Rules['fields'] => {
  const schema = readSchema(dialect)
  const resolve = (node: JsonObject): JsonObject => {
    const [, name] = /^#\/definitions\/(.*)$/.exec(textOf(node.$ref)) ?? []
    return name === undefined
      ? node
      : resolve(objectOf(objectOf(schema.definitions)[decodeURIComponent(name)]))
  }
  const names = Object.keys(objectOf(resolve(schema).properties))
  // Cohere's streams are asked for by another type of the SDK, which differs by this field.
  return Object.fromEntries([...names, ...(dialect === 'cohere' ? ['stream'] : [])].map(name => [name, true]))
}

const rules: { readonly [D in WireDialect]: Rules } = {
  'openai-chat': { fields: chatFields, check: checkChat },
  'openai-responses': { fields: responsesFields, check: checkResponses },
  'anthropic-messages': { fields: messagesFields, check: checkMessages },
  gemini: { fields: fieldsOf('gemini'), check: checkGemini },
  'bedrock-converse': { fields: fieldsOf('bedrock-converse'), check: checkConverse },
  cohere: { fields: fieldsOf('cohere'), check: checkCohere },
}

/** What an assistant's message has in the types, where it said text and no more. */
function withId(item: JsonObject): JsonObject {
  const isBare = item.role === 'assistant' && Array.isArray(item.content)
  if (!isBare) return item
  const content = listOf(item.content).map(part => ({ annotations: [], ...part }))
  return { id: 'msg_0', status: 'completed', ...item, type: 'message', content }
}

/** What is on the wire although the newest types do not have it, a reason each. */
const tolerated: { readonly [D in WireDialect]?: (body: JsonObject) => JsonObject } = {
  // Hosts of open models take a thought back under this name; the official API passes it over.
  'openai-chat': body => ({
    ...body,
    messages: listOf(body.messages).map(({ reasoning_content: _, ...message }) => message),
  }),
  // An answer sent back needs no id: other clients leave it out, too (AI SDK 7).
  'openai-responses': body => ({
    ...body,
    ...(Array.isArray(body.input) ? { input: listOf(body.input).map(withId) } : {}),
  }),
  cohere: ({ stream: _, ...body }) => body,
  // Models before the fifth generation still take them; the types of 1.x dropped them.
  'anthropic-messages': ({ temperature: _, top_p: __, top_k: ___, ...body }) => body,
}

/** What the provider of this dialect would refuse in a request, as far as types and documents tell; nothing is fine. */
export function problemsOf(dialect: WireDialect, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const { fields, check } = rules[dialect]
  const known: { [name: string]: JsonObject[string] } = {}
  for (const [name, value] of Object.entries(body)) {
    if (Object.hasOwn(fields, name)) known[name] = value
    else problems.push(`${name}: unknown field`)
  }
  problems.push(...misfitsOf(dialect, tolerated[dialect]?.(known) ?? known))
  check(body, problem => problems.push(problem))
  return problems
}
