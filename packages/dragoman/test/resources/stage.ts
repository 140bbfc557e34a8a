import { expect } from 'bun:test'
import OpenAI, { APIError } from 'openai'
import type { ConfigInput } from '../../src/config/schema.ts'
import type { Principal } from '../../src/core/call.ts'
import type { KeyVerifier } from '../../src/core/ports.ts'
import type { GatewayPorts } from '../../src/gateway.ts'
import { provider, type Scene } from '../support/scene.ts'
import type { SeenRequest, Step } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

/** Wires of upstreams on which state has to work the same. */
export const wires = ['messages', 'compatible', 'responses', 'gemini', 'cohere'] as const
export type Wire = (typeof wires)[number]

/** What the upstream was told, turn by turn, whatever its wire: `role: text`. */
export function heard(request: SeenRequest | undefined): readonly string[] {
  const { messages: said, input, contents } = request?.json ?? {}
  const turns = (said ?? input ?? contents ?? []) as readonly {
    role?: string
    type?: string
    content?: string | readonly { text?: string }[]
    parts?: readonly { text?: string }[]
  }[] // the lists of the wires
  return turns.map(({ role, type, content, parts }) => {
    const list = parts ?? content
    const text = Array.isArray(list) ? list.map(part => part.text ?? '').join('') : list
    return `${role === 'model' ? 'assistant' : (role ?? type)}: ${text}`
  })
}

const gemini = {
  candidate: (fields: object) => ({
    candidates: [{ index: 0, ...fields }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: 'gemini-2.5-flash',
    responseId: 'response-1',
  }),
  text: (text: string) =>
    `data: ${JSON.stringify(gemini.candidate({ content: { role: 'model', parts: [{ text }] } }))}\r\n\r\n`,
  get finish() {
    const content = { role: 'model', parts: [{ text: '' }] }
    return `data: ${JSON.stringify(gemini.candidate({ content, finishReason: 'STOP' }))}\r\n\r\n`
  },
  whole: (text: string) =>
    gemini.candidate({ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }),
}

const coherent = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
const cohere = {
  start:
    coherent('message-start', {
      id: 'id-1',
      delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
    }) + coherent('content-start', { index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
  text: (text: string) => coherent('content-delta', { index: 0, delta: { message: { content: { text } } } }),
  end:
    coherent('content-end', { index: 0 }) +
    coherent('message-end', {
      delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 3, output_tokens: 2 } } },
    }),
  whole: (text: string) => ({
    id: 'id-1',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    usage: { tokens: { input_tokens: 3, output_tokens: 2 } },
  }),
}

/** An answer of this wire in pieces, whole or streamed; `between` are steps between the pieces. */
export function answer(
  wire: Wire,
  stream: (steps: readonly Step[]) => Response,
  isStream: boolean,
  pieces: readonly string[],
  between: readonly Promise<unknown>[] = [],
): Response {
  const text = pieces.join('')
  if (!isStream) {
    const whole = { messages, compatible: chat, responses, gemini, cohere }[wire].whole(text)
    return Response.json(whole)
  }
  const frames = (say: (text: string) => string): readonly Step[] =>
    pieces.flatMap((piece, index) => [say(piece), ...(between[index] === undefined ? [] : [between[index]])])
  const scripts: { readonly [W in Wire]: readonly Step[] } = {
    messages: [
      messages.start,
      messages.open,
      ...frames(messages.text),
      messages.close,
      messages.finish,
      messages.stop,
    ],
    compatible: [chat.role(), ...frames(chat.text), chat.finish(), chat.usage(), chat.done],
    responses: [
      responses.created,
      responses.open,
      ...frames(responses.text),
      responses.close(text),
      responses.completed(text),
    ],
    gemini: [...frames(gemini.text), gemini.finish],
    cohere: [cohere.start, ...frames(cohere.text), cohere.end],
  }
  return stream(scripts[wire])
}

export const modelOf: { readonly [W in Wire]: string } = {
  messages: 'a/claude-sonnet-4-5',
  compatible: 'a/m',
  responses: 'a/m',
  gemini: 'a/gemini-2.5-flash',
  cohere: 'a/command-a-03-2025',
}

/** A gateway before one upstream of this wire that says what it is told to. */
export function before(
  scene: Scene,
  wire: Wire,
  say: (
    request: SeenRequest,
    index: number,
  ) => { pieces: readonly string[]; between?: readonly Promise<unknown>[] },
  config: ConfigInput = {},
  ports: GatewayPorts = {},
) {
  const upstream = scene.upstream(stream => (request, index) => {
    const { pieces, between } = say(request, index)
    const isStream = request.json.stream === true || request.path.includes(':streamGenerateContent')
    return answer(wire, stream, isStream, pieces, between)
  })
  const made = { providers: { a: provider(wire, upstream.url) }, retry: { attempts: 0 }, ...config }
  const { url, gateway } = scene.gateway(made, ports)
  return { upstream, url, gateway, client: clientOf(url), model: modelOf[wire] }
}

export const clientOf = (url: string, apiKey = 'any'): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })

/** Two keys of two tenants. */
export const twoTenants: KeyVerifier = {
  verify(key) {
    const principal: Principal = { id: key, name: key, tenant: `tenant-${key}` }
    return key === 'one' || key === 'two' ? { kind: 'known', principal } : { kind: 'unknown' }
  },
}

/** The error that a call of the SDK ends with. */
export async function errorOf(call: PromiseLike<unknown>): Promise<APIError> {
  try {
    await call
  } catch (error) {
    if (error instanceof APIError) return error
    throw error
  }
  throw new Error('the call did not fail')
}

export async function listOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Numbers that rise by one from the first. */
export function expectRising(events: readonly { readonly sequence_number: number }[], first = 0): void {
  expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => first + index))
}

/** Asks again until the response is over. */
export async function settled(client: OpenAI, id: string) {
  for (;;) {
    const response = await client.responses.retrieve(id)
    if (response.status !== 'queued' && response.status !== 'in_progress') return response
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

/** On the wire, but not in the SDK's type. */
export const storeOf = (response: object): unknown => (response as { readonly store?: unknown }).store // see above
