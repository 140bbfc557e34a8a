import { Fields, type Kind, type Wording } from '../../core/codec/fields.ts'
import { isAnything, isCount, isFlag, isNumber, isObjects, isText, isTexts } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { dialect } from './wire.ts'

export const text: Kind<string> = { name: 'a valid string', is: isText }
export const number: Kind<number> = { name: 'a valid number', is: isNumber }
export const count: Kind<number> = { name: 'a valid integer of 0 or more', is: isCount }
export const flag: Kind<boolean> = { name: 'a valid boolean', is: isFlag }
export const object: Kind<JsonObject> = { name: 'an object', is: isObject }
export const objects: Kind<readonly JsonObject[]> = { name: 'a list of objects', is: isObjects }
export const texts: Kind<readonly string[]> = { name: 'a list of strings', is: isTexts }
export const content: Kind<string | readonly JsonObject[]> = {
  name: 'a string or a list of blocks',
  is: (value): value is string | readonly JsonObject[] => isText(value) || isObjects(value),
}
export const anything: Kind<JsonValue> = { name: 'a value', is: isAnything }

const wording: Wording = {
  dialect,
  mismatch: kind => `Input should be ${kind}`,
  missing: 'Field required',
  sentence: (param, problem) => `${param}: ${problem}`,
}

/** Reads an object of this wire; mistakes of the sender are added to the faults. */
export function fieldsOf(wire: JsonObject, path: string, faults: Fault[]): Fields {
  return new Fields(wire, path, faults, wording)
}
