import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { createAjvValidator } from '../../src/validation/ajv-validator.ts'

async function loaded() {
  const validator = createAjvValidator()
  await validator.load()
  return validator
}

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

describe('the validator', () => {
  test('tells nothing before it is loaded, and is loaded by nobody at start', () => {
    expect(createAjvValidator().check(city, {})).toBeUndefined()
    const source = readFileSync(`${import.meta.dir}/../../src/validation/ajv-validator.ts`, 'utf8')
    expect(source).not.toMatch(/^import (?!type).*'ajv/m)
  })

  test('tells what is wrong by its place and without its content', async () => {
    const validator = await loaded()
    expect(validator.check(city, { city: 'Oslo' })).toEqual([])
    expect(validator.check(city, { city: 7 })).toEqual(['/city must be string'])
    expect(validator.check(city, {})).toEqual(["the answer must have required property 'city'"])
    const secret = { city: { enum: ['a'] } }
    const said = validator.check({ type: 'object', properties: secret }, { city: 'a secret of the model' })
    expect(said?.join()).not.toContain('secret')
  })

  test('reads older drafts', async () => {
    const validator = await loaded()
    const pair = { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false }
    expect(
      validator.check({ $schema: 'http://json-schema.org/draft-07/schema#', ...pair }, ['a', 1]),
    ).toEqual([])
    expect(validator.check(pair, ['a', 'b'])).toEqual(['/1 must be integer'])
  })

  test('reads what two calls of the same name mean by it apart', async () => {
    const validator = await loaded()
    expect(validator.check({ $id: 'https://a.example/s', type: 'string' }, 'x')).toEqual([])
    expect(validator.check({ $id: 'https://a.example/s', type: 'integer' }, 1)).toEqual([])
  })

  test('cannot tell by a schema that is none, or that has no end', async () => {
    const validator = await loaded()
    expect(validator.check({ type: 'nothing' }, 1)).toBeUndefined()
    expect(validator.check({ $ref: 'https://a.example/elsewhere' }, 1)).toBeUndefined()
    expect(validator.check({ anyOf: [{ $ref: '#' }] }, 1)).toBeUndefined()
  })

  test('passes over patterns that could take for ever', async () => {
    const validator = await loaded()
    const long = `${'a'.repeat(5000)}!`
    for (const pattern of ['^(a+)+$', '^(a|a)*$', '^([a-z]+)*$', '(x+x+)+y', '^(?:a{1,}){2,}$'])
      expect(validator.check({ type: 'string', pattern }, long)).toEqual([])
    expect(validator.check({ type: 'string', pattern: '^[0-9]{5}$' }, '123')).toHaveLength(1)
    expect(validator.check({ type: 'string', pattern: '^(ab)+$' }, 'abc')).toHaveLength(1)
    const two = { items: { type: 'string', pattern: 'a' }, contains: { type: 'string', pattern: 'b' } }
    expect(validator.check({ type: 'array', ...two }, ['ab', 'ac'])).toEqual([])
    expect(validator.check({ type: 'array', ...two }, ['ab', 'b'])).toHaveLength(1)
  })

  test('cannot tell where the runtime makes no code from text', async () => {
    const validator = await loaded()
    const real = globalThis.Function
    const forbidden = () => {
      throw new EvalError('Code generation from strings disallowed for this context')
    }
    globalThis.Function = forbidden as unknown as FunctionConstructor // what such runtimes put there
    try {
      expect(validator.check(city, {})).toBeUndefined()
    } finally {
      globalThis.Function = real
    }
  })
})
