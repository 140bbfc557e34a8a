import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, parseJson } from '../../wire/json.ts'

/** Whether this is a JSON array; `Array.isArray` alone would make it a list of `any`. */
export function isList(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value)
}

export function isText(value: JsonValue): value is string {
  return typeof value === 'string'
}

export function isNumber(value: JsonValue): value is number {
  return typeof value === 'number'
}

/** An integer of 0 or more. */
export function isCount(value: JsonValue): value is number {
  return Number.isInteger(value) && Number(value) >= 0
}

export function isFlag(value: JsonValue): value is boolean {
  return typeof value === 'boolean'
}

export function isObjects(value: JsonValue): value is readonly JsonObject[] {
  return isList(value) && value.every(isObject)
}

export function isTexts(value: JsonValue): value is readonly string[] {
  return isList(value) && value.every(isText)
}

export function isAnything(value: JsonValue): value is JsonValue {
  return value !== undefined
}

/** Text that says something: null, absent and `''` are all the absence of text. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A number that is there; anything else is none. */
export function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The objects of a list; anything else in it, or instead of it, is passed over. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : []
}

/** A text of this length cannot nest too deep to be written again; `JSON.parse` itself takes any depth. */
const shallow = 1024

/** JSON text to its value; undefined where it is not JSON or nests deeper than anybody means. */
export function parseText(text: string): JsonValue | undefined {
  if (text.length > shallow) {
    const parsed = parseJson(new TextEncoder().encode(text), { depth: shallow / 2, lenient: true })
    return parsed.ok ? parsed.value : undefined
  }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/** The same object without its undefined fields: absent and undefined are different to the model's types and to JSON. */
export function defined<const T extends object>(fields: T): Defined<T> {
  const kept: { [key: string]: unknown } = {}
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key]
  return kept as Defined<T> // exactly the fields of T that are not undefined
}
