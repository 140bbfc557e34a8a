import {
  anything,
  boolean,
  choice,
  type Fields,
  integer,
  list,
  openRecord,
  record,
  required,
  string,
  text,
  union,
  variant,
} from '../validate.ts'
import { items } from './items.ts'
import {
  bookkeeping,
  EFFORTS,
  jsonSchemaFormat,
  moderation,
  NAME,
  sampling,
  schemaObject,
  verbosity,
} from './shared.ts'

const name = required(text(1, 128, NAME))
const callers = list(choice('direct', 'programmatic'))

/** Tools that the platform runs itself: their shape is not checked further, because the sandbox refuses them. */
export const HOSTED_TOOLS = [
  'file_search',
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'computer',
  'computer_use_preview',
  'code_interpreter',
  'image_generation',
  'mcp',
  'local_shell',
  'shell',
  'apply_patch',
  'namespace',
  'tool_search',
  'programmatic_tool_calling',
] as const
const hosted = Object.fromEntries(HOSTED_TOOLS.map(type => [type, openRecord()]))

const tool = variant('type', {
  function: record({
    type: anything,
    name,
    description: string,
    parameters: schemaObject,
    strict: boolean,
    output_schema: schemaObject,
    allowed_callers: callers,
    async: boolean,
    defer_loading: boolean,
  }),
  custom: record({
    type: anything,
    name,
    description: string,
    format: variant('type', {
      text: record({ type: anything }),
      grammar: record({
        type: anything,
        syntax: required(choice('lark', 'regex')),
        definition: required(string),
      }),
    }),
    allowed_callers: callers,
    async: boolean,
    defer_loading: boolean,
  }),
  ...hosted,
})

const reference = variant('type', {
  function: record({ type: anything, name: required(string) }),
  custom: record({ type: anything, name: required(string) }),
  ...hosted,
})

const toolChoice = union(
  choice('none', 'auto', 'required'),
  variant('type', {
    function: record({ type: anything, name: required(string) }),
    custom: record({ type: anything, name: required(string) }),
    allowed_tools: record({
      type: anything,
      mode: required(choice('auto', 'required')),
      tools: required(list(reference, 1)),
    }),
    ...hosted,
  }),
)

const format = variant('type', {
  text: record({ type: anything }),
  json_object: record({ type: anything }),
  json_schema: record({ type: anything, ...jsonSchemaFormat, schema: required(schemaObject) }),
})

const reasoning = record({
  effort: choice(...EFFORTS, 'max'),
  summary: choice('auto', 'concise', 'detailed'),
  generate_summary: choice('auto', 'concise', 'detailed'),
  context: choice('auto', 'current_turn', 'all_turns'),
  mode: string,
})

/** What creating a response and counting its input have in common. */
const asked: Fields = {
  input: union(string, items),
  instructions: string,
  previous_response_id: string,
  conversation: union(string, record({ id: required(string) })),
  tools: list(tool, 0, 128),
  tool_choice: toolChoice,
  parallel_tool_calls: boolean,
  text: record({ format, verbosity }),
  reasoning,
  truncation: choice('auto', 'disabled'),
}

/** `POST /v1/responses`, every field of `ResponseCreateParams` in openai 7.57.0. */
export const responseFields: Fields = {
  model: required(string),
  ...asked,
  ...sampling,
  ...bookkeeping,
  background: boolean,
  max_output_tokens: integer(16),
  max_tool_calls: integer(1),
  include: list(
    choice(
      'file_search_call.results',
      'web_search_call.results',
      'web_search_call.action.sources',
      'message.input_image.image_url',
      'computer_call_output.output.image_url',
      'code_interpreter_call.outputs',
      'reasoning.encrypted_content',
      'message.output_text.logprobs',
    ),
  ),
  stream_options: record({ include_obfuscation: boolean }),
  service_tier: choice('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'),
  prompt: record({ id: required(string), variables: openRecord(), version: string }),
  prompt_cache_options: record({
    mode: choice('implicit', 'explicit'),
    ttl: choice('30m', '12h'),
    comparison_response_id: string,
    prewarm: boolean,
  }),
  context_management: list(record({ type: required(string), compact_threshold: integer() })),
  access_programs: record({ cyber: choice('standard', 'daybreak_blue', 'daybreak_red') }),
  image: record({ context_compression: choice('auto', 'enabled', 'disabled') }),
  moderation,
}

/** `POST /v1/responses/input_tokens` (`InputTokenCountParams`). */
export const inputTokensFields: Fields = { model: required(string), ...asked, personality: string }
