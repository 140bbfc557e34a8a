import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import type { JsonObject } from '../../src/ir/json.ts'
import { subsets } from '../../src/providers/schema/subsets.ts'
import { lowerSchema } from '../../src/upstream/schema/lower.ts'

// Schemas as the generators of callers write them, in every subset.

/** As zod 4.6.7 writes it: formats with their patterns, a union told apart by a literal, a pair, a default. */
const zod: JsonObject = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: {
    id: {
      type: 'string',
      format: 'uuid',
      pattern:
        '^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$',
    },
    email: {
      type: 'string',
      format: 'email',
      pattern:
        "^(?:[A-Za-z0-9_'+\\-]+\\.)*[A-Za-z0-9_'+\\-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$",
      description: 'Where to write.',
    },
    age: { anyOf: [{ type: 'integer', minimum: 0, maximum: 150 }, { type: 'null' }] },
    role: { default: 'user', type: 'string', enum: ['admin', 'user'] },
    tags: { maxItems: 5, type: 'array', items: { type: 'string', minLength: 1, maxLength: 20 } },
    shape: {
      oneOf: [
        {
          type: 'object',
          properties: {
            kind: { type: 'string', const: 'circle' },
            radius: { type: 'number', exclusiveMinimum: 0 },
          },
          required: ['kind', 'radius'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: {
            kind: { type: 'string', const: 'box' },
            width: { type: 'number' },
            height: { type: 'number' },
          },
          required: ['kind', 'width'],
          additionalProperties: false,
        },
      ],
    },
    position: {
      type: 'array',
      prefixItems: [{ type: 'number' }, { type: 'number' }],
      items: false,
      minItems: 2,
      maxItems: 2,
    },
    note: { type: 'string' },
  },
  required: ['id', 'email', 'age', 'role', 'tags', 'shape', 'position'],
  additionalProperties: false,
}

/** As pydantic 2 writes models, with a self-reference and a default. */
const pydantic: JsonObject = {
  $defs: {
    Address: {
      properties: {
        street: { maxLength: 80, title: 'Street', type: 'string' },
        zip: {
          anyOf: [{ pattern: '^[0-9]{5}$', type: 'string' }, { type: 'null' }],
          default: null,
          title: 'Zip',
        },
      },
      required: ['street'],
      title: 'Address',
      type: 'object',
    },
    Color: { enum: ['red', 'green'], title: 'Color', type: 'string' },
    Person: {
      properties: {
        name: { minLength: 1, title: 'Name', type: 'string' },
        home: { $ref: '#/$defs/Address', description: 'Where they live.' },
        favourite: { allOf: [{ $ref: '#/$defs/Color' }], default: 'red' },
        age: {
          anyOf: [{ exclusiveMinimum: 0, type: 'integer' }, { type: 'null' }],
          default: null,
          title: 'Age',
        },
        scores: { additionalProperties: { type: 'number' }, title: 'Scores', type: 'object' },
        children: { items: { $ref: '#/$defs/Person' }, title: 'Children', type: 'array' },
      },
      required: ['name', 'home'],
      title: 'Person',
      type: 'object',
    },
  },
  $ref: '#/$defs/Person',
}

/** As tools of the Model Context Protocol are often described: a draft before 2020-12, and nothing closed. */
const tool: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    query: { type: 'string', minLength: 1, examples: ['weather in Oslo'] },
    limit: { type: 'integer', exclusiveMinimum: 0, default: 10 },
    when: { oneOf: [{ type: 'string', format: 'date-time' }, { type: 'integer' }] },
    fields: { type: 'array', items: { type: 'string', enum: ['id', 'name'] }, uniqueItems: true },
    mode: { const: 'fast' },
  },
  required: ['query'],
  additionalProperties: false,
}

const schemas: { readonly [name: string]: JsonObject } = {
  zod,
  pydantic,
  tool,
}

const ids = Object.keys(subsets) as (keyof typeof subsets)[] // its own keys

test.each(Object.keys(schemas))('%s', name => {
  const made = ids.map(id => {
    const { schema, notes, isWrapped } = lowerSchema(schemas[name] ?? {}, subsets[id])
    const told = notes.map(
      ({ kind, at, reason }) => `${kind} ${at}${reason === undefined ? '' : `: ${reason}`}`,
    )
    return { subset: id, isWrapped, notes: told, schema }
  })
  const text = `${JSON.stringify(made, null, 1)}\n`
  const file = `${import.meta.dir}/generated/${name}.txt`
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text)
  expect(text).toBe(readFileSync(file, 'utf8'))
})
