import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Keyword } from '../../providers/schema/keyword.ts'
import type { SchemaLimits } from '../../providers/schema/subset.ts'
import { isObject } from '../../wire/json.ts'
import type { OptionalMarks, SchemaNote } from './lower.ts'

interface Sizes {
  properties: number
  optional: number
  unions: number
  enumValues: number
  depth: number
}

function measure(schema: JsonValue, depth: number, marks: OptionalMarks, sizes: Sizes): void {
  if (!isObject(schema)) return
  const isNested = schema.properties !== undefined || schema.items !== undefined
  const here = isNested ? depth + 1 : depth
  sizes.depth = Math.max(sizes.depth, here)
  if (Array.isArray(schema.enum)) sizes.enumValues += schema.enum.length
  if (Array.isArray(schema.anyOf) || Array.isArray(schema.type)) sizes.unions++
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required.length : 0
  const count = Object.keys(properties).length
  sizes.properties += count
  sizes.optional += Math.max(0, count - required)
  const inside = [
    ...Object.values(properties),
    ...Object.values(isObject(schema.$defs) ? schema.$defs : {}),
    ...(Array.isArray(schema.anyOf) ? schema.anyOf : []),
    ...(Array.isArray(schema.prefixItems) ? schema.prefixItems : []),
    ...[schema.items, schema.additionalProperties].filter(isObject),
  ]
  for (const inner of inside) measure(inner, here, marks, sizes)
}

const rows: readonly (readonly [keyof SchemaLimits, Keyword, (count: number, most: number) => string])[] = [
  [
    'properties',
    'properties',
    (count, most) => `It has ${count} properties in all; this target takes ${most}.`,
  ],
  ['optional', 'required', (count, most) => `${count} properties are optional; this target takes ${most}.`],
  ['unions', 'anyOf', (count, most) => `${count} values have several types; this target takes ${most}.`],
  ['enumValues', 'enum', (count, most) => `It lists ${count} values in all; this target takes ${most}.`],
  ['depth', 'properties', (count, most) => `It is ${count} levels deep; this target takes ${most}.`],
]

/** What of a schema's size the wire refuses. */
export function sizeNotes(
  schema: JsonObject,
  limits: SchemaLimits,
  marks: OptionalMarks,
): readonly SchemaNote[] {
  const sizes: Sizes = { properties: 0, optional: 0, unions: 0, enumValues: 0, depth: 0 }
  measure(schema, 0, marks, sizes)
  return rows.flatMap(([name, keyword, say]) => {
    const most = limits[name]
    return most === undefined || sizes[name] <= most
      ? []
      : [{ kind: 'refused' as const, keyword, at: '', reason: say(sizes[name], most) }]
  })
}
