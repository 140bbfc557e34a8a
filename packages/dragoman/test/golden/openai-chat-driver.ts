import OpenAI from 'openai'
import type { Render } from '../../src/core/dialect.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Reply } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { createSseParser } from '../../src/wire/sse.ts'

export const encodeText = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What an answer is rendered with, for a request with these fields. */
export function renderOf(fields: Partial<GenerateRequest>): Render {
  const request = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true, ...fields }
  return { id: 'call1', created: 1_700_000_000, request }
}

export const render: Render = renderOf({})

export function framesOf(bytes: Uint8Array): readonly Frame[] {
  const parser = createSseParser()
  return [...parser.push(bytes), ...parser.end()]
}

/** Events of a stream that arrives in these pieces and then closes. */
export function decode(pieces: Iterable<Uint8Array>): readonly Event[] {
  const parser = createSseParser()
  const decoder = openaiChat.decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, events)
  for (const frame of parser.end()) decoder.push(frame, events)
  decoder.end(events)
  return events
}

/** Chunks as events: each value is the JSON of one frame, a string is its text as it is. */
export function decodeChunks(chunks: readonly unknown[]): readonly Event[] {
  return decode([encodeText(frameText(chunks))])
}

export function frameText(chunks: readonly unknown[]): string {
  return chunks
    .map(chunk => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`)
    .join('')
}

export function encode(
  events: Iterable<Event>,
  given: Render = render,
): { readonly text: string; readonly notes: readonly Note[] } {
  const encoder = openaiChat.encodeStream(given)
  let text = ''
  for (const event of events) text += encoder.push(event)
  return { text, notes: encoder.notes }
}

/** The JSON of the chunks in this text, without the terminator. */
export function chunksOf(text: string): readonly { readonly [key: string]: unknown }[] {
  return framesOf(encodeText(text))
    .map(frame => frame.data)
    .filter(data => data !== '' && data !== '[DONE]')
    .map(data => JSON.parse(data))
}

/** An official client whose server answers with these bytes. */
export function clientOf(body: string, type = 'text/event-stream', status = 200): OpenAI {
  const fetch = async () => new Response(body, { status, headers: { 'content-type': type } })
  return new OpenAI({ apiKey: 'test', baseURL: 'http://test.invalid/v1', fetch, maxRetries: 0 })
}

/** What openai-node's stream helper makes of a stream; it throws where the stream breaks its rules. */
export async function accept(text: string): Promise<OpenAI.ChatCompletion> {
  const stream = clientOf(text).chat.completions.stream({
    model: 'm',
    messages: [{ role: 'user', content: 'x' }],
  })
  return await stream.finalChatCompletion()
}

/** A chunk of one choice with the fields that every chunk has. */
export const chunk = (delta: unknown, more: object = {}, top: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
  ...top,
})
export const stop = chunk({}, { finish_reason: 'stop' })
export const done = '[DONE]'
export const call = (fields: object) => chunk({ tool_calls: [fields] })
export const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

/** The reply that these chunks add up to; throws where their events break the grammar. */
export function folded(...chunks: readonly unknown[]): Reply {
  const events = decodeChunks(chunks)
  const problems = checkEvents(events)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return foldEvents(events)
}

export const lastOf = (events: readonly Event[]): Event | undefined => events.at(-1)
