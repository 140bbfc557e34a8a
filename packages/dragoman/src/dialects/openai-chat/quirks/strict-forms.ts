import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import { isObject, without } from '../../../wire/json.ts'
import { changed, editMessages, unchanged } from './edit.ts'

export const stopAsList: Quirk = {
  id: 'stop-as-list',
  reason: 'Reads stop as a list only: a string is a 422 (text-generation-inference router/src/lib.rs).',
  request: wire =>
    typeof wire.stop === 'string' ? changed({ ...wire, stop: [wire.stop] }) : unchanged(wire),
}

const topP: ReadonlySet<string> = new Set(['top_p'])

/** A nucleus of everything is none, so leaving it out loses nothing. */
export const noFullTopP: Quirk = {
  id: 'no-full-top-p',
  reason:
    'Takes top_p strictly between 0 and 1: the default of 1, said, is a 422 (text-generation-inference router/src/lib.rs).',
  request: wire => (wire.top_p === 1 ? changed(without(wire, topP)) : unchanged(wire)),
}

const anyObject = { type: 'object' }

export const formatAsValue: Quirk = {
  id: 'format-as-value',
  reason:
    'Wants the schema of an answer as `value`, and one for json_object too: the usual form is a 422 (text-generation-inference router/src/lib.rs).',
  request(wire) {
    const { response_format: format } = wire
    if (!isObject(format)) return unchanged(wire)
    const { type, json_schema: schema } = format
    if (type === 'json_object' && format.value === undefined)
      return changed({ ...wire, response_format: { type, value: anyObject } })
    if (type !== 'json_schema' || !isObject(schema)) return unchanged(wire)
    const value = { ...schema, schema: schema.schema ?? anyObject }
    return changed({ ...wire, response_format: { type, value } })
  },
}

const contentField: ReadonlySet<string> = new Set(['content'])

export const noTextBesideCalls: Quirk = {
  id: 'no-text-beside-calls',
  reason:
    'Reads a turn of the assistant that has content, even an empty one, as text and loses its calls (text-generation-inference router/src/lib.rs).',
  request: wire =>
    editMessages(wire, (message, path, notes) => {
      const { content, tool_calls: calls } = message
      if (!isList(calls) || calls.length === 0 || content === undefined || content === null) return message
      if (content !== '' && !(isList(content) && content.length === 0)) {
        const reason = 'This upstream takes no text beside the calls of a turn; the calls were kept.'
        notes.push({ kind: 'dropped', path, reason })
      }
      return without(message, contentField)
    }),
}
