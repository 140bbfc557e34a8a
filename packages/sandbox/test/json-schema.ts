// A small validator of JSON Schema, written apart from the engine so that one can judge the other. It covers what
// strict schemas may say, and answers with the path of what is wrong.
import type { Read } from './support.ts'

const FORMATS: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})$/,
  duration: /^P(?!$)(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/,
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  hostname: /^(?:[a-z\d-]+\.)*[a-z\d-]+$/i,
  ipv4: /^\d{1,3}(?:\.\d{1,3}){3}$/,
  ipv6: /^[\da-f:]+$/i,
  uuid: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
}

const kindOf = (value: Read): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

const same = (left: Read, right: Read): boolean => JSON.stringify(left) === JSON.stringify(right)

/** Null where the value is an instance of the schema. */
export function violation(schema: Read, value: Read, root: Read = schema, path = '$'): string | null {
  if (schema.$ref !== undefined) {
    const meant = schema.$ref
      .split('/')
      .slice(1)
      .reduce((at: Read, key: string) => at[key], root)
    return violation(meant, value, root, path)
  }
  const wrong = (what: string) => `${path}: ${what} (${JSON.stringify(value)?.slice(0, 80)})`
  const kind = kindOf(value)
  const types = schema.type === undefined ? [] : [schema.type].flat()
  const typed = types.length === 0 || types.includes(kind) || (kind === 'integer' && types.includes('number'))
  if (!typed) return wrong(`is not ${types}`)
  if (schema.enum && !schema.enum.some((one: Read) => same(one, value))) return wrong('is no option')
  if (schema.const !== undefined && !same(schema.const, value)) return wrong('is not the constant')
  if (schema.anyOf?.every((one: Read) => violation(one, value, root, path) !== null))
    return wrong('is none of the alternatives')
  if (typeof value === 'number') return numberViolation(schema, value, wrong)
  if (typeof value === 'string') return stringViolation(schema, value, wrong)
  if (kind === 'array') return listViolation(schema, value, root, path, wrong)
  return kind === 'object' ? objectViolation(schema, value, root, path, wrong) : null
}

type Wrong = (what: string) => string

function numberViolation(schema: Read, value: number, wrong: Wrong): string | null {
  if (value < (schema.minimum ?? -Infinity)) return wrong('is below the minimum')
  if (value > (schema.maximum ?? Infinity)) return wrong('is above the maximum')
  if (value <= (schema.exclusiveMinimum ?? -Infinity)) return wrong('is not above the minimum')
  if (value >= (schema.exclusiveMaximum ?? Infinity)) return wrong('is not below the maximum')
  const times = value / (schema.multipleOf ?? value)
  return value !== 0 && Math.abs(times - Math.round(times)) > 1e-9 ? wrong('is no multiple') : null
}

function stringViolation(schema: Read, value: string, wrong: Wrong): string | null {
  if (value.length < (schema.minLength ?? 0)) return wrong('is too short')
  if (value.length > (schema.maxLength ?? Infinity)) return wrong('is too long')
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return wrong('does not match')
  return schema.format && !FORMATS[schema.format]?.test(value) ? wrong(`is no ${schema.format}`) : null
}

function listViolation(schema: Read, value: Read[], root: Read, path: string, wrong: Wrong): string | null {
  if (value.length < (schema.minItems ?? 0)) return wrong('has too few items')
  if (value.length > (schema.maxItems ?? Infinity)) return wrong('has too many items')
  for (const [at, one] of value.entries()) {
    const inside = violation(schema.items ?? {}, one, root, `${path}[${at}]`)
    if (inside !== null) return inside
  }
  return null
}

function objectViolation(schema: Read, value: Read, root: Read, path: string, wrong: Wrong): string | null {
  const properties = schema.properties ?? {}
  for (const key of schema.required ?? []) if (!Object.hasOwn(value, key)) return wrong(`has no ${key}`)
  for (const [key, one] of Object.entries(value)) {
    if (!Object.hasOwn(properties, key)) {
      if (schema.additionalProperties === false) return wrong(`has ${key} too much`)
      continue
    }
    const inside = violation(properties[key], one, root, `${path}.${key}`)
    if (inside !== null) return inside
  }
  return null
}
