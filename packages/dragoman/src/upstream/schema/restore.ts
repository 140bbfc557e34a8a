import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject, own } from '../../wire/json.ts'
import type { Lowered } from './lower.ts'
import { canonical, typeOf } from './types.ts'

/** Whether an answer to a lowered schema has to be changed to be one to the caller's. */
export const needsRestoring = (lowered: Lowered): boolean => lowered.isWrapped || lowered.optional.size > 0

/** An answer to a lowered schema as an answer to the caller's: unwrapped, and without the nulls of what may stay away. */
export function restoreValue(lowered: Lowered, value: JsonValue): JsonValue {
  const restored = new Restoring(lowered).walk(lowered.schema, value)
  return lowered.isWrapped && isObject(restored) ? (own(restored, 'value') ?? null) : restored
}

class Restoring {
  readonly #lowered: Lowered
  readonly #definitions: JsonObject

  constructor(lowered: Lowered) {
    this.#lowered = lowered
    const { $defs } = lowered.schema
    this.#definitions = isObject($defs) ? $defs : {}
  }

  walk(schema: JsonValue | undefined, value: JsonValue): JsonValue {
    const here = this.#branch(this.#resolve(schema), value)
    if (Array.isArray(value)) {
      const first = Array.isArray(here.prefixItems) ? here.prefixItems : []
      return value.map((item: JsonValue, index) => this.walk(first[index] ?? here.items, item))
    }
    if (!isObject(value)) return value
    const properties = isObject(here.properties) ? here.properties : {}
    const marks = this.#lowered.optional.get(here)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, inner]) => inner !== null || marks?.has(name) !== true)
        .map(([name, inner]) => [name, this.walk(own(properties, name) ?? here.additionalProperties, inner)]),
    )
  }

  #resolve(schema: JsonValue | undefined): JsonObject {
    const here = isObject(schema) ? schema : {}
    return typeof here.$ref === 'string'
      ? this.#resolve(own(this.#definitions, here.$ref.slice('#/$defs/'.length)))
      : here
  }

  /** The alternative that a value is of. */
  #branch(schema: JsonObject, value: JsonValue): JsonObject {
    if (!Array.isArray(schema.anyOf)) return schema
    const found = schema.anyOf.find((branch: JsonValue) => this.#accepts(branch, value))
    return found === undefined ? schema : this.#branch(this.#resolve(found), value)
  }

  /** Enough of a validation to tell alternatives apart: types, listed values, which properties, and what is in them. */
  #accepts(schema: JsonValue | undefined, value: JsonValue): boolean {
    const here = this.#resolve(schema)
    if (Array.isArray(here.anyOf)) return here.anyOf.some((branch: JsonValue) => this.#accepts(branch, value))
    if (Array.isArray(here.enum) && !here.enum.some((one: JsonValue) => canonical(one) === canonical(value)))
      return false
    if (here.const !== undefined && canonical(here.const) !== canonical(value)) return false
    if (!this.#hasType(here, value)) return false
    if (Array.isArray(value)) return value.every((item: JsonValue) => this.#accepts(here.items, item))
    return !isObject(value) || this.#acceptsObject(here, value)
  }

  #hasType({ type }: JsonObject, value: JsonValue): boolean {
    if (type === undefined) return true
    const types: readonly JsonValue[] = Array.isArray(type) ? type : [type]
    const actual = typeOf(value)
    return types.includes(actual) || (actual === 'integer' && types.includes('number'))
  }

  #acceptsObject(schema: JsonObject, value: JsonObject): boolean {
    const properties = isObject(schema.properties) ? schema.properties : {}
    const required: readonly JsonValue[] = Array.isArray(schema.required) ? schema.required : []
    if (!required.every(name => typeof name === 'string' && Object.hasOwn(value, name))) return false
    return Object.entries(value).every(([name, inner]) => {
      const declared = own(properties, name)
      if (declared === undefined) return schema.additionalProperties !== false
      return this.#accepts(declared, inner)
    })
  }
}
