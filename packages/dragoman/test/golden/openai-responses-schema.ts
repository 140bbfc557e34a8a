import { readSchema } from '@dragoman/fixtures'
import Ajv, { type ValidateFunction } from 'ajv'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import { isObject, own } from '../../src/wire/json.ts'

// What the SDK's own types say of what this wire writes, as a judge and as a source of examples.

const schema = readSchema('openai-responses-event')
const definitions = schema.definitions as { readonly [name: string]: JsonObject } // derived schemas have them
const ajv = new Ajv({ strict: false, allErrors: true }).addSchema(schema, 'events')
const validators = new Map<string, ValidateFunction>()

const constants = (type: JsonValue | undefined): readonly JsonValue[] =>
  isObject(type) ? [...(type.const === undefined ? [] : [type.const]), ...listOf(type.enum)] : []

const listOf = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? value : [])

const definitionsByType = new Map<string, string>()
for (const [name, definition] of Object.entries(definitions)) {
  const { properties } = definition
  if (!name.endsWith('Event') || !isObject(properties)) continue
  for (const type of constants(properties.type)) definitionsByType.set(String(type), name)
}

function problems(definition: string, value: JsonValue): readonly string[] {
  const validate =
    validators.get(definition) ??
    ajv.compile({ $ref: `events#/definitions/${encodeURIComponent(definition)}` })
  validators.set(definition, validate)
  if (validate(value)) return []
  return (validate.errors ?? []).map(error => `${error.instancePath} ${error.message}`)
}

/** What is wrong with an event of a stream by the SDK's types; empty where nothing is. */
export function problemsOfEvent(event: JsonObject): readonly string[] {
  const name = definitionsByType.get(String(event.type))
  if (name === undefined) return [`no event is called ${event.type}`]
  const { response, logprobs } = event
  // The final text's log probabilities have bytes by the types, the same ones in events have none: ours do.
  const tokens = logprobs === undefined ? {} : { logprobs: withoutBytes(logprobs) }
  return problems(name, { ...event, ...tokens, ...(isObject(response) && { response: asTyped(response) }) })
}

function withoutBytes(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value, (name, inner) => (name === 'bytes' ? undefined : inner)))
}

/** What is wrong with a Response object. */
export const problemsOfResponse = (response: JsonObject): readonly string[] =>
  problems('Response', asTyped(response))

/** Every recorded answer says `store`, and those that have not ended say that their usage is null: the types do not. */
function asTyped({ store: _, ...response }: JsonObject): JsonObject {
  const { usage, ...rest } = response
  return usage === null ? rest : response
}

/** An example of what a definition allows: with every field, or only with those it requires. */
export function exampleOf(name: string, fields: 'all' | 'required'): JsonObject {
  const made = example(own(definitions, name), fields, 0)
  if (!isObject(made)) throw new Error(`${name} is no object`)
  return made
}

/** An example of an event. */
export const exampleOfEvent = (type: string, fields: 'all' | 'required'): JsonObject =>
  exampleOf(definitionsByType.get(type) ?? type, fields)

/** Definitions of the members of a union, by the word in their `type`. */
export function membersByType(union: string): ReadonlyMap<string, string> {
  const references = listOf(own(definitions, union)?.anyOf).filter(isObject)
  const names = references.map(({ $ref }) => decodeURIComponent(String($ref).replace('#/definitions/', '')))
  return new Map(
    names.flatMap(name => {
      const properties = own(definitions, name)?.properties
      return constants(isObject(properties) ? properties.type : undefined).map(
        type => [String(type), name] as const,
      )
    }),
  )
}

/** Recursive types end here: what lies deeper is left out. */
const deepest = 8

function example(given: JsonValue | undefined, fields: 'all' | 'required', depth: number): JsonValue {
  if (!isObject(given)) return 'anything'
  if (typeof given.$ref === 'string') {
    return example(
      own(definitions, decodeURIComponent(given.$ref.replace('#/definitions/', ''))),
      fields,
      depth,
    )
  }
  const [constant] = constants(given)
  if (constant !== undefined) return constant
  const [first] = [...listOf(given.anyOf), ...listOf(given.oneOf)]
  if (first !== undefined) return example(first, fields, depth)
  const type = Array.isArray(given.type) ? given.type[0] : given.type
  if (type === 'object') return exampleObject(given, fields, depth)
  if (type === 'array')
    return fields === 'all' && depth < deepest ? [example(given.items, fields, depth + 1)] : []
  const plain: { readonly [type: string]: JsonValue } = {
    string: 'text',
    number: 0,
    integer: 0,
    boolean: true,
  }
  return own(plain, String(type)) ?? null
}

function exampleObject(given: JsonObject, fields: 'all' | 'required', depth: number): JsonObject {
  const properties = isObject(given.properties) ? given.properties : {}
  const required = listOf(given.required)
  const isWanted = (name: string) => required.includes(name) || (fields === 'all' && depth < deepest)
  const wanted = Object.entries(properties).filter(([name]) => isWanted(name))
  return Object.fromEntries(wanted.map(([name, inner]) => [name, example(inner, fields, depth + 1)]))
}
