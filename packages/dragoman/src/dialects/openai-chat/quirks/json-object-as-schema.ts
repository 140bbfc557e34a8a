import type { Quirk } from '../../../core/quirk.ts'
import { isObject } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

export const jsonObjectAsSchema: Quirk = {
  id: 'json-object-as-schema',
  reason:
    "Answers json_object with 400 \"'response_format.type' must be 'json_schema' or 'text'\" (lmstudio-ai/lmstudio-bug-tracker#189).",
  request(wire) {
    const { response_format: format } = wire
    if (!isObject(format) || format.type !== 'json_object') return unchanged(wire)
    const schema = { name: 'json_object', schema: { type: 'object' } }
    return changed(
      { ...wire, response_format: { type: 'json_schema', json_schema: schema } },
      {
        kind: 'emulated',
        path: 'output',
        reason: 'This upstream has no json_object; it was asked for any JSON object by schema.',
      },
    )
  },
}
