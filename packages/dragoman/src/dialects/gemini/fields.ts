import { isList } from '../../core/codec/values.ts'
import type { Extra } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { asExtra } from './wire.ts'

/** A type of value, its name in an error, and how it is read: proto3 JSON has several forms of most. */
export interface Kind<T extends JsonValue> {
  readonly name: string
  /** Undefined where the value is none of these. */
  read(value: JsonValue): T | undefined
}

/** Numbers may come as text: proto3 JSON writes 64-bit integers so (card, trap 57). */
function readNumber(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)
    ? Number(value)
    : undefined
}

export const text: Kind<string> = {
  name: 'a string',
  read: value => (typeof value === 'string' ? value : undefined),
}
export const number: Kind<number> = { name: 'a number', read: readNumber }
export const integer: Kind<number> = {
  name: 'an integer',
  read(value) {
    const read = readNumber(value)
    return Number.isInteger(read) ? read : undefined
  },
}
export const flag: Kind<boolean> = {
  name: 'true or false',
  read: value => (typeof value === 'boolean' ? value : undefined),
}
export const object: Kind<JsonObject> = {
  name: 'an object',
  read: value => (isObject(value) ? value : undefined),
}
/** One object is accepted where a list is expected. */
export const objects: Kind<readonly JsonObject[]> = {
  name: 'a list of objects',
  read(value) {
    if (isObject(value)) return [value]
    return isList(value) && value.every(isObject) ? value : undefined
  },
}
export const texts: Kind<readonly string[]> = {
  name: 'a list of strings',
  read(value) {
    if (typeof value === 'string') return [value]
    return isList(value) && value.every(entry => typeof entry === 'string') ? value : undefined
  },
}
export const anything: Kind<JsonValue> = { name: 'a value', read: value => value }

const snakes = new Map<string, string>()

/** The name that proto3 JSON accepts besides: `inlineData` is `inline_data`. */
export function snakeOf(key: string): string {
  let snake = snakes.get(key)
  if (snake === undefined) {
    snake = key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    snakes.set(key, snake)
  }
  return snake
}

/** The other way round, so that what nobody reads has one name, too. */
function camelOf(key: string): string {
  return /^[a-z]+(?:_[a-z0-9]+)+$/.test(key)
    ? key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : key
}

/** A member of an object by its name, in either spelling. */
export function member(wire: JsonObject, key: string): JsonValue | undefined {
  if (Object.hasOwn(wire, key)) return wire[key]
  const snake = snakeOf(key)
  return snake !== key && Object.hasOwn(wire, snake) ? wire[snake] : undefined
}

/**
 * Reads one wire object field by field, in camelCase or snake_case. What was read is gone from the rest, so that
 * everything nobody understood is kept as extras without a list of names. Mistakes of the sender are collected, never
 * thrown: reading goes on with what is there, and whoever asked looks at the faults in the end.
 */
export class Fields {
  readonly path: string
  readonly faults: Fault[]
  private readonly rest: { [key: string]: JsonValue }
  private readonly wasEmpty: boolean

  constructor(wire: JsonObject, path: string, faults: Fault[]) {
    this.rest = { ...wire }
    this.wasEmpty = Object.keys(wire).length === 0
    this.path = path
    this.faults = faults
  }

  /** A field that may be anything: read where it is of this kind, left where it is not. */
  take<T extends JsonValue>(key: string, kind: Kind<T>): T | undefined {
    const value = this.peek(key)
    const read = value === undefined || value === null ? undefined : kind.read(value)
    if (read !== undefined) this.drop(key)
    return read
  }

  /** An optional field: null counts as not said (and is kept), any other kind is a mistake. */
  want<T extends JsonValue>(key: string, kind: Kind<T>): T | undefined {
    const value = this.peek(key)
    if (value === undefined || value === null) return undefined
    const read = kind.read(value)
    if (read === undefined) this.fail(key, `expected ${kind.name}`)
    else this.drop(key)
    return read
  }

  /** A required field, the fallback standing in where it is missing so that reading can go on. */
  need<T extends JsonValue>(key: string, kind: Kind<T>, fallback: T): T {
    const value = this.peek(key)
    if (value === undefined || value === null) this.fail(key, `${kind.name} is required`)
    return this.want(key, kind) ?? fallback
  }

  peek(key: string): JsonValue | undefined {
    return member(this.rest, key)
  }

  /** Puts a field back among those that are kept as they are. */
  keep(key: string, value: JsonValue): void {
    this.rest[key] = value
  }

  /** The fields of an object inside this one, with the same faults. */
  inside(key: string, wire: JsonObject): Fields {
    return new Fields(wire, this.pathOf(key), this.faults)
  }

  /** Puts back what is left of an object inside this one; one that was said empty stays said. */
  keepRest(key: string, inner: Fields): void {
    if (inner.wasEmpty || inner.hasRest) this.rest[key] = inner.kept
  }

  /** The same under one name a field, `generationConfig.speed`, so that what is lost of it can be told by name. */
  keepFlat(key: string, inner: Fields): void {
    if (inner.wasEmpty) this.rest[key] = {}
    for (const [name, value] of Object.entries(inner.kept)) this.rest[`${key}.${name}`] = value
  }

  get hasRest(): boolean {
    return Object.keys(this.rest).length > 0
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  fail(key: string, problem: string): void {
    const param = this.pathOf(key)
    this.faults.push(createFault('invalid_request', `Invalid value at '${param}': ${problem}.`, { param }))
  }

  /** What nobody read. Ask last. */
  extra(): Extra | undefined {
    return asExtra(this.kept)
  }

  private get kept(): JsonObject {
    if (!this.hasRest) return {}
    return Object.fromEntries(Object.entries(this.rest).map(([key, value]) => [camelOf(key), value]))
  }

  private drop(key: string): void {
    delete this.rest[Object.hasOwn(this.rest, key) ? key : snakeOf(key)]
  }
}

/** What was kept flat under this name, as the object it was; undefined where nothing was. */
export function unflatten(extra: JsonObject | undefined, key: string): JsonObject | undefined {
  if (extra === undefined) return undefined
  const prefix = `${key}.`
  const fields = Object.entries(extra).filter(([name]) => name.startsWith(prefix))
  const said = extra[key]
  if (fields.length === 0) return isObject(said) ? said : undefined
  return Object.fromEntries(fields.map(([name, value]) => [name.slice(prefix.length), value]))
}

/** Extras without what is kept flat under these names. */
export function withoutFlat(extra: JsonObject | undefined, keys: readonly string[]): JsonObject | undefined {
  if (extra === undefined) return undefined
  const isFlat = (name: string) => keys.some(key => name === key || name.startsWith(`${key}.`))
  return Object.fromEntries(Object.entries(extra).filter(([name]) => !isFlat(name)))
}
