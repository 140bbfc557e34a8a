import { isList } from '../../../core/codec/values.ts'
import type { JsonObject } from '../../../ir/json.ts'
import type { Encoded, Note } from '../../../ir/note.ts'
import { isObject } from '../../../wire/json.ts'

/** Nothing to change: the same object, so that a relayed body keeps its bytes. */
export function unchanged(wire: JsonObject): Encoded<JsonObject> {
  return { value: wire, notes: [] }
}

export function changed(value: JsonObject, ...notes: readonly Note[]): Encoded<JsonObject> {
  return { value, notes }
}

/** Changes messages one by one; `edit` returns the same message where there is nothing to do, and may add notes. */
export function editMessages(
  wire: JsonObject,
  edit: (message: JsonObject, path: string, notes: Note[]) => JsonObject,
): Encoded<JsonObject> {
  const { messages } = wire
  if (!isList(messages)) return unchanged(wire)
  const notes: Note[] = []
  let isChanged = false
  const edited = messages.map((message, index) => {
    if (!isObject(message)) return message
    const after = edit(message, `turns[${index}]`, notes)
    isChanged ||= after !== message
    return after
  })
  return isChanged ? { value: { ...wire, messages: edited }, notes } : unchanged(wire)
}
