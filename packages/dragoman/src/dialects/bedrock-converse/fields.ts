import { Fields, type Kind, type Wording } from '../../core/codec/fields.ts'
import { isAnything, isCount, isFlag, isNumber, isObjects, isText, isTexts } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { dialect } from './wire.ts'

export const text: Kind<string> = { name: 'a string', is: isText }
export const number: Kind<number> = { name: 'a number', is: isNumber }
export const count: Kind<number> = { name: 'an integer of 0 or more', is: isCount }
export const flag: Kind<boolean> = { name: 'a boolean', is: isFlag }
export const object: Kind<JsonObject> = { name: 'an object', is: isObject }
export const objects: Kind<readonly JsonObject[]> = { name: 'a list of objects', is: isObjects }
export const texts: Kind<readonly string[]> = { name: 'a list of strings', is: isTexts }
export const anything: Kind<JsonValue> = { name: 'a value', is: isAnything }

const wording: Wording = {
  dialect,
  mismatch: kind => `must be ${kind}`,
  missing: 'is required',
  sentence: (param, problem) => `${param} ${problem}.`,
}

/** Reads an object of this wire; mistakes of the sender are added to the faults. */
export function fieldsOf(wire: JsonObject, path: string, faults: Fault[]): Fields {
  return new Fields(wire, path, faults, wording)
}

/**
 * A required field, the fallback standing in where it is missing so that reading can go on. Null counts as not said, as
 * for an optional field, but is no mistake.
 */
export function need<T extends JsonValue>(fields: Fields, key: string, kind: Kind<T>, fallback: T): T {
  const value = fields.want(key, kind)
  if (value === undefined && fields.peek(key) === undefined) fields.fail(key, wording.missing)
  return value ?? fallback
}

/** The fields of a required object. */
export function open(fields: Fields, key: string): Fields {
  return fields.inside(key, need(fields, key, object, {}))
}

/** The fields of an optional object. */
export function openOptional(fields: Fields, key: string): Fields | undefined {
  const wire = fields.want(key, object)
  return wire && fields.inside(key, wire)
}
