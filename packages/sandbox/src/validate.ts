// The validator: rules are data (see rules/), and one function reads them. Messages, types and codes are those
// that OpenAI answers with, so a rule states only what is legal.
import {
  type ApiError,
  invalidType,
  invalidValue,
  missingParameter,
  refuse,
  unknownParameter,
} from './errors.ts'
import { isObject, type Json, type JsonObject, own } from './json.ts'

export type Rule =
  | { readonly kind: 'any' }
  | { readonly kind: 'boolean' }
  | {
      readonly kind: 'string'
      readonly min?: number
      readonly max?: number
      readonly pattern?: string
    }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'decimal' | 'integer'; readonly min?: number; readonly max?: number }
  | { readonly kind: 'list'; readonly of: Rule; readonly min?: number; readonly max?: number }
  | { readonly kind: 'record'; readonly fields: Fields; readonly open?: boolean }
  | { readonly kind: 'map'; readonly of: Rule; readonly max?: number; readonly key?: number }
  /** An object whose shape hangs on a key; `absent` is the shape of an object without that key. */
  | {
      readonly kind: 'variant'
      readonly tag: string
      readonly of: Readonly<Record<string, Rule>>
      readonly absent?: string
    }
  /** Alternatives that differ in the kind of JSON value. */
  | { readonly kind: 'union'; readonly of: readonly Rule[] }

/** `null` counts as absent for a field that is not required: OpenAI takes it as "unset". */
export type Fields = Readonly<Record<string, Rule & { readonly required?: true }>>

export const anything: Rule = { kind: 'any' }
export const boolean: Rule = { kind: 'boolean' }
export const string: Rule = { kind: 'string' }
export const text = (min: number, max?: number, pattern?: string): Rule => ({
  kind: 'string',
  min,
  ...(max !== undefined && { max }),
  ...(pattern !== undefined && { pattern }),
})
export const choice = (...of: readonly string[]): Rule => ({ kind: 'choice', of })
export const decimal = (min: number, max: number): Rule => ({ kind: 'decimal', min, max })
export const integer = (min?: number, max?: number): Rule => ({
  kind: 'integer',
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
})
export const list = (of: Rule, min?: number, max?: number): Rule => ({
  kind: 'list',
  of,
  ...(min !== undefined && { min }),
  ...(max !== undefined && { max }),
})
export const record = (fields: Fields): Rule => ({ kind: 'record', fields })
/** A record that may hold keys which the sandbox does not know. */
export const openRecord = (fields: Fields = {}): Rule => ({ kind: 'record', fields, open: true })
export const map = (of: Rule, max?: number, key?: number): Rule => ({
  kind: 'map',
  of,
  ...(max !== undefined && { max }),
  ...(key !== undefined && { key }),
})
export const variant = (tag: string, of: Readonly<Record<string, Rule>>, absent?: string): Rule => ({
  kind: 'variant',
  tag,
  of,
  ...(absent !== undefined && { absent }),
})
export const union = (...of: readonly Rule[]): Rule => ({ kind: 'union', of })
export const required = <R extends Rule>(rule: R): R & { readonly required: true } => ({
  ...rule,
  required: true,
})

/** How an endpoint names the top-level keys that it does not know. */
export type Unknown = (names: readonly string[]) => ApiError
const unknownNew: Unknown = names => unknownParameter(names[0] ?? '')
/** The older style, which names all of them and no `param`. */
export const unknownOld: Unknown = names =>
  refuse(`Unrecognized request argument${names.length > 1 ? 's' : ''} supplied: ${names.join(', ')}`)

/** The first thing wrong with a request body, in the order in which the rules stand, or null. */
export function validate(body: JsonObject, fields: Fields, unknown: Unknown = unknownNew): ApiError | null {
  return checkFields(body, fields, '') ?? checkUnknown(body, fields, unknown)
}

function checkFields(value: JsonObject, fields: Fields, path: string): ApiError | null {
  for (const [name, field] of Object.entries(fields)) {
    const at = path === '' ? name : `${path}.${name}`
    const found = own(value, name)
    if (found === undefined || (found === null && field.required === undefined)) {
      if (field.required) return missingParameter(at)
      continue
    }
    const problem = check(found, field, at)
    if (problem) return problem
  }
  return null
}

function checkUnknown(value: JsonObject, fields: Fields, unknown: Unknown): ApiError | null {
  const names = Object.keys(value).filter(name => !Object.hasOwn(fields, name))
  return names.length > 0 ? unknown(names) : null
}

function check(value: Json, rule: Rule, path: string): ApiError | null {
  if (!fits(value, rule)) return invalidType(path, phrase(rule), value)
  switch (rule.kind) {
    case 'string':
      return checkString(value as string, rule, path) // fits() saw the kind
    case 'choice':
      return rule.of.includes(value as string) ? null : invalidValue(path, value as string, rule.of) // as above
    case 'decimal':
    case 'integer':
      return checkNumber(value as number, rule, path) // as above
    case 'list':
      return checkList(value as readonly Json[], rule, path) // as above
    case 'record':
    case 'map':
    case 'variant':
      return checkObject(value as JsonObject, rule, path) // as above
    case 'union':
      return checkUnion(value, rule, path)
    default:
      return null
  }
}

/** Right kind of JSON value, seen from outside: a list is told from another by its first item. */
function fits(value: Json, rule: Rule): boolean {
  switch (rule.kind) {
    case 'any':
      return true
    case 'boolean':
      return typeof value === 'boolean'
    case 'string':
    case 'choice':
      return typeof value === 'string'
    case 'decimal':
      return typeof value === 'number'
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value)
    case 'list':
      return Array.isArray(value)
    case 'union':
      return rule.of.some(one => fits(value, one))
    default:
      return isObject(value)
  }
}

