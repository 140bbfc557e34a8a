import type { Server, ServerWebSocket } from 'bun'
import { ResponsesSocket } from './responses-socket.ts'

/** Anything of the shape of `fetch` that can be served: the gateway, the sandbox. */
export interface Served {
  readonly fetch: (request: Request) => Promise<Response>
  /**
   * What to answer a caller who may not open a connection that outlives its request; undefined for one who may.
   * Absent: nobody may.
   */
  readonly admit?: (request: Request) => Promise<Response | undefined>
}

export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** The largest body the gateway takes, in bytes. */
  readonly maxBody: number
  /** Called when the head of an answer is ready; `took` is in milliseconds. */
  readonly onAnswer?: (request: Request, response: Response, took: number) => void
  /** Called for an exception that reached the server, which is a bug. */
  readonly onCrash?: (error: unknown) => void
}

export interface HttpServer {
  /** With the real port; a host that means "every address" is shown as one that can be opened. */
  readonly url: string
  readonly port: number
  /** From now on every answer asks its client to close the connection, so that nobody sends into a closing one. */
  announceClose(): void
  /** Takes no new connections; resolves when the last one is closed. */
  stopAccepting(): Promise<void>
  /** Closes every connection now. */
  stop(): Promise<void>
}

export type Listening =
  | { readonly ok: true; readonly server: HttpServer }
  | { readonly ok: false; readonly code: string; readonly message: string }

/**
 * Seconds without a byte until a connection is closed. Longer than the 60 s that most load balancers keep one open, so
 * that they never send into a connection we are closing, and longer than the longest interval of keep-alives.
 */
const idleTimeout = 75

/**
 * Bun refuses announced bodies above its own limit before any code of ours runs, in no caller's dialect. A body that is
 * merely too large is left to the gateway, which says so in words; this many times too large is nobody's mistake.
 */
const hopeless = 4

const sentences: { readonly [code: string]: (host: string, port: number) => string } = {
  EADDRINUSE: (_, port) =>
    `Port ${port} is in use, perhaps by another Dragoman. Stop that one, or take another port: --port ${port + 1} (or --port 0 for any free one).`,
  EACCES: (_, port) => `This user may not listen on port ${port}. Take one above 1023, such as --port 4343.`,
  EADDRNOTAVAIL: host =>
    `${host} is not an address of this machine. Take one that is, such as --host 127.0.0.1.`,
  ENOTFOUND: host => `The host ${host} is not known. Take an address, such as --host 127.0.0.1.`,
}

function listenProblem(error: unknown, { host, port }: ListenOptions): Listening {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  const sentence =
    sentences[code] ?? (() => `Cannot listen on ${host}:${port} (${code}). Try --host 127.0.0.1 --port 0.`)
  return { ok: false, code, message: sentence(host, port) }
}

/** An address that stands for all of them cannot be opened in a client; the loopback address of its family can. */
function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

const withoutBody = (status: number) => new Response(null, { status, headers: { connection: 'close' } })

/** Serves on a port of this machine. A port that cannot be had is a sentence, not an exception. */
export function listen(served: Served, options: ListenOptions): Listening {
  const { onAnswer, onCrash } = options
  let isClosing = false

  const finish = (request: Request, response: Response, startedAt: number): Response => {
    // A refused body is not waited for: the rest of it would be read only to be thrown away.
    if (isClosing || response.status === 413) response.headers.set('connection', 'close')
    onAnswer?.(request, response, performance.now() - startedAt)
    return response
  }

  const sockets = new Set<ServerWebSocket<Connected>>()

  try {
    const server = Bun.serve<Connected>({
      hostname: options.host,
      port: options.port,
      // Without this two processes can share a port, and each gets some of the other's calls.
      reusePort: false,
      idleTimeout,
      maxRequestBodySize: options.maxBody * hopeless,
      development: false,
      async fetch(request, server) {
        // HTTP/1.0 without a Host header: there is no URL to speak of, and nobody who needs one sends such a request.
        if (!request.url.startsWith('http')) return withoutBody(400)
        if (isUpgrade(request)) return upgrade(request, server, served)
        const startedAt = performance.now()
        // Until its head is out, an answer may take as long as its own timeouts allow. After that, bytes flow or
        // keep-alives do, and a connection that carries neither for this long has lost its client.
        server.timeout(request, 0)
        const response = await served.fetch(request)
        server.timeout(request, idleTimeout)
        return finish(request, response, startedAt)
      },
      websocket: {
        maxPayloadLength: options.maxBody,
        // A client that reads slowly is waited for, not cut off.
        backpressureLimit: options.maxBody,
        closeOnBackpressureLimit: false,
        open(socket) {
          sockets.add(socket)
          socket.data.connect(socket)
        },
        message: (socket, message) => socket.data.session?.receive(message),
        drain: socket => socket.data.drained(),
        close(socket) {
          sockets.delete(socket)
          socket.data.leave()
        },
      },
      error(error) {
        onCrash?.(error)
        return withoutBody(500)
      },
    })
    const port = server.port ?? options.port
    return {
      ok: true,
      server: {
        url: urlOf(options.host, port),
        port,
        announceClose() {
          isClosing = true
          // 1001: going away. One that is in use ends with its calls.
          for (const socket of sockets)
            if (socket.data.session?.live === 0) socket.close(1001, 'shutting down')
        },
        stopAccepting: () => server.stop(false),
        stop: () => server.stop(true),
      },
    }
  } catch (error) {
    return listenProblem(error, options)
  }
}

const isUpgrade = (request: Request): boolean => request.headers.get('upgrade')?.toLowerCase() === 'websocket'

/** The one path that speaks over a WebSocket. */
const socketPath = '/v1/responses'

async function upgrade(
  request: Request,
  server: Server<Connected>,
  served: Served,
): Promise<Response | undefined> {
  if (new URL(request.url).pathname !== socketPath || served.admit === undefined) return served.fetch(request)
  const refused = await served.admit(request)
  if (refused !== undefined) return refused
  return server.upgrade(request, { data: new Connected(served, request) }) ? undefined : withoutBody(400)
}

/** What belongs to one WebSocket: its session, and the room for what is sent. */
class Connected {
  session: ResponsesSocket | undefined
  readonly #served: Served
  readonly #request: Request
  #room: PromiseWithResolvers<void> | undefined

  constructor(served: Served, request: Request) {
    this.#served = served
    this.#request = request
  }

  connect(socket: ServerWebSocket<Connected>): void {
    const send = async (text: string): Promise<void> => {
      await this.#room?.promise
      // -1: it was taken, but there is no room for more.
      if (socket.send(text) === -1) this.#room ??= Promise.withResolvers()
    }
    this.session = new ResponsesSocket({ served: this.#served, request: this.#request, send })
  }

  drained(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  leave(): void {
    this.drained()
    this.session?.leave()
  }
}
