import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/** Keywords whose value is a schema, a list of them, or schemas by name. */
const one: readonly string[] = ['items', 'additionalProperties', 'not']
const many: readonly string[] = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const named: readonly string[] = ['properties', '$defs', 'definitions']
/** 64-bit integers come as text (trap 57). */
const counts: readonly string[] = [
  ...['maxItems', 'minItems', 'maxLength', 'minLength', 'maxProperties', 'minProperties'],
]

/** proto3 JSON takes either spelling of a keyword; names of properties are data and stay. */
const snaked: { readonly [key: string]: string } = {
  any_of: 'anyOf',
  max_items: 'maxItems',
  min_items: 'minItems',
  max_length: 'maxLength',
  min_length: 'minLength',
  max_properties: 'maxProperties',
  min_properties: 'minProperties',
  property_ordering: 'propertyOrdering',
}

/**
 * A schema in OpenAPI's form (SDK 3.1.0 `Schema`: types in upper case, `nullable`) as the JSON Schema that says the
 * same. `propertyOrdering` and `example` stay: JSON Schema passes over what it does not know.
 */
export function toJsonSchema(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema
  const converted = Object.entries(rest).map(([key, value]) => {
    const name = Object.hasOwn(snaked, key) ? (snaked[key] ?? key) : key
    return [name, convert(name, value)] as const // a pair, not a list
  })
  const made = Object.fromEntries(converted)
  return nullable === true ? withNull(made) : made
}

function convert(key: string, value: JsonValue): JsonValue {
  if (key === 'type' && typeof value === 'string') return value.toLowerCase()
  if (counts.includes(key) && typeof value === 'string') return Number(value)
  if (one.includes(key) && isObject(value)) return toJsonSchema(value)
  if (many.includes(key) && isList(value)) {
    return value.map(entry => (isObject(entry) ? toJsonSchema(entry) : entry))
  }
  if (named.includes(key) && isObject(value)) {
    const schemas = Object.entries(value).map(([name, entry]) => [
      name,
      isObject(entry) ? toJsonSchema(entry) : entry,
    ])
    return Object.fromEntries(schemas)
  }
  return value
}

/** The schema that takes null besides. */
function withNull(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema
  if (typeof type === 'string') {
    const withEnum = isList(values) ? { enum: [...values, null] } : {}
    return { ...schema, type: [type, 'null'], ...withEnum }
  }
  return isList(anyOf) ? { ...schema, anyOf: [...anyOf, { type: 'null' }] } : schema
}
