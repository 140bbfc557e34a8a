import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isKeyword, keywords } from '../../providers/schema/keyword.ts'
import { areDisjoint } from './disjoint.ts'
import type { Writer } from './lower.ts'
import { child, type Plain, type Said, Sayings, type Source } from './source.ts'
import { canonical } from './types.ts'
import { writeValue } from './value.ts'

/** Most alternatives that several lists of them may be multiplied to. */
const mostBranches = 64

/** Keywords that say something about a value and exclude none. */
const isAnnotation = (name: string): boolean =>
  !isKeyword(name) ||
  name === 'description' ||
  keywords[name] === 'told' ||
  keywords[name] === 'left-out' ||
  name === '$defs' ||
  name === 'definitions'

const isChoice = (name: string) => name === 'anyOf' || name === 'oneOf'

const only = (sources: readonly Plain[], wanted: (name: string) => boolean): readonly Plain[] =>
  sources
    .map(({ schema, at }) => ({
      schema: Object.fromEntries(Object.entries(schema).filter(([name]) => wanted(name))),
      at,
    }))
    .filter(({ schema }) => Object.keys(schema).length > 0)

const isThere = (schema: JsonObject | undefined): schema is JsonObject => schema !== undefined

const branchesOf = ({ value, at }: Said): readonly Source[] =>
  (Array.isArray(value) ? (value as readonly JsonValue[]) : []).map((schema, index) => ({
    schema, // a list of JSON
    at: child(at, index),
  }))

/** Every combination of one branch of each list, as long as they are not too many; and the lists that were used. */
function multiply(lists: readonly (readonly Source[])[]): {
  readonly branches: readonly (readonly Source[])[]
  readonly used: number
} {
  let branches: readonly (readonly Source[])[] = [[]]
  let used = 0
  for (const list of lists) {
    if (used > 0 && branches.length * list.length > mostBranches) break
    branches = branches.flatMap(before => list.map(branch => [...before, branch]))
    used++
  }
  return { branches, used }
}

/**
 * A value with alternatives. What is said beside them is said in each of them, because wires differ in what they take
 * there; what only describes stays outside.
 */
export function writeAlternatives(writer: Writer, sayings: Sayings): JsonObject | undefined {
  const lists = [...sayings.all('anyOf'), ...sayings.all('oneOf')]
  const rest = only(sayings.sources, name => !isChoice(name) && !isAnnotation(name))
  const { branches, used } = multiply(lists.map(branchesOf))
  const written = branches.map(branch => writer.write([...rest, ...branch])).filter(isThere)
  const different = written.filter(
    (one, at) => written.findIndex(other => canonical(other) === canonical(one)) === at,
  )
  if (different.length === 0) return undefined
  if (sayings.has('oneOf') && !areDisjoint(writer, written)) {
    // Which properties are evaluated depends on which alternative it was.
    for (const keyword of ['oneOf', 'unevaluatedProperties'])
      for (const { at } of sayings.all(keyword)) writer.note({ kind: 'weakened', keyword, at })
  }
  for (const { at } of lists.slice(used))
    writer.note({ kind: 'weakened', keyword: at.slice(at.lastIndexOf('/') + 1), at })
  return choose(writer, sayings, different)
}

/** The alternatives with what is said about all of them. */
function choose(writer: Writer, sayings: Sayings, written: readonly JsonObject[]): JsonObject | undefined {
  const around = writeValue(writer, new Sayings(only(sayings.sources, isAnnotation)), 'annotations') ?? {}
  const isNull = (schema: JsonObject) => schema.type === 'null' && Object.keys(schema).length === 1
  const hasFlag = writer.subset.unions === 'nullable' && written.length > 1 && written.some(isNull)
  const branches = hasFlag ? written.filter(schema => !isNull(schema)) : written
  const flag = hasFlag ? { nullable: true } : {}
  const [first] = branches
  if (branches.length === 1 && first !== undefined && first.$ref === undefined) {
    const described = describe(around, first)
    if (described !== undefined) return keepMarks(writer, first, { ...first, ...described, ...flag })
  }
  return { ...around, ...flag, anyOf: branches }
}

/** What stands around one alternative, where its own words do not say something else. */
function describe(around: JsonObject, inner: JsonObject): JsonObject | undefined {
  const clashes = Object.entries(around).some(
    ([name, value]) => inner[name] !== undefined && inner[name] !== value,
  )
  return clashes ? undefined : around
}

function keepMarks(writer: Writer, from: JsonObject, to: JsonObject): JsonObject {
  const marks = writer.optional.get(from)
  if (marks !== undefined) writer.optional.set(to, marks)
  return to
}
