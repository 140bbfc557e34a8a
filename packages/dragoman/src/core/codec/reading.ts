import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { isList } from './values.ts'

// The checks of the wires that share the error envelope, in OpenAI's words: message and `param` are as its own API's.

/** What a value is. */
function nounOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (isList(value)) return 'an array'
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'boolean':
      return 'a boolean'
    case 'number':
      return Number.isInteger(value) ? 'an integer' : 'a decimal'
    default:
      return 'an object'
  }
}

interface Types {
  readonly string: string
  readonly number: number
  readonly integer: number
  readonly boolean: boolean
  readonly object: JsonObject
  readonly list: readonly JsonValue[]
}

const types: {
  readonly [T in keyof Types]: { readonly noun: string; readonly is: (value: JsonValue) => boolean }
} = {
  string: { noun: 'a string', is: value => typeof value === 'string' },
  number: { noun: 'a decimal', is: value => typeof value === 'number' },
  integer: { noun: 'an integer', is: value => Number.isInteger(value) },
  boolean: { noun: 'a boolean', is: value => typeof value === 'boolean' },
  object: { noun: 'an object', is: isObject },
  list: { noun: 'an array', is: isList },
}

/** `messages[0]` and `content` to `messages[0].content`: the path syntax of OpenAI's `error.param`. */
export function pathTo(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`
}

/**
 * Reads a request and remembers the first thing that is wrong with it. Readers go on after a fault with what they
 * have, so that no code path has to carry the failure; the result is thrown away in the end.
 */
export class Reading {
  fault: Fault | undefined

  /** The field, undefined where it is absent or null (this wire means the same by both). */
  field<T extends keyof Types>(object: JsonObject, key: string, type: T, parent = ''): Types[T] | undefined {
    const value = object[key]
    if (value === undefined || value === null) return undefined
    const { is, noun } = types[type]
    if (is(value)) return value as Types[T] // what `is` just said, which TypeScript cannot correlate with T
    this.wrongType(pathTo(parent, key), noun, value)
    return undefined
  }

  /** The field, which has to be there. */
  required<T extends keyof Types>(
    object: JsonObject,
    key: string,
    type: T,
    parent = '',
  ): Types[T] | undefined {
    const value = this.field(object, key, type, parent)
    if (value === undefined) this.missing(pathTo(parent, key))
    return value
  }

  /** The elements of a list that have to be objects, each with its path. */
  objects(list: readonly JsonValue[], path: string): readonly (readonly [JsonObject, string])[] {
    const found: (readonly [JsonObject, string])[] = []
    for (const [index, value] of list.entries()) {
      const at = `${path}[${index}]`
      if (isObject(value)) found.push([value, at])
      else this.wrongType(at, 'an object', value)
    }
    return found
  }

  missing(path: string): void {
    this.fail(path, `Missing required parameter: '${path}'.`)
  }

  wrongType(path: string, expected: string, value: JsonValue): void {
    this.fail(path, `Invalid type for '${path}': expected ${expected}, but got ${nounOf(value)} instead.`)
  }

  wrongValue(path: string, value: string, supported: readonly string[]): void {
    const shown = value.length > 64 ? `${value.slice(0, 64)}...` : value
    this.fail(path, `Invalid value: '${shown}'. Supported values are: ${sentenceOf(supported)}.`)
  }

  fail(path: string, message: string): void {
    this.fault ??= createFault('invalid_request', message, { param: path })
  }
}

function sentenceOf(values: readonly string[]): string {
  const quoted = values.map(value => `'${value}'`)
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}
