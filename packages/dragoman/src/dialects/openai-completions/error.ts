import { textOf } from '../../core/codec/values.ts'
import { reportedFault } from '../../core/envelope.ts'
import { errorFactsOf } from '../../core/envelope-read.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/** The failure that a body of status 200, or a frame of a stream, really is; undefined for an answer. */
export function faultInBody(wire: JsonObject): Fault | undefined {
  const isError = isObject(wire.error) || textOf(wire.error) !== undefined
  const isFlat = wire.choices === undefined && (wire.object === 'error' || wire.detail !== undefined)
  return isError || isFlat ? reportedFault(200, errorFactsOf(wire), { shown: wire }) : undefined
}
