import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonValue } from '../../../ir/json.ts'
import { isObject } from '../../../wire/json.ts'
import { deriveCallId } from '../call-id.ts'
import { editMessages } from './edit.ts'

/** Longest id of a tool call in a request. */
const longest = 40

/** The same long id gives the same short one, so a result still finds its call. */
function shorten(id: JsonValue | undefined): string | undefined {
  return typeof id === 'string' && id.length > longest ? deriveCallId('long', id) : undefined
}

export const shortToolIds: Quirk = {
  id: 'short-tool-ids',
  reason:
    'Answers a tool call id of more than 40 characters with 400 (microsoft/autogen#6377); other hosts make longer ones.',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      const result = shorten(message.tool_call_id)
      const calls = isList(message.tool_calls) ? message.tool_calls : []
      const ids = calls.map(call => (isObject(call) ? shorten(call.id) : undefined))
      if (result === undefined && ids.every(id => id === undefined)) return message
      notes.push({
        kind: 'renamed',
        path,
        reason: 'This upstream takes ids of at most 40 characters for tool calls.',
      })
      return {
        ...message,
        ...(result === undefined ? {} : { tool_call_id: result }),
        ...(calls.length === 0
          ? {}
          : {
              tool_calls: calls.map((call, index) =>
                isObject(call) ? { ...call, id: ids[index] ?? call.id ?? null } : call,
              ),
            }),
      }
    }),
}
