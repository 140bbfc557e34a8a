import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import type { Said, Sayings } from './source.ts'

export const typeNames = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const
export type TypeName = (typeof typeNames)[number]

export function typeOf(value: JsonValue): TypeName {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as TypeName // what JSON has left: string, boolean, object
}

const isTypeName = (name: JsonValue): name is TypeName => typeNames.some(known => known === name)

/** Types in either letters: the OpenAPI form is often written in capitals. */
function named(value: JsonValue): readonly TypeName[] {
  const names = Array.isArray(value) ? value : [value]
  return names.map(name => (typeof name === 'string' ? name.toLowerCase() : name)).filter(isTypeName)
}

/** Keywords that only make sense for one type: who writes them and names no type means it. */
const implying: readonly (readonly [TypeName, readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'contains', 'minItems', 'maxItems', 'uniqueItems']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
]

function meet(one: readonly TypeName[], other: readonly TypeName[]): readonly TypeName[] {
  const both = one.filter(name => other.includes(name) || (name === 'integer' && other.includes('number')))
  const narrowed = other.includes('integer') && one.includes('number') && !both.includes('integer')
  return (narrowed ? [...both, 'integer' as const] : both).filter(
    (name, index, names) => names.indexOf(name) === index,
  )
}

/**
 * The types a value may have by all that is said of it; undefined where nothing is said. `nullable` is OpenAPI's way
 * of adding null, which generators write into JSON Schema too.
 */
export function typesOf(
  sayings: Sayings,
  values: readonly JsonValue[] | undefined,
): readonly TypeName[] | undefined {
  let types: readonly TypeName[] | undefined
  for (const { schema } of sayings.sources) {
    if (schema.type === undefined) continue
    const said: readonly TypeName[] =
      schema.nullable === true ? [...named(schema.type), 'null'] : named(schema.type)
    types = types === undefined ? said.filter((name, at) => said.indexOf(name) === at) : meet(types, said)
  }
  if (types !== undefined || values !== undefined) return types
  return implying.find(([, keywords]) => keywords.some(keyword => sayings.has(keyword)))?.slice(0, 1) as
    | readonly TypeName[]
    | undefined // the first member of a pair is its type
}

const sameJson = (one: JsonValue, other: JsonValue): boolean => canonical(one) === canonical(other)

/** JSON text in which equal values are equal. */
export function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}

/** The values that `enum` and `const` leave; undefined where neither is there. */
export function valuesOf(sayings: Sayings): readonly JsonValue[] | undefined {
  const lists = [
    ...sayings.all('enum').map(({ value }) => (Array.isArray(value) ? (value as readonly JsonValue[]) : [])), // a list of JSON
    ...sayings.all('const').map(({ value }) => [value]),
  ]
  const [first, ...rest] = lists
  return first?.filter(value => rest.every(list => list.some(other => sameJson(value, other))))
}

const fits = (value: JsonValue, types: readonly TypeName[]): boolean => {
  const type = typeOf(value)
  return types.includes(type) || (type === 'integer' && types.includes('number'))
}

/** Values that also have one of these types. */
export const ofTypes = (values: readonly JsonValue[], types: readonly TypeName[] | undefined) =>
  types === undefined ? values : values.filter(value => fits(value, types))

/** The type that keywords are about, where a value may have one besides null. */
export const mainType = (types: readonly TypeName[] | undefined): TypeName | undefined => {
  const others = types?.filter(type => type !== 'null') ?? []
  return others.length === 1 ? others[0] : undefined
}

export const asNumber = (said: Said): number | undefined =>
  typeof said.value === 'number'
    ? said.value
    : typeof said.value === 'string' && said.value.trim() !== '' && Number.isFinite(Number(said.value))
      ? Number(said.value) // int64 fields of the OpenAPI form come as text
      : undefined

export const asSchema = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {})
