import { describe, expect, test } from 'bun:test'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import type { SchemaSubsetId } from '../../src/providers/profile.ts'
import { subsets } from '../../src/providers/schema/subsets.ts'
import { lowerSchema } from '../../src/upstream/schema/lower.ts'
import { restoreValue } from '../../src/upstream/schema/restore.ts'

const inside = (value: JsonObject): JsonObject => ({
  type: 'object',
  properties: { it: value },
  required: ['it'],
  additionalProperties: false,
})

/** What a value becomes, and what is noted of it. */
function lower(value: JsonObject, id: SchemaSubsetId, more: JsonObject = {}) {
  const { schema, notes } = lowerSchema({ ...inside(value), ...more }, subsets[id])
  const { properties, $defs } = schema as { properties: JsonObject; $defs?: JsonObject } // `inside` is an object
  return {
    it: properties.it,
    $defs,
    notes: notes.map(({ kind, at }) => `${kind} ${at.replace('/properties/it', '')}`),
  }
}

describe('what can be said another way is', () => {
  test('const is an enumeration of one', () => {
    expect(lower({ const: 'a' }, 'gemini')).toMatchObject({ it: { type: 'string', enum: ['a'] }, notes: [] })
  })

  test('allOf is one schema with the tighter of each bound', () => {
    const { it, notes } = lower(
      {
        allOf: [
          { type: 'number', minimum: 1, maximum: 9 },
          { type: 'integer', minimum: 3 },
        ],
      },
      'openai-strict',
    )
    expect(it).toEqual({ type: 'integer', minimum: 3, maximum: 9 })
    expect(notes).toEqual([])
  })

  test('an open bound of whole numbers is the next closed one', () => {
    expect(lower({ type: 'integer', exclusiveMinimum: 0 }, 'gemini')).toMatchObject({
      it: { type: 'integer', minimum: 1 },
      notes: [],
    })
    expect(lower({ type: 'number', exclusiveMinimum: 0 }, 'gemini').notes).toEqual([
      'weakened /exclusiveMinimum',
    ])
  })

  test('several types are a flag or alternatives where the wire has no list of them', () => {
    expect(lower({ type: ['string', 'null'] }, 'gemini-openapi').it).toEqual({
      type: 'string',
      nullable: true,
    })
    expect(lower({ type: ['string', 'integer', 'null'] }, 'gemini-openapi').it).toEqual({
      anyOf: [{ type: 'string' }, { type: 'integer' }],
      nullable: true,
    })
  })

  test('oneOf is anyOf where no value is both', () => {
    const kinds = ['a', 'b'].map(kind => ({ ...object({ kind: { const: kind } }), required: ['kind'] }))
    expect(lower({ oneOf: kinds }, 'anthropic').notes).toEqual([])
    expect(lower({ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 'anthropic').notes).toEqual([
      'weakened /oneOf',
    ])
  })

  test('references of every kind become one kind, or what they refer to', () => {
    const definitions = {
      definitions: { a: { type: 'string' } },
      $defs: { b: { $anchor: 'c', type: 'integer' } },
    }
    const both = object({ one: { $ref: '#/definitions/a' }, two: { $ref: '#c' } })
    const kept = lower(both, 'gemini', definitions)
    expect(kept.it).toMatchObject({ properties: { one: { $ref: '#/$defs/a' }, two: { $ref: '#/$defs/b' } } })
    expect(kept.$defs).toEqual({ a: { type: 'string' }, b: { type: 'integer' } })
    const inlined = lower(both, 'gemini-openapi', definitions)
    expect(inlined.it).toMatchObject({ properties: { one: { type: 'string' }, two: { type: 'integer' } } })
    expect(inlined.$defs).toBeUndefined()
  })

  test('words beside a reference go around it', () => {
    const { it } = lower({ $ref: '#/$defs/a', description: 'D' }, 'anthropic', {
      $defs: { a: { type: 'string' } },
    })
    expect(it).toEqual({ description: 'D', anyOf: [{ $ref: '#/$defs/a' }] })
  })

  test('unevaluatedProperties closes all that was merged', () => {
    const { it } = lower(
      {
        allOf: [{ properties: { a: { type: 'string' } } }],
        properties: { b: { type: 'string' } },
        unevaluatedProperties: false,
      },
      'gemini',
    )
    expect(it).toMatchObject({
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      additionalProperties: false,
    })
  })
})

const object = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  additionalProperties: false,
})

