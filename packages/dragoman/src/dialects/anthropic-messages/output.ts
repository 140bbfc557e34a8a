import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { OutputFormat } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

/** A format as it stands under `output_config.format` (and under the older `output_format`). */
export function decodeFormat(fields: Fields, key: string): OutputFormat | undefined {
  const wire = fields.want(key, object)
  if (wire === undefined) return undefined
  if (wire.type !== 'json_schema') {
    fields.keep(key, wire)
    return undefined
  }
  const inner = fields.inside(key, wire)
  inner.take('type', text)
  return defined({ kind: 'json-schema', schema: inner.need('schema', object, {}), extra: inner.extra() })
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
    case 'json-schema':
      return withExtra({ type: 'json_schema', schema: encodeSchema(output, notes) }, ownExtra(output))
  }
}

function encodeSchema(output: OutputFormat & { kind: 'json-schema' }, notes: Notes): JsonObject {
  const { name, description, strict } = output
  const schema: JsonObject = output.schema ?? { type: 'object', properties: {} }
  if (output.schema === undefined) notes.add('approximated', 'output.schema', 'a schema is required here')
  if (strict === false) notes.add('approximated', 'output.strict', 'a schema is always enforced here')
  const closed = closeSchema(schema, 'output.schema', notes)
  return {
    ...annotation('title', name, 'name'),
    ...annotation('description', description, 'description'),
    ...closed,
  }

  function annotation(key: string, value: string | undefined, field: string): JsonObject {
    if (value === undefined) return {}
    const kind = schema[key] === undefined ? 'renamed' : 'dropped'
    notes.add(kind, `output.${field}`, `the schema's ${key} is its place here`)
    return { [key]: value }
  }
}

/** Keywords whose value is a schema, a list of them, or schemas by name. */
const one: readonly string[] = ['items', 'not', 'if', 'then', 'else', 'contains']
const many: readonly string[] = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const named: readonly string[] = ['properties', '$defs', 'definitions']

function describesObject(schema: JsonObject): boolean {
  const { type } = schema
  return type === 'object' || (isList(type) && type.includes('object')) || isObject(schema.properties)
}

/**
 * The schema with every object closed, which the API demands (trap 38). Where an object with named properties said
 * nothing, closing it allows less than the caller does, so every answer still fits; where it was open on purpose, or
 * has no names at all, the meaning changes and that is noted (trap 39).
 */
export function closeSchema(schema: JsonObject, path: string, notes: Notes): JsonObject {
  const closed: JsonObject = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closeKeyword(key, value, `${path}.${key}`, notes)]),
  )
  if (!describesObject(schema) || schema.additionalProperties === false) return closed
  const { properties } = schema
  const hasNames = isObject(properties) && Object.keys(properties).length > 0
  if (schema.additionalProperties !== undefined || !hasNames) {
    notes.add(
      'approximated',
      `${path}.additionalProperties`,
      'objects have no properties beyond the named ones here',
    )
  }
  return { ...closed, additionalProperties: false }
}

function closeKeyword(key: string, value: JsonValue, path: string, notes: Notes): JsonValue {
  if (one.includes(key) && isObject(value)) return closeSchema(value, path, notes)
  if (many.includes(key) && isList(value)) {
    return value.map((entry, index) =>
      isObject(entry) ? closeSchema(entry, `${path}[${index}]`, notes) : entry,
    )
  }
  if (!named.includes(key) || !isObject(value)) return value
  const schemas = Object.entries(value).map(([name, entry]) => [
    name,
    isObject(entry) ? closeSchema(entry, `${path}.${name}`, notes) : entry,
  ])
  return Object.fromEntries(schemas)
}
