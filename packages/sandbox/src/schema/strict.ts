// What OpenAI refuses about a schema, in its words: the strict subset, and the little that it asks of every schema.
import { isObject, type Json, type JsonObject, own } from '../json.ts'
import { FORMATS } from './formats.ts'
import { follow, propertiesOf } from './resolve.ts'

/** Everything that a strict schema may say. */
const PERMITTED = new Set([
  '$schema',
  '$id',
  '$comment',
  '$defs',
  'definitions',
  '$ref',
  'type',
  'title',
  'description',
  'default',
  'examples',
  'enum',
  'const',
  'anyOf',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'pattern',
  'format',
  'readOnly',
  'writeOnly',
  'deprecated',
])
const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']
const LIMITS = { properties: 5000, levels: 10, options: 1000, characters: 120_000 } as const

type Path = readonly string[]

/** A path as OpenAI's server prints it: `()`, `('properties',)`, `('properties', 'a')`. */
export const inContext = (path: Path): string => {
  const quoted = path.map(part => `'${part}'`)
  return `In context=(${quoted.join(', ')}${quoted.length === 1 ? ',' : ''}), `
}

const typeName = (schema: JsonObject): string => {
  const type = own(schema, 'type')
  return type === undefined || type === null ? 'None' : typeof type === 'string' ? type : JSON.stringify(type)
}

/** What is wrong with the root of any schema for parameters or answers; null where nothing is. */
export function looseProblem(schema: JsonObject): string | null {
  if (own(schema, 'type') !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${typeName(schema)}"'.`
  return walk(schema, [], typeProblem)
}

/** What keeps a schema out of the strict subset; null where nothing does. */
export function strictProblem(schema: JsonObject): string | null {
  const problem = looseProblem(schema)
  if (problem !== null) return problem
  if (own(schema, 'anyOf') !== undefined) return `${inContext([])}'anyOf' is not permitted.`
  return walk(schema, [], (one, path) => strictNode(schema, one, path)) ?? sizeProblem(schema)
}

type Judge = (schema: JsonObject, path: Path) => string | null

/** Every schema inside a schema, outermost first, until one is found wanting. */
function walk(schema: JsonObject, path: Path, judge: Judge): string | null {
  const problem = judge(schema, path)
  if (problem !== null) return problem
  for (const [child, at] of children(schema, path)) {
    const inside = walk(child, at, judge)
    if (inside !== null) return inside
  }
  return null
}

function children(schema: JsonObject, path: Path): readonly (readonly [JsonObject, Path])[] {
  const found: (readonly [JsonObject, Path])[] = []
  for (const key of ['$defs', 'definitions', 'properties']) {
    const map = own(schema, key)
    if (!isObject(map)) continue
    for (const [name, one] of Object.entries(map)) if (isObject(one)) found.push([one, [...path, key, name]])
  }
  const items = own(schema, 'items')
  if (isObject(items)) found.push([items, [...path, 'items']])
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const branches = own(schema, key)
    if (!Array.isArray(branches)) continue
    for (const [at, one] of branches.entries())
      if (isObject(one)) found.push([one, [...path, key, String(at)]])
  }
  return found
}

function typeProblem(schema: JsonObject, path: Path): string | null {
  const type = own(schema, 'type')
  const types: readonly Json[] = type === undefined ? [] : Array.isArray(type) ? type : [type]
  const odd = types.find(one => typeof one !== 'string' || !TYPES.includes(one))
  if (odd !== undefined)
    return `${inContext(path)}${JSON.stringify(odd).replaceAll('"', "'")} is not valid under any of the given schemas.`
  if (types.includes('array') && own(schema, 'items') === undefined)
    return `${inContext(path)}array schema missing items.`
  return null
}

function strictNode(root: JsonObject, schema: JsonObject, path: Path): string | null {
  const context = inContext(path)
  const reference = own(schema, '$ref')
  if (typeof reference === 'string') {
    const beside = Object.keys(schema).filter(key => key !== '$ref')
    if (beside.length > 0)
      return `${context}$ref cannot have keywords {${beside.map(key => `'${key}'`).join(', ')}}.`
    const local = reference === '#' || /^#\/(?:\$defs|definitions)\//.test(reference)
    return local && follow(root, reference) !== null
      ? null
      : `${context}reference can only point to definitions defined at the top level of the schema.`
  }
  const unknown = Object.keys(schema).find(key => !PERMITTED.has(key))
  if (unknown !== undefined) return `${context}'${unknown}' is not permitted.`
  if (!['type', 'anyOf', 'enum', 'const'].some(key => own(schema, key) !== undefined))
    return `${context}schema must have a 'type' key.`
  return stringProblem(schema, context) ?? objectProblem(schema, context)
}

function stringProblem(schema: JsonObject, context: string): string | null {
  const format = own(schema, 'format')
  if (typeof format === 'string' && !Object.hasOwn(FORMATS, format))
    return `${context}'${format}' is not a valid format.`
  const pattern = own(schema, 'pattern')
  if (typeof pattern !== 'string') return null
  if (/\(\?(?:[=!]|<[=!])/.test(pattern)) return `${context}lookaround is not supported in 'pattern'.`
  try {
    new RegExp(pattern)
    return null
  } catch {
    return `${context}'${pattern}' is not a valid regex.`
  }
}

function objectProblem(schema: JsonObject, context: string): string | null {
  const type = own(schema, 'type')
  const isMap = type === 'object' || (Array.isArray(type) && type.includes('object'))
  if (!isMap && own(schema, 'properties') === undefined) return null
  if (own(schema, 'additionalProperties') !== false)
    return `${context}'additionalProperties' is required to be supplied and to be false.`
  const keys = propertiesOf(schema).map(([key]) => key)
  const listed = own(schema, 'required')
  const required: readonly Json[] = Array.isArray(listed) ? listed : []
  const rule = `${context}'required' is required to be supplied and to be an array including every key in properties.`
  const missing = keys.find(key => !required.includes(key))
  if (missing !== undefined) return `${rule} Missing '${missing}'.`
  const extra = required.find(key => !keys.includes(String(key)))
  return extra === undefined ? null : `${rule} Extra required key '${String(extra)}' supplied.`
}

function sizeProblem(schema: JsonObject): string | null {
  let properties = 0
  let options = 0
  let characters = 0
  let levels = 0
  walk(schema, [], (one, path) => {
    const keys = propertiesOf(one).map(([key]) => key)
    const listed = own(one, 'enum')
    const values: readonly Json[] = Array.isArray(listed) ? listed : []
    properties += keys.length
    options += values.length
    characters += [...keys, ...values].reduce<number>((sum, text) => sum + String(text).length, 0)
    levels = Math.max(levels, path.filter(part => part === 'properties').length)
    return null
  })
  if (properties > LIMITS.properties)
    return `Expected at most ${LIMITS.properties} object properties in total, but got ${properties}.`
  if (levels > LIMITS.levels) return `${levels} levels of nesting exceeds limit of ${LIMITS.levels}.`
  if (options > LIMITS.options)
    return `Expected at most ${LIMITS.options} enum values in total within a schema when using structured outputs, but got ${options}.`
  if (characters > LIMITS.characters)
    return `Expected at most ${LIMITS.characters} characters in property names and enum values, but got ${characters}.`
  return null
}
