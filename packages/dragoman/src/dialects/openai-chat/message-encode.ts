import type { NoteLog } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type {
  MediaPart,
  Part,
  RefusalPart,
  ThinkingPart,
  ToolCallPart,
  ToolResultPart,
} from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { encodeContent, type Placed } from './content.ts'
import { noteLeftBehind, noteMarker } from './losses.ts'
import { audioIdOf } from './media.ts'
import { encodeHistory } from './thinking.ts'
import { encodeFunctionCall, encodeToolCall, isFunctionCall } from './tool-call.ts'
import { carriedBy, type Draft, formOf, putBack } from './wire.ts'

/** Instructions and turns as `messages`. */
export function encodeMessages(request: GenerateRequest, notes: NoteLog): readonly JsonObject[] {
  const messages: JsonObject[] = []
  const instructions = placed(request.instructions ?? [], 'instructions')
  if (instructions.length > 0) {
    messages.push({ role: 'system', content: encodeContent(instructions, notes) ?? '' })
  }
  /** Images of tool results wait for the last result of their turn: a user message between results is refused. */
  let waiting: Placed[] = []
  for (const [index, turn] of request.turns.entries()) {
    const path = `turns[${index}]`
    if (turn.role !== 'tool' && waiting.length > 0) {
      messages.push(followUp(waiting, notes))
      waiting = []
    }
    notes.foreign(turn, path)
    if (turn.role === 'tool') messages.push(...encodeResults(turn, path, notes, waiting))
    else if (turn.role === 'assistant') messages.push(encodeAssistant(turn, path, notes))
    else messages.push(encodeSpoken(turn, path, notes))
  }
  if (waiting.length > 0) messages.push(followUp(waiting, notes))
  return messages
}

function placed<P extends Part>(parts: readonly P[], path: string): readonly Placed<P>[] {
  return parts.map((part, index) => ({
    part,
    path: `${path}${path === 'instructions' ? '' : '.parts'}[${index}]`,
  }))
}

function encodeSpoken(turn: Turn, path: string, notes: NoteLog): JsonObject {
  const carried = carriedBy(turn)
  const content = encodeContent(placed(turn.parts, path), notes) ?? carried?.content ?? ''
  return putBack(defined({ role: turn.role, content, name: turn.name }), carried)
}

function encodeAssistant(turn: Turn, path: string, notes: NoteLog): JsonObject {
  const spoken: Placed[] = []
  const thoughts: Placed<ThinkingPart>[] = []
  const refusals: Placed<RefusalPart>[] = []
  const calls: ToolCallPart[] = []
  const fields: Draft = {}
  for (const { part, path: at } of placed(turn.parts, path)) {
    if (part.kind === 'tool-call' || part.kind === 'refusal') noteLeftBehind(part, at, notes)
    if (part.kind === 'tool-call' && part.cache !== undefined) noteMarker(`${at}.cache`, notes)
    if (part.kind === 'thinking') thoughts.push({ part, path: at })
    else if (part.kind === 'refusal' && formOf(part) !== 'part') refusals.push({ part, path: at })
    else if (part.kind === 'tool-call') calls.push(part)
    else if (part.kind === 'media' && audioIdOf(part) !== undefined)
      fields.audio = { id: audioIdOf(part) ?? '' }
    else if (part.kind === 'media')
      notes.add('refused', at, `Chat completions takes no ${part.media} from the assistant.`)
    else spoken.push({ part, path: at })
    if (part.kind === 'text' && calls.length > 0) {
      notes.add('approximated', at, 'Chat completions keeps text before tool calls; it stood behind one.')
    }
  }
  const says = calls.length > 0 || refusals.length > 0 || fields.audio !== undefined
  const carried = carriedBy(turn)
  const empty = carried?.content === undefined ? (says ? null : '') : carried.content
  const content = encodeContent(spoken, notes) ?? empty
  if (refusals.length > 0) fields.refusal = refusals.map(({ part }) => part.text).join('')
  Object.assign(fields, encodeHistory(thoughts, notes), encodeCalls(calls))
  return putBack({ role: 'assistant', content, ...defined({ name: turn.name }), ...fields }, carried)
}

function encodeCalls(calls: readonly ToolCallPart[]): Draft {
  const fields: Draft = {}
  const modern = calls.filter(call => !isFunctionCall(call))
  const single = calls.find(isFunctionCall)
  if (modern.length > 0) fields.tool_calls = modern.map(encodeToolCall)
  if (single !== undefined) fields.function_call = encodeFunctionCall(single)
  return fields
}

/** One message for each result of the turn; what is no text is added to `waiting`. */
function encodeResults(turn: Turn, path: string, notes: NoteLog, waiting: Placed[]): readonly JsonObject[] {
  const messages: JsonObject[] = []
  for (const { part, path: at } of placed(turn.parts, path)) {
    if (part.kind === 'tool-result') messages.push(encodeResult(turn, part, at, notes, waiting))
    else notes.add('refused', at, `Chat completions takes no ${part.kind} in a tool message.`)
  }
  return messages
}

function encodeResult(
  turn: Turn,
  result: ToolResultPart,
  path: string,
  notes: NoteLog,
  waiting: Placed[],
): JsonObject {
  noteLeftBehind(result, path, notes)
  if (result.cache !== undefined) noteMarker(`${path}.cache`, notes)
  const inside = placed(result.parts, path)
  const media = inside.filter((entry): entry is Placed<MediaPart> => isSeen(entry.part))
  const said = inside.filter(entry => !isSeen(entry.part))
  if (media.length > 0) {
    notes.add(
      'approximated',
      path,
      'Chat completions takes text only in tool messages; the rest follows in a user message.',
    )
    const label = `Result of the tool call ${result.callId}:`
    waiting.push({ part: { kind: 'text', text: label }, path }, ...media)
  }
  if (result.isError === true) {
    notes.add(
      'dropped',
      `${path}.isError`,
      'Chat completions cannot mark a tool result as an error; its text has to tell.',
    )
  }
  const empty = media.length > 0 ? 'The result follows in the next user message.' : ''
  const content = encodeContent(said, notes) ?? empty
  const isFunction = formOf(turn) === 'function'
  const wire = isFunction
    ? { role: 'function', content, name: turn.name ?? '' }
    : { role: 'tool', tool_call_id: result.callId, content, ...defined({ name: turn.name }) }
  return putBack(wire, carriedBy(turn))
}

/** What a tool message cannot carry: everything but text, which a document of plain text becomes anyway. */
function isSeen(part: Part): boolean {
  return part.kind === 'media' && part.source.type !== 'text'
}

function followUp(waiting: readonly Placed[], notes: NoteLog): JsonObject {
  return { role: 'user', content: encodeContent(waiting, notes) ?? '' }
}
