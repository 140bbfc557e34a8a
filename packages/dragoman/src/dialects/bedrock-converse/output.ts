import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { type Fields, text } from './fields.ts'
import { asExtra, defined, isList, type Notes, ownExtra, parseText, withExtra } from './wire.ts'

/** The schema's text where it is laid out otherwise than we would. */
const layout = '$schema'

/**
 * `outputConfig.textFormat` (SDK 3.1164 `OutputFormat`): a schema as JSON *text*. One that is no JSON, or a format of a
 * type nobody knows, stays where it is.
 */
export function decodeFormat(config: Fields): OutputFormat | undefined {
  const format = config.openOptional('textFormat')
  if (format === undefined) return undefined
  const type = format.need('type', text, 'json_schema')
  const structure = format.open('structure')
  const inner = structure.open('jsonSchema')
  const written = inner.need('schema', text, '{}')
  const schema = parseText(written)
  if (type !== 'json_schema') format.keep('type', type)
  if (!isObject(schema)) inner.fail('schema', 'must be a JSON schema as JSON text')
  const output = {
    kind: 'json-schema' as const, // a kind is a literal
    name: inner.want('name', text),
    description: inner.want('description', text),
    schema: isObject(schema) ? schema : {},
  }
  structure.close('jsonSchema', inner)
  format.close('structure', structure)
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
      const jsonSchema = defined({ schema: encodeSchema(output, notes), name, description })
      return withExtra({ type: 'json_schema', structure: { jsonSchema } }, ownExtra(output))
    }
  }
}

function encodeSchema(output: OutputFormat & { readonly kind: 'json-schema' }, notes: Notes): string {
  const kept = ownExtra(output)?.[layout]
  if (typeof kept === 'string') return kept
  const schema = output.schema ?? { type: 'object', properties: {} }
  return JSON.stringify(closeSchema(schema, 'output.schema', notes))
}

/** Keywords whose value is a schema, a list of them, or schemas by name. */
const single: readonly string[] = ['items', 'not', 'if', 'then', 'else', 'contains']
const lists: readonly string[] = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const named: readonly string[] = ['properties', '$defs', 'definitions']

/**
 * The schema with every object closed, which structured output demands. Where an object with named properties said
 * nothing, closing it allows less than the caller does, so every answer still fits; where it was open on purpose the
 * meaning changes and that is noted.
 */
function closeSchema(schema: JsonObject, path: string, notes: Notes): JsonObject {
  const closed: JsonObject = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      const at = `${path}.${key}`
      if (single.includes(key) && isObject(value)) return [key, closeSchema(value, at, notes)]
      if (lists.includes(key) && isList(value)) {
        return [key, value.map(entry => (isObject(entry) ? closeSchema(entry, at, notes) : entry))]
      }
      if (!named.includes(key) || !isObject(value)) return [key, value]
      const inner = Object.entries(value).map(([name, entry]) => [
        name,
        isObject(entry) ? closeSchema(entry, `${at}.${name}`, notes) : entry,
      ])
      return [key, Object.fromEntries(inner)]
    }),
  )
  const isClosed = schema.additionalProperties === false
  if ((schema.type !== 'object' && !isObject(schema.properties)) || isClosed) return closed
  if (schema.additionalProperties !== undefined) {
    const reason = 'objects have no properties beyond the named ones here'
    notes.add('approximated', `${path}.additionalProperties`, reason)
  }
  return { ...closed, additionalProperties: false }
}
