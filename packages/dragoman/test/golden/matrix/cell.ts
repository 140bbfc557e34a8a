import { type JsonObject, readRequest, readWire, readWireError, type WireDialect } from '@dragoman/fixtures'
import { converse, joined } from '../../support/converse.ts'
import type { SeenRequest } from '../../support/upstream.ts'
import { type Conversation, type Field, type Form, models } from './conversations.ts'
import { openGateway } from './gateway.ts'

/** Who calls: the wires with clients of their own. */
export const callers = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const
/** Who answers. */
export const providers = [...callers, 'bedrock-converse', 'cohere'] as const

export type CallerDialect = (typeof callers)[number]

/** One field of the matrix with its conversation. `mode` is forced where both sides speak the same dialect. */
export interface Cell extends Field {
  readonly conversation: Conversation
}

/** What the caller got. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

export interface Exchange {
  readonly path: string
  readonly sent: JsonObject
  readonly received: readonly SeenRequest[]
  readonly got: Got
}

export const nameOf = ({ caller, provider, form, mode }: Cell): string =>
  `${caller}-to-${provider}.${form}${mode === undefined ? '' : `.${mode}`}`

/** Every cell of a conversation: 4 x 6, whole and streamed, equal dialects in both modes. */
export function cellsOf(conversation: Conversation): readonly Cell[] {
  return callers.flatMap(caller =>
    providers.flatMap(provider =>
      formsOf(conversation, provider).flatMap((form): readonly Cell[] => {
        const cell = { conversation, caller, provider, form }
        return caller === provider
          ? (['relay', 'translate'] as const).map(mode => ({ ...cell, mode }))
          : [cell]
      }),
    ),
  )
}

/** Cohere ends a stream with its finish: nothing can fail after it. */
function formsOf({ forms, failure }: Conversation, provider: WireDialect): readonly Form[] {
  if (failure === 'after' && provider === 'cohere') return []
  return forms ?? ['whole', 'stream']
}

const paths: { readonly [D in CallerDialect]: { readonly [F in Form]: string } } = {
  'openai-chat': { whole: '/v1/chat/completions', stream: '/v1/chat/completions' },
  'openai-responses': { whole: '/v1/responses', stream: '/v1/responses' },
  'anthropic-messages': { whole: '/v1/messages', stream: '/v1/messages' },
  gemini: {
    whole: '/v1beta/models/target/model:generateContent',
    stream: '/v1beta/models/target/model:streamGenerateContent?alt=sse',
  },
}

export const requestNameOf = ({ conversation }: Cell): string => conversation.request ?? conversation.name

/** What the caller sends. Its `stream` stands at the end, where SDKs put it. */
export function requestOf(cell: Cell): JsonObject {
  const { conversation, caller, form } = cell
  const request = readRequest(caller, requestNameOf(cell))
  // One wire says in the path whether to stream.
  if (form === 'whole' || caller === 'gemini') return request
  const asksUsage = caller === 'openai-chat' && conversation.withoutUsage !== true
  return { ...request, stream: true, ...(asksUsage ? { stream_options: { include_usage: true } } : {}) }
}

/** The wire fixture that the provider answers with. A whole answer that breaks off is the first half of another one. */
export function answerFileOf(cell: Cell): string {
  const { conversation, form } = cell
  const { answer = conversation.name, failure } = conversation
  if (failure === 'before') return `${conversation.name}.error.json`
  if (failure === 'during' && form === 'whole') return 'text.answer.json'
  const name = typeof answer === 'string' ? answer : answer(cell)
  const streamed = cell.provider === 'bedrock-converse' ? 'events.json' : 'sse'
  return `${name}.answer.${form === 'whole' ? 'json' : streamed}`
}

/** The events of a binary stream, written down as `{name: payload}`, or `{exception: name, message}`. */
function framed(events: readonly JsonObject[]): Uint8Array<ArrayBuffer> {
  const messages = events.map(event => {
    if (typeof event.exception === 'string')
      return converse.exception(event.exception, { message: event.message })
    const [[name, payload] = ['', {}]] = Object.entries(event)
    return converse.event(name, payload as object) // the fixture's payloads are objects
  })
  return joined(...messages)
}

/** The bytes of the provider's answer. */
export function answerOf(cell: Cell): string {
  const bytes = readWire(cell.provider, answerFileOf(cell))
  const breaksOff = cell.conversation.failure === 'during' && cell.form === 'whole'
  return breaksOff ? bytes.slice(0, bytes.length / 2) : bytes
}

function respond(cell: Cell): Response {
  if (cell.conversation.failure === 'before') {
    const { status, headers, body } = readWireError(cell.provider, answerFileOf(cell))
    return Response.json(body, { status, headers })
  }
  if (cell.form === 'whole')
    return new Response(answerOf(cell), { headers: { 'content-type': 'application/json' } })
  if (cell.provider !== 'bedrock-converse')
    return new Response(answerOf(cell), { headers: { 'content-type': 'text/event-stream' } })
  return new Response(framed(JSON.parse(answerOf(cell))), {
    headers: { 'content-type': 'application/vnd.amazon.eventstream' },
  })
}

/** The upstream all cells share: it answers for the cell that is under way. */
export interface Stage {
  readonly url: string
  play(answer: () => Response): { readonly seen: readonly SeenRequest[] }
}

/** Sends the cell's request through a gateway of its own. */
export async function runCell(cell: Cell, stage: Stage): Promise<Exchange> {
  const { conversation, caller, provider } = cell
  const { seen } = stage.play(() => respond(cell))
  const model = (conversation.model ?? models)[provider]
  const gateway = openGateway(caller, provider, model, stage.url)
  try {
    const sent = requestOf(cell)
    const path = paths[caller][cell.form]
    const response = await fetch(gateway.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer caller-secret',
        ...(caller === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01' } : {}),
        ...(cell.mode === undefined ? {} : { 'dragoman-mode': cell.mode }),
      },
      body: JSON.stringify(sent),
    })
    const got = { status: response.status, headers: response.headers, body: await response.text() }
    return { path, sent, received: seen, got }
  } finally {
    await gateway.close()
  }
}
