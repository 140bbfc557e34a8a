import { expect } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import type { Render } from '../../src/core/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { FinishReason } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { createSseParser, writeSse } from '../../src/wire/sse.ts'

// Events and frames by hand, for the tests of this dialect's streams.

const { decodeStream, encodeStream } = anthropicMessages

export const request: GenerateRequest = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true }
export const render: Render = { id: 'call1', created: 1_700_000_000, request }
export const usage: Usage = { input: 10, cacheRead: 4, cacheWrite: 2, output: 7, source: 'reported' }

export const start: Event = { type: 'start', dialect: 'openai-chat', id: 'chatcmpl-1', model: 'gpt' }
export const open = (part: number, opened: Part): Event => ({
  type: 'part-start',
  candidate: 0,
  part,
  open: opened,
})
export const text = (part: number, said: string): Event => ({
  type: 'part-delta',
  candidate: 0,
  part,
  text: said,
})
export const args = (part: number, said: string): Event => ({
  type: 'part-delta',
  candidate: 0,
  part,
  args: said,
})
export const close = (part: number): Event => ({ type: 'part-end', candidate: 0, part })
export const finish = (reason: FinishReason): Event => ({ type: 'finish', candidate: 0, finish: { reason } })
export const end: Event = { type: 'end' }
export const textPart: Part = { kind: 'text', text: '' }
export const thinkingPart: Part = { kind: 'thinking', text: '' }
export const callPart = (id: string): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name: `f_${id}`,
  arguments: '',
})

export function encode(...events: readonly Event[]): {
  readonly bytes: string
  readonly notes: readonly string[]
} {
  const encoder = encodeStream(render)
  const bytes = events.map(event => encoder.push(event)).join('')
  return { bytes, notes: encoder.notes.map(note => `${note.kind} ${note.path}`) }
}

export function framesOf(bytes: string): readonly JsonObject[] {
  return createSseParser()
    .push(new TextEncoder().encode(bytes))
    .filter(frame => frame.data !== '')
    .map(frame => {
      const wire = JSON.parse(frame.data)
      expect(wire.type).toBe(frame.event)
      return wire
    })
}

export const written = (...events: readonly Event[]): readonly JsonObject[] =>
  framesOf(encode(...events).bytes)

/** The names of what was written, with the block of each. */
export const shape = (frames: readonly JsonObject[]): readonly string[] =>
  frames.map(frame => (frame.index === undefined ? String(frame.type) : `${frame.type} ${frame.index}`))

/** Frames of an upstream: each object with its type as the event's name. */
export const wireOf = (...frames: readonly JsonObject[]): string =>
  frames.map(frame => writeSse({ event: String(frame.type), data: JSON.stringify(frame) })).join('')

export function decode(bytes: string): readonly Event[] {
  const decoder = decodeStream()
  const events: Event[] = []
  for (const frame of createSseParser().push(new TextEncoder().encode(bytes))) decoder.push(frame, events)
  decoder.end(events)
  expect(checkEvents(events)).toEqual([])
  return events
}

export const messageStart = (more: JsonObject = {}): JsonObject => ({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 25, output_tokens: 1 },
    ...more,
  },
})
export const blockStart = (index: number, block: JsonObject): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
export const blockDelta = (index: number, delta: JsonObject): JsonObject => ({
  type: 'content_block_delta',
  index,
  delta,
})
export const blockStop = (index: number): JsonObject => ({ type: 'content_block_stop', index })
export const messageDelta = (reason: string, counted: JsonObject = { output_tokens: 12 }): JsonObject => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null },
  usage: counted,
})
export const messageStop: JsonObject = { type: 'message_stop' }
export const replyOf = (...frames: readonly JsonObject[]) => foldEvents(decode(wireOf(...frames)))
export const partsOf = (...frames: readonly JsonObject[]) => replyOf(...frames).candidates[0]?.parts

export function finalMessage(bytes: string): Promise<Anthropic.Message> {
  const response = () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } })
  const client = new Anthropic({ apiKey: 'none', maxRetries: 0, fetch: async () => response() })
  const messages = [{ role: 'user' as const, content: 'Hi' }]
  return client.messages.stream({ model: 'm', max_tokens: 1, messages }).finalMessage()
}
