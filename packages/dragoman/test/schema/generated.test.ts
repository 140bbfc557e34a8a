import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { JsonObject } from '../../src/ir/json.ts'
import { subsets } from '../../src/providers/schema/subsets.ts'
import { lowerSchema } from '../../src/upstream/schema/lower.ts'

// Schemas as the generators of callers write them, in every subset.

const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number().positive() }),
  z.object({ kind: z.literal('box'), width: z.number(), height: z.number().optional() }),
])

const zodSchema = z.object({
  id: z.uuid(),
  email: z.email().describe('Where to write.'),
  age: z.number().int().min(0).max(150).nullable(),
  role: z.enum(['admin', 'user']).default('user'),
  tags: z.array(z.string().min(1).max(20)).max(5),
  shape: Shape,
  position: z.tuple([z.number(), z.number()]),
  note: z.string().optional(),
})

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
  zod: z.toJSONSchema(zodSchema) as JsonObject, // its type says less of what JSON it is
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
