import { type JsonObject, readRequest, readWire, readWireError, type WireDialect } from '@dragoman/fixtures'
import type { SeenRequest } from '../../support/upstream.ts'
import { type Conversation, type Field, models } from './conversations.ts'
import { openGateway } from './gateway.ts'

export const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const

/** One field of the matrix with its conversation. `mode` is forced where both sides speak the same dialect. */
export interface Cell extends Field {
  readonly conversation: Conversation
  readonly mode?: 'relay' | 'translate'
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

/** Every cell of a conversation: 3 x 3, whole and streamed, equal dialects in both modes. */
export function cellsOf(conversation: Conversation): readonly Cell[] {
  return dialects.flatMap(caller =>
    dialects.flatMap(provider =>
      (conversation.forms ?? (['whole', 'stream'] as const)).flatMap((form): readonly Cell[] => {
        const cell = { conversation, caller, provider, form }
        return caller === provider
          ? (['relay', 'translate'] as const).map(mode => ({ ...cell, mode }))
          : [cell]
      }),
    ),
  )
}

const paths: { readonly [D in WireDialect]: string } = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
}

export const requestNameOf = ({ conversation }: Cell): string => conversation.request ?? conversation.name

/** What the caller sends. Its `stream` stands at the end, where SDKs put it. */
export function requestOf(cell: Cell): JsonObject {
  const { conversation, caller, form } = cell
  const request = readRequest(caller, requestNameOf(cell))
  if (form === 'whole') return request
  const asksUsage = caller === 'openai-chat' && conversation.withoutUsage !== true
  return { ...request, stream: true, ...(asksUsage ? { stream_options: { include_usage: true } } : {}) }
}

/** The wire fixture that the provider answers with. A whole answer that breaks off is the first half of another one. */
export function answerFileOf(cell: Cell): string {
  const { conversation, form } = cell
  const { answer = conversation.name, failure } = conversation
  if (failure === 'before') return `${conversation.name}.error.json`
  if (failure === 'during' && form === 'whole') return 'text.answer.json'
  return `${typeof answer === 'string' ? answer : answer(cell)}.answer.${form === 'whole' ? 'json' : 'sse'}`
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
  const type = cell.form === 'stream' ? 'text/event-stream' : 'application/json'
  return new Response(answerOf(cell), { headers: { 'content-type': type } })
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
    const path = paths[caller]
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
