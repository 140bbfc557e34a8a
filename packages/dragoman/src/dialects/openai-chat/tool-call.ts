import type { Reading } from '../../core/codec/reading.ts'
import { textOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { ToolCallPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import { deriveCallId } from './call-id.ts'
import { carriedBy, carry, type Draft, form, putBack, restOf } from './wire.ts'

const fields = new Set(['id', 'function', 'custom'])
const functionFields = new Set(['name', 'arguments'])
const customFields = new Set(['name', 'input'])

/** Arguments as text; some hosts send the object itself. */
export function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

/** Makes the id of a call that has none. */
export type DeriveId = (name: string, text: string) => string

/** In an answer, whose arguments may still be on their way: by the answer and the call's place in it. */
export function idInReply(answer: string, index: number, position: number): DeriveId {
  return name => deriveCallId('reply', answer, index, position, name)
}

/** In a request's history: by the turn, the call's place in it, and all it says (DESIGN, ruling 9). */
export function idInTurn(turn: number, position: number): DeriveId {
  return (name, text) => deriveCallId('turn', turn, position, name, text)
}

/**
 * An entry of `tool_calls`, whole. A missing `type` is a function; a type this version does not know is kept beside
 * its function.
 */
export function decodeToolCall(wire: JsonObject, deriveId: DeriveId): ToolCallPart {
  const isCustom = isObject(wire.custom) && (wire.type === 'custom' || !isObject(wire.function))
  const inner = isCustom ? wire.custom : wire.function
  const body: JsonObject = isObject(inner) ? inner : {}
  const name = textOf(body.name) ?? ''
  const text = argumentsOf(isCustom ? body.input : body.arguments)
  const rest: Draft = { ...restOf(wire, fields) }
  if (rest.type === 'function' || rest.type === 'custom' || rest.type === null) delete rest.type
  const innerRest = restOf(body, isCustom ? customFields : functionFields)
  if (Object.keys(innerRest).length > 0) rest[isCustom ? 'custom' : 'function'] = innerRest
  return {
    kind: 'tool-call',
    type: isCustom ? 'custom' : 'function',
    id: textOf(wire.id) ?? deriveId(name, text),
    name,
    arguments: text,
    ...carry(rest),
  }
}

/** The deprecated `function_call` of a message: one call, without an id. */
export function decodeFunctionCall(wire: JsonObject, deriveId: DeriveId): ToolCallPart {
  const name = textOf(wire.name) ?? ''
  const text = argumentsOf(wire.arguments)
  return {
    kind: 'tool-call',
    type: 'function',
    id: deriveId(name, text),
    name,
    arguments: text,
    ...carry({ ...restOf(wire, functionFields), [form]: 'function_call' }),
  }
}

/** Whether a call stands in the deprecated field. */
export function isFunctionCall(part: ToolCallPart): boolean {
  return carriedBy(part)?.[form] === 'function_call'
}

/** The name and arguments of a call, under the names its type has for them. */
function bodyOf(part: ToolCallPart): JsonObject {
  return part.type === 'custom'
    ? { name: part.name, input: part.arguments }
    : { name: part.name, arguments: part.arguments }
}

export function encodeToolCall(part: ToolCallPart): JsonObject {
  const carried = carriedBy(part)
  // A type of its own came with an ordinary function and goes back with it.
  const type = textOf(carried?.type) ?? part.type
  return putBack({ id: part.id, type, [part.type]: bodyOf(part) }, carried)
}

export function encodeFunctionCall(part: ToolCallPart): JsonObject {
  return putBack({ name: part.name, arguments: part.arguments }, carriedBy(part))
}

/** Checks what OpenAI checks of a call in a request's history before it is decoded. */
export function checkToolCall(reading: Reading, wire: JsonObject, path: string): void {
  const key = wire.type === 'custom' ? 'custom' : 'function'
  reading.field(wire, 'id', 'string', path)
  reading.field(wire, 'type', 'string', path)
  const body = reading.required(wire, key, 'object', path)
  if (body === undefined) return
  reading.required(body, 'name', 'string', `${path}.${key}`)
  reading.field(body, key === 'custom' ? 'input' : 'arguments', 'string', `${path}.${key}`)
}
