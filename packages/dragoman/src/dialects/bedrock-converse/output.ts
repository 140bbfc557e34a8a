import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined, parseText } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { need, open, openOptional, text } from './fields.ts'
import { asExtra, ownExtra, withExtra } from './wire.ts'

/** The schema's text where it is laid out otherwise than we would. */
const layout = '$schema'

/**
 * `outputConfig.textFormat` (SDK 3.1164 `OutputFormat`): a schema as JSON *text*. One that is no JSON, or a format of a
 * type nobody knows, stays where it is.
 */
export function decodeFormat(config: Fields): OutputFormat | undefined {
  const format = openOptional(config, 'textFormat')
  if (format === undefined) return undefined
  const type = need(format, 'type', text, 'json_schema')
  const structure = open(format, 'structure')
  const inner = open(structure, 'jsonSchema')
  const written = need(inner, 'schema', text, '{}')
  const schema = parseText(written)
  if (type !== 'json_schema') format.keep('type', type)
  if (!isObject(schema)) inner.fail('schema', 'must be a JSON schema as JSON text')
  const output = {
    kind: 'json-schema' as const, // a kind is a literal
    name: inner.want('name', text),
    description: inner.want('description', text),
    schema: isObject(schema) ? schema : {},
  }
  structure.keepRest('jsonSchema', inner)
  format.keepRest('structure', structure)
  const mark = written === JSON.stringify(schema) ? {} : { [layout]: written }
  return defined({ ...output, extra: asExtra({ ...ownExtra({ extra: format.extra() ?? {} }), ...mark }) })
}

/** The format of the answer. JSON without a schema cannot be asked for; an adaptation emulates it before. */
export function encodeFormat(output: OutputFormat | undefined, notes: Notes): JsonObject | undefined {
  if (output === undefined) return undefined
  notes.foreign(output, 'output')
  switch (output.kind) {
    case 'text':
      return undefined
    case 'json':
      notes.add('refused', 'output', 'JSON without a schema cannot be asked for here')
      return undefined
    case 'json-schema': {
      const { name, description, strict } = output
      if (strict === false) notes.add('approximated', 'output.strict', 'a schema is always enforced here')
      if (output.schema === undefined) notes.add('approximated', 'output.schema', 'a schema is required here')
      const jsonSchema = defined({ schema: encodeSchema(output), name, description })
      return withExtra({ type: 'json_schema', structure: { jsonSchema } }, ownExtra(output))
    }
  }
}

/** The schema as text: how much of JSON Schema a model takes is the profile's to say, and was seen to before. */
function encodeSchema(output: OutputFormat & { readonly kind: 'json-schema' }): string {
  const text = JSON.stringify(
    output.schema ?? { type: 'object', properties: {}, additionalProperties: false },
  )
  const kept = ownExtra(output)?.[layout]
  return typeof kept === 'string' && JSON.stringify(parseText(kept)) === text ? kept : text
}
