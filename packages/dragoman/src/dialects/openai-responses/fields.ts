import { isList } from '../../core/codec/values.ts'
import type { Extra } from '../../ir/extra.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { CacheHint } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { dialect, present } from './wire.ts'

/**
 * Reads a wire object field by field. What nobody took is the rest, so that nothing is lost (law 4). `null` counts as
 * absent and stays in the rest; so does a field of the wrong type, which is a fault too: a request is refused for it,
 * a reply is not.
 */
export class Fields {
  readonly object: JsonObject
  readonly path: string
  readonly faults: Fault[]
  private readonly taken = new Set<string>()

  constructor(object: JsonObject, path = '', faults: Fault[] = []) {
    this.object = object
    this.path = path
    this.faults = faults
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`
  }

  string(name: string): string | undefined {
    return this.take(name, 'a string', (value): value is string => typeof value === 'string')
  }

  number(name: string): number | undefined {
    return this.take(name, 'a number', (value): value is number => typeof value === 'number')
  }

  boolean(name: string): boolean | undefined {
    return this.take(name, 'a boolean', (value): value is boolean => typeof value === 'boolean')
  }

  list(name: string): readonly JsonValue[] | undefined {
    return this.take(name, 'an array', isList)
  }

  child(name: string): Fields | undefined {
    const value = this.take(name, 'an object', isObject)
    return value === undefined ? undefined : new Fields(value, this.at(name), this.faults)
  }

  /** A string that has to be there. */
  required(name: string): string {
    const value = this.string(name)
    if (value === undefined && (this.object[name] ?? null) === null) this.missing(name)
    return value ?? ''
  }

  missing(name: string): void {
    this.faults.push(invalid(this.at(name), 'is required'))
  }

  /** The cache breakpoint that any input part may carry. */
  cache(): CacheHint | undefined {
    const breakpoint = this.child('prompt_cache_breakpoint')
    if (breakpoint === undefined) return undefined
    return present<CacheHint>({ ttl: breakpoint.string('ttl'), extra: { [dialect]: breakpoint.rest() } })
  }

  /** Leaves a field out of the rest. */
  drop(...names: readonly string[]): void {
    for (const name of names) this.taken.add(name)
  }

  /** Puts a field that was taken back into the rest. */
  keep(name: string): void {
    this.taken.delete(name)
  }

  rest(): JsonObject {
    return Object.fromEntries(Object.entries(this.object).filter(([name]) => !this.taken.has(name)))
  }

  /** The rest as this dialect's extras, or undefined where there is none. */
  extra(): Extra | undefined {
    const rest = this.rest()
    return Object.keys(rest).length === 0 ? undefined : { [dialect]: rest }
  }

  private take<T extends JsonValue>(
    name: string,
    kind: string,
    fits: (value: JsonValue) => value is T,
  ): T | undefined {
    const value = this.object[name]
    if (value === undefined || value === null) return undefined
    if (!fits(value)) {
      this.faults.push(invalid(this.at(name), `must be ${kind}`))
      return undefined
    }
    this.taken.add(name)
    return value
  }
}

/** The fault for a field of a request: `input[2].role must be ...`. */
export function invalid(path: string, problem: string): Fault {
  return createFault('invalid_request', `\`${path}\` ${problem}.`, { param: path })
}
