import OpenAI from 'openai'
import type { Render } from '../../src/core/dialect.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { Event } from '../../src/ir/event.ts'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { createSseParser } from '../../src/wire/sse.ts'

/** A request that says nothing but its model. */
export const bareRequest: GenerateRequest = {
  model: 'asked',
  turns: [],
  sampling: {},
  hints: {},
  stream: true,
}

export const render: Render = { id: 'call1', created: 1_700_000_000, request: bareRequest }

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The events of a stream that arrives in these pieces. */
export function decode(pieces: Iterable<Uint8Array>): readonly Event[] {
  const parser = createSseParser()
  const decoder = openaiResponses.decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, events)
  for (const frame of parser.end()) decoder.push(frame, events)
  decoder.end(events)
  return events
}

/** The events of wire objects, each framed with its type as the event name. */
export function decodeWire(...values: readonly JsonObject[]): readonly Event[] {
  const nameOf = ({ type }: JsonObject) => (typeof type === 'string' ? type : 'message')
  const text = values.map(value => `event: ${nameOf(value)}\ndata: ${JSON.stringify(value)}\n\n`).join('')
  return decode([bytesOf(text)])
}

export function encode(
  events: Iterable<Event>,
  how: Render = render,
): { readonly text: string; readonly notes: readonly Note[] } {
  const encoder = openaiResponses.encodeStream(how)
  let text = ''
  for (const event of events) text += encoder.push(event)
  return { text, notes: encoder.notes }
}

/** The objects in a stream that was encoded; it has to consist of named events and comments alone. */
export function wireOf(text: string): readonly JsonObject[] {
  const frames = text.split('\n\n')
  const odd = frames.filter(frame => !/^(event: [a-z_.]+\ndata: \{[^\n]*\}|: [^\n]*|)$/.test(frame))
  if (odd.length > 0) throw new Error(`no frame of this wire: ${odd[0]}`)
  return text
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => JSON.parse(line.slice(6)))
}

/** The response that the last event of a stream carries. */
export function finalOf(text: string): JsonObject {
  return wireOf(text).at(-1)?.response as JsonObject // every stream that ends holds one
}

export const typesOf = (text: string): readonly string[] => wireOf(text).map(value => String(value.type))

function clientFor(text: string): OpenAI {
  const headers = { 'content-type': 'text/event-stream' }
  return new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: async () => new Response(text, { headers }) })
}

const asked = { model: 'asked', input: 'hi' } as const

/** What openai-node's helper makes of a stream; it throws where the stream breaks one of its rules. */
export async function readWithHelper(text: string): Promise<JsonObject> {
  const final = await clientFor(text).responses.stream(asked).finalResponse()
  return withoutParsed(JSON.parse(JSON.stringify(final))) as JsonObject // an object stays one
}

/** The event types that openai-node's plain iterator yields. */
export async function readPlainly(text: string): Promise<readonly string[]> {
  const types: string[] = []
  const stream = await clientFor(text).responses.create({ ...asked, stream: true })
  for await (const event of stream) types.push(event.type)
  return types
}

/** The helper adds what it parsed and a text of its own; neither is on the wire. */
function withoutParsed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutParsed)
  if (typeof value !== 'object' || value === null) return value
  const added = new Set(['parsed', 'parsed_arguments', 'output_parsed', 'output_text'])
  const entries = Object.entries(value).filter(([name]) => !added.has(name))
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutParsed(inner)]))
}
