import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'

/** A piece of the caller's schema and where it stands, as a JSON pointer. A value has to fulfil every source it has. */
export interface Source {
  readonly schema: JsonValue
  readonly at: string
}

/** One thing said about a value, and where. */
export interface Said {
  readonly value: JsonValue
  readonly at: string
}

export const child = (at: string, name: string | number): string =>
  `${at}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** The caller's schema as a document whose parts refer to one another. */
export class SchemaDocument {
  readonly root: JsonObject
  /** Subschemas by `$id`, and by `$anchor` behind a number sign. */
  readonly #named = new Map<string, Source>()

  constructor(root: JsonObject) {
    this.root = root
    this.#index(root, '')
  }

  /** What a reference points to; undefined where it is outside of this document or nowhere. */
  resolve(reference: string): Source | undefined {
    const named = this.#named.get(reference)
    if (named !== undefined) return named
    if (reference === '#') return { schema: this.root, at: '' }
    return reference.startsWith('#/') ? this.#follow(reference.slice(1)) : undefined
  }

  #follow(pointer: string): Source | undefined {
    let schema: JsonValue | undefined = this.root
    for (const segment of pointer.slice(1).split('/')) {
      const name = decodeSegment(segment)
      if (Array.isArray(schema)) schema = schema[Number(name)]
      else schema = isObject(schema) ? own(schema, name) : undefined
    }
    return schema === undefined ? undefined : { schema, at: pointer }
  }

  #index(schema: JsonValue, at: string): void {
    if (Array.isArray(schema)) {
      for (const [index, item] of schema.entries()) this.#index(item, child(at, index))
      return
    }
    if (!isObject(schema)) return
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = schema[keyword]
      if (typeof anchor === 'string') this.#named.set(`#${anchor}`, { schema, at })
    }
    if (typeof schema.$id === 'string') this.#named.set(schema.$id, { schema, at })
    for (const [name, inner] of Object.entries(schema)) this.#index(inner, child(at, name))
  }
}

function decodeSegment(segment: string): string {
  const plain = segment.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

/** Everything that several sources say about one value, by keyword, in the order in which they say it. */
export class Sayings {
  readonly #said = new Map<string, Said[]>()
  readonly sources: readonly Plain[]

  constructor(sources: readonly Plain[]) {
    this.sources = sources
    for (const { schema, at } of sources) {
      for (const [keyword, value] of Object.entries(schema)) {
        const said = this.#said.get(keyword) ?? []
        const here = child(at, keyword)
        // What stands beside alternatives reaches some of them twice.
        if (!said.some(known => known.at === here)) said.push({ value, at: here })
        this.#said.set(keyword, said)
      }
    }
  }

  all(keyword: string): readonly Said[] {
    return this.#said.get(keyword) ?? []
  }

  first(keyword: string): Said | undefined {
    return this.#said.get(keyword)?.[0]
  }

  has(keyword: string): boolean {
    return this.#said.has(keyword)
  }

  keywords(): Iterable<string> {
    return this.#said.keys()
  }
}

/** A source that says what it says itself: no reference, no `allOf`. */
export interface Plain {
  readonly schema: JsonObject
  readonly at: string
}
