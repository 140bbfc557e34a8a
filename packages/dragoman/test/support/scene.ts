import { afterEach } from 'bun:test'
import type { ConfigInput } from '../../src/config/schema.ts'
import type { Gateway, GatewayPorts } from '../../src/gateway.ts'
import { serve } from './serve.ts'
import { type Answering, type Step, startUpstream, type Upstream } from './upstream.ts'

/** Kinds by what a test wants of them; the names of providers stand in tests only here. */
const kinds = {
  /** First-party chat: relayed. It has Responses too, which chat callers do not get. */
  chat: { kind: 'openai', root: '/v1' },
  /** The same kind, for callers of Responses. */
  responses: { kind: 'openai', root: '/v1' },
  /** First-party Messages: relayed. */
  messages: { kind: 'anthropic', root: '' },
  /** First-party generateContent: relayed. */
  gemini: { kind: 'google', root: '/v1beta' },
  /** Cohere's v2: always translated, since no caller speaks it. */
  cohere: { kind: 'cohere', root: '' },
  /** An engine with a path for legacy completions, whose answers need mending. */
  llama: { kind: 'llamacpp', root: '/v1' },
  /** Any server of the chat wire: translated. */
  compatible: { kind: 'openai-compatible', root: '/v1' },
  /** A server of the chat wire without `n`, tool choice and images by URL. */
  modest: { kind: 'ollama', root: '/v1' },
  /** The same with tool choice, but without free-text tools. */
  engine: { kind: 'vllm', root: '/v1' },
} as const

export type Kind = keyof typeof kinds

/** What stands for a secret in tests; none of it may ever be seen outside. */
export const canary = {
  provider: 'canary-provider-key-3f9a',
  caller: 'canary-caller-key-77b1',
  prompt: 'canary-prompt-5c2e',
} as const

export const provider = (kind: Kind, url: string, more: { headers?: Record<string, string> } = {}) => ({
  kind: kinds[kind].kind,
  base_url: url + kinds[kind].root,
  api_key: canary.provider,
  ...more,
})

export interface Scene {
  /** An upstream that answers by script; `stream` counts as open until it was read or left. */
  upstream(answer: (stream: (steps: readonly Step[]) => Response) => Answering): Upstream
  /** A gateway on a real socket. */
  gateway(config: ConfigInput, ports?: GatewayPorts): { readonly gateway: Gateway; readonly url: string }
  /** Closes this with the test. */
  keep<T extends { close(): Promise<void> | void }>(thing: T): T
}

/** What a test opens is closed when it ends. Once a file, at its top. */
export function createScene(): Scene {
  const things: { close(): Promise<void> | void }[] = []
  afterEach(async () => {
    for (const thing of things.splice(0).reverse()) await thing.close()
  })
  const keep: Scene['keep'] = thing => {
    things.push(thing)
    return thing
  }
  return {
    keep,
    upstream(answer) {
      const started: ReturnType<typeof startUpstream> = startUpstream((request, index) =>
        answer(started.stream)(request, index),
      )
      return keep(started)
    },
    gateway: (config, ports = {}) => keep(serve(config, ports)),
  }
}

/** A gateway in front of one provider `a`, with no retries unless `config` says so. */
export function front(
  scene: Scene,
  kind: Kind,
  url: string,
  config: ConfigInput = {},
  ports: GatewayPorts = {},
): { readonly gateway: Gateway; readonly url: string } {
  const made = { providers: { a: provider(kind, url) }, retry: { attempts: 0 }, ...config }
  return scene.gateway(made, ports)
}

export type Path = '/v1/chat/completions' | '/v1/responses' | '/v1/messages'

/** The three generating paths, with the least that each takes. */
export const asks: { readonly [P in Path]: { readonly model: string } & Record<string, unknown> } = {
  '/v1/chat/completions': { model: 'a/m', messages: [{ role: 'user', content: 'hi' }] },
  '/v1/responses': { model: 'a/m', input: 'hi', store: false },
  '/v1/messages': { model: 'a/m', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] },
}

export const paths = Object.keys(asks) as readonly Path[] // the keys of the table are the type

/** Posts the least request of a path, with these fields over it. */
export function ask(
  url: string,
  path: Path,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return send(url, path, JSON.stringify({ ...asks[path], ...fields }), headers, signal)
}

export function send(
  url: string,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as BodyInit, // Uint8Array is a BodyInit; the DOM types lag
    ...(signal === undefined ? {} : { signal }),
  })
}

/** What a failed call says, in whichever dialect. */
export interface Complaint {
  readonly type: string | undefined
  readonly code: string | null | undefined
  readonly param: string | null | undefined
  readonly message: string
}

/** Reads an error body and checks that it has the envelope of its path's dialect. */
export function complaintOf(path: string, text: string): Complaint {
  const body = JSON.parse(text)
  const isAnthropic = path.startsWith('/v1/messages')
  if (isAnthropic !== (body.type === 'error')) throw new Error(`not the envelope of ${path}: ${text}`)
  const { error } = body
  if (typeof error?.message !== 'string') throw new Error(`no error object: ${text}`)
  if (isAnthropic) {
    const { details } = error
    return { type: error.type, code: details.error_code, param: details.param, message: error.message }
  }
  if (!('param' in error && 'code' in error)) throw new Error(`an envelope without param or code: ${text}`)
  return error
}

/** What the gateway remembers of a call. */
export async function recordOf(url: string, response: Response) {
  const id = response.headers.get('x-request-id')
  const record = await fetch(`${url}/dragoman/requests/${id}`)
  return record.json()
}

/** Reads a stream until this text was seen, and hands over what came and how to go on. */
export function readUntil(response: Response, wanted: string) {
  const reader = response.body?.getReader()
  if (reader === undefined) throw new Error('no body')
  const decoder = new TextDecoder()
  let text = ''
  const next = async () => {
    const { value, done } = await reader.read()
    text += decoder.decode(value, { stream: !done })
    return done
  }
  return {
    async seen(more = wanted) {
      while (!text.includes(more)) if (await next()) throw new Error(`ended without ${more}: ${text}`)
      return text
    },
    async rest() {
      while (!(await next()));
      return text
    },
    leave: () => reader.cancel(),
  }
}
