import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createRandom } from '../src/random.ts'
import { readPattern } from '../src/schema/pattern.ts'
import { violation } from './json-schema.ts'
import { chat, engine, type Read, say, user, weather } from './support.ts'

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const strict = (schema: unknown) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } },
})
const filled = async (schema: unknown, words = 'Fill it in.'): Promise<Read> => {
  const { status, json } = await chat(words, strict(schema))
  if (status !== 200) throw new Error(json.error.message)
  return JSON.parse(json.choices[0].message.content)
}

describe('an object in JSON', () => {
  test('is an object, and says what it is', async () => {
    const text = await say('Give me JSON.', { response_format: { type: 'json_object' } })
    expect(JSON.parse(text)).toMatchObject({ engine: 'sandbox', is_ai: false, you_said: 'Give me JSON.' })
  })

  test('has the keys that were asked for', async () => {
    const question = 'Answer in JSON with the keys name, age and city. I am Ada from London, 36.'
    const text = await say(question, { response_format: { type: 'json_object' } })
    expect(JSON.parse(text)).toMatchObject({ name: expect.any(String), age: 36, city: expect.any(String) })
  })
})

const tree = {
  ...object({ node: { $ref: '#/$defs/node' } }),
  $defs: {
    node: object({
      value: { type: 'integer' },
      children: { type: 'array', items: { $ref: '#/$defs/node' } },
      next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
    }),
  },
}

describe('a value for a strict schema', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['every simple type', object({ a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'boolean' } })],
    ['null', object({ a: { type: 'null' }, b: { type: ['string', 'null'] } })],
    ['options and constants', object({ a: { enum: ['x', 'y', 3, null] }, b: { const: { deep: [1] } } })],
    ['nothing', object({})],
    ['bounds', object({ a: { type: 'integer', minimum: 17, maximum: 17 } })],
    ['open bounds', object({ a: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.5 } })],
    [
      'multiples',
      object({ a: { type: 'number', multipleOf: 0.1 }, b: { type: 'integer', multipleOf: 7, minimum: 50 } }),
    ],
    [
      'bounds that are left out',
      object({ a: { type: 'integer', exclusiveMinimum: 11, exclusiveMaximum: 13 } }),
    ],
    ['negative numbers', object({ a: { type: 'integer', maximum: -5 } })],
    ['lists', object({ a: { type: 'array', items: { type: 'number' }, minItems: 4, maxItems: 4 } })],
    ['an empty list', object({ a: { type: 'array', items: { type: 'string' }, maxItems: 0 } })],
    ['alternatives', object({ a: { anyOf: [object({ k: { const: 1 } }), { type: 'string' }] } })],
    ['patterns', object({ a: { type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}(?:x|y)?$' } })],
    ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'].map(
      (format): readonly [string, object] => [format, object({ a: { type: 'string', format } })],
    ),
    ['recursion', tree],
    ['recursion to the root', object({ kids: { type: 'array', items: { $ref: '#' } } })],
    [
      'a recursive alternative that ends only by the last branch',
      {
        ...object({ expression: { $ref: '#/$defs/e' } }),
        $defs: {
          e: {
            anyOf: [
              object({ left: { $ref: '#/$defs/e' }, right: { $ref: '#/$defs/e' } }),
              { type: 'number' },
            ],
          },
        },
      },
    ],
  ]
  test.each(cases.map(one => [...one]))('%s', async (_, schema) => {
    for (const words of ['Fill it in.', 'Paris, 11, 12, 13 and "blue" on 2026-05-05 for me@x.org'])
      expect(violation(schema, await filled(schema, words))).toBeNull()
  })

  test('is made of the words of the question where they fit', async () => {
    const schema = object({
      city: { type: 'string' },
      days: { type: 'integer', minimum: 1, maximum: 10 },
      mood: { enum: ['sunny', 'rainy'] },
      start: { type: 'string', format: 'date' },
      answer: { type: 'string' },
    })
    const value = await filled(schema, 'Plan 4 rainy days in Lisbon from 2026-05-05.')
    expect(value).toMatchObject({ city: 'Lisbon', days: 4, mood: 'rainy', start: '2026-05-05' })
    expect(value.answer).toContain('Dragoman sandbox')
  })

  test('a multiple of a tenth has one decimal, and no tail of binary digits', async () => {
    const text = await say(
      'x',
      strict(object({ a: { type: 'number', multipleOf: 0.1, minimum: 0.25, maximum: 0.35 } })),
    )
    expect(text).toBe('{"a":0.3}')
  })

  test('keeps the order of the schema', async () => {
    const text = await say('x', strict(object({ z: { type: 'string' }, a: { type: 'string' } })))
    expect(Object.keys(JSON.parse(text))).toEqual(['z', 'a'])
  })

  test('is cut by a limit, and says so', async () => {
    const { json } = await chat('x', { ...strict(object({ a: { type: 'string' } })), max_tokens: 3 })
    expect(json.choices[0].finish_reason).toBe('length')
    expect(json.usage.completion_tokens).toBe(3)
  })

  test('gives way to a tool that is called', async () => {
    const more = { ...strict(object({ a: { type: 'string' } })), tools: [weather] }
    const { json } = await chat('weather in Paris', more)
    expect(json.choices[0].finish_reason).toBe('tool_calls')
  })
})

