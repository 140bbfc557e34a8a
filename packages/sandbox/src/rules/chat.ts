import {
  anything,
  boolean,
  choice,
  decimal,
  type Fields,
  integer,
  list,
  map,
  openRecord,
  record,
  required,
  string,
  text,
  union,
  variant,
} from '../validate.ts'
import { messages } from './messages.ts'
import {
  bookkeeping,
  EFFORTS,
  jsonSchemaFormat,
  moderation,
  place,
  sampling,
  schemaObject,
  toolName,
  verbosity,
} from './shared.ts'

const grammar = record({ syntax: required(choice('lark', 'regex')), definition: required(string) })

const functionTool = {
  name: required(toolName),
  description: string,
  parameters: schemaObject,
  strict: boolean,
} satisfies Fields

const tool = variant('type', {
  function: record({ type: anything, function: required(record(functionTool)) }),
  custom: record({
    type: anything,
    custom: required(
      record({
        name: required(toolName),
        description: string,
        format: variant('type', {
          text: record({ type: anything }),
          grammar: record({ type: anything, grammar: required(grammar) }),
        }),
      }),
    ),
  }),
})

const named = record({ name: required(text(1)) })
const reference = variant('type', {
  function: record({ type: anything, function: required(named) }),
  custom: record({ type: anything, custom: required(named) }),
})

const toolChoice = union(
  choice('none', 'auto', 'required'),
  variant('type', {
    function: record({ type: anything, function: required(named) }),
    custom: record({ type: anything, custom: required(named) }),
    allowed_tools: record({
      type: anything,
      allowed_tools: required(
        record({ mode: required(choice('auto', 'required')), tools: required(list(reference, 1)) }),
      ),
    }),
  }),
)

const responseFormat = variant('type', {
  text: record({ type: anything }),
  json_object: record({ type: anything }),
  json_schema: record({ type: anything, json_schema: required(record(jsonSchemaFormat)) }),
})

/** `POST /v1/chat/completions`, every field of `ChatCompletionCreateParams` in openai 7.57.0. */
export const chatFields: Fields = {
  model: required(string),
  messages: required(messages),
  ...sampling,
  ...bookkeeping,
  frequency_penalty: decimal(-2, 2),
  presence_penalty: decimal(-2, 2),
  logit_bias: map(integer(-100, 100)),
  logprobs: boolean,
  max_completion_tokens: integer(1),
  max_tokens: integer(1),
  n: integer(1, 128),
  seed: integer(),
  stop: union(string, list(string, 1, 4)),
  response_format: responseFormat,
  tools: list(tool, 1, 128),
  tool_choice: toolChoice,
  parallel_tool_calls: boolean,
  functions: list(
    record({ name: functionTool.name, description: functionTool.description, parameters: schemaObject }),
    1,
    128,
  ),
  function_call: union(choice('none', 'auto'), named),
  reasoning_effort: choice(...EFFORTS),
  verbosity,
  stream_options: record({ include_usage: boolean, include_obfuscation: boolean }),
  service_tier: choice('auto', 'default', 'flex', 'scale', 'priority', 'fast'),
  modalities: list(choice('text', 'audio'), 1),
  audio: record({
    format: required(choice('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16')),
    voice: required(union(string, record({ id: required(string) }))),
  }),
  prediction: variant('type', {
    content: record({ type: anything, content: required(union(string, list(openRecord()))) }),
  }),
  prompt_cache_options: record({ mode: choice('implicit', 'explicit'), ttl: choice('30m') }),
  moderation,
  web_search_options: record({
    search_context_size: verbosity,
    user_location: record({ type: required(choice('approximate')), approximate: required(record(place)) }),
  }),
}
