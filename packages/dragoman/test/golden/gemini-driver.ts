import { expect } from 'bun:test'
import type { Render } from '../../src/core/dialect.ts'
import { gemini } from '../../src/dialects/gemini/index.ts'
import type { Event } from '../../src/ir/event.ts'
import type { Fault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import type { FunctionTool } from '../../src/ir/tool.ts'
import { createSseParser } from '../../src/wire/sse.ts'

// Requests, answers and streams by hand, for the tests of what this dialect makes of them.

const asPart = (part: string | Part): Part => (typeof part === 'string' ? { kind: 'text', text: part } : part)
export const user = (...parts: readonly (string | Part)[]): Turn => ({
  role: 'user',
  parts: parts.map(asPart),
})
export const assistant = (...parts: readonly (string | Part)[]): Turn => ({
  role: 'assistant',
  parts: parts.map(asPart),
})
export const result = (callId: string, ...parts: readonly (string | Part)[]): Turn => ({
  role: 'tool',
  parts: [{ kind: 'tool-result', type: 'function', callId, parts: parts.map(asPart) }],
})
export const call = (id: string, text = '{}', name = 'f'): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name,
  arguments: text,
})
export const tool = (name: string, more: Partial<FunctionTool> = {}): FunctionTool => ({
  kind: 'function',
  name,
  ...more,
})

export const requestOf = (fields: Partial<GenerateRequest>): GenerateRequest => ({
  model: 'm',
  turns: [user('Hi')],
  sampling: {},
  hints: {},
  stream: false,
  ...fields,
})

const render: Render = { id: 'call1', created: 1, request: requestOf({}) }
const brief = (notes: readonly Note[]): readonly string[] => notes.map(note => `${note.kind} ${note.path}`)

/** What is written for a request with these fields beyond the smallest one, and what is said about it. */
export function write(fields: Partial<GenerateRequest>) {
  const { value, notes } = gemini.encodeRequest(requestOf(fields))
  const { model: _, ...body } = value
  return { value: body, notes: brief(notes) }
}

/** The request that this body is, with the contents that every body needs. */
export function read(body: JsonObject): GenerateRequest {
  const decoded = gemini.decodeRequest({ model: 'm', stream: false, ...asked, ...body })
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value
}
export const asked = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }

/** The field and the message of what is wrong with a body. */
export function complain(body: JsonObject): string {
  const decoded = gemini.decodeRequest({ model: 'm', stream: false, ...asked, ...body })
  return decoded.ok ? 'nothing' : `${decoded.fault.param}: ${decoded.fault.message}`
}

/** An answer of one candidate. */
export const answer = (
  parts: readonly JsonObject[],
  more: JsonObject = {},
  beside: JsonObject = {},
): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0, ...more }],
  responseId: 'r',
  ...beside,
})

export function decodeWhole(wire: JsonObject): Reply {
  const decoded = gemini.decodeReply(wire)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value
}

export function encodeWhole(reply: Partial<Reply>, candidate: Partial<Reply['candidates'][number]> = {}) {
  const candidates = [{ index: 0, parts: [], finish: { reason: 'stop' as const }, ...candidate }] // a literal
  const { value, notes } = gemini.encodeReply({ candidates, ...reply }, render)
  return { value, notes: brief(notes) }
}

/** The events of these chunks, framed as recorded, which obey the grammar. */
export function decodeChunks(chunks: readonly (JsonObject | string)[]): readonly Event[] {
  const frames = chunks.map(chunk =>
    typeof chunk === 'string' ? chunk : `data: ${JSON.stringify(chunk)}\r\n\r\n`,
  )
  const parser = createSseParser()
  const decoder = gemini.decodeStream()
  const events: Event[] = []
  const bytes = new TextEncoder().encode(frames.join(''))
  for (const frame of [...parser.push(bytes), ...parser.end()]) decoder.push(frame, events)
  decoder.end(events)
  expect(checkEvents(events)).toEqual([])
  return events
}

export const foldChunks = (chunks: readonly (JsonObject | string)[]): Reply =>
  foldEvents(decodeChunks(chunks))

/** A chunk with these parts of the only candidate. */
export const chunk = (
  parts: readonly JsonObject[],
  more: JsonObject = {},
  beside: JsonObject = {},
): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, ...more }],
  responseId: 'r',
  ...beside,
})
export const stop = chunk([{ text: '' }], { finishReason: 'STOP' })

export function faultOf(status: number, body: unknown, headers: Record<string, string> = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return gemini.decodeError({ status, headers: new Headers(headers), body: text })
}