// Every schema that the strict subset allows, down to a few levels.
const leaf = fc.oneof(
  fc.constant({ type: 'string' }),
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'null' }),
  fc.constant({ type: ['string', 'null'] }),
  fc.constant({ $ref: '#/$defs/tree' }),
  fc.constantFrom('date', 'email', 'uuid', 'ipv4').map(format => ({ type: 'string', format })),
  fc.record({ type: fc.constant('integer'), minimum: fc.integer({ min: -99, max: 99 }) }),
  fc.record({ type: fc.constant('number'), maximum: fc.double({ min: -9, max: 9, noNaN: true }) }),
  fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 40 }))
    .map(([minimum, more]) => ({ type: 'integer', minimum, maximum: minimum + more })),
  fc
    .tuple(fc.constantFrom(0.5, 0.1, 3, 7), fc.integer({ min: -20, max: 20 }))
    .map(([multipleOf, minimum]) => ({ type: 'number', multipleOf, minimum })),
  fc
    .array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { minLength: 1 })
    .map(one => ({ enum: one })),
  fc.string().map(one => ({ const: one })),
)
const key = fc.oneof(fc.constantFrom('city', 'name', 'count', 'email', 'answer'), fc.string())
const { schema: anySchema } = fc.letrec<{ schema: object; list: object; map: object; either: object }>(
  tie => ({
    schema: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('list'), tie('map'), tie('either')),
    list: fc
      .tuple(tie('schema'), fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 }))
      .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    map: fc.dictionary(key, tie('schema'), { maxKeys: 4 }).map(properties => object(properties)),
    either: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map(anyOf => ({ anyOf })),
  }),
)
const $defs = {
  tree: object({ label: { type: 'string' }, kids: { type: 'array', items: { $ref: '#/$defs/tree' } } }),
}

