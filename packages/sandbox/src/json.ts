/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** More nesting than any honest request needs, and far less than what exhausts the stack of a recursive reader. */
const DEEPEST = 256

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own keys only: a request may name a key `constructor` or `__proto__`, and that must not find ours. */
export const own = (value: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined

export const textAt = (value: JsonObject, key: string): string | null => {
  const found = own(value, key)
  return typeof found === 'string' ? found : null
}

export const listAt = (value: JsonObject, key: string): readonly Json[] => {
  const found = own(value, key)
  return Array.isArray(found) ? found : []
}

export const objectsAt = (value: JsonObject, key: string): readonly JsonObject[] =>
  listAt(value, key).filter(isObject)

export const objectAt = (value: JsonObject, key: string): JsonObject | null => {
  const found = own(value, key)
  return isObject(found) ? found : null
}

export const numberAt = (value: JsonObject, key: string): number | null => {
  const found = own(value, key)
  return typeof found === 'number' ? found : null
}

/** Sent, and not as null: OpenAI takes null as "unset". */
export const isSet = (value: JsonObject, key: string): boolean => {
  const found = own(value, key)
  return found !== undefined && found !== null
}

/** The value of a JSON text, or undefined where the text is not JSON, or is nested deeper than 256 levels. */
export function parseJson(text: string): Json | undefined {
  if (nesting(text) > DEEPEST) return undefined
  try {
    return JSON.parse(text) as Json // JSON.parse yields nothing else
  } catch {
    return undefined
  }
}

/** Counted on the characters, because a recursive parser would have overflowed before it could tell. */
function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth)
    else if (character === '}' || character === ']') depth -= 1
  }
  return deepest
}
