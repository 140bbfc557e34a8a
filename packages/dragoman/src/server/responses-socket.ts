import { LastResponse } from './last-response.ts'
import type { Served } from './listen.ts'

type Json = { readonly [name: string]: unknown }

export interface SocketPorts {
  readonly served: Served
  /** The request that was upgraded: its headers stand for every call. */
  readonly request: Request
  /** Sends one event; resolves when there is room for the next. */
  send(text: string): Promise<void>
}

/** The headers of a handshake that are about the handshake. */
const ofHandshake = /^(connection|upgrade|host|sec-websocket-.*|content-.*|transfer-encoding)$/

/**
 * Responses over one WebSocket (openai-node 7.57.0, `ResponsesClientEvent` and `ResponsesServerEvent`): each
 * `response.create` is one streamed call of `POST /v1/responses`, each of its events one message. Calls of one lane
 * (`stream_id`) follow one another, lanes run side by side. An error is `{type: "error", status, error}`, as it was
 * recorded; the socket stays open.
 */
export class ResponsesSocket {
  readonly #ports: SocketPorts
  readonly #url: string
  readonly #headers: Headers
  readonly #lanes = new Map<string | undefined, Promise<void>>()
  readonly #left = new AbortController()
  readonly #last = new LastResponse()

  constructor(ports: SocketPorts) {
    this.#ports = ports
    const url = new URL(ports.request.url)
    this.#url = `${url.origin}${url.pathname}${url.search}`
    this.#headers = new Headers([...ports.request.headers].filter(([name]) => !ofHandshake.test(name)))
    this.#headers.set('content-type', 'application/json')
  }

  /** Calls under way, waiting ones included. */
  get live(): number {
    return this.#lanes.size
  }

  /** The client is gone: what it asked for is not asked for any more. */
  leave(): void {
    this.#left.abort()
  }

  receive(message: string | Uint8Array): void {
    const event = typeof message === 'string' ? parse(message) : undefined
    if (event === undefined) {
      void this.#refuse(undefined, 'A message has to be a JSON object, as text.')
      return
    }
    const lane = typeof event.stream_id === 'string' ? event.stream_id : undefined
    if (event.type !== 'response.create') {
      const said = typeof event.type === 'string' ? event.type.slice(0, 100) : 'none'
      void this.#refuse(lane, `type: expected "response.create", got "${said}".`, 'type')
      return
    }
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    const call = before.then(() => this.#call(event, lane)).catch(() => {})
    this.#lanes.set(lane, call)
    void call.then(() => {
      if (this.#lanes.get(lane) === call) this.#lanes.delete(lane)
    })
  }

  async #call(event: Json, lane: string | undefined): Promise<void> {
    if (this.#left.signal.aborted) return
    const { type: _, stream_id: __, generate, ...body } = event
    if (generate === false) {
      const message = 'generate: a response without generating is not made here; leave it out.'
      await this.#refuse(lane, message, 'generate')
      return
    }
    const asked = this.#last.continue({ ...body, stream: true })
    const response = await this.#ports.served.fetch(
      new Request(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body: JSON.stringify(asked.body),
        signal: this.#left.signal,
      }),
    )
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    if (response.body === null || !isStream) {
      const told = parse(await response.text())
      await this.#send(lane, { type: 'error', status: response.status, error: told?.error ?? null })
      return
    }
    for await (const data of readData(response.body)) {
      const sent = asked.read(data)
      await (lane === undefined ? this.#ports.send(sent) : this.#send(lane, parse(sent) ?? {}))
    }
  }

  #refuse(lane: string | undefined, message: string, param: string | null = null): Promise<void> {
    const error = { type: 'invalid_request_error', code: null, message, param }
    return this.#send(lane, { type: 'error', status: 400, error })
  }

  #send(lane: string | undefined, event: Json): Promise<void> {
    return this.#ports.send(JSON.stringify(lane === undefined ? event : { ...event, stream_id: lane }))
  }
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Json) : undefined // an object of JSON
  } catch {
    return undefined
  }
}

/** The `data:` lines of a stream of ours: one a frame, comments left out. */
async function* readData(body: ReadableStream<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true })
    const end = text.lastIndexOf('\n\n')
    if (end < 0) continue
    for (const line of text.slice(0, end).split('\n')) if (line.startsWith('data: ')) yield line.slice(6)
    text = text.slice(end + 2)
  }
}
