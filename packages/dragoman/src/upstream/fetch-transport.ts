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
  Malformed_HTTP_Response: 'malformed',
  InvalidHTTPResponse: 'malformed',
  InvalidContentLength: 'malformed',
  UnrequestedUpgrade: 'malformed',
  ZlibError: 'malformed',
  BrotliDecompressionError: 'malformed',
  ZstdDecompressionError: 'malformed',
  UND_ERR_HEADERS_OVERFLOW: 'malformed',
  HPE_INVALID_CONSTANT: 'malformed',
  HPE_INVALID_HEADER_TOKEN: 'malformed',
  Z_DATA_ERROR: 'malformed',
  Z_BUF_ERROR: 'malformed',
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

/** What the runtime threw, with the kind of failure read from its code. */
export function asTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : 'the connection failed'
  return new TransportError(kindsByCode[code] ?? 'other', message, { cause: error })
}

const tooLarge = (limit: number) => new TransportError('too-large', `the body is larger than ${limit} bytes`)

/** Collects a body that announced no length, or none that can be believed. */
export async function readAll(reader: ByteReader, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (read.value === undefined) continue
      size += read.value.length
      if (size > limit) {
        void reader.cancel().catch(() => {})
        throw tooLarge(limit)
      }
      chunks.push(read.value)
    }
  } catch (error) {
    throw asTransportError(error)
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

const noBytes: ByteReader = {
  read: () => Promise.resolve({ done: true }),
  cancel: () => Promise.resolve(),
}

class FetchResponse implements UpstreamResponse {
  readonly #response: Response
  #reader: ByteReader | undefined
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
    this.#reader ??= this.#response.body?.getReader() ?? noBytes
    return this.#reader
  }
  async bytes(limit: number): Promise<Uint8Array> {
    // The runtime's own collector is several times cheaper; it is safe where the length is announced. Of a body in a
    // coding that nobody asked for, only the length before decoding is.
    const { headers } = this.#response
    const isCoded = headers.has('content-encoding')
    const announced = isCoded ? Number.NaN : Number(headers.get('content-length') ?? Number.NaN)
    if (announced > limit) {
      void this.body.cancel().catch(() => {})
      throw tooLarge(limit)
    }
    if (Number.isNaN(announced) || this.#reader !== undefined) return readAll(this.body, limit)
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
        ...(request.closes === true ? { keepalive: false } : {}),
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
