import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import type { Writer } from './lower.ts'
import { canonical, typeOf } from './types.ts'

/** Whether no value fulfils two of these, as far as that can be seen. They are schemas as they were written. */
export function areDisjoint(writer: Writer, schemas: readonly JsonObject[]): boolean {
  return schemas.every((one, at) => schemas.slice(at + 1).every(other => arePairDisjoint(writer, one, other)))
}

function arePairDisjoint(writer: Writer, one: JsonObject, other: JsonObject): boolean {
  const [first, second] = [resolve(writer, one), resolve(writer, other)]
  if (first === undefined || second === undefined) return false
  const [values, others] = [valuesIn(first), valuesIn(second)]
  if (values !== undefined && others !== undefined) return !values.some(value => others.includes(value))
  const [types, otherTypes] = [typesIn(first), typesIn(second)]
  if (types === undefined || otherTypes === undefined) return false
  const shared = types.filter(type => otherTypes.includes(type))
  if (shared.length === 0) return true
  return shared.every(type => type === 'object') && areObjectsDisjoint(writer, first, second)
}

/** Two objects: a required property has other values in each, or each requires one that the other does not have. */
function areObjectsDisjoint(writer: Writer, one: JsonObject, other: JsonObject): boolean {
  const [required, otherRequired] = [requiredIn(writer, one), requiredIn(writer, other)]
  const [properties, otherProperties] = [propertiesIn(one), propertiesIn(other)]
  const isMarked = required.some(name => {
    const [mine, theirs] = [properties[name], otherProperties[name]]
    return (
      otherRequired.includes(name) &&
      isObject(mine) &&
      isObject(theirs) &&
      arePairDisjoint(writer, mine, theirs)
    )
  })
  if (isMarked) return true
  const areClosed = one.additionalProperties === false && other.additionalProperties === false
  return (
    areClosed &&
    required.some(name => otherProperties[name] === undefined) &&
    otherRequired.some(name => properties[name] === undefined)
  )
}

/** What the caller required; what was only made so may be taken away again. */
function requiredIn(writer: Writer, schema: JsonObject): readonly string[] {
  const made = writer.optional.get(schema)
  const required = Array.isArray(schema.required) ? (schema.required as readonly JsonValue[]) : [] // a list of JSON
  return required.filter((name): name is string => typeof name === 'string' && made?.has(name) !== true)
}

const propertiesIn = (schema: JsonObject): JsonObject =>
  isObject(schema.properties) ? schema.properties : {}

function resolve(writer: Writer, schema: JsonObject): JsonObject | undefined {
  if (schema.$ref !== undefined) return writer.definition(schema.$ref)
  return schema.anyOf === undefined ? schema : undefined
}

function valuesIn(schema: JsonObject): readonly string[] | undefined {
  if (schema.const !== undefined) return [canonical(schema.const)]
  return Array.isArray(schema.enum) ? schema.enum.map(canonical) : undefined
}

/** Types with `integer` as the kind of number that it is. */
function typesIn(schema: JsonObject): readonly string[] | undefined {
  const { type } = schema
  const listed = Array.isArray(schema.enum) ? schema.enum.map(typeOf) : undefined
  const names =
    listed ?? (Array.isArray(type) ? (type as readonly JsonValue[]) : type === undefined ? undefined : [type]) // a list of JSON
  const nullable = schema.nullable === true ? ['null'] : []
  return names === undefined
    ? undefined
    : [...nullable, ...names.map(name => (name === 'integer' ? 'number' : String(name)))]
}
