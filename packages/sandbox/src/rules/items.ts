import {
  anything,
  boolean,
  choice,
  type Fields,
  list,
  openRecord,
  record,
  required,
  string,
  text,
  union,
  variant,
} from '../validate.ts'
import { cacheBreakpoint } from './shared.ts'

const part = (fields: Fields) =>
  record({ type: anything, ...fields, prompt_cache_breakpoint: cacheBreakpoint })

const inputParts = {
  input_text: part({ text: required(string) }),
  input_image: part({
    image_url: string,
    file_id: string,
    detail: choice('low', 'high', 'auto', 'original'),
  }),
  input_file: part({
    file_data: string,
    file_id: string,
    file_url: string,
    filename: string,
    detail: choice('auto', 'low', 'high'),
  }),
} as const
const audioPart = part({
  input_audio: required(record({ data: required(string), format: required(choice('mp3', 'wav')) })),
})
const outputParts = {
  output_text: record({
    type: anything,
    text: required(string),
    annotations: list(anything),
    logprobs: list(anything),
  }),
  refusal: record({ type: anything, refusal: required(string) }),
} as const

const status = choice('in_progress', 'completed', 'incomplete')
const callId = required(text(1, 64))
const shared = { type: anything, id: string, status } satisfies Fields
const toolFacts = {
  caller: openRecord(),
  namespace: string,
  async: boolean,
  created_by: string,
} satisfies Fields
const output = required(union(string, list(variant('type', inputParts), 0)))

const said = (parts: Parameters<typeof variant>[1]) =>
  record({
    ...shared,
    role: anything,
    content: required(union(string, list(variant('type', parts)))),
    phase: choice('commentary', 'final_answer'),
  })
const heard = said({ ...inputParts, input_audio: audioPart })

const message = variant('role', {
  assistant: said(outputParts),
  system: heard,
  developer: heard,
  user: heard,
})

/** Items of hosted tools in a history: carried along, because the model only reads past them. */
const CARRIED = [
  'file_search_call',
  'web_search_call',
  'computer_call',
  'computer_call_output',
  'code_interpreter_call',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'configuration_update',
  'compaction',
  'compaction_trigger',
  'program',
  'program_output',
] as const

/** `input` as items: the union `ResponseInputItem` of openai 7.57.0. An item without a type is a message. */
export const items = list(
  variant(
    'type',
    {
      message,
      function_call: record({
        ...shared,
        ...toolFacts,
        call_id: callId,
        name: required(text(1, 128)),
        arguments: required(string),
      }),
      function_call_output: record({ ...shared, ...toolFacts, call_id: callId, name: string, output }),
      custom_tool_call: record({
        ...shared,
        ...toolFacts,
        call_id: callId,
        name: required(text(1, 128)),
        input: required(string),
      }),
      custom_tool_call_output: record({ ...shared, ...toolFacts, call_id: callId, output }),
      reasoning: record({
        ...shared,
        id: required(string),
        summary: required(
          list(variant('type', { summary_text: record({ type: anything, text: required(string) }) })),
        ),
        content: list(
          variant('type', { reasoning_text: record({ type: anything, text: required(string) }) }),
        ),
        encrypted_content: string,
      }),
      item_reference: record({ type: anything, id: required(string) }),
      ...Object.fromEntries(CARRIED.map(type => [type, openRecord()])),
    },
    'message',
  ),
)