describe('what would mean something else is refused by its place', () => {
  const tree = object({ children: { type: 'array', items: { $ref: '#/properties/it' } } })
  const cases: readonly (readonly [string, JsonObject, SchemaSubsetId, string])[] = [
    ['recursion', tree, 'anthropic', '/properties/children/items/$ref'],
    ['recursion', tree, 'gemini-openapi', '/properties/children/items/$ref'],
    [
      'recursion through required properties',
      { ...tree, required: ['children'] },
      'gemini',
      '/properties/children/items/$ref',
    ],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'string' } },
      'openai-strict',
      '/additionalProperties',
    ],
    ['any object', { type: 'object' }, 'anthropic', '/additionalProperties'],
    [
      'patterns of names',
      { ...object({ a: { type: 'string' } }), patternProperties: { b: {} } },
      'anthropic',
      '/patternProperties',
    ],
    ['a document elsewhere', { $ref: 'https://a.example/schema' }, 'gemini', '/$ref'],
    ['no type', {}, 'openai-strict', '/type'],
    ['listed objects', { enum: [{ a: 1 }] }, 'openai-strict', '/enum'],
  ]
  test.each(cases)('%s', (_, value, id, place) => {
    expect(lower(value, id).notes).toContain(`refused ${place}`)
  })

  test('recursion where the wire has it', () => {
    expect(lower(tree, 'openai-strict').notes).toEqual([])
    expect(lower(tree, 'gemini').notes).toEqual([])
  })

  test('sizes', () => {
    const many = object(
      Object.fromEntries(Array.from({ length: 25 }, (_, at) => [`p${at}`, { type: 'string' }])),
    )
    expect(lower(many, 'anthropic').notes).toEqual(['refused '])
    expect(lower(many, 'openai-strict').notes).toEqual([])
  })

  test('alternatives that multiply without end, in bounded time', () => {
    const branches = Array.from({ length: 8 }, (_, at) => ({
      ...object({ [`p${at}`]: { $ref: '#' } }),
      required: [`p${at}`],
    }))
    const schema = { type: 'object', anyOf: branches, allOf: [{ anyOf: branches }, { anyOf: branches }] }
    expect(lowerSchema(schema, subsets['gemini-openapi']).notes.some(({ kind }) => kind === 'refused')).toBe(
      true,
    )
  })
})

describe('an answer comes back in the caller’s form', () => {
  const restored = (schema: JsonObject, value: JsonValue, id: SchemaSubsetId = 'openai-strict') =>
    restoreValue(lowerSchema(schema, subsets[id]), value)

  test('nulls of optional properties go, nulls that mean something stay', () => {
    const schema = object({ a: { type: 'string' }, b: { type: ['string', 'null'] }, c: { type: 'string' } })
    expect(restored({ ...schema, required: ['c'] }, { a: null, b: null, c: 'x' })).toEqual({
      b: null,
      c: 'x',
    })
  })

  test('in lists, definitions and alternatives', () => {
    const item = {
      anyOf: [
        { ...object({ kind: { const: 'a' }, n: { type: 'number' } }), required: ['kind'] },
        { $ref: '#/$defs/b' },
      ],
    }
    const schema = {
      ...object({ list: { type: 'array', items: item } }),
      required: ['list'],
      $defs: {
        b: { ...object({ kind: { const: 'b' }, m: object({ o: { type: 'string' } }) }), required: ['kind'] },
      },
    }
    const answer = {
      list: [
        { kind: 'a', n: null },
        { kind: 'b', m: { o: null } },
        { kind: 'b', m: null },
      ],
    }
    expect(restored(schema, answer)).toEqual({ list: [{ kind: 'a' }, { kind: 'b', m: {} }, { kind: 'b' }] })
  })

  test('what is no object was under a key', () => {
    expect(restored({ type: 'array', items: { type: 'integer' } }, { value: [1] })).toEqual([1])
  })

  test('names like those of every object are names', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}',
    )
    const value = JSON.parse('{"__proto__":null,"constructor":"x"}')
    expect(JSON.stringify(restored(schema, value))).toBe('{"constructor":"x"}')
  })
})
