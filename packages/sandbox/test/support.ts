import { setDefaultTimeout } from 'bun:test'
import OpenAI from 'openai'
import { createSandbox, type Sandbox, type SandboxOptions } from '../src/index.ts'

// The first answer loads the tokenizer, which takes its time on a busy machine.
setDefaultTimeout(60_000)

/** Read as a test reads JSON: by path, without types. */
// biome-ignore lint/suspicious/noExplicitAny: answers are read by path, and a wrong path fails the test
export type Read = any

export const engine = (options: SandboxOptions = {}): Sandbox =>
  createSandbox({ rate: Number.POSITIVE_INFINITY, clock: () => 1_700_000_000_000, ...options })

export function request(path: string, body?: unknown, init: RequestInit = {}): Request {
  return new Request(`http://sandbox.test/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Read
}

export async function post(path: string, body: unknown, sandbox: Sandbox = engine()): Promise<Reply> {
  return read(await sandbox.fetch(request(path, body)))
}

export async function read(response: Response): Promise<Reply> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parse(text) }
}

function parse(text: string): Read {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const user = (content: unknown) => ({ role: 'user', content })

/** A body of chat: one message of the user, and whatever else. */
export const chatBody = (content: unknown, more: object = {}) => ({
  model: 'sandbox',
  messages: [user(content)],
  ...more,
})

export const chat = (content: unknown, more: object = {}, sandbox?: Sandbox): Promise<Reply> =>
  post('chat/completions', chatBody(content, more), sandbox)

export async function say(content: unknown, more: object = {}, sandbox?: Sandbox): Promise<string> {
  return (await chat(content, more, sandbox)).json.choices[0].message.content
}

/** The events of a stream: name and data of each, `[DONE]` as text. Every frame must have been written whole. */
export function events(text: string): { readonly name: string | null; readonly data: Read }[] {
  const frames = text.split('\n\n')
  if (frames.pop() !== '') throw new Error('the stream does not end with a blank line')
  return frames.map(frame => {
    const lines = frame.split('\n')
    const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const data = field('data') ?? ''
    return { name: field('event') ?? null, data: data === '[DONE]' ? data : JSON.parse(data) }
  })
}

export async function streamed(path: string, body: object, sandbox?: Sandbox): Promise<Read[]> {
  const reply = await post(path, { ...body, stream: true }, sandbox)
  return events(reply.text).map(event => event.data)
}

/** The official SDK on an engine in this process; it gives up at once instead of trying again. */
export const client = (sandbox: Sandbox = engine()): OpenAI =>
  new OpenAI({
    apiKey: 'any key will do',
    baseURL: 'http://sandbox.test/v1',
    maxRetries: 0,
    fetch: (url, init) => sandbox.fetch(new Request(url as string, init as RequestInit)), // the SDK's own fetch types
  })

/** Lets the event loop turn until something has happened; no time is measured, and it does not wait for ever. */
export async function until(happened: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if (happened()) return
    await new Promise(resolve => setTimeout(resolve, 0))
  }
  throw new Error('it did not happen')
}

export const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
} as const

export const time = {
  type: 'function',
  function: {
    name: 'get_time',
    description: 'Tells the local time of a place',
    parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
  },
} as const
