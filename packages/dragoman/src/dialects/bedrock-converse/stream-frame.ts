import { parseText } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import { bytesToText, writeAwsMessage } from '../../wire/aws-event-stream.ts'
import type { Frame } from '../../wire/frame.ts'
import { isObject } from '../../wire/json.ts'

/** The payload of a frame without its padding (`p`, random letters that hide its length); undefined where it is no object. */
export function readPayload(frame: Frame): JsonObject | undefined {
  const wire = parseText(frame.data)
  if (!isObject(wire)) return undefined
  if (wire.p === undefined) return wire
  const { p: _, ...payload } = wire
  return payload
}

/** An event as the text of its bytes. */
export function writeEvent(name: string, payload: JsonObject): string {
  return bytesToText(writeAwsMessage({ type: 'event', name, data: JSON.stringify(payload) }))
}
