import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import type { FunctionTool } from '../../src/ir/tool.ts'

// Requests of the model by hand, for the tests of what this dialect makes of them.

const { encodeRequest } = anthropicMessages

export const user = (...parts: readonly (string | Part)[]): Turn => ({
  role: 'user',
  parts: parts.map(asPart),
})
export const assistant = (...parts: readonly (string | Part)[]): Turn => ({
  role: 'assistant',
  parts: parts.map(asPart),
})
export const asPart = (part: string | Part): Part =>
  typeof part === 'string' ? { kind: 'text', text: part } : part
export const result = (callId: string, ...parts: readonly (string | Part)[]): Turn => ({
  role: 'tool',
  parts: [{ kind: 'tool-result', type: 'function', callId, parts: parts.map(asPart) }],
})
export const call = (id: string, text: string): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name: 'f',
  arguments: text,
})
export const tool = (name: string): FunctionTool => ({ kind: 'function', name })

export function requestOf(fields: Partial<GenerateRequest>): GenerateRequest {
  return {
    model: 'm',
    maxTokens: 100,
    turns: [user('Hi')],
    sampling: {},
    hints: {},
    stream: false,
    ...fields,
  }
}

/** What is written for a request with these fields beyond the smallest one, and what is said about it. */
export function write(fields: Partial<GenerateRequest>): {
  readonly value: JsonObject
  readonly notes: readonly string[]
} {
  const { value, notes } = encodeRequest(requestOf(fields))
  return { value, notes: notes.map((note: Note) => `${note.kind} ${note.path}`) }
}

export const schemaOf = (name: string) => ({ name, input_schema: { type: 'object', properties: {} } })
