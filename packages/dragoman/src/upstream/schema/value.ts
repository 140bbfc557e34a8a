import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isKeyword, type Keyword } from '../../providers/schema/keyword.ts'
import { treatmentOf } from '../../providers/schema/subset.ts'
import { writeArray } from './array.ts'
import { boundsOf } from './bounds.ts'
import type { Writer } from './lower.ts'
import { writeObject } from './object.ts'
import { child, type Sayings } from './source.ts'
import { mainType, ofTypes, type TypeName, typeOf, typesOf, valuesOf } from './types.ts'
import { typesAmong, writeValues } from './values.ts'

/** A schema under way, and what its description has to say besides. */
export class Draft {
  readonly schema: { [keyword: string]: JsonValue } = {}
  readonly #must: string[] = []
  readonly #told: string[] = []
  readonly #writer: Writer

  constructor(writer: Writer) {
    this.#writer = writer
  }

  /** A constraint that is asked for and not enforced. */
  weaken(keyword: Keyword, at: string, value: JsonValue): void {
    this.#must.push(`${keyword} ${JSON.stringify(value)}`)
    this.#writer.note({ kind: 'weakened', keyword, at })
  }

  tell(keyword: string, at: string, value: JsonValue): void {
    this.#told.push(`${keyword} ${JSON.stringify(value)}`)
    this.#writer.note({ kind: 'told', keyword, at })
  }

  /** What is allowed and not asked for: there is nothing to say of it. */
  narrow(keyword: Keyword, at: string): void {
    this.#writer.note({ kind: 'weakened', keyword, at })
  }

  refuse(keyword: Keyword, at: string, reason: string): void {
    this.#writer.note({ kind: 'refused', keyword, at, reason })
  }

