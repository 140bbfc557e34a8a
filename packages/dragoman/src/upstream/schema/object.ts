import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { treatmentOf } from '../../providers/schema/subset.ts'
import { isObject, own } from '../../wire/json.ts'
import type { Writer } from './lower.ts'
import { child, type Plain, type Said, type Sayings, type Source } from './source.ts'
import type { Draft } from './value.ts'

const propertiesOf = ({ schema }: Plain): JsonObject => (isObject(schema.properties) ? schema.properties : {})

/** A source that allows no property but its own. */
const isClosed = ({ schema }: Plain): boolean =>
  schema.additionalProperties === false && schema.patternProperties === undefined

/** All that is said of one property; undefined where it may not be there. */
function sourcesOf(sayings: Sayings, name: string): readonly Source[] | undefined {
  const found: Source[] = []
  for (const plain of sayings.sources) {
    const declared = own(propertiesOf(plain), name)
    if (declared !== undefined)
      found.push({ schema: declared, at: child(child(plain.at, 'properties'), name) })
    else if (isClosed(plain)) return undefined
    else if (isObject(plain.schema.additionalProperties))
      found.push({ schema: plain.schema.additionalProperties, at: child(plain.at, 'additionalProperties') })
  }
  const isUnknown =
    found.length === 0 && sayings.all('unevaluatedProperties').some(({ value }) => value === false)
  return isUnknown ? undefined : found
}

/** The properties of an object. False where a required one is impossible. */
export function writeObject(writer: Writer, sayings: Sayings, draft: Draft): boolean {
  const required = new Set(
    sayings.all('required').flatMap(({ value }) => (Array.isArray(value) ? value.filter(isText) : [])),
  )
  const names = new Set([...sayings.sources.flatMap(plain => Object.keys(propertiesOf(plain))), ...required])
  const properties: [string, JsonObject][] = []
  for (const name of names) {
    const sources = sourcesOf(sayings, name)
    const isRequired = required.has(name)
    const written = sources && writer.writeInside(sources, !isRequired)
    if (written !== undefined) properties.push([name, written])
    else if (isRequired) return false
    else noteImpossible(writer, sayings, name)
  }
  const present = properties.map(([name]) => name)
  if (writer.subset.objects.optional === 'nullable') {
    writeNullable(writer, properties, required, draft)
    draft.schema.required = present
  } else {
    draft.schema.properties = Object.fromEntries(properties)
    if (required.size > 0) draft.schema.required = present.filter(name => required.has(name))
  }
  writeExtra(writer, sayings, properties.length > 0, draft)
  return true
}

/** A property that may not be there, where others that nobody declared may be: there is no word for one that may not. */
function noteImpossible(writer: Writer, sayings: Sayings, name: string): void {
  if (writer.subset.objects.extra === 'closed') return
  for (const plain of sayings.sources) {
    if (own(propertiesOf(plain), name) !== undefined)
      writer.note({ kind: 'weakened', keyword: 'properties', at: child(child(plain.at, 'properties'), name) })
  }
}

const isText = (value: JsonValue): value is string => typeof value === 'string'

/** Every property is required; those that need not be there may be null instead. */
function writeNullable(
  writer: Writer,
  properties: readonly (readonly [string, JsonObject])[],
  required: ReadonlySet<string>,
  draft: Draft,
): void {
  const made = new Set<string>()
  const nullable = properties.map(([name, schema]): [string, JsonObject] => {
    if (required.has(name) || acceptsNull(writer, schema)) return [name, schema]
    made.add(name)
    return [name, withNull(writer, schema)]
  })
  draft.schema.properties = Object.fromEntries(nullable)
  if (made.size > 0) writer.optional.set(draft.schema, made)
}

function acceptsNull(writer: Writer, schema: JsonObject): boolean {
  const { type, enum: values, anyOf, $ref } = schema
  if ($ref !== undefined) {
    const definition = writer.definition($ref)
    return definition !== undefined && acceptsNull(writer, definition)
  }
  if (Array.isArray(anyOf)) return anyOf.some(branch => isObject(branch) && acceptsNull(writer, branch))
  if (Array.isArray(values)) return values.includes(null)
  if (schema.const !== undefined) return schema.const === null
  return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'))
}

