import { expect, test } from 'bun:test'
import Ajv2020 from 'ajv/dist/2020.js'
import fc from 'fast-check'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import { subsets } from '../../src/providers/schema/subsets.ts'
import { type Lowered, lowerSchema } from '../../src/upstream/schema/lower.ts'
import { restoreValue } from '../../src/upstream/schema/restore.ts'
import { arbitraryInstance, arbitrarySchema } from './arbitrary-schema.ts'

const ids = Object.keys(subsets) as (keyof typeof subsets)[] // its own keys

/** Whether a value is valid; undefined where the schema itself is none. */
function validator(schema: JsonObject): ((value: JsonValue) => boolean) | undefined {
  try {
    return new Ajv2020({ strict: false, logger: false, validateFormats: false }).compile(schema)
  } catch {
    return undefined
  }
}

/** OpenAPI's flag in the words of JSON Schema. */
function withoutFlag(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(withoutFlag)
  if (typeof schema !== 'object' || schema === null) return schema
  const { nullable, ...rest } = schema as JsonObject // no list and not null
  const inner = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, withoutFlag(value)]))
  return nullable === true ? { anyOf: [inner, { type: 'null' }] } : inner
}

/** The caller's schema without the keywords that notes name. */
function withoutNoted(schema: JsonObject, { notes }: Lowered): JsonObject {
  const copy = structuredClone(schema)
  for (const { at } of notes) {
    const segments = at.split('/').slice(1)
    const last = segments.pop()
    let here: unknown = copy
    for (const segment of segments) here = (here as { [key: string]: unknown } | undefined)?.[segment] // JSON by its pointer
    if (last !== undefined && typeof here === 'object' && here !== null)
      delete (here as { [key: string]: unknown })[last] // as above
  }
  return copy
}

/** A schema that is its own alternative has no answer. */
function isEndless(validate: (value: JsonValue) => boolean, value: JsonValue): boolean {
  try {
    validate(value)
    return false
  } catch {
    return true
  }
}

/** What a target may answer to a schema in its subset. */
const answers = fc.tuple(arbitrarySchema, fc.constantFrom(...ids)).chain(([schema, id]) => {
  const lowered = lowerSchema(schema, subsets[id])
  const definitions = (lowered.schema.$defs ?? {}) as JsonObject // a map of schemas
  const values = fc.array(arbitraryInstance(lowered.schema, definitions), { minLength: 8, maxLength: 8 })
  return fc.record({
    id: fc.constant(id),
    schema: fc.constant(schema),
    lowered: fc.constant(lowered),
    values,
  })
})

test('what a schema in a subset allows, the original allows but for what is noted', () => {
  let checked = 0
  fc.assert(
    fc.property(answers, ({ schema, lowered, values }) => {
      const byLowered = validator(withoutFlag(lowered.schema) as JsonObject) // an object without its flag is one
      const byOriginal = validator(withoutNoted(schema, lowered))
      expect(byLowered).toBeDefined()
      // What is refused is not sent; nor is it told here what the rest would mean without it.
      if (byOriginal === undefined || lowered.notes.some(({ kind }) => kind === 'refused')) return
      for (const value of values) {
        if (byLowered?.(value) !== true || isEndless(byOriginal, value)) continue
        checked++
        const restored = restoreValue(lowered, value)
        expect({ restored, isAllowed: byOriginal(restored) }).toEqual({ restored, isAllowed: true })
      }
    }),
    // A failure is shown as it came: making it smaller takes minutes.
    { numRuns: 150, endOnFailure: true },
  )
  expect(checked).toBeGreaterThan(30)
}, 60_000)
