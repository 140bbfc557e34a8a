import { textOf } from '../../core/codec/values.ts'
import { reportedFault } from '../../core/envelope.ts'
import { errorFactsOf, readErrorBody } from '../../core/envelope-read.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/**
 * The failure that a body of status 200, or a frame of a stream, really is; undefined for an answer. An `error` that
 * is null is no error; one that is empty still is (openai-node throws on it).
 */
export function faultInBody(wire: JsonObject): Fault | undefined {
  const { error, choices } = wire
  const hasError = isObject(error) || textOf(error) !== undefined || error === true
  const isFlat =
    choices === undefined &&
    (wire.object === 'error' || isComplaint(wire) || isObject(wire.fault) || Array.isArray(wire.errors))
  if (!hasError && !isFlat) return undefined
  return reportedFault(200, errorFactsOf(wire), { shown: wire })
}

/** The failure that an error frame tells of: JSON of any shape, or text. */
export function readFault(text: string): Fault {
  const { facts, shown } = readErrorBody(text)
  return reportedFault(200, facts, { shown })
}

/** The envelope's fields without an envelope. */
function isComplaint(wire: JsonObject): boolean {
  if (wire.detail !== undefined) return true
  const { message, code, type } = wire
  return (typeof message === 'string' || isObject(message)) && (code !== undefined || type !== undefined)
}

/** A fault that the decoder found by itself. */
export function upstreamInvalid(message: string): Fault {
  return createFault('upstream_invalid', message)
}