describe('laws', () => {
  test('whatever the strict schema, the answer is an instance of it', async () => {
    const sandbox = engine()
    const words = fc.constantFrom('Fill it.', 'Ada, 7 and 13.5 in Rome', '')
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(key, anySchema, { maxKeys: 4 }),
        words,
        fc.nat(),
        async (map, said, seed) => {
          const schema = { ...object(map), $defs }
          const { status, json } = await chat(said, { ...strict(schema), seed }, sandbox)
          // Deep nesting is refused, and rightly: ten levels are the most.
          if (status === 400 && /levels of nesting/.test(json.error.message)) return
          expect(json.error).toBeUndefined()
          expect(violation(schema, JSON.parse(json.choices[0].message.content))).toBeNull()
        },
      ),
      { numRuns: 400 },
    )
  })

  test('whatever the parameters of a strict tool, its arguments are an instance of them', async () => {
    const sandbox = engine()
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, anySchema, { maxKeys: 3 }), async map => {
        const parameters = { ...object(map), $defs }
        const tools = [{ type: 'function', function: { name: 'f', strict: true, parameters } }]
        const { json } = await chat('Go.', { tools, tool_choice: 'required' }, sandbox)
        const [call] = json.choices[0].message.tool_calls
        expect(violation(parameters, JSON.parse(call.function.arguments))).toBeNull()
      }),
      { numRuns: 100 },
    )
  })

  test('a text written for a simple pattern matches it, and is accepted', () => {
    const atom = fc.constantFrom(
      'a',
      'B',
      '\\d',
      '\\w',
      '[a-f]',
      '[^x]',
      '.',
      '\\.',
      '(ab|cd)',
      '(?:x[0-9]y)',
    )
    const quantifier = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}')
    const pattern = fc
      .array(fc.tuple(atom, quantifier), { minLength: 1, maxLength: 6 })
      .map(parts => `^${parts.map(part => part.join('')).join('')}$`)
    fc.assert(
      fc.property(pattern, fc.nat(), (source, seed) => {
        const read = readPattern(source)
        const text = read?.write(createRandom(seed)) ?? null
        expect(text).not.toBeNull()
        expect(new RegExp(source, 'u').test(text ?? '')).toBeTrue()
        expect(read?.accepts(text ?? '')).toBeTrue()
      }),
    )
  })

  test('a pattern accepts what the language’s own engine accepts', () => {
    const sources = ['^a*b+$', '^(a|ab)(c|bc)?$', '^[a-c]{2,3}$', '^(?:a?b){1,2}c?$', '^a{0,2}b{2}$']
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 }),
        (source, text) => {
          expect(readPattern(source)?.accepts(text)).toBe(new RegExp(source, 'u').test(text))
        },
      ),
      { numRuns: 500 },
    )
  })

  test.each([['(?=a)b'], ['(a)\\1'], ['\\p{L}'], ['a(b'], ['[a'], ['a^b'], ['(((((((((a)))))))))']])(
    '%s is not simple',
    source => {
      expect(readPattern(source)).toBeNull()
    },
  )

  test('a pattern that would take for ever takes no time', async () => {
    const schema = object({ a: { type: 'string', pattern: '^(a+)+(b+)+$' } })
    expect(violation(schema, await filled(schema, `x ${'a'.repeat(60)}1`))).toBeNull()
    const huge = object({ a: { type: 'string', pattern: '^(((x{999}){999}){999}){999}$' } })
    expect(typeof (await filled(huge)).a).toBe('string')
  })

  test('a schema that no value is finite for ends all the same', async () => {
    const endless = {
      ...object({ a: { $ref: '#/$defs/x' } }),
      $defs: { x: object({ x: { $ref: '#/$defs/x' } }) },
    }
    expect(await filled(endless)).toBeObject()
    const circle = {
      ...object({ a: { $ref: '#/$defs/x' } }),
      $defs: { x: { anyOf: [{ $ref: '#/$defs/x' }] } },
    }
    expect(await filled(circle)).toHaveProperty('a')
    const wide = object({
      a: { type: 'array', items: { type: 'array', items: { type: 'null' }, minItems: 1e9 }, minItems: 1e9 },
    })
    expect((await filled(wide)).a).toBeArray()
  })
})

test('schemas that are not strict are filled as well as they can be', async () => {
  const parameters = {
    type: 'object',
    properties: {
      tag: { type: 'string', minLength: 20, maxLength: 25 },
      link: { type: 'string', format: 'uri' },
      both: {
        allOf: [
          { type: 'object', properties: { a: { const: 1 } }, required: ['a'] },
          { required: ['b'], properties: { b: { type: 'boolean' } } },
        ],
      },
      one: { oneOf: [{ type: 'integer' }, { type: 'string' }] },
      odd: true,
      left: { type: 'string' },
    },
    required: ['tag', 'link', 'both', 'one', 'odd', 'unheard'],
  }
  const tools = [{ type: 'function', function: { name: 'f', parameters } }]
  const { json } = await chat('Go.', { tools, tool_choice: 'required' })
  const value = JSON.parse(json.choices[0].message.tool_calls[0].function.arguments)
  expect(value.tag.length).toBeWithin(20, 26)
  expect(value).toMatchObject({ both: { a: 1, b: true }, unheard: null, odd: expect.any(String) })
  expect(value).not.toHaveProperty('left')
  expect(URL.canParse(value.link)).toBeTrue()
  expect(user('x').role).toBe('user')
})
