import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

/** `response_format` (SDK 8.1.0 `ResponseFormatV2`): the schema stands in it directly, with no name and no wrapper. */
export function decodeFormat(fields: Fields): OutputFormat | undefined {
  const wire = fields.want('response_format', object)
  if (wire === undefined) return undefined
  const inner = fields.inside('response_format', wire)
  const type = inner.need('type', text, 'text')
  const schema = type === 'json_object' ? inner.want('json_schema', object) : undefined
  if (type === 'text') return defined({ kind: 'text', extra: inner.extra() })
  if (schema !== undefined) return defined({ kind: 'json-schema', schema, extra: inner.extra() })
  if (type === 'json_object') return defined({ kind: 'json', extra: inner.extra() })
  fields.keep('response_format', wire)
  return undefined
}

/** What stands beside a format and does not go with it (SDK 8.1.0 `ResponseFormatV2`, trap COH-15). */
export interface Beside {
  readonly documents: boolean
  readonly tools: boolean
}

/** A format of the answer. That its schema is one the API takes is seen to before (`upstream/schema`, trap COH-14). */
export function encodeFormat(
  output: OutputFormat | undefined,
  beside: Beside,
  notes: Notes,
): JsonObject | undefined {
  if (output === undefined) return undefined
  notes.foreign(output, 'output')
  const extra = ownExtra(output)
  if (output.kind === 'text') return withExtra({ type: 'text' }, extra)
  if (beside.documents || beside.tools) {
    const what = beside.documents ? 'documents' : 'tools'
    notes.add('refused', 'output', `a format of the answer does not go with ${what} here`)
    return undefined
  }
  if (output.kind === 'json') return withExtra({ type: 'json_object' }, extra)
  const { name, description, schema, strict } = output
  if (name !== undefined) notes.add('dropped', 'output.name', 'a schema has no name here')
  if (description !== undefined)
    notes.add('dropped', 'output.description', 'a schema has no description here')
  if (strict === false) notes.add('approximated', 'output.strict', 'a schema is always enforced here')
  if (schema === undefined) return withExtra({ type: 'json_object' }, extra)
  return withExtra({ type: 'json_object', json_schema: schema }, extra)
}
