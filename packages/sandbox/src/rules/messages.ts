import {
  anything,
  choice,
  type Fields,
  list,
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

const textPart = part({ text: required(string) })
const textOnly = variant('type', { text: textPart })

const userPart = variant('type', {
  text: textPart,
  image_url: part({
    image_url: required(
      record({ url: required(text(1)), detail: choice('auto', 'low', 'high', 'original') }),
    ),
  }),
  input_audio: part({
    input_audio: required(record({ data: required(string), format: required(choice('wav', 'mp3')) })),
  }),
  file: part({ file: required(record({ file_data: string, file_id: string, filename: string })) }),
})

const assistantPart = variant('type', {
  text: textPart,
  refusal: record({ type: anything, refusal: required(string) }),
})

/** A name may not hold white space or the signs of OpenAI's own markup. */
const speaker = text(1, 64, '^[^\\s<|\\\\/>]+$')
const callId = text(1, 40)

const toolCall = variant('type', {
  function: record({
    id: required(callId),
    type: anything,
    function: required(record({ name: required(text(1, 64)), arguments: required(string) })),
  }),
  custom: record({
    id: required(callId),
    type: anything,
    custom: required(record({ name: required(text(1, 64)), input: required(string) })),
  }),
})

const spoken = { role: anything, name: speaker } satisfies Fields
const instruction = record({ ...spoken, content: required(union(string, list(textOnly, 1))) })

/**
 * `messages`. What an answer of the API holds is taken back as it is (`annotations`, `audio`, nulls), since clients
 * append the message that they received.
 */
export const messages = list(
  variant('role', {
    system: instruction,
    assistant: record({
      ...spoken,
      content: union(string, list(assistantPart, 1)),
      refusal: string,
      tool_calls: list(toolCall, 1, 128),
      function_call: record({ name: required(text(1, 64)), arguments: required(string) }),
      audio: record({ id: required(string), data: string, expires_at: anything, transcript: string }),
      annotations: list(anything),
    }),
    user: record({ ...spoken, content: required(union(string, list(userPart, 1))) }),
    function: record({ role: anything, name: required(text(1, 64)), content: string }),
    tool: record({
      ...spoken,
      content: required(union(string, list(textOnly, 1))),
      tool_call_id: required(callId),
    }),
    developer: instruction,
  }),
  1,
)
