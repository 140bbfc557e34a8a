import type { DialectId, Extra } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { own, without } from '../../wire/json.ts'

/** A type of value and its name in an error. */
export interface Kind<T extends JsonValue> {
  readonly name: string
  is(value: JsonValue): value is T
}

/** The words in which a wire complains about a field. */
export interface Wording {
  readonly dialect: DialectId
  /** The problem with a field that is not of the kind of this name. */
  mismatch(kind: string): string
  /** The problem with a required field that is not there. */
  readonly missing: string
  sentence(param: string, problem: string): string
}

const nothing: JsonObject = {}

/**
 * Reads one wire object field by field. What was read is remembered, so that everything nobody understood is
 * kept as extras without a list of names. Mistakes of the sender are collected, never thrown: reading goes on with
 * what is there, and whoever asked looks at the faults in the end.
 */
export class Fields {
  readonly path: string
  readonly faults: Fault[]
  private readonly wire: JsonObject
  private readonly wording: Wording
  private readonly understood: string[] = []
  private kept: JsonObject | undefined

  constructor(wire: JsonObject, path: string, faults: Fault[], wording: Wording) {
    this.wire = wire
    this.path = path
    this.faults = faults
    this.wording = wording
  }

  /** A field that may be anything: read where it is of this kind, left where it is not. */
  take<T extends JsonValue>(key: string, kind: Kind<T>): T | undefined {
    const value = this.peek(key)
    if (value === undefined || !kind.is(value)) return undefined
    this.understood.push(key)
    return value
  }

  /** An optional field: null counts as not said (and is kept), any other kind is a mistake. */
  want<T extends JsonValue>(key: string, kind: Kind<T>): T | undefined {
    const value = this.peek(key)
    if (value === undefined || value === null) return undefined
    if (!kind.is(value)) {
      this.fail(key, this.wording.mismatch(kind.name))
      return undefined
    }
    this.understood.push(key)
    return value
  }

  /** A required field, the fallback standing in where it is missing so that reading can go on. */
  need<T extends JsonValue>(key: string, kind: Kind<T>, fallback: T): T {
    const value = this.peek(key)
    if (value === undefined) this.fail(key, this.wording.missing)
    else if (!kind.is(value)) this.fail(key, this.wording.mismatch(kind.name))
    else {
      this.understood.push(key)
      return value
    }
    return fallback
  }

  peek(key: string): JsonValue | undefined {
    if (this.kept !== undefined && Object.hasOwn(this.kept, key)) return this.kept[key]
    return this.understood.includes(key) ? undefined : own(this.wire, key)
  }

  /** Puts a field back among those that are kept as they are. */
  keep(key: string, value: JsonValue): void {
    this.kept = { ...this.kept, [key]: value }
  }

  /** The fields of an object inside this one, with the same faults. */
  inside(key: string, wire: JsonObject): Fields {
    return new Fields(wire, this.pathOf(key), this.faults, this.wording)
  }

  /** Puts back what is left of an object inside this one; one that was said empty stays said. */
  keepRest(key: string, inner: Fields): void {
    const rest = inner.rest()
    if (!isEmpty(rest) || isEmpty(inner.wire)) this.keep(key, rest)
  }

  pathOf(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`
  }

  fail(key: string, problem: string): void {
    const param = this.pathOf(key)
    this.faults.push(createFault('invalid_request', this.wording.sentence(param, problem), { param }))
  }

  /** What nobody read. Ask last. */
  extra(): Extra | undefined {
    const rest = this.rest()
    return isEmpty(rest) ? undefined : { [this.wording.dialect]: rest }
  }

  /** Nearly always there is nothing left, and then nothing is copied. */
  private rest(): JsonObject {
    const left = leftOf(this.wire, this.understood)
    return this.kept === undefined ? left : { ...left, ...this.kept }
  }
}

function isEmpty(object: JsonObject): boolean {
  for (const _ in object) return false
  return true
}

function leftOf(wire: JsonObject, understood: readonly string[]): JsonObject {
  for (const key in wire) if (!understood.includes(key)) return without(wire, new Set(understood))
  return nothing
}
