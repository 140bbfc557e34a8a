import type { Reading } from '../../core/codec/reading.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Part, RefusalPart, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { Role, Turn } from '../../ir/request.ts'
import { deriveCallId } from './call-id.ts'
import { decodeContent, emptyContentOf } from './content.ts'
import { decodeAudioReference } from './media.ts'
import { consumedReasoning, decodeThinking } from './thinking.ts'
import { checkToolCall, decodeFunctionCall, decodeToolCall, idInTurn, isFunctionCall } from './tool-call.ts'
import { carry, type Draft, form, restOf } from './wire.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function'] as const
type WireRole = (typeof roles)[number]

/** The calls of the last assistant message that no result has answered yet, in order. */
type OpenCalls = ToolCallPart[]

/** The messages as turns, one each, so that paths of one side are paths of the other. */
export function decodeMessages(reading: Reading, messages: readonly JsonValue[]): readonly Turn[] {
  if (messages.length === 0) {
    reading.fail(
      'messages',
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    )
  }
  const open: OpenCalls = []
  const turns: Turn[] = []
  for (const [wire, path] of reading.objects(messages, 'messages')) {
    const role = reading.required(wire, 'role', 'string', path)
    const known = roles.find(name => name === role)
    if (known !== undefined) turns.push(decodeMessage(reading, wire, known, path, turns.length, open))
    else if (role !== undefined) reading.wrongValue(`${path}.role`, role, roles)
  }
  return turns
}

function decodeMessage(
  reading: Reading,
  wire: JsonObject,
  role: WireRole,
  path: string,
  index: number,
  open: OpenCalls,
): Turn {
  switch (role) {
    case 'assistant':
      return decodeAssistant(reading, wire, path, index, open)
    case 'tool':
      return decodeToolMessage(reading, wire, path, open)
    case 'function':
      return decodeFunctionMessage(reading, wire, path, index, open)
    default:
      if (wire.content === undefined || wire.content === null) reading.missing(`${path}.content`)
      return turnOf(
        reading,
        wire,
        path,
        role,
        decodeContent(reading, wire.content, `${path}.content`),
        spokenFields,
      )
  }
}

const spokenFields: ReadonlySet<string> = new Set(['role', 'content', 'name'])
const toolFields: ReadonlySet<string> = new Set([...spokenFields, 'tool_call_id'])
const assistantFields: ReadonlySet<string> = new Set([
  ...spokenFields,
  ...['refusal', 'audio', 'tool_calls', 'function_call'],
])

/**
 * A turn with what its parts did not use up. Content without a part is kept where the encoder could not know which
 * kind of nothing it was.
 */
function turnOf(
  reading: Reading,
  wire: JsonObject,
  path: string,
  role: Role,
  parts: readonly Part[],
  consumed: ReadonlySet<string>,
  extra: JsonObject = {},
): Turn {
  const rest: Draft = { ...restOf(wire, consumed), ...extra }
  const { content } = wire
  const isNothing = content === null || content === '' || (isList(content) && content.length === 0)
  if (isNothing && content !== emptyContentOf(parts) && role !== 'tool') rest.content = content
  const name = reading.field(wire, 'name', 'string', path)
  return { role, parts, ...defined({ name }), ...carry(rest) }
}

function decodeAssistant(
  reading: Reading,
  wire: JsonObject,
  path: string,
  index: number,
  open: OpenCalls,
): Turn {
  const thinking = decodeThinking(wire)
  const refusal = reading.field(wire, 'refusal', 'string', path)
  const audio = reading.field(wire, 'audio', 'object', path)
  const calls = decodeCalls(reading, wire, path, index)
  open.splice(0, open.length, ...calls)
  const refusalPart: RefusalPart | undefined =
    refusal === undefined ? undefined : { kind: 'refusal', text: refusal }
  const parts = [
    thinking,
    ...decodeContent(reading, wire.content, `${path}.content`),
    refusalPart,
    audio && decodeAudioReference(reading, audio, `${path}.audio`),
    ...calls,
  ].filter(part => part !== undefined)
  const consumed =
    thinking === undefined ? assistantFields : new Set([...assistantFields, ...consumedReasoning(wire)])
  return turnOf(reading, wire, path, 'assistant', parts, consumed)
}

function decodeCalls(
  reading: Reading,
  wire: JsonObject,
  path: string,
  index: number,
): readonly ToolCallPart[] {
  const calls: ToolCallPart[] = []
  const list = reading.field(wire, 'tool_calls', 'list', path) ?? []
  for (const [entry, at] of reading.objects(list, `${path}.tool_calls`)) {
    checkToolCall(reading, entry, at)
    calls.push(decodeToolCall(entry, idInTurn(index, calls.length)))
  }
  const single = reading.field(wire, 'function_call', 'object', path)
  if (single !== undefined) {
    reading.required(single, 'name', 'string', `${path}.function_call`)
    calls.push(decodeFunctionCall(single, idInTurn(index, calls.length)))
  }
  return calls
}

/** A result answers the call of its id; without one, the next call that is still open. */
function decodeToolMessage(reading: Reading, wire: JsonObject, path: string, open: OpenCalls): Turn {
  const id = reading.field(wire, 'tool_call_id', 'string', path)
  const position = id === undefined ? 0 : open.findIndex(call => call.id === id)
  const [call] = position < 0 ? [] : open.splice(position, 1)
  if (id === undefined && call === undefined) reading.missing(`${path}.tool_call_id`)
  const result: ToolResultPart = {
    kind: 'tool-result',
    type: call?.type ?? 'function',
    callId: id ?? call?.id ?? '',
    parts: decodeContent(reading, wire.content, `${path}.content`),
  }
  return turnOf(reading, wire, path, 'tool', [result], toolFields)
}

/** The deprecated `function` message: it names its function, and answers the last `function_call` of that name. */
function decodeFunctionMessage(
  reading: Reading,
  wire: JsonObject,
  path: string,
  index: number,
  open: OpenCalls,
): Turn {
  const name = reading.required(wire, 'name', 'string', path) ?? ''
  const position = open.findIndex(call => isFunctionCall(call) && call.name === name)
  const [call] = position < 0 ? [] : open.splice(position, 1)
  const result: ToolResultPart = {
    kind: 'tool-result',
    type: 'function',
    callId: call?.id ?? deriveCallId('turn', index, name),
    parts: decodeContent(reading, wire.content, `${path}.content`),
  }
  return turnOf(reading, wire, path, 'tool', [result], spokenFields, { [form]: 'function' })
}
