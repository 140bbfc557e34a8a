// What the strict subset refuses, in OpenAI's words.
import { expect, test } from 'bun:test'
import { strictProblem } from '../src/schema/strict.ts'
import { engine, post } from './support.ts'

const object = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const text = { type: 'string' }
const deep = (levels: number): object => (levels === 0 ? text : object({ a: deep(levels - 1) }))
const required = "'required' is required to be supplied and to be an array including every key in properties."

test.each([
  [
    'a list as root',
    { type: 'array', items: text },
    'schema must be a JSON Schema of \'type: "object"\', got \'type: "array"\'.',
  ],
  [
    'no type at the root',
    { properties: {} },
    'schema must be a JSON Schema of \'type: "object"\', got \'type: "None"\'.',
  ],
  [
    'alternatives at the root',
    object({}, { anyOf: [object({})] }),
    "In context=(), 'anyOf' is not permitted.",
  ],
  [
    'additional properties not mentioned',
    { type: 'object', properties: {} },
    "In context=(), 'additionalProperties' is required to be supplied and to be false.",
  ],
  [
    'additional properties allowed further down',
    object({ a: { type: 'object', properties: {}, additionalProperties: true } }),
    "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
  ],
  [
    'nothing required',
    object({ a: text, b: text }, { required: undefined }),
    `In context=(), ${required} Missing 'a'.`,
  ],
  [
    'one not required',
    object({ a: text, b: text }, { required: ['a'] }),
    `In context=(), ${required} Missing 'b'.`,
  ],
  [
    'one required that is not there',
    object({ a: text }, { required: ['a', 'z'] }),
    `In context=(), ${required} Extra required key 'z' supplied.`,
  ],
  [
    'one not required in a list',
    object({ a: { type: 'array', items: object({ b: text }, { required: [] }) } }),
    `In context=('properties', 'a', 'items'), ${required} Missing 'b'.`,
  ],
  [
    'one not required in an alternative',
    object({ a: { anyOf: [text, object({ b: text }, { required: [] })] } }),
    `In context=('properties', 'a', 'anyOf', '1'), ${required} Missing 'b'.`,
  ],
  [
    'one not required in a definition',
    object({}, { $defs: { x: object({ b: text }, { required: [] }) } }),
    `In context=('$defs', 'x'), ${required} Missing 'b'.`,
  ],
  [
    'a list of nothing',
    object({ a: { type: 'array' } }),
    "In context=('properties', 'a'), array schema missing items.",
  ],
  [
    'no type',
    object({ a: { description: 'x' } }),
    "In context=('properties', 'a'), schema must have a 'type' key.",
  ],
  [
    'an unknown type',
    object({ a: { type: 'date' } }),
    "In context=('properties', 'a'), 'date' is not valid under any of the given schemas.",
  ],
  [
    'a reference elsewhere',
    object({ a: { $ref: 'https://x.test/a.json' } }),
    "In context=('properties', 'a'), reference can only point to definitions defined at the top level of the schema.",
  ],
  [
    'a reference to nothing',
    object({ a: { $ref: '#/$defs/nobody' } }),
    "In context=('properties', 'a'), reference can only point to definitions defined at the top level of the schema.",
  ],
  [
    'a reference with company',
    object({ a: { $ref: '#', description: 'x' } }),
    "In context=('properties', 'a'), $ref cannot have keywords {'description'}.",
  ],
  [
    'an unknown format',
    object({ a: { ...text, format: 'uri' } }),
    "In context=('properties', 'a'), 'uri' is not a valid format.",
  ],
  [
    'a look-ahead',
    object({ a: { ...text, pattern: '^(?=a)' } }),
    "In context=('properties', 'a'), lookaround is not supported in 'pattern'.",
  ],
  [
    'a pattern that is none',
    object({ a: { ...text, pattern: '(' } }),
    "In context=('properties', 'a'), '(' is not a valid regex.",
  ],
  ['eleven levels', deep(11), '11 levels of nesting exceeds limit of 10.'],
  [
    'too many options',
    object({ a: { enum: Array.from({ length: 1001 }, (_, at) => at) } }),
    'Expected at most 1000 enum values in total within a schema when using structured outputs, but got 1001.',
  ],
  [
    'too many properties',
    object(Object.fromEntries(Array.from({ length: 5001 }, (_, at) => [`k${at}`, text]))),
    'Expected at most 5000 object properties in total, but got 5001.',
  ],
  [
    'too many characters',
    object({ a: { enum: ['x'.repeat(120_001)] } }),
    'Expected at most 120000 characters in property names and enum values, but got 120002.',
  ],
])('%s', (_, schema, problem) => {
  expect(strictProblem(JSON.parse(JSON.stringify(schema)))).toBe(problem)
})

test.each([
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'patternProperties',
  'prefixItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'propertyNames',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'unevaluatedItems',
  'unevaluatedProperties',
  'additionalItems',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$recursiveAnchor',
  '$recursiveRef',
  'minLength',
  'maxLength',
])('%s is not permitted', keyword => {
  const schema = object({ a: { ...text, [keyword]: [] } })
  expect(strictProblem(JSON.parse(JSON.stringify(schema)))).toBe(
    `In context=('properties', 'a'), '${keyword}' is not permitted.`,
  )
})

test.each([
  ['ten levels', deep(10)],
  [
    'recursion',
    {
      ...object({ a: { $ref: '#/$defs/x' } }),
      $defs: { x: object({ y: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }) },
    },
  ],
  ['a title and a default', object({ a: { ...text, title: 'A', default: 'x', description: 'y' } })],
  ['bounds', object({ a: { type: ['number', 'null'], minimum: 0, exclusiveMaximum: 5, multipleOf: 0.5 } })],
])('%s is fine', (_, schema) => {
  expect(strictProblem(JSON.parse(JSON.stringify(schema)))).toBeNull()
})

test('on Responses, a tool that leaves strict open is made strict where it can be', async () => {
  const sandbox = engine()
  const strictOf = async (tool: object) =>
    (
      await post(
        'responses',
        { model: 'sandbox', input: 'hi', tools: [{ type: 'function', name: 'f', ...tool }] },
        sandbox,
      )
    ).json.tools[0].strict
  expect(await strictOf({ parameters: object({ a: text }) })).toBe(true)
  expect(await strictOf({ parameters: { type: 'object', properties: { a: text } } })).toBe(false)
  expect(await strictOf({ parameters: object({ a: text }), strict: false })).toBe(false)
})
