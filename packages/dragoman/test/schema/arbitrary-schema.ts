import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'

// Schemas with every keyword that says something about values, in combinations that people and generators write.

const scalar = fc.constantFrom<JsonValue>('a', 'bb', 'ccc', 0, 1, 2, 2.5, true, false, null)
const name = fc.constantFrom('a', 'b', 'c')
const small = fc.integer({ min: 0, max: 3 })

/** A few of these members. */
function some(members: { readonly [name: string]: fc.Arbitrary<JsonValue> }): fc.Arbitrary<JsonObject> {
  const kept = fc.subarray(Object.keys(members), { maxLength: 2 })
  return fc
    .tuple(kept, fc.record(members))
    .map(([names, made]) =>
      Object.fromEntries(names.flatMap(key => (key in made ? [[key, made[key] ?? null]] : []))),
    )
}

const annotations = some({
  title: fc.constant('T'),
  description: fc.constant('D'),
  default: scalar,
  'x-own': fc.constant(1),
})

const stringSchema = some({
  minLength: small,
  maxLength: small,
  pattern: fc.constantFrom('^a', '^(?=a)', 'c$'),
  format: fc.constantFrom('date', 'uri', 'own'),
}).map(rest => ({ type: 'string', ...rest }))

const numberSchema = fc
  .tuple(
    fc.constantFrom('number', 'integer'),
    some({
      minimum: small,
      maximum: small,
      exclusiveMinimum: small,
      exclusiveMaximum: small,
      multipleOf: fc.constantFrom(1, 2, 0.5),
    }),
  )
  .map(([type, rest]) => ({ type, ...rest }))

const listed = fc.oneof(
  fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }).map(values => ({ enum: values })),
  scalar.map(value => ({ const: value })),
)

const typed = fc
  .uniqueArray(fc.constantFrom('string', 'integer', 'boolean', 'null'), { minLength: 1, maxLength: 3 })
  .map(types => ({ type: types }))

const nullable = fc.constantFrom('string', 'integer').map(type => ({ type, nullable: true }))

const reference = fc.constantFrom('#/$defs/one', '#/definitions/two', '#three', '#').map($ref => ({ $ref }))

const leaf = fc.oneof(
  stringSchema,
  numberSchema,
  listed,
  typed,
  nullable,
  fc.constant({ type: 'boolean' }),
  fc.constant({}),
)

function objectSchema(inner: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  const properties = fc.dictionary(name, inner, { maxKeys: 3, noNullPrototype: true })
  const rest = some({
    required: fc.uniqueArray(name, { maxLength: 2 }),
    additionalProperties: fc.oneof(fc.constantFrom<JsonValue>(false, false, true), inner),
    patternProperties: fc.dictionary(fc.constantFrom('^c'), inner, { maxKeys: 1, noNullPrototype: true }),
    minProperties: small,
    maxProperties: small,
    propertyNames: fc.constant({ maxLength: 1 }),
    dependentRequired: fc.constant({ a: ['b'] }),
    dependentSchemas: fc.constant({ a: { required: ['c'] } }),
    unevaluatedProperties: fc.constant(false),
  })
  return fc.tuple(properties, rest).map(([one, two]) => ({ type: 'object', properties: one, ...two }))
}

function arraySchema(inner: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  return some({
    items: fc.oneof(inner, inner, fc.constant(false)),
    prefixItems: fc.array(inner, { minLength: 1, maxLength: 2 }),
    contains: inner,
    minContains: small,
    minItems: small,
    maxItems: small,
    uniqueItems: fc.boolean(),
    unevaluatedItems: fc.constant(false),
  }).map(rest => ({ type: 'array', ...rest }))
}

