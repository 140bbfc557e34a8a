import { isList } from '../../core/codec/values.ts'
import type { Extra } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra } from './wire.ts'

/** A type of value and its name in an error. */
export interface Kind<T extends JsonValue> {
  readonly name: string
  is(value: JsonValue): value is T
}

export const text: Kind<string> = {
  name: 'a string',
  is: value => typeof value === 'string',
}
export const number: Kind<number> = {
  name: 'a number',
  is: value => typeof value === 'number',
}
export const count: Kind<number> = {
  name: 'an integer of 0 or more',
  is: (value): value is number => Number.isInteger(value) && Number(value) >= 0,
}
export const flag: Kind<boolean> = {
  name: 'true or false',
  is: value => typeof value === 'boolean',
}
export const object: Kind<JsonObject> = {
  name: 'an object',
  is: value => isObject(value),
}
export const objects: Kind<readonly JsonObject[]> = {
  name: 'a list of objects',
  is: (value): value is readonly JsonObject[] => isList(value) && value.every(isObject),
}
export const list: Kind<readonly JsonValue[]> = {
  name: 'a list',
  is: (value): value is readonly JsonValue[] => isList(value),
}
export const texts: Kind<readonly string[]> = {
  name: 'a list of strings',
  is: (value): value is readonly string[] => isList(value) && value.every(entry => typeof entry === 'string'),
}
export const content: Kind<string | readonly JsonObject[]> = {
  name: 'a string or a list of items',
  is: (value): value is string | readonly JsonObject[] => text.is(value) || objects.is(value),
}
export const anything: Kind<JsonValue> = {
  name: 'a value',
  is: (value): value is JsonValue => value !== undefined,
}

/**
 * Reads one wire object field by field. What was read is gone from the rest, so that everything nobody understood is
 * kept as extras without a list of names. Mistakes of the sender are collected, never thrown: reading goes on with
 * what is there, and whoever asked looks at the faults in the end.
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
    if (value === undefined || !kind.is(value)) return undefined
    delete this.rest[key]
    return value
  }

  /** An optional field: null counts as not said (and is kept), any other kind is a mistake. */
  want<T extends JsonValue>(key: string, kind: Kind<T>): T | undefined {
    const value = this.peek(key)
    if (value === undefined || value === null) return undefined
    if (!kind.is(value)) {
      this.fail(key, `expected ${kind.name}`)
      return undefined
    }
    delete this.rest[key]
    return value
  }

  /** A required field, the fallback standing in where it is missing so that reading can go on. */
  need<T extends JsonValue>(key: string, kind: Kind<T>, fallback: T): T {
    const value = this.peek(key)
    if (value === undefined) this.fail(key, 'this field is required')
    else if (!kind.is(value)) this.fail(key, `expected ${kind.name}`)
    else {
      delete this.rest[key]
      return value
    }
    return fallback
  }

  peek(key: string): JsonValue | undefined {
    return own(this.rest, key)
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
    if (inner.wasEmpty || Object.keys(inner.rest).length > 0) this.rest[key] = inner.rest
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  fail(key: string, problem: string): void {
    const param = this.pathOf(key)
    this.faults.push(createFault('invalid_request', `${param}: ${problem}`, { param }))
  }

  /** What nobody read. Ask last. */
  extra(): Extra | undefined {
    return asExtra(this.rest)
  }
}
