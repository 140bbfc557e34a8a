import type { ByteReader, Transport, UpstreamRequest, UpstreamResponse } from '../core/ports.ts'
import { TransportError } from '../core/ports.ts'

/** The shape of fetch, so that an in-process engine can stand where the network would. */
export type FetchLike = (request: Request) => Promise<Response>

/** Names under which runtimes report what went wrong, as they stand in `error.code` of Bun, Node and undici. */
const kindsByCode: { readonly [code: string]: TransportError['kind'] } = {
  ECONNREFUSED: 'refused',
  ConnectionRefused: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  FailedToOpenSocket: 'refused',
  ECONNRESET: 'reset',
  ConnectionClosed: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  CERT_HAS_EXPIRED: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
}

function codeOf(error: unknown): string {
  let current: unknown = error
  for (let depth = 0; depth < 4 && typeof current === 'object' && current !== null; depth++) {
    if ('code' in current && typeof current.code === 'string') return current.code
    current = 'cause' in current ? current.cause : undefined
  }
  return ''
}

function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : 'the connection failed'
  return new TransportError(kindsByCode[code] ?? 'other', message, { cause: error })
}

/** Reads a web stream; one promise a read, none kept. */
class StreamReader implements ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  constructor(body: ReadableStream<Uint8Array> | null) {
    this.#reader = body?.getReader()
  }
  async read(): Promise<Uint8Array | null> {
    if (this.#reader === undefined) return null
    try {
      const { done, value } = await this.#reader.read()
      return done ? null : value
    } catch (error) {
      throw asTransportError(error)
    }
  }
  async cancel(): Promise<void> {
    try {
      await this.#reader?.cancel()
    } catch {
      // The connection is already gone, which is what was asked for.
    }
  }
}

/** Collects a body that announced no length, or none that can be believed. */
export async function readAll(reader: ByteReader, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for (let chunk = await reader.read(); chunk !== null; chunk = await reader.read()) {
    size += chunk.length
    if (size > limit) {
      await reader.cancel()
      throw new TransportError('too-large', `the body is larger than ${limit} bytes`)
    }
    chunks.push(chunk)
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

class FetchResponse implements UpstreamResponse {
  readonly #response: Response
  #reader: StreamReader | undefined
  constructor(response: Response) {
    this.#response = response
  }
  get status(): number {
    return this.#response.status
  }
  get headers(): Headers {
    return this.#response.headers
  }
  get body(): ByteReader {
    this.#reader ??= new StreamReader(this.#response.body)
    return this.#reader
  }
  async bytes(limit: number): Promise<Uint8Array> {
    // The runtime's own collector is several times cheaper; it is safe where the length is announced.
    const announced = Number(this.#response.headers.get('content-length') ?? Number.NaN)
    if (!(announced <= limit) || this.#reader !== undefined) return readAll(this.body, limit)
    try {
      return new Uint8Array(await this.#response.arrayBuffer())
    } catch (error) {
      throw asTransportError(error)
    }
  }
}

/** A transport over the runtime's fetch, or over anything of its shape. Redirects are answers, not followed. */
export function createFetchTransport(send: FetchLike | undefined): Transport {
  return {
    async send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
      const init: RequestInit = {
        method: request.method,
        headers: request.headers,
        redirect: 'manual',
        signal,
        ...(request.body === undefined ? {} : { body: request.body as BodyInit }), // Uint8Array is a BodyInit; the DOM types lag
      }
      try {
        const response =
          send === undefined ? await fetch(request.url, init) : await send(new Request(request.url, init))
        return new FetchResponse(response)
      } catch (error) {
        throw asTransportError(error)
      }
    },
  }
}
