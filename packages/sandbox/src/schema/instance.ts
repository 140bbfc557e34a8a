// A value for a JSON Schema, filled from the user's words where they fit and from the seed where they do not.
import { type Json, type JsonObject, numberAt, own } from '../json.ts'
import { createRandom, type Random } from '../random.ts'
import { stems, type Words } from '../text/words.ts'
import { chooseNumber } from './numbers.ts'
import { alternatives, itemsOf, propertiesOf, requiredOf, resolve, typeOf } from './resolve.ts'
import { chooseString, type Material } from './strings.ts'

interface Maker {
  readonly root: JsonObject
  readonly random: Random
  readonly material: Material
  /** Numbers of the text that are not used yet. */
  numbers: readonly number[]
  /** Values that may still be made: a schema can ask for more than there is memory. */
  left: number
  readonly known: Map<JsonObject, Map<number, boolean>>
  /** Questions about size that may still be asked. */
  patience: number
}

/** Below this depth a value is as rich as its schema allows, further down as small. */
const LAVISH = 3
/** A value that cannot be finite at this depth is given up as null. */
const DEEPEST = 48

/** One value that the schema accepts, always the same for the same words and seed. */
export function instance(schema: JsonObject, words: Words, speech: string, seed: number): Json {
  const maker: Maker = {
    root: schema,
    random: createRandom(seed),
    material: { words, speech, used: 0 },
    numbers: words.numbers,
    left: 20_000,
    known: new Map(),
    patience: 100_000,
  }
  return make(maker, schema, 'value', 0)
}

function make(maker: Maker, schema: JsonObject, key: string, depth: number): Json {
  maker.left -= 1
  if (maker.left < 0 || depth > DEEPEST) return null
  const flat = resolve(maker.root, schema)
  const constant = own(flat, 'const')
  if (constant !== undefined) return constant
  const options = own(flat, 'enum')
  if (Array.isArray(options) && options.length > 0) return chooseOption(maker, options)
  const branches = alternatives(flat)
  if (branches && branches.length > 0)
    return make(maker, chooseBranch(maker, branches, depth), key, depth + 1)
  return ofType(maker, flat, key, depth)
}

function ofType(maker: Maker, schema: JsonObject, key: string, depth: number): Json {
  switch (typeOf(schema)) {
    case 'object':
      return makeObject(maker, schema, depth)
    case 'array':
      return makeList(maker, schema, key, depth)
    case 'integer':
    case 'number':
      return makeNumber(maker, schema)
    case 'boolean':
      return !/\b(?:not|no|never|without|off|false)\b/i.test(maker.material.words.text)
    case 'null':
      return null
    default:
      return chooseString(schema, key, maker.material, maker.random)
  }
}

/** The option that the text names, else one by seed. */
function chooseOption({ material, random }: Maker, options: readonly Json[]): Json {
  const text = ` ${material.words.text.toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, ' ')} `
  const named = options.find(one => typeof one === 'string' && text.includes(` ${one.toLowerCase()} `))
  return named ?? options[random.below(options.length)] ?? null
}

function chooseBranch(maker: Maker, branches: readonly JsonObject[], depth: number): JsonObject {
  const isNull = (branch: JsonObject) => own(resolve(maker.root, branch), 'type') === 'null'
  const room = DEEPEST - depth
  const heights = branches.map(branch => height(maker, branch, room))
  const lowest = Math.min(...heights)
  if (depth > LAVISH) return branches[heights.indexOf(lowest)] ?? {}
  const finite = branches.filter((branch, at) => (heights[at] ?? room) < room && !isNull(branch))
  return finite[maker.random.below(finite.length)] ?? branches[heights.indexOf(lowest)] ?? {}
}

/** The least number of levels that a value of the schema needs; `room` where it does not fit. */
function height(maker: Maker, schema: JsonObject, room: number): number {
  for (let levels = 0; levels < room; levels += 1) if (fits(maker, schema, levels)) return levels
  return room
}

/** Whether some value of the schema has no more levels than this. */
function fits(maker: Maker, schema: JsonObject, levels: number): boolean {
  const known = maker.known.get(schema) ?? new Map<number, boolean>()
  maker.known.set(schema, known)
  const before = known.get(levels)
  if (before !== undefined) return before
  maker.patience -= 1
  if (maker.patience < 0) return false
  // A schema that leads back to itself on the same level has no value there.
  known.set(levels, false)
  const flat = resolve(maker.root, schema)
  const branches = alternatives(flat)
  const fitting =
    own(flat, 'const') !== undefined || own(flat, 'enum') !== undefined
      ? true
      : branches && branches.length > 0
        ? branches.some(branch => fits(maker, branch, levels))
        : insideFits(maker, flat, levels)
  known.set(levels, fitting)
  return fitting
}

function insideFits(maker: Maker, schema: JsonObject, levels: number): boolean {
  const type = typeOf(schema)
  if (type === 'array')
    return (
      (numberAt(schema, 'minItems') ?? 0) === 0 || (levels > 0 && fits(maker, itemsOf(schema), levels - 1))
    )
  if (type !== 'object') return true
  const required = requiredOf(schema)
  const inside = propertiesOf(schema).filter(([key]) => required.includes(key))
  return inside.every(([, one]) => levels > 0 && fits(maker, one, levels - 1))
}

function makeObject(maker: Maker, schema: JsonObject, depth: number): JsonObject {
  const required = requiredOf(schema)
  const made: [string, Json][] = []
  for (const [key, one] of propertiesOf(schema)) {
    if (required.includes(key) || (depth <= LAVISH && isNamed(maker, key, one)))
      made.push([key, make(maker, one, key, depth + 1)])
  }
  for (const key of required) if (!made.some(([name]) => name === key)) made.push([key, null])
  return Object.fromEntries(made)
}

/** An optional property is worth filling where the text speaks of it. */
function isNamed({ material, root }: Maker, key: string, schema: JsonObject): boolean {
  const { words } = material
  const options = own(resolve(root, schema), 'enum')
  const spoken = Array.isArray(options)
    ? options.filter(one => typeof one === 'string').flatMap(one => [...stems(one)])
    : [...stems(key)]
  return spoken.some(word => words.stems.has(word))
}

function makeList(maker: Maker, schema: JsonObject, key: string, depth: number): readonly Json[] {
  const min = Math.max(0, numberAt(schema, 'minItems') ?? 0)
  const max = Math.max(min, numberAt(schema, 'maxItems') ?? Number.POSITIVE_INFINITY)
  const items = itemsOf(schema)
  const wanted = depth <= LAVISH && height(maker, items, DEEPEST - depth) < DEEPEST - depth ? 2 : 0
  const length = Math.min(max, Math.max(min, wanted))
  const made: Json[] = []
  while (made.length < length && maker.left > 0) made.push(make(maker, items, key, depth + 1))
  return made
}

function makeNumber(maker: Maker, schema: JsonObject): number {
  const whole = typeOf(schema) === 'integer'
  const chosen = chooseNumber(schema, whole, maker.numbers, maker.random)
  const used = maker.numbers.indexOf(chosen)
  if (used >= 0) maker.numbers = maker.numbers.filter((_, at) => at !== used)
  return chosen
}
