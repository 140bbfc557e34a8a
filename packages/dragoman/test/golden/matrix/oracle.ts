import type { MessageCreateParamsBase } from '@anthropic-ai/sdk/resources/messages/messages'
import type { JsonObject, WireDialect } from '@dragoman/fixtures'
import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions/completions'
import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses'
import { checkChat } from './oracle-chat.ts'
import { checkMessages } from './oracle-messages.ts'
import { checkResponses } from './oracle-responses.ts'

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

const rules: { readonly [D in WireDialect]: Rules } = {
  'openai-chat': { fields: chatFields, check: checkChat },
  'openai-responses': { fields: responsesFields, check: checkResponses },
  'anthropic-messages': { fields: messagesFields, check: checkMessages },
}

/** What the provider of this dialect would refuse in a request, as far as types and documents tell; nothing is fine. */
export function problemsOf(dialect: WireDialect, body: JsonObject): readonly string[] {
  const problems: string[] = []
  const { fields, check } = rules[dialect]
  for (const name of Object.keys(body)) {
    if (!Object.hasOwn(fields, name)) problems.push(`${name}: unknown field`)
  }
  check(body, problem => problems.push(problem))
  return problems
}
