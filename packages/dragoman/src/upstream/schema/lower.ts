import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Keyword } from '../../providers/schema/keyword.ts'
import type { Subset } from '../../providers/schema/subset.ts'
import { isObject } from '../../wire/json.ts'
import { writeAlternatives } from './alternatives.ts'
import { sizeNotes } from './limits.ts'
import { child, type Plain, Sayings, SchemaDocument, type Source } from './source.ts'
import { writeValue } from './value.ts'

/** What a schema lost on its way into a subset, by keyword and place (a JSON pointer into the caller's schema). */
export interface SchemaNote {
  /** `weakened`: asked for in words, not enforced. `told`: moved into the description. `refused`: it cannot be asked for. */
  readonly kind: 'weakened' | 'told' | 'dropped' | 'refused'
  readonly keyword: string
  readonly at: string
  /** For what is refused: why. */
  readonly reason?: string
}

/** A schema as a wire takes it, and what is needed to read the answers to it. */
export interface Lowered {
  readonly schema: JsonObject
  readonly notes: readonly SchemaNote[]
  /** The answer stands under the one key `value` of an object. */
  readonly isWrapped: boolean
  /** Properties that were made nullable because the wire wants all of them, by the object that has them. */
  readonly optional: OptionalMarks
}

export type OptionalMarks = ReadonlyMap<JsonObject, ReadonlySet<string>>

/** What the parts of the writing share. */
export interface Writer {
  readonly subset: Subset
  readonly optional: Map<JsonObject, Set<string>>
  /** Everything these sources say as one schema; undefined where nothing fulfils them all. */
  write(sources: readonly Source[]): JsonObject | undefined
  /** The same for what stands inside of a value: an element, or a property, which may be one that may stay away. */
  writeInside(sources: readonly Source[], isOptional?: boolean): JsonObject | undefined
  /** Of a schema that was written already: the definition behind a reference. */
  definition(reference: JsonValue): JsonObject | undefined
  note(note: SchemaNote): void
}

/**
 * Brings a JSON schema into a subset. Total: what the subset cannot say is left out with a note, and what is valid by
 * the result is valid by the original but for the keywords that notes name. The order of properties is kept, because
 * models write them in that order.
 */
export function lowerSchema(schema: JsonObject, subset: Subset): Lowered {
  return new Lowering(schema, subset).run()
}

/** Most schemas that are written for one: alternatives multiply, and a caller could ask for any number of them. */
const mostWork = 2000

/** Inside how many values, and how many properties that may stay away. */
interface Depth {
  readonly values: number
  readonly optional: number
}

/** What a schema may say beside a reference without changing what is valid. */
const besideReference: readonly Keyword[] = [
  ...([
    '$schema',
    '$id',
    '$comment',
    '$anchor',
    '$dynamicAnchor',
    '$vocabulary',
    '$defs',
    'definitions',
  ] as const),
  ...(['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'] as const),
]

class Lowering implements Writer {
  readonly subset: Subset
  readonly optional = new Map<JsonObject, Set<string>>()
  readonly #document: SchemaDocument
  readonly #notes: SchemaNote[] = []
  /** Names of definitions by the pointer of what they define. */
  readonly #names = new Map<string, string>()
  readonly #definitions: { [name: string]: JsonObject } = {}
  /** Pointers of definitions that are being written, each with how deep it was entered. */
  readonly #open = new Map<string, Depth>()
  #depth: Depth = { values: 0, optional: 0 }
  #work = 0
  /** Pointers of references that are being written out. */
  readonly #inlined: string[] = []

  constructor(root: JsonObject, subset: Subset) {
    this.#document = new SchemaDocument(root)
    this.subset = subset
  }