function checkUnion(value: Json, rule: Extract<Rule, { kind: 'union' }>, path: string): ApiError | null {
  const fitting = rule.of.filter(one => fits(value, one))
  const first = Array.isArray(value) ? value[0] : undefined
  const best = fitting.find(one => one.kind !== 'list' || first === undefined || fits(first, one.of))
  const chosen = best ?? fitting[0]
  return chosen ? check(value, chosen, path) : null
}

function checkString(value: string, rule: Extract<Rule, { kind: 'string' }>, path: string): ApiError | null {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = rule
  if (value.length < min)
    return refuse(
      `Invalid '${path}': empty string. Expected a string with minimum length ${min}, but got an empty string instead.`,
      path,
      'empty_string',
    )
  if (value.length > max)
    return refuse(
      `Invalid '${path}': string too long. Expected a string with maximum length ${max}, but got a string with length ${value.length} instead.`,
      path,
      'string_above_max_length',
    )
  if (pattern !== undefined && !new RegExp(pattern).test(value))
    return refuse(
      `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '${pattern}'.`,
      path,
      'invalid_value',
    )
  return null
}

function checkNumber(
  value: number,
  rule: Extract<Rule, { kind: 'decimal' | 'integer' }>,
  path: string,
): ApiError | null {
  const { kind, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = rule
  if (value < min)
    return refuse(
      `Invalid '${path}': ${kind} below minimum value. Expected a value >= ${min}, but got ${value} instead.`,
      path,
      `${kind}_below_min_value`,
    )
  if (value > max)
    return refuse(
      `Invalid '${path}': ${kind} above maximum value. Expected a value <= ${max}, but got ${value} instead.`,
      path,
      `${kind}_above_max_value`,
    )
  return null
}

function checkList(
  value: readonly Json[],
  rule: Extract<Rule, { kind: 'list' }>,
  path: string,
): ApiError | null {
  const { min = 0, max = Number.POSITIVE_INFINITY } = rule
  if (value.length < min)
    return refuse(
      `Invalid '${path}': empty array. Expected an array with minimum length ${min}, but got an empty array instead.`,
      path,
      'empty_array',
    )
  if (value.length > max)
    return refuse(
      `Invalid '${path}': array too long. Expected an array with maximum length ${max}, but got an array with length ${value.length} instead.`,
      path,
      'array_above_max_length',
    )
  for (const [index, item] of value.entries()) {
    const problem = check(item, rule.of, `${path}[${index}]`)
    if (problem) return problem
  }
  return null
}

function checkObject(
  value: JsonObject,
  rule: Extract<Rule, { kind: 'record' | 'map' | 'variant' }>,
  path: string,
): ApiError | null {
  if (rule.kind === 'map') return checkMap(value, rule, path)
  if (rule.kind === 'variant') return checkVariant(value, rule, path)
  const problem = checkFields(value, rule.fields, path)
  if (problem || rule.open) return problem
  return checkUnknown(value, rule.fields, names => unknownParameter(`${path}.${names[0] ?? ''}`))
}

function checkMap(value: JsonObject, rule: Extract<Rule, { kind: 'map' }>, path: string): ApiError | null {
  const { max = Number.POSITIVE_INFINITY, key = Number.POSITIVE_INFINITY } = rule
  const entries = Object.entries(value)
  if (entries.length > max)
    return refuse(
      `Invalid '${path}': too many properties. Expected an object with at most ${max} properties, but got an object with ${entries.length} properties instead.`,
      path,
      'object_above_max_properties',
    )
  for (const [name, one] of entries) {
    if (name.length > key)
      return refuse(
        `Invalid '${path}': property name too long. Expected a property name with maximum length ${key}, but got a property name with length ${name.length} instead.`,
        path,
        'string_above_max_length',
      )
    const problem = check(one, rule.of, `${path}.${name}`)
    if (problem) return problem
  }
  return null
}

function checkVariant(
  value: JsonObject,
  rule: Extract<Rule, { kind: 'variant' }>,
  path: string,
): ApiError | null {
  const at = `${path}.${rule.tag}`
  const tag = own(value, rule.tag) ?? rule.absent
  if (tag === undefined) return missingParameter(at)
  if (typeof tag !== 'string') return invalidType(at, 'a string', tag)
  const chosen = Object.hasOwn(rule.of, tag) ? rule.of[tag] : undefined
  return chosen ? check(value, chosen, path) : invalidValue(at, tag, Object.keys(rule.of))
}

const PLURALS: Readonly<Record<Rule['kind'], string>> = {
  any: '',
  boolean: ' of booleans',
  string: ' of strings',
  choice: ' of strings',
  decimal: ' of numbers',
  integer: ' of integers',
  list: ' of arrays',
  record: ' of objects',
  map: ' of objects',
  variant: ' of objects',
  union: '',
}

/** What was expected, in OpenAI's words: `a string`, `an array of objects`, `one of a string or array of strings`. */
function phrase(rule: Rule): string {
  switch (rule.kind) {
    case 'list':
      return `an array${PLURALS[rule.of.kind]}`
    case 'union': {
      const [first = '', ...rest] = [...new Set(rule.of.map(phrase))]
      const others = rest.map(one => one.replace(/^an? /, ''))
      if (others.length === 0) return first
      if (others.length === 1) return `one of ${first} or ${others[0]}`
      return `one of ${first}, ${others.slice(0, -1).join(', ')}, or ${others.at(-1)}`
    }
    case 'decimal':
      return 'a decimal'
    case 'integer':
      return 'an integer'
    case 'boolean':
      return 'a boolean'
    case 'string':
    case 'choice':
      return 'a string'
    case 'any':
      return 'a value'
    default:
      return 'an object'
  }
}
