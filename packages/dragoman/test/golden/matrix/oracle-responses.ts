import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { listOf, objectOf, textOf } from './oracle-read.ts'

const name = /^[a-zA-Z0-9_-]{1,64}$/
const inputParts = ['input_text', 'input_image', 'input_file', 'input_audio']
const parts: { readonly [role: string]: readonly string[] } = {
  system: inputParts,
  developer: inputParts,
  user: inputParts,
  assistant: ['output_text', 'refusal'],
}

/** Responses: reference card section 10, traps 15 to 21, 51. */
export function checkResponses(body: JsonObject, complain: Complain): void {
  if (body.max_output_tokens !== undefined && Number(body.max_output_tokens) < 16)
    complain('max_output_tokens: at least 16')
  if (objectOf(body.stream_options).include_usage !== undefined)
    complain('stream_options: Responses always tells the usage')
  for (const tool of listOf(body.tools)) {
    if (tool.type !== 'function') continue
    if (!name.test(textOf(tool.name))) complain(`tools: name ${tool.name}`)
    if (!('parameters' in tool) || !('strict' in tool))
      complain('tools: parameters and strict are required keys')
    if ('function' in tool) complain('tools: function tools are flat here')
  }
  const format = objectOf(objectOf(body.text).format)
  if (format.type === 'json_schema' && !name.test(textOf(format.name))) complain('text.format.name: required')
  if (typeof body.input !== 'string') checkItems(listOf(body.input), complain)
}

function checkItems(items: readonly JsonObject[], complain: Complain): void {
  if (items.length === 0) complain('input: at least one item')
  const called = new Set<string>()
  const answered = new Set<string>()
  const ids = new Set<string>()
  for (const [index, item] of items.entries()) {
    const type = textOf(item.type ?? 'message')
    if (typeof item.id === 'string' && ids.has(item.id)) complain(`input[${index}].id: repeats`)
    ids.add(textOf(item.id))
    if (type === 'message') checkMessage(item, index, complain)
    else if (type === 'function_call') called.add(textOf(item.call_id))
    else if (type === 'function_call_output') {
      if (!called.has(textOf(item.call_id)))
        complain(`input[${index}].call_id: no call before it has this id`)
      if (answered.has(textOf(item.call_id))) complain(`input[${index}].call_id: answered twice`)
      answered.add(textOf(item.call_id))
    } else if (type === 'reasoning') {
      const next = textOf(items[index + 1]?.type ?? 'message')
      const isFollowed = next === 'function_call' || items[index + 1]?.role === 'assistant'
      if (!isFollowed) complain(`input[${index}]: a reasoning item without the item it led to`)
      if (typeof item.encrypted_content !== 'string')
        complain(`input[${index}]: nothing is stored, so reasoning has to come encrypted`)
    } else complain(`input[${index}].type: ${type}`)
  }
  for (const id of called) if (!answered.has(id)) complain(`input: no output for call ${id}`)
}

function checkMessage(item: JsonObject, index: number, complain: Complain): void {
  const allowed = parts[textOf(item.role)]
  if (allowed === undefined) complain(`input[${index}].role: ${item.role}`)
  for (const part of listOf(item.content)) {
    if (!allowed?.includes(textOf(part.type))) complain(`input[${index}]: no ${part.type} for ${item.role}`)
  }
}