  run(): Lowered {
    const written = this.#writeOut([{ schema: this.#document.root, at: '' }])
    if (written === undefined) {
      this.note({ kind: 'refused', keyword: 'type', at: '', reason: 'Nothing can fulfil all that it says.' })
    }
    if (this.#work > mostWork) {
      this.note({
        kind: 'refused',
        keyword: 'anyOf',
        at: '',
        reason: 'Its alternatives multiply beyond what is worked out.',
      })
    }
    const root = written ?? {}
    const isWrapped = !this.#mayBeRoot(root)
    const whole = isWrapped ? wrap(root) : root
    const names = Object.keys(this.#definitions)
    const schema = names.length === 0 ? whole : { ...whole, $defs: this.#definitions }
    const marks = this.optional.get(whole)
    if (marks !== undefined) this.optional.set(schema, marks)
    for (const note of sizeNotes(schema, this.subset.limits, this.optional)) this.note(note)
    return { schema, notes: withoutRepeats(this.#notes), isWrapped, optional: this.optional }
  }

  #mayBeRoot(root: JsonObject): boolean {
    if (this.subset.root === 'any') return true
    const isPlain = root.type === 'object' && root.anyOf === undefined && root.enum === undefined
    if (this.subset.root === 'object') return isPlain
    return isPlain && Array.isArray(root.required) && root.required.length > 0
  }

  note(note: SchemaNote): void {
    this.#notes.push(note)
  }

  definition(reference: JsonValue): JsonObject | undefined {
    return typeof reference === 'string' ? this.#definitions[reference.slice('#/$defs/'.length)] : undefined
  }

  write(sources: readonly Source[]): JsonObject | undefined {
    const [only] = sources
    const target = only !== undefined && sources.length === 1 ? this.#pureReference(only) : undefined
    return only === undefined || target === undefined ? this.#writeOut(sources) : this.#refer(only, target)
  }

  writeInside(sources: readonly Source[], isOptional = false): JsonObject | undefined {
    const outside = this.#depth
    this.#depth = { values: outside.values + 1, optional: outside.optional + (isOptional ? 1 : 0) }
    const written = this.write(sources)
    this.#depth = outside
    return written
  }

  /** Without a reference at the top. What turns out to be impossible leaves no notes behind. */
  #writeOut(sources: readonly Source[]): JsonObject | undefined {
    this.#work++
    if (this.#work > mostWork) return {}
    const notes = this.#notes.length
    const inlined = this.#inlined.length
    const plain: Plain[] = []
    const written = this.#flatten(sources, plain) ? this.#writePlain(plain) : undefined
    this.#inlined.length = inlined
    if (written === undefined) this.#notes.length = notes
    return written
  }

  #writePlain(plain: readonly Plain[]): JsonObject | undefined {
    const sayings = new Sayings(plain)
    return sayings.has('anyOf') || sayings.has('oneOf')
      ? writeAlternatives(this, sayings)
      : writeValue(this, sayings)
  }

  /** References and `allOf` resolved: one list of what has to hold. False where one of it is never true. */
  #flatten(sources: readonly Source[], out: Plain[]): boolean {
    for (const { schema, at } of sources) {
      if (schema === false) return false
      if (!isObject(schema)) continue
      const { $ref, $dynamicRef, allOf, ...rest } = schema
      out.push({ schema: rest, at })
      for (const [keyword, reference] of [
        ['$ref', $ref],
        ['$dynamicRef', $dynamicRef],
      ] as const) {
        if (typeof reference !== 'string') continue
        const target = this.#enter(reference, keyword, child(at, keyword))
        if (target !== undefined && !this.#flatten([target], out)) return false
      }
      if (!Array.isArray(allOf)) continue
      const branches = allOf.map((branch: JsonValue, index) => ({
        schema: branch,
        at: child(child(at, 'allOf'), index),
      }))
      if (!this.#flatten(branches, out)) return false
    }
    return true
  }

  /** The target of a reference that is written out where it stands. */
  #enter(reference: string, keyword: Keyword, at: string): Source | undefined {
    const target = this.#document.resolve(reference)
    if (target === undefined) {
      this.note({ kind: 'refused', keyword, at, reason: 'It refers to something outside of this schema.' })
      return undefined
    }
    if (this.#inlined.includes(target.at)) {
      this.note({ kind: 'refused', keyword, at, reason: recursion })
      return undefined
    }
    this.#inlined.push(target.at)
    return target
  }

  /** The target of a schema that is a reference and nothing else, where the subset has references. */
  #pureReference({ schema, at }: Source): Source | undefined {
    if (this.subset.references === 'inlined' || !isObject(schema)) return undefined
    const { $ref, allOf, ...rest } = schema
    if (!Object.keys(rest).every(name => besideReference.some(known => known === name))) return undefined
    if (typeof $ref === 'string' && allOf === undefined) return this.#definable($ref)
    const [only] = Array.isArray(allOf) && allOf.length === 1 ? allOf : []
    return $ref === undefined && isObject(only)
      ? this.#pureReference({ schema: only, at: child(child(at, 'allOf'), 0) })
      : undefined
  }

  #definable(reference: string): Source | undefined {
    const target = this.#document.resolve(reference)
    return isObject(target?.schema) ? target : undefined
  }

  #refer(from: Source, target: Source): JsonObject | undefined {
    const name = this.#define(target, from)
    if (name === undefined) return undefined
    const reference = { $ref: `#/$defs/${name}` }
    const { $ref: _, allOf: __, ...beside } = isObject(from.schema) ? from.schema : {}
    // A reference stands alone; what is said beside it goes around it.
    const around = writeValue(this, new Sayings([{ schema: beside, at: from.at }]), 'annotations')
    return around === undefined || Object.keys(around).length === 0
      ? reference
      : { ...around, anyOf: [reference] }
  }

  #define(target: Source, from: Source): string | undefined {
    const known = this.#names.get(target.at)
    if (known !== undefined) {
      const entered = this.#open.get(target.at)
      // What contains itself without being inside of itself has no value of its own.
      if (entered?.values === this.#depth.values) return undefined
      if (!this.#mayRecur(entered)) {
        this.note({ kind: 'refused', keyword: '$ref', at: child(from.at, '$ref'), reason: recursion })
      }
      return known
    }
    const name = this.#freeName(target.at)
    this.#names.set(target.at, name)
    this.#open.set(target.at, this.#depth)
    const body = this.#writeOut([target])
    this.#open.delete(target.at)
    if (body === undefined) {
      this.#names.delete(target.at)
      return undefined
    }
    this.#definitions[name] = body
    return name
  }

  #mayRecur(entered: Depth | undefined): boolean {
    const { references } = this.subset
    if (entered === undefined || references === 'recursive') return true
    return references === 'optionally-recursive' && this.#depth.optional > entered.optional
  }

  #freeName(pointer: string): string {
    const wanted = pointer.slice(pointer.lastIndexOf('/') + 1).replaceAll(/[^A-Za-z0-9_-]/g, '_') || 'root'
    const taken = new Set(this.#names.values())
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
    return name
  }
}

/** What stands beside alternatives is written, and noted, in each of them. */
function withoutRepeats(notes: readonly SchemaNote[]): readonly SchemaNote[] {
  const byPlace = new Map(notes.map(note => [`${note.kind} ${note.at}`, note]))
  return [...byPlace.values()]
}

const recursion = 'The schema contains itself, which this target does not take.'

const wrap = (schema: JsonObject): JsonObject => ({
  type: 'object',
  properties: { value: schema },
  required: ['value'],
  additionalProperties: false,
})
