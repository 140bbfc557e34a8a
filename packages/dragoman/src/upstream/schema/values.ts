import type { JsonValue } from '../../ir/json.ts'
import { keeps } from '../../providers/schema/subset.ts'
import type { Writer } from './lower.ts'
import type { Sayings } from './source.ts'
import { type TypeName, typeOf } from './types.ts'
import type { Draft } from './value.ts'

/** The types of these values; a whole number among others is one of them. */
export function typesAmong(values: readonly JsonValue[]): readonly TypeName[] {
  const types = [...new Set(values.map(typeOf))]
  return types.includes('number') ? types.filter(type => type !== 'integer') : types
}

/** An enumeration, as far as the wire enumerates values of these types. Null is said as the wire says it of any value. */
export function writeValues(
  writer: Writer,
  sayings: Sayings,
  values: readonly JsonValue[],
  draft: Draft,
): void {
  const { subset } = writer
  const keyword = sayings.has('const') ? 'const' : 'enum'
  const at = sayings.first(keyword)?.at ?? ''
  const others = values.filter(value => value !== null)
  const types = typesAmong(others)
  if (types.some(type => type === 'object' || type === 'array')) {
    draft.refuse(keyword, at, 'It lists objects or arrays, which this target does not.')
    return
  }
  if (others.length === 0) {
    draft.schema.type = 'null'
    return
  }
  const isListed = (value: JsonValue) => subset.enumTypes.includes(typeOf(value))
  const isEveryBoolean = others.length === 2 && types.length === 1 && types[0] === 'boolean'
  const isSaid = others.every(isListed)
  if (!isEveryBoolean && !isSaid) draft.weaken(keyword, at, values)
  const isConstant = keyword === 'const' && keeps(subset, 'const') && values.length === 1
  const said = isEveryBoolean || !isSaid ? {} : isConstant ? { const: others[0] ?? null } : { enum: others }
  Object.assign(draft.schema, withTypes(types, said))
  if (others.length < values.length) addNull(subset.unions, isListed(null), draft)
}

const withTypes = (types: readonly TypeName[], said: { readonly [keyword: string]: JsonValue }) => ({
  type: types.length === 1 ? (types[0] ?? null) : types,
  ...said,
})

function addNull(unions: 'type-list' | 'nullable', isListed: boolean, { schema }: Draft): void {
  const { type = 'null', enum: listed } = schema
  if (unions === 'nullable') schema.nullable = true
  else if (listed !== undefined && !isListed) {
    delete schema.type
    delete schema.enum
    schema.anyOf = [{ type, enum: listed }, { type: 'null' }]
  } else {
    schema.type = [...(Array.isArray(type) ? (type as readonly JsonValue[]) : [type]), 'null'] // a list of names
    if (Array.isArray(listed)) schema.enum = [...listed, null]
  }
}
