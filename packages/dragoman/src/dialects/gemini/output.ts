import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { type Fields, object, text } from './fields.ts'
import { toJsonSchema } from './schema.ts'
import { dialect, ownExtra } from './wire.ts'

/** The schema in OpenAPI's form, as it came: put back as long as it still says what the model does. */
const openapiMark = '$responseSchema'
/** Plain text was asked for by name. */
const plainMark = '$plain'

/** The format of the answer: a MIME type, and for JSON a schema in one of two forms (SDK 3.1.0 `GenerationConfig`). */
export function decodeFormat(config: Fields): OutputFormat | undefined {
  const type = config.take('responseMimeType', text)
  if (type === undefined) return undefined
  if (type === 'text/plain') return { kind: 'text', extra: { [dialect]: { [plainMark]: true } } }
  if (type !== 'application/json') {
    config.keep('responseMimeType', type)
    return undefined
  }
  const schema = config.want('responseJsonSchema', object)
  if (schema !== undefined) return { kind: 'json-schema', schema }
  const openapi = config.want('responseSchema', object)
  if (openapi === undefined) return { kind: 'json' }
  const extra = { [dialect]: { [openapiMark]: openapi } }
  return { kind: 'json-schema', schema: toJsonSchema(openapi), extra }
}

/** Fields of `generationConfig`. A schema is always enforced here. */
export function encodeFormat(output: OutputFormat | undefined, notes: Notes): JsonObject {
  if (output === undefined) return {}
  notes.foreign(output, 'output')
  switch (output.kind) {
    case 'text':
      return ownExtra(output)?.[plainMark] === true ? { responseMimeType: 'text/plain' } : {}
    case 'json':
      return { responseMimeType: 'application/json' }
    case 'json-schema':
      if (output.strict === false) {
        notes.add('approximated', 'output.strict', 'a schema is always enforced here')
      }
      return { responseMimeType: 'application/json', ...encodeSchema(output, notes) }
  }
}

function encodeSchema(output: OutputFormat & { kind: 'json-schema' }, notes: Notes): JsonObject {
  const { name, description, schema } = output
  const openapi = ownExtra(output)?.[openapiMark]
  if (schema !== undefined && isObject(openapi) && sameJson(toJsonSchema(openapi), schema)) {
    return { responseSchema: openapi }
  }
  return {
    responseJsonSchema: {
      ...annotation('title', name, 'name'),
      ...annotation('description', description, 'description'),
      ...schema,
    },
  }

  function annotation(key: string, value: string | undefined, field: string): JsonObject {
    if (value === undefined) return {}
    const kind = schema?.[key] === undefined ? 'renamed' : 'dropped'
    notes.add(kind, `output.${field}`, `the schema's ${key} is its place here`)
    return defined({ [key]: value })
  }
}

export function sameJson(one: JsonObject, other: JsonObject): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
