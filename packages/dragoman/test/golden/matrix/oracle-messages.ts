import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { isClosed, listOf, objectOf, textOf } from './oracle-read.ts'

const name = /^[a-zA-Z0-9_-]{1,64}$/
const id = /^[a-zA-Z0-9_-]+$/
const images = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

/** Messages: reference card sections 3 to 7, traps 1 to 13, 27 to 43. */
export function checkMessages(body: JsonObject, complain: Complain): void {
  if (typeof body.max_tokens !== 'number' || body.max_tokens < 1) complain('max_tokens: required')
  checkTurns(listOf(body.messages), complain)
  checkTools(body, complain)
  checkThinking(body, complain)
  const format = objectOf(objectOf(body.output_config).format)
  if (format.type !== undefined && format.type !== 'json_schema') complain(`output_config: ${format.type}`)
  if (format.type === 'json_schema' && !isClosed(format.schema))
    complain('output_config.format: every object has to be closed')
}

function checkThinking(body: JsonObject, complain: Complain): void {
  const thinking = objectOf(body.thinking)
  if (thinking.type !== 'enabled') return
  const budget = Number(thinking.budget_tokens)
  if (!(budget >= 1024) || budget >= Number(body.max_tokens))
    complain('thinking.budget_tokens: at least 1024 and below max_tokens')
  if (body.temperature !== undefined && body.temperature !== 1) complain('temperature: 1 while thinking')
  if (['any', 'tool'].includes(textOf(objectOf(body.tool_choice).type)))
    complain('tool_choice: not forced while thinking')
  // The turn that is under way has to begin with its thought (trap 13).
  const assistant = listOf(body.messages).findLast(message => message.role === 'assistant')
  const blocks = listOf(assistant?.content)
  const isUnderWay = blocks.some(block => block.type === 'tool_use')
  if (isUnderWay && !textOf(blocks[0]?.type).endsWith('thinking'))
    complain('messages: a tool turn without its thinking while thinking is enabled')
}

function checkTools(body: JsonObject, complain: Complain): void {
  const tools = listOf(body.tools)
  for (const tool of tools) {
    if (!name.test(textOf(tool.name))) complain(`tools: name ${tool.name}`)
    if (tool.type === undefined && objectOf(tool.input_schema).type !== 'object')
      complain(`tools: ${tool.name} has no object schema`)
  }
  const choice = objectOf(body.tool_choice)
  if (choice.type !== undefined && tools.length === 0) complain('tool_choice: only with tools')
  if (choice.type === 'none' && choice.disable_parallel_tool_use !== undefined)
    complain('tool_choice: none takes no disable_parallel_tool_use')
  if (choice.type === 'tool' && !tools.some(tool => tool.name === choice.name))
    complain(`tool_choice: no tool ${choice.name}`)
  const used = listOf(body.messages).flatMap(message => listOf(message.content))
  if (tools.length === 0 && used.some(block => block.type === 'tool_use'))
    complain('tools: the history has calls, so the tools have to be there')
}

function checkTurns(messages: readonly JsonObject[], complain: Complain): void {
  if (messages[0]?.role !== 'user') complain('messages: the first has to be of the user')
  /** Calls of the last assistant message, which the next user message has to answer first. */
  let waiting: readonly string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === messages[index - 1]?.role) complain(`messages[${index}]: two of one role in a row`)
    if (message.role !== 'user' && message.role !== 'assistant')
      complain(`messages[${index}]: ${message.role}`)
    const blocks =
      typeof message.content === 'string'
        ? [{ type: 'text', text: message.content }]
        : listOf(message.content)
    if (blocks.length === 0) complain(`messages[${index}]: empty`)
    const results = blocks.filter(block => block.type === 'tool_result')
    const firstOther = blocks.findIndex(block => block.type !== 'tool_result')
    if (firstOther >= 0 && firstOther < results.length)
      complain(`messages[${index}]: tool results come before everything else`)
    const answered = results.map(block => textOf(block.tool_use_id)).sort()
    if (answered.join() !== [...waiting].sort().join())
      complain(`messages[${index}]: answers [${answered}] to calls [${waiting}]`)
    waiting = blocks.filter(block => block.type === 'tool_use').map(block => textOf(block.id))
    for (const block of blocks) checkBlock(block, `messages[${index}]`, complain)
  }
  if (waiting.length > 0) complain(`messages: calls without a result: ${waiting}`)
}

function checkBlock(block: JsonObject, path: string, complain: Complain): void {
  switch (block.type) {
    case 'text':
      if (textOf(block.text).trim() === '') complain(`${path}: an empty text`)
      break
    case 'image': {
      const source = objectOf(block.source)
      if (source.type === 'base64' && !images.includes(textOf(source.media_type)))
        complain(`${path}: no images of type ${source.media_type}`)
      break
    }
    case 'tool_use':
      if (!id.test(textOf(block.id))) complain(`${path}: call id ${block.id}`)
      if (typeof block.input !== 'object' || block.input === null || Array.isArray(block.input))
        complain(`${path}: the input of a call is an object`)
      break
    case 'thinking':
      if (textOf(block.signature) === '') complain(`${path}: thinking without a signature`)
      break
    case 'tool_result':
    case 'redacted_thinking':
    case 'document':
      break
    default:
      complain(`${path}: block ${block.type}`)
  }
}
