import type { NoteLog } from '../../core/codec/notes.ts'
import type { Reading } from '../../core/codec/reading.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { carriedBy, carry, type Draft, putBack, restOf } from './wire.ts'

const typeField = new Set(['type'])
const formatFields = new Set(['type', 'json_schema'])
const schemaFields = new Set(['name', 'description', 'schema', 'strict'])

/**
 * `response_format`. A type that OpenAI does not have (`structural_tag`, `grammar`) is put into `rest` whole: hosts
 * that have it read it there.
 */
export function decodeOutput(
  reading: Reading,
  wire: JsonObject,
  rest: Draft,
): { readonly output?: OutputFormat } {
  const path = 'response_format'
  const format = reading.field(wire, path, 'object')
  if (format === undefined) return {}
  const type = reading.required(format, 'type', 'string', path)
  if (type === 'text') return { output: { kind: 'text', ...carry(restOf(format, typeField)) } }
  if (type === 'json_object') return { output: { kind: 'json', ...carry(restOf(format, typeField)) } }
  if (type === 'json_schema') return { output: decodeSchema(reading, format, path) }
  rest[path] = format
  return {}
}

function decodeSchema(reading: Reading, format: JsonObject, path: string): OutputFormat {
  const body = reading.required(format, 'json_schema', 'object', path) ?? {}
  const at = `${path}.json_schema`
  const inside = restOf(body, schemaFields)
  const outside = restOf(format, formatFields)
  return {
    kind: 'json-schema',
    ...defined({
      name: reading.field(body, 'name', 'string', at),
      description: reading.field(body, 'description', 'string', at),
      schema: reading.field(body, 'schema', 'object', at),
      strict: reading.field(body, 'strict', 'boolean', at),
    }),
    ...carry(Object.keys(inside).length === 0 ? outside : { ...outside, json_schema: inside }),
  }
}

/** The wire wants a name for a schema; a caller of another dialect need not have given one. */
const defaultName = 'response'

export function encodeOutput(output: OutputFormat | undefined, notes: NoteLog): Draft {
  if (output === undefined) return {}
  notes.foreign(output, 'output')
  return { response_format: putBack(formatOf(output), carriedBy(output)) }
}

function formatOf(output: OutputFormat): JsonObject {
  if (output.kind === 'text') return { type: 'text' }
  if (output.kind === 'json') return { type: 'json_object' }
  const { name = defaultName, description, schema, strict } = output
  return { type: 'json_schema', json_schema: defined({ name, description, schema, strict }) }
}
