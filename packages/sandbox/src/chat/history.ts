import { type ApiError, refuse } from '../errors.ts'
import { type JsonObject, objectsAt, textAt } from '../json.ts'

const roleOf = (message: JsonObject | undefined): string | null => (message ? textAt(message, 'role') : null)

/** Every call of a tool must be answered by the messages that follow it, and nothing else may be. */
export function historyProblem(messages: readonly JsonObject[]): ApiError | null {
  let at = 0
  while (at < messages.length) {
    const message = messages[at]
    if (roleOf(message) === 'tool')
      return refuse(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${at}].role`,
      )
    at += 1
    const ids = message ? objectsAt(message, 'tool_calls').map(call => textAt(call, 'id') ?? '') : []
    if (ids.length === 0) continue
    const problem = answersProblem(messages, at, ids)
    if (problem) return problem
    while (roleOf(messages[at]) === 'tool') at += 1
  }
  return null
}

function answersProblem(
  messages: readonly JsonObject[],
  from: number,
  ids: readonly string[],
): ApiError | null {
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index)
  if (repeated !== undefined) return duplicate(repeated, from - 1, 'tool_calls')
  const answered = new Set<string>()
  let at = from
  for (let message = messages[at]; message && roleOf(message) === 'tool'; message = messages[at]) {
    const id = textAt(message, 'tool_call_id') ?? ''
    if (!ids.includes(id))
      return refuse(
        `Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`,
        `messages.[${at}].tool_call_id`,
      )
    if (answered.has(id)) return duplicate(id, at, 'tool_call_id')
    answered.add(id)
    at += 1
  }
  const missing = ids.filter(id => !answered.has(id))
  if (missing.length === 0) return null
  return refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${missing.join(', ')}`,
    at < messages.length ? `messages.[${at}].role` : 'messages',
  )
}

const duplicate = (id: string, index: number, field: string): ApiError =>
  refuse(
    `Duplicate value for 'tool_call_id' of '${id}' in message[${index}].`,
    `messages.[${index}].${field}`,
  )
