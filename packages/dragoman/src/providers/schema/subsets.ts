import type { SchemaSubsetId } from '../profile.ts'
import type { Keyword, Treatment } from './keyword.ts'
import type { Subset } from './subset.ts'

type Treatments = { readonly [K in Keyword]?: Treatment }

const all = (treatment: Treatment, ...keywords: readonly Keyword[]): Treatments =>
  Object.fromEntries(keywords.map(keyword => [keyword, treatment]))

const kept = (...keywords: readonly Keyword[]) => all('kept', ...keywords)

const anyValue = ['string', 'number', 'integer', 'boolean', 'null'] as const
const commonFormats = [
  ...['date-time', 'time', 'date', 'duration', 'email'],
  ...['hostname', 'ipv4', 'ipv6', 'uuid'],
]
/** A wire whose objects are closed narrows what may be added, and loses a map whose keys nobody declared. */
const closed: Treatments = { ...all('rewritten', 'additionalProperties', 'unevaluatedProperties') }

const openaiStrict: Subset = {
  id: 'openai-strict',
  evidence: { rank: 'documented', source: 'openai-node 7.57.0 lib/transform', date: '2026-11-22' },
  treatments: {
    ...closed,
    ...kept('$ref', '$defs', 'const', 'title', 'pattern', 'format', 'minItems', 'maxItems'),
    ...kept('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'),
  },
  references: 'recursive',
  unions: 'type-list',
  untyped: 'refused',
  objects: { extra: 'closed', optional: 'nullable' },
  root: 'object',
  enumTypes: anyValue,
  formats: commonFormats,
  limits: { properties: 5000, enumValues: 1000, depth: 10 },
}

const grammar: Omit<Subset, 'id' | 'evidence'> = {
  treatments: {
    ...closed,
    ...kept('$ref', '$defs', 'const', 'title', 'format', 'minItems'),
  },
  references: 'acyclic',
  unions: 'type-list',
  untyped: 'refused',
  objects: { extra: 'closed', optional: 'kept' },
  root: 'any',
  enumTypes: anyValue,
  formats: [...commonFormats, 'uri'],
  minItems: 1,
  limits: { optional: 24 },
}

const gemini: Omit<Subset, 'id' | 'evidence' | 'references' | 'unions' | 'objects'> = {
  treatments: {},
  untyped: 'kept',
  root: 'any',
  enumTypes: ['string', 'number', 'integer'],
  limits: {},
}

/** The parts of JSON Schema that wires take, each with where that is known from. */
export const subsets: { readonly [I in SchemaSubsetId]: Subset } = {
  'openai-strict': openaiStrict,
  'groq-strict': {
    ...openaiStrict,
    id: 'groq-strict',
    evidence: { rank: 'documented', source: 'Groq, structured outputs', date: '2026-11-22' },
    limits: {},
  },
  anthropic: {
    ...grammar,
    id: 'anthropic',
    evidence: {
      rank: 'documented',
      source:
        '@anthropic-ai/sdk 1.12.0 lib/transform-json-schema; platform documentation, structured outputs',
      date: '2026-11-22',
    },
  },
  bedrock: {
    ...grammar,
    id: 'bedrock',
    evidence: { rank: 'documented', source: 'AWS user guide, structured output', date: '2026-11-22' },
  },
  gemini: {
    ...gemini,
    id: 'gemini',
    evidence: { rank: 'documented', source: '@google/genai 3.1.0, responseJsonSchema', date: '2026-11-22' },
    treatments: {
      ...kept('$ref', '$defs', 'title', 'format', 'minItems', 'maxItems', 'prefixItems'),
      ...kept('minimum', 'maximum', 'additionalProperties', 'propertyOrdering'),
      ...all('weakened', 'patternProperties'),
    },
    references: 'optionally-recursive',
    unions: 'type-list',
    objects: { extra: 'kept', optional: 'kept' },
  },
  'gemini-openapi': {
    ...gemini,
    id: 'gemini-openapi',
    evidence: { rank: 'documented', source: '@google/genai 3.1.0, Schema', date: '2026-11-22' },
    treatments: {
      ...all('rewritten', 'additionalProperties', 'unevaluatedProperties'),
      ...kept('nullable', 'title', 'format', 'minItems', 'maxItems', 'minimum', 'maximum'),
      ...kept('minLength', 'maxLength', 'pattern', 'minProperties', 'maxProperties', 'default'),
      ...kept('propertyOrdering'),
    },
    references: 'inlined',
    unions: 'nullable',
    objects: { extra: 'implied', optional: 'kept' },
    enumTypes: ['string'],
  },
  cohere: {
    ...grammar,
    id: 'cohere',
    evidence: {
      rank: 'documented',
      source: 'docs.cohere.com, parameter types in structured outputs (JSON)',
      date: '2026-11-22',
    },
    treatments: {
      ...closed,
      ...kept('$ref', '$defs', 'const', 'title', 'pattern', 'format', 'default'),
    },
    untyped: 'refused',
    root: 'required-property',
    formats: ['date-time', 'date', 'time', 'uuid'],
    limits: {},
  },
}
