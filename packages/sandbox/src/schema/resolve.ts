import { isObject, type Json, type JsonObject, own } from '../json.ts'

/** The schema that a local reference means: `#`, `#/$defs/name`, or any pointer into the root; null where it leads nowhere. */
export function follow(root: JsonObject, reference: string): JsonObject | null {
  if (reference === '#') return root
  if (!reference.startsWith('#/')) return null
  let at: Json | undefined = root
  for (const raw of reference.slice(2).split('/')) {
    const key = raw.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(at)) at = at[Number(key)]
    else if (isObject(at)) at = own(at, key)
    else return null
  }
  return isObject(at) ? at : null
}

/**
 * References followed and `allOf` merged, so that a reader sees one flat schema. Where nothing stands beside a
 * reference it is the very object that is meant: whoever walks a recursive schema can tell that he was there before.
 */
export function resolve(root: JsonObject, schema: JsonObject): JsonObject {
  let flat = schema
  for (let hops = 0; hops < 20; hops += 1) {
    const reference = own(flat, '$ref')
    const parts = own(flat, 'allOf')
    if (typeof reference === 'string') {
      const { $ref: _, ...beside } = flat
      const meant = follow(root, reference) ?? {}
      flat = Object.keys(beside).length === 0 ? meant : { ...meant, ...beside }
    } else if (Array.isArray(parts)) {
      const { allOf: _, ...beside } = flat
      flat = parts.filter(isObject).reduce(merge, beside)
    } else return flat
  }
  return {}
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const objectAt = (schema: JsonObject, key: string) => {
    const value = own(schema, key)
    return isObject(value) ? value : {}
  }
  const listAt = (schema: JsonObject, key: string): readonly Json[] => {
    const value = own(schema, key)
    return Array.isArray(value) ? value : []
  }
  const required = [...listAt(left, 'required'), ...listAt(right, 'required')]
  const properties = { ...objectAt(left, 'properties'), ...objectAt(right, 'properties') }
  return {
    ...left,
    ...right,
    ...(required.length > 0 && { required }),
    ...(Object.keys(properties).length > 0 && { properties }),
  }
}

/** Alternatives of a schema, each with what stands beside them; a list of types counts as alternatives too. */
export function alternatives(schema: JsonObject): readonly JsonObject[] | null {
  for (const key of ['anyOf', 'oneOf']) {
    const branches = own(schema, key)
    if (!Array.isArray(branches)) continue
    const { [key]: _, ...beside } = schema
    const alone = Object.keys(beside).length === 0
    return branches.filter(isObject).map(branch => (alone ? branch : { ...beside, ...branch }))
  }
  const types = own(schema, 'type')
  return Array.isArray(types) ? types.map(type => ({ ...schema, type })) : null
}

/** What kind of value a flat schema without alternatives wants. */
export function typeOf(schema: JsonObject): string {
  const type = own(schema, 'type')
  if (typeof type === 'string') return type
  if (own(schema, 'properties') !== undefined || own(schema, 'additionalProperties') !== undefined)
    return 'object'
  if (own(schema, 'items') !== undefined) return 'array'
  if (own(schema, 'minimum') !== undefined || own(schema, 'multipleOf') !== undefined) return 'number'
  return 'string'
}

export const propertiesOf = (schema: JsonObject): readonly (readonly [string, JsonObject])[] => {
  const properties = own(schema, 'properties')
  if (!isObject(properties)) return []
  return Object.entries(properties).map(([key, one]) => [key, isObject(one) ? one : {}] as const)
}

export const requiredOf = (schema: JsonObject): readonly string[] => {
  const required = own(schema, 'required')
  return Array.isArray(required) ? required.filter(key => typeof key === 'string') : []
}

export const itemsOf = (schema: JsonObject): JsonObject => {
  const items = own(schema, 'items')
  return isObject(items) ? items : {}
}
