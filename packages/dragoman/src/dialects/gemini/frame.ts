import { isList, parseText } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'
import { OPEN_OBJECT } from '../../wire/json-scan.ts'

const decoder = new TextDecoder()

/** The error object in what a frame says: alone, or as the only entry of a list (trap 35). */
export function errorIn(value: JsonValue | undefined): JsonObject | undefined {
  const said = isList(value) ? value[0] : value
  return isObject(said) && said.error !== undefined && said.error !== null ? said : undefined
}

/** An error that was written into a stream without its framing (card 9); undefined for comments and the like. */
export function bareError(frame: Frame): JsonObject | undefined {
  const first = frame.raw.find(byte => byte > 0x20)
  if (first !== OPEN_OBJECT && first !== 0x5b) return undefined
  return errorIn(parseText(decoder.decode(frame.raw).trim()))
}