function withNull(writer: Writer, schema: JsonObject): JsonObject {
  const { type, enum: values, const: constant, ...rest } = schema
  const { $ref, anyOf } = rest
  if ($ref !== undefined) return { anyOf: [schema, { type: 'null' }] }
  if (Array.isArray(anyOf)) return { ...schema, anyOf: [...anyOf, { type: 'null' }] }
  const listed = Array.isArray(values)
    ? [...values, null]
    : constant === undefined
      ? undefined
      : [constant, null]
  const made: JsonObject = {
    type: [...(Array.isArray(type) ? type : type === undefined ? [] : [type]), 'null'],
    ...(listed === undefined ? {} : { enum: listed }),
    ...rest,
  }
  const marks = writer.optional.get(schema)
  if (marks !== undefined) writer.optional.set(made, marks)
  return made
}

/** Properties that nobody declared. */
function writeExtra(writer: Writer, sayings: Sayings, isDeclared: boolean, draft: Draft): void {
  const extra: Extra = {
    additional: sayings.all('additionalProperties'),
    isClosed: ['additionalProperties', 'unevaluatedProperties'].some(keyword =>
      sayings.all(keyword).some(({ value }) => value === false),
    ),
    maps: sayings
      .all('additionalProperties')
      .filter(({ value }) => isObject(value) && Object.keys(value).length > 0),
  }
  const [patterns] = sayings.all('patternProperties')
  if (patterns !== undefined) writePatterns(writer, patterns, sayings, draft)
  noteInner(writer, sayings)
  if (writer.subset.objects.extra !== 'kept') refuseExtra(sayings, extra, isDeclared, draft)
  else if (patterns === undefined) keepExtra(writer, extra, draft)
  if (writer.subset.objects.extra === 'closed') draft.schema.additionalProperties = false
}

interface Extra {
  readonly additional: readonly Said[]
  readonly isClosed: boolean
  /** Those that say what else there may be. */
  readonly maps: readonly Said[]
}

function keepExtra(writer: Writer, { additional, isClosed: closed, maps }: Extra, draft: Draft): void {
  const sources = maps.map(({ value, at }) => ({ schema: value, at }))
  if (closed) draft.schema.additionalProperties = false
  else if (maps.length > 0) draft.schema.additionalProperties = writer.writeInside(sources) ?? false
  else if (additional.length > 0) draft.schema.additionalProperties = true
}

/** Where only declared properties are written, what else there may be is lost; all of it, where none is declared. */
function refuseExtra(
  sayings: Sayings,
  { additional, isClosed: closed, maps }: Extra,
  isDeclared: boolean,
  draft: Draft,
): void {
  if (closed) return
  const keyword = 'additionalProperties'
  const [first] = additional
  const [map] = maps
  const at = first?.at ?? child(sayings.sources[0]?.at ?? '', keyword)
  if (map !== undefined) draft.refuse(keyword, map.at, isMap)
  else if (!isDeclared) draft.refuse(keyword, at, isAny)
  else if (first !== undefined) draft.narrow(keyword, first.at)
}

const isMap = 'It is a map of names nobody declared, and this target writes only declared properties.'
const isAny = 'It declares no property, and this target writes only declared ones.'

/**
 * Of what is known of a value, `unevaluatedProperties` sees only its own part of the schema, which is not told from the
 * rest here; and a schema of it has no word in any subset.
 */
function noteInner(writer: Writer, sayings: Sayings): void {
  const keyword = 'unevaluatedProperties'
  const [outermost] = sayings.sources
  for (const { value, at } of sayings.all(keyword)) {
    const isOutermost = outermost !== undefined && at === child(outermost.at, keyword)
    if (isObject(value) || !isOutermost) writer.note({ kind: 'weakened', keyword, at })
  }
}

/** Properties by the pattern of their names: what else there may be depends on them. */
function writePatterns(writer: Writer, patterns: Said, sayings: Sayings, draft: Draft): void {
  if (treatmentOf(writer.subset, 'patternProperties') === 'refused') {
    draft.refuse('patternProperties', patterns.at, 'This target has no patterns for the names of properties.')
    return
  }
  draft.weaken('patternProperties', patterns.at, patterns.value)
  for (const keyword of ['additionalProperties', 'unevaluatedProperties'] as const)
    for (const { at } of sayings.all(keyword)) draft.narrow(keyword, at)
  const inner = Object.entries(isObject(patterns.value) ? patterns.value : {})
  const branches = inner
    .map(([name, schema]) => writer.writeInside([{ schema, at: child(patterns.at, name) }]))
    .filter(branch => branch !== undefined)
  const [only] = branches
  if (only !== undefined)
    draft.schema.additionalProperties = branches.length === 1 ? only : { anyOf: branches }
}
