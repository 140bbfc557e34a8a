import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { listOf, objectOf, textOf } from './oracle-read.ts'

const roles = ['system', 'user', 'assistant', 'tool']

/** v2/chat: reference card. */
export function checkCohere(body: JsonObject, complain: Complain): void {
  const messages = listOf(body.messages)
  if (messages.length === 0) complain('messages: at least one')
  if (typeof body.model !== 'string') complain('model: required')
  if (typeof body.temperature === 'number' && body.temperature > 1) complain('temperature: at most 1')
  let waiting = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const role = textOf(message.role)
    if (!roles.includes(role)) complain(`messages[${index}].role: ${role}`)
    if (role === 'tool') {
      if (!waiting.delete(textOf(message.tool_call_id)))
        complain(`messages[${index}].tool_call_id: no call before it has this id`)
      continue
    }
    if (waiting.size > 0) complain(`messages[${index}]: calls without a result: ${[...waiting]}`)
    const calls = listOf(message.tool_calls)
    waiting = new Set(calls.map(call => textOf(call.id)))
    for (const call of calls)
      if (textOf(objectOf(call.function).name) === '') complain(`messages[${index}]: a call without a name`)
    const isEmpty =
      typeof message.content === 'string' ? message.content === '' : listOf(message.content).length === 0
    if (isEmpty && calls.length === 0) complain(`messages[${index}]: empty`)
  }
  if (waiting.size > 0) complain(`messages: calls without a result: ${[...waiting]}`)
}
