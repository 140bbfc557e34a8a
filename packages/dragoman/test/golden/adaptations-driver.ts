import type { JsonObject, WireDialect } from '@dragoman/fixtures'
import type { ConfigInput } from '../../src/config/schema.ts'
import type { Validator } from '../../src/core/ports.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import { createGateway } from '../../src/gateway.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Finish, Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createFetchTransport } from '../../src/upstream/fetch-transport.ts'
import { createFixedAmbient } from './matrix/ambient.ts'
import { type Heard, type Understood, understand } from './matrix/client.ts'
import type { Form } from './matrix/conversations.ts'
import { problemsOf } from './matrix/oracle.ts'

// A call through the whole gateway to a provider of the catalogue, answered with a reply of the model: what the
// provider got, what the caller's official SDK understood, and what was noted on the way.

export const forms: readonly Form[] = ['whole', 'stream']

export interface Target {
  readonly kind: string
  readonly dialect: WireDialect
  readonly model: string
}

export const claude = (model: string): Target => ({ kind: 'anthropic', dialect: 'anthropic-messages', model })
export const gpt = (model: string): Target => ({ kind: 'openai', dialect: 'openai-responses', model })
export const host = (kind: string): Target => ({ kind, dialect: 'openai-chat', model: 'local' })

export interface Question {
  readonly caller: keyof typeof paths
  readonly target: Target
  /** Without model and stream. */
  readonly request: JsonObject
  readonly form?: Form
  /** How the provider answers, where it does not do as it is told. */
  readonly answered?: Form
  readonly parts?: readonly Part[]
  readonly finish?: Finish
  readonly config?: Partial<ConfigInput>
  readonly headers?: { readonly [name: string]: string }
  readonly validator?: Validator
}

export interface Outcome {
  /** The provider's body; undefined where nothing was sent. */
  readonly received: JsonObject | undefined
  readonly understood: Understood
  /** Kind and path of every note, of the headers and of comments in the stream. */
  readonly notes: readonly string[]
  readonly status: number
  /** The notes as they stand in the headers. */
  readonly headers: string
  /** How often the provider was asked. */
  readonly tries: number
  readonly body: string
}

const paths = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
}

export async function ask(question: Question): Promise<Outcome> {
  const { caller, target, form = 'whole', config = {}, headers = {} } = question
  const received: JsonObject[] = []
  const transport = createFetchTransport(async request => {
    received.push(JSON.parse(await request.text()))
    return answerOf(target.dialect, question.answered ?? form, question)
  })
  const gateway = createGateway(
    {
      sandbox: false,
      providers: { target: { kind: target.kind, base_url: 'http://target.invalid/v1', api_key: 'secret' } },
      models: { m: `target/${target.model}` },
      retry: { attempts: 0 },
      ...config,
    },
    {
      transport,
      ambient: createFixedAmbient(),
      trustModeHeader: true,
      ...(question.validator === undefined ? {} : { validator: question.validator }),
    },
  )
  const sent: JsonObject = { model: 'm', ...question.request, ...(form === 'stream' ? { stream: true } : {}) }
  const response = await gateway.fetch(`http://gateway.invalid${paths[caller]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(sent),
  })
  const got = { status: response.status, headers: response.headers, body: await response.text() }
  await gateway.close()
  // Whatever an adaptation makes of a request, its provider has to take it.
  const problems = received.flatMap(body => problemsOf(target.dialect, body))
  if (problems.length > 0) throw new Error(`the provider would refuse this: ${problems.join('; ')}`)
  return {
    received: received[0],
    understood: await understand(caller, sent, got),
    notes: notesIn(`${got.headers.get('dragoman-notes') ?? ''}\n${got.body}`),
    status: got.status,
    headers: got.headers.get('dragoman-notes') ?? '',
    tries: received.length,
    body: got.body,
  }
}

function notesIn(text: string): readonly string[] {
  const members = text.matchAll(/\b(renamed|emulated|approximated|clamped|dropped|refused);path="([^"]*)"/g)
  return [...members].map(([, kind, path]) => `${kind} ${path}`)
}

/** The reply in the provider's words, streams in pieces of a few characters. */
function answerOf(id: WireDialect, form: Form, { parts = [], finish }: Question): Response {
  const dialect = findDialect(id)
  if (dialect === undefined) throw new Error(`no dialect ${id}`)
  const hasCalls = parts.some(part => part.kind === 'tool-call')
  const reply: Reply = {
    dialect: id,
    id: 'upstream-1',
    model: 'upstream-model',
    candidates: [{ index: 0, parts, finish: finish ?? { reason: hasCalls ? 'tool-calls' : 'stop' } }],
    usage: { input: 10, cacheRead: 0, cacheWrite: 0, output: 5, source: 'reported' },
  }
  const request = { model: 'm', turns: [], sampling: {}, hints: {}, stream: form === 'stream' }
  const render = { id: 'upstream', created: 1, request: { ...request, streamUsage: true } }
  if (form === 'whole') return Response.json(dialect.encodeReply(reply, render).value)
  const encoder = dialect.encodeStream(render)
  const text = unfold(reply, { chunk: 5 })
    .map(event => encoder.push(event))
    .join('')
  return new Response(text, { headers: { 'content-type': 'text/event-stream' } })
}

/** The one candidate of an answer; throws where there is none. */
export function heard({ understood }: Outcome): Heard {
  const [candidate] = understood.kind === 'answer' ? understood.candidates : []
  if (candidate === undefined) throw new Error(`no answer: ${JSON.stringify(understood)}`)
  return candidate
}

export const text = (said: string): Part => ({ kind: 'text', text: said })
export const call = (name: string, args: string, id = 'call_1'): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name,
  arguments: args,
})

export const user = (content: string) => ({ role: 'user', content })
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
export const chatTool = (name: string) => ({
  type: 'function',
  function: { name, parameters: weatherSchema },
})
