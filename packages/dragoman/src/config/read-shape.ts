import type { PathSegments } from './problem.ts'
import type { AnyShape, Definition, Shape } from './shape.ts'

/** What is wrong with a value, not yet in words. */
export type Issue = { readonly path: PathSegments } & (
  | { readonly code: 'invalid_type'; readonly expected: string }
  | { readonly code: 'invalid_value'; readonly values: readonly unknown[] }
  | { readonly code: 'unrecognized_keys'; readonly keys: readonly string[] }
  | { readonly code: 'invalid_union'; readonly errors: readonly (readonly Issue[])[] }
  | { readonly code: 'too_small'; readonly origin: 'string' | 'int' | 'array'; readonly minimum: number }
  | { readonly code: 'too_big'; readonly maximum: number }
  | { readonly code: 'custom'; readonly message: string }
)

export type ShapeResult<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly issues: readonly Issue[] }

/** Reads a value that may be anything; every issue is told, those of a section's own keys before its unknown ones. */
export function readShape<T>(shape: Shape<T, unknown>, value: unknown): ShapeResult<T> {
  const issues: Issue[] = []
  const data = read(shape, value, [], issues)
  return issues.length === 0 ? { success: true, data: data as T } : { success: false, issues } // no issue: it has the shape
}

type Of<K extends Definition['type']> = Extract<Definition, { type: K }>
type Read<K extends Definition['type']> = (
  definition: Of<K>,
  value: unknown,
  path: PathSegments,
  issues: Issue[],
) => unknown

const isSection = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readWord({ values }: Of<'enum' | 'literal'>, value: unknown, path: PathSegments, issues: Issue[]) {
  if (!values.some(one => one === value)) issues.push({ code: 'invalid_value', path, values })
  return value
}

const readers: { readonly [K in Definition['type']]: Read<K> } = {
  string({ least = 0, pattern, convert }, value, path, issues) {
    if (typeof value !== 'string') {
      issues.push({ code: 'invalid_type', path, expected: 'string' })
      return undefined
    }
    if (value.length < least) issues.push({ code: 'too_small', path, origin: 'string', minimum: least })
    else if (pattern !== undefined && !pattern.regex.test(value))
      issues.push({ code: 'custom', path, message: pattern.message })
    else if (convert !== undefined) {
      const converted = convert(value)
      if ('value' in converted) return converted.value
      issues.push({ code: 'custom', path, message: converted.message })
    }
    return value
  },
  int({ least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER }, value, path, issues) {
    if (typeof value !== 'number' || Number.isNaN(value))
      issues.push({ code: 'invalid_type', path, expected: 'number' })
    else if (!Number.isInteger(value)) issues.push({ code: 'invalid_type', path, expected: 'int' })
    else if (value < least) issues.push({ code: 'too_small', path, origin: 'int', minimum: least })
    else if (value > most) issues.push({ code: 'too_big', path, maximum: most })
    return value
  },
  boolean(_, value, path, issues) {
    if (typeof value !== 'boolean') issues.push({ code: 'invalid_type', path, expected: 'boolean' })
    return value
  },
  enum: readWord,
  literal: readWord,
  object({ fields, others }, value, path, issues) {
    if (!isSection(value)) {
      issues.push({ code: 'invalid_type', path, expected: 'object' })
      return undefined
    }
    const out: [string, unknown][] = []
    for (const [key, shape] of Object.entries(fields)) {
      const member = Object.hasOwn(value, key) ? value[key] : undefined
      const data = read(shape, member, [...path, key], issues)
      if (data !== undefined) out.push([key, data])
    }
    const unknown = Object.keys(value).filter(key => !Object.hasOwn(fields, key))
    if (others !== undefined)
      for (const key of unknown) out.push([key, read(others, value[key], [...path, key], issues)])
    else if (unknown.length > 0) issues.push({ code: 'unrecognized_keys', path, keys: unknown })
    return Object.fromEntries(out)
  },
  record({ value: shape }, value, path, issues) {
    if (isSection(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, read(shape, member, [...path, key], issues)]),
      )
    issues.push({ code: 'invalid_type', path, expected: 'record' })
    return undefined
  },
  array({ element, least = 0 }, value, path, issues) {
    if (!Array.isArray(value)) {
      issues.push({ code: 'invalid_type', path, expected: 'array' })
      return undefined
    }
    if (value.length < least) issues.push({ code: 'too_small', path, origin: 'array', minimum: least })
    return value.map((member, index) => read(element, member, [...path, index], issues))
  },
  union({ options }, value, path, issues) {
    const errors: Issue[][] = []
    for (const option of options) {
      const found: Issue[] = []
      const data = read(option, value, [], found)
      if (found.length === 0) return data
      errors.push(found)
    }
    issues.push({ code: 'invalid_union', path, errors })
    return undefined
  },
  optional: ({ inner }, value, path, issues) =>
    value === undefined ? undefined : read(inner, value, path, issues),
  default({ inner, value: usual, isRead }, value, path, issues) {
    if (value !== undefined) return read(inner, value, path, issues)
    return isRead ? read(inner, usual, path, issues) : usual
  },
}

function read(shape: AnyShape, value: unknown, path: PathSegments, issues: Issue[]): unknown {
  const { definition } = shape
  const reader = readers[definition.type] as Read<Definition['type']> // the table's own pairing of type and reader
  return reader(definition, value, path, issues)
}