  describe(description: string | undefined): void {
    const text = [
      ...(description === undefined || description === '' ? [] : [description]),
      ...(this.#must.length === 0 ? [] : [`Must hold: ${this.#must.join('; ')}.`]),
      ...(this.#told.length === 0 ? [] : [`Note: ${this.#told.join('; ')}.`]),
    ].join('\n')
    if (text !== '') this.schema.description = text
  }
}

/** A value without alternatives; `annotations` writes only what is said about it. */
export function writeValue(writer: Writer, sayings: Sayings, only?: 'annotations'): JsonObject | undefined {
  const draft = new Draft(writer)
  if (only === undefined && !writeConstraints(writer, sayings, draft)) return undefined
  writeAnnotations(writer, sayings, draft)
  const marks = writer.optional.get(draft.schema)
  const { description, ...rest } = draft.schema
  const schema = description === undefined ? rest : { ...rest, description }
  if (marks !== undefined) writer.optional.set(schema, marks)
  return schema
}

/** False where nothing fulfils them all. */
function writeConstraints(writer: Writer, sayings: Sayings, draft: Draft): boolean {
  const listed = valuesOf(sayings)
  const types = typesOf(sayings, listed)
  const values = listed === undefined ? undefined : ofTypes(listed, types)
  if (types?.length === 0 || values?.length === 0) return false
  const possible = values === undefined ? types : typesAmong(values)
  if (
    possible !== undefined &&
    writer.subset.unions === 'nullable' &&
    possible.filter(isNotNull).length > 1
  ) {
    return writeByType(writer, sayings, possible, draft)
  }
  if (values === undefined) writeTypes(writer, sayings, types, draft)
  else writeValues(writer, sayings, values, draft)
  const left = values === undefined ? types : [...new Set(values.map(typeOf))]
  const bounds = boundsOf(sayings, left, writer.subset)
  for (const [keyword, value] of Object.entries(bounds.sent)) draft.schema[keyword] = value
  for (const { keyword, said } of bounds.unsaid) draft.weaken(keyword, said.at, said.value)
  if (values === undefined && left?.includes('object') === true && !writeObject(writer, sayings, draft))
    return false
  if (values === undefined && left?.includes('array') === true) writeArray(writer, sayings, draft)
  writeRest(writer, sayings, left, draft)
  return true
}

const isNotNull = (type: TypeName) => type !== 'null'

/** One alternative a type, where the wire has no lists of types. */
function writeByType(writer: Writer, sayings: Sayings, types: readonly TypeName[], draft: Draft): boolean {
  const annotations = new Set(['description', 'title'])
  const sources = sayings.sources.map(({ schema, at }) => ({
    schema: Object.fromEntries(Object.entries(schema).filter(([name]) => !annotations.has(name))),
    at,
  }))
  const branches = types
    .filter(isNotNull)
    .flatMap(type => writer.write([...sources, { schema: { type }, at: '' }]) ?? [])
  draft.schema.anyOf = branches
  if (types.includes('null')) draft.schema.nullable = true
  return branches.length > 0
}

function writeTypes(
  writer: Writer,
  sayings: Sayings,
  types: readonly TypeName[] | undefined,
  draft: Draft,
): void {
  if (types === undefined) {
    const { at } = sayings.sources[0] ?? { at: '' }
    if (writer.subset.untyped === 'refused')
      draft.refuse('type', child(at, 'type'), 'It says nothing of the type, and this target needs one.')
    return
  }
  if (writer.subset.unions === 'type-list') {
    draft.schema.type = types.length === 1 ? (types[0] ?? null) : types
    return
  }
  draft.schema.type = mainType(types) ?? 'null'
  if (types.length > 1) draft.schema.nullable = true
}

/** Constraints made of schemas, and those of one kind of value that this value may not have. */
const applied: readonly (readonly [Keyword, TypeName | undefined])[] = [
  ['not', undefined],
  ['if', undefined],
  ['dependentRequired', 'object'],
  ['dependentSchemas', 'object'],
  ['dependencies', 'object'],
  ['propertyNames', 'object'],
  ['contains', 'array'],
  ['minContains', 'array'],
  ['maxContains', 'array'],
  ['unevaluatedItems', 'array'],
]

function writeRest(
  writer: Writer,
  sayings: Sayings,
  types: readonly TypeName[] | undefined,
  draft: Draft,
): void {
  for (const [keyword, type] of applied) {
    if (type !== undefined && types?.includes(type) === false) continue
    for (const { value, at } of sayings.all(keyword)) {
      // A number of what is not looked for says nothing, and a condition needs its outcomes.
      if ((keyword === 'minContains' || keyword === 'maxContains') && !sayings.has('contains')) continue
      draft.weaken(keyword, at, keyword === 'if' ? conditionAt(sayings, value) : value)
    }
  }
  for (const keyword of sayings.keywords()) {
    if (isKeyword(keyword)) continue
    for (const { at } of sayings.all(keyword)) writer.note({ kind: 'dropped', keyword, at })
  }
}

const conditionAt = (sayings: Sayings, condition: JsonValue): JsonObject => {
  const outcome = (keyword: 'then' | 'else') => {
    const said = sayings.first(keyword)
    return said === undefined ? {} : { [keyword]: said.value }
  }
  return { if: condition, ...outcome('then'), ...outcome('else') }
}

const told: readonly Keyword[] = [
  ...(['title', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'] as const),
  ...(['contentEncoding', 'contentMediaType', 'contentSchema', 'propertyOrdering'] as const),
]

function writeAnnotations(writer: Writer, sayings: Sayings, draft: Draft): void {
  for (const keyword of told) {
    const said = sayings.first(keyword)
    if (said === undefined) continue
    const treatment = treatmentOf(writer.subset, keyword)
    if (treatment === 'kept') draft.schema[keyword] = said.value
    else if (treatment === 'told') draft.tell(keyword, said.at, said.value)
  }
  const description = sayings.first('description')?.value
  draft.describe(typeof description === 'string' ? description : undefined)
}