/** Schemas of at most this depth. */
function schemaOf(depth: number): fc.Arbitrary<JsonObject> {
  if (depth === 0) return fc.oneof(leaf, leaf, reference)
  const inner = schemaOf(depth - 1)
  const branches = fc.array(inner, { minLength: 1, maxLength: 3 })
  const combined = some({
    allOf: branches,
    anyOf: branches,
    oneOf: branches,
    not: inner,
    if: inner,
    // biome-ignore lint/suspicious/noThenProperty: that is what the keyword is called
    then: inner,
  })
  const plain = fc.oneof(leaf, reference, objectSchema(inner), objectSchema(inner), arraySchema(inner))
  return fc
    .tuple(
      fc.option(plain, { nil: {} }),
      fc.option(combined, { nil: {}, freq: 2 }),
      fc.option(annotations, { nil: {} }),
    )
    .map(([one, two, three]) => ({ ...one, ...two, ...three }))
}

/** A document with definitions that may refer to one another. */
export const arbitrarySchema: fc.Arbitrary<JsonObject> = fc
  .tuple(schemaOf(2), schemaOf(1), schemaOf(1), schemaOf(0))
  .map(([root, one, two, three]) => ({
    ...root,
    $defs: { one, three: { ...three, $anchor: 'three' } },
    definitions: { two },
  }))

/** Values that fit a schema more often than chance would have it: what they are made of is drawn from it. */
export function arbitraryInstance(
  schema: JsonObject,
  definitions: JsonObject,
  depth = 4,
): fc.Arbitrary<JsonValue> {
  const again = (inner: JsonValue | undefined) =>
    depth === 0
      ? scalar
      : arbitraryInstance(
          (typeof inner === 'object' && inner !== null ? inner : {}) as JsonObject,
          definitions,
          depth - 1,
        ) // a schema or a truth value
  const { anyOf, enum: values, $ref, nullable: hasNull } = schema
  const choices: fc.Arbitrary<JsonValue>[] = []
  if (hasNull === true) choices.push(fc.constant(null))
  if (typeof $ref === 'string') choices.push(again(definitions[$ref.slice('#/$defs/'.length)]))
  if (Array.isArray(anyOf)) choices.push(...anyOf.map(again))
  if (Array.isArray(values) && values.length > 0) choices.push(fc.constantFrom(...(values as JsonValue[]))) // a list of JSON
  if (schema.const !== undefined) choices.push(fc.constant(schema.const))
  if (choices.length > 0) return fc.oneof(...choices)
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? ['any'] : [schema.type]
  return fc.oneof(...types.map((type: JsonValue) => ofType(type, schema, again)))
}

function ofType(
  type: JsonValue,
  schema: JsonObject,
  again: (inner: JsonValue | undefined) => fc.Arbitrary<JsonValue>,
): fc.Arbitrary<JsonValue> {
  switch (type) {
    case 'string':
      return fc.constantFrom('', 'a', 'ac', 'abc', 'c', '2026-11-23', 'https://a.example/')
    case 'integer':
      return fc.integer({ min: -1, max: 4 })
    case 'number':
      return fc.constantFrom(-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const first = Array.isArray(schema.prefixItems) ? (schema.prefixItems as JsonValue[]) : [] // a list of JSON
      const rest = fc.array(again(schema.items), { maxLength: 3 })
      return fc.tuple(fc.tuple(...first.map(again)), rest).map(([one, two]) => [...one, ...two])
    }
    case 'object': {
      const properties = Object.entries((schema.properties ?? {}) as JsonObject) // a map of schemas
      const required = (schema.required ?? []) as string[] // a list of names
      const members = fc.record(Object.fromEntries(properties.map(([key, inner]) => [key, again(inner)])), {
        requiredKeys: required.filter(key => properties.some(([known]) => known === key)),
        noNullPrototype: true,
      })
      const extra =
        schema.additionalProperties === undefined || schema.additionalProperties === false
          ? fc.constant({})
          : fc.dictionary(fc.constantFrom('c', 'd'), again(schema.additionalProperties), {
              maxKeys: 1,
              noNullPrototype: true,
            })
      return fc.tuple(extra, members).map(([one, two]) => ({ ...one, ...two }))
    }
    default:
      return scalar
  }
}
