import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { listOf, objectOf, textOf } from './oracle-read.ts'

const name = /^[a-zA-Z0-9_-]{1,64}$/
const parts: { readonly [role: string]: readonly string[] } = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
}

/** Chat completions: reference card sections 4 to 7, traps 5 to 9, 31 to 35. */
export function checkChat(body: JsonObject, complain: Complain): void {
  const messages = listOf(body.messages)
  if (messages.length === 0) complain('messages: at least one')
  checkMessages(messages, complain)
  if (body.stream_options !== undefined && body.stream !== true) complain('stream_options: only with stream')
  if (body.stream === true && objectOf(body.stream_options).include_usage !== true)
    complain('stream_options.include_usage: the gateway needs the usage')
  if (body.max_tokens !== undefined && body.max_completion_tokens !== undefined)
    complain('max_tokens: not beside max_completion_tokens')
  checkTools(body, complain)
  if (objectOf(body.response_format).type === 'json_schema') {
    const format = objectOf(objectOf(body.response_format).json_schema)
    if (!name.test(textOf(format.name))) complain('response_format.json_schema.name: required')
  }
  if (body.top_logprobs !== undefined && body.logprobs !== true) complain('top_logprobs: only with logprobs')
}

function checkTools(body: JsonObject, complain: Complain): void {
  const tools = listOf(body.tools)
  if (tools.length === 0 && body.parallel_tool_calls !== undefined)
    complain('parallel_tool_calls: only with tools')
  if (tools.length === 0 && body.tool_choice !== undefined) complain('tool_choice: only with tools')
  for (const tool of tools) {
    const inner = objectOf(tool[textOf(tool.type)])
    if (!name.test(textOf(inner.name))) complain(`tools: name ${inner.name}`)
  }
}

function checkMessages(messages: readonly JsonObject[], complain: Complain): void {
  /** Calls of the last assistant message that have no result yet. */
  let waiting = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const role = textOf(message.role)
    const allowed = parts[role]
    if (allowed === undefined) complain(`messages[${index}].role: ${role}`)
    if (typeof message.content !== 'string') {
      for (const part of listOf(message.content)) {
        if (!allowed?.includes(textOf(part.type))) complain(`messages[${index}]: no ${part.type} for ${role}`)
      }
      const isBare = role === 'assistant' && (listOf(message.tool_calls).length > 0 || message.audio)
      if (!Array.isArray(message.content) && !isBare) complain(`messages[${index}].content: required`)
    }
    if (role === 'tool') {
      if (!waiting.delete(textOf(message.tool_call_id)))
        complain(`messages[${index}].tool_call_id: no call before it has this id`)
      continue
    }
    if (waiting.size > 0) complain(`messages[${index}]: calls without a result: ${[...waiting].join(', ')}`)
    const ids = listOf(message.tool_calls).map(call => textOf(call.id))
    waiting = new Set(ids)
    if (waiting.size !== ids.length) complain(`messages[${index}].tool_calls: ids repeat`)
    for (const id of ids) if (id === '' || id.length > 40) complain(`messages[${index}]: call id "${id}"`)
  }
  if (waiting.size > 0) complain(`messages: calls without a result: ${[...waiting].join(', ')}`)
}
