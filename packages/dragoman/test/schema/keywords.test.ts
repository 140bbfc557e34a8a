import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import type { JsonObject } from '../../src/ir/json.ts'
import { type Keyword, keywords } from '../../src/providers/schema/keyword.ts'
import { treatmentOf } from '../../src/providers/schema/subset.ts'
import { subsets } from '../../src/providers/schema/subsets.ts'
import { lowerSchema } from '../../src/upstream/schema/lower.ts'

// The vocabularies of draft 2020-12: core, applicator, unevaluated, validation, meta-data, format, content.
const draft = [
  '$schema $id $vocabulary $anchor $dynamicAnchor $ref $dynamicRef $defs $comment',
  'allOf anyOf oneOf not if then else dependentSchemas prefixItems items contains',
  'properties patternProperties additionalProperties propertyNames unevaluatedItems unevaluatedProperties',
  'type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern',
  'maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired',
  'title description default deprecated readOnly writeOnly examples',
  'format contentEncoding contentMediaType contentSchema',
].flatMap(line => line.split(' ')) as Keyword[] // checked below

const ids = Object.keys(subsets) as (keyof typeof subsets)[] // its own keys

test('every keyword of draft 2020-12 has its row', () => {
  expect(draft.filter(keyword => !Object.hasOwn(keywords, keyword))).toEqual([])
})

test('the table of keywords by subset is the pinned one', () => {
  const file = `${import.meta.dir}/keywords.txt`
  const names = Object.keys(keywords) as Keyword[] // its own keys
  const line = (cells: readonly string[]) =>
    cells
      .map(cell => cell.padEnd(22))
      .join('')
      .trimEnd()
  const rows = names.map(keyword => line([keyword, ...ids.map(id => treatmentOf(subsets[id], keyword))]))
  const table = `${[line(['', ...ids]), ...rows].join('\n')}\n`
  if (process.env.UPDATE_PINS === '1') writeFileSync(file, table)
  expect(table).toBe(readFileSync(file, 'utf8'))
})

/** One schema a keyword, in which the keyword matters. */
const examples: { readonly [K in Keyword]?: JsonObject } = {
  not: { type: 'string', not: { const: 'a' } },
  if: { type: 'string', if: { const: 'a' } },
  propertyNames: { propertyNames: { maxLength: 1 } },
  minProperties: { minProperties: 1 },
  maxProperties: { maxProperties: 1 },
  dependentRequired: { dependentRequired: { a: ['b'] } },
  dependentSchemas: { dependentSchemas: { a: {} } },
  patternProperties: { patternProperties: { '^a': { type: 'string' } } },
  prefixItems: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
  contains: { type: 'array', items: { type: 'string' }, contains: { const: 'a' } },
  minItems: { type: 'array', items: { type: 'string' }, minItems: 1 },
  maxItems: { type: 'array', items: { type: 'string' }, maxItems: 1 },
  uniqueItems: { type: 'array', items: { type: 'string' }, uniqueItems: true },
  unevaluatedItems: { type: 'array', items: { type: 'string' }, unevaluatedItems: false },
  minLength: { type: 'string', minLength: 1 },
  maxLength: { type: 'string', maxLength: 1 },
  pattern: { type: 'string', pattern: '^a' },
  format: { type: 'string', format: 'date' },
  minimum: { type: 'number', minimum: 1 },
  maximum: { type: 'number', maximum: 1 },
  exclusiveMinimum: { type: 'number', exclusiveMinimum: 1 },
  exclusiveMaximum: { type: 'number', exclusiveMaximum: 1 },
  multipleOf: { type: 'number', multipleOf: 2 },
  title: { type: 'string', title: 'T' },
  default: { type: 'string', default: 'a' },
  examples: { type: 'string', examples: ['a'] },
  deprecated: { type: 'string', deprecated: true },
  readOnly: { type: 'string', readOnly: true },
  writeOnly: { type: 'string', writeOnly: true },
  contentEncoding: { type: 'string', contentEncoding: 'base64' },
  contentMediaType: { type: 'string', contentMediaType: 'text/plain' },
  contentSchema: { type: 'string', contentSchema: { type: 'string' } },
}
const about = [
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
]
const object = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }

test.each(ids)('%s treats each keyword as its row says', id => {
  for (const [keyword, example] of Object.entries(examples) as [Keyword, JsonObject][]) {
    const value = about.includes(keyword) ? { ...object, ...example } : example
    // Every wire takes an object with a required property as the root.
    const schema = { type: 'object', properties: { it: value }, required: ['it'] }
    const { schema: made, notes } = lowerSchema(schema, subsets[id])
    const it = (made.properties as JsonObject).it as JsonObject // as it was asked for
    const kinds = notes.filter(note => note.keyword === keyword).map(({ kind }) => kind)
    const treatment = treatmentOf(subsets[id], keyword)
    const seen = { keyword, isThere: Object.hasOwn(it, keyword), kinds }
    expect(seen).toEqual({
      keyword,
      isThere: treatment === 'kept',
      kinds: treatment === 'kept' ? [] : [treatment as 'weakened'], // notes have the same words
    })
    if (treatment === 'weakened' || treatment === 'told') expect(it.description).toContain(keyword)
  }
})
