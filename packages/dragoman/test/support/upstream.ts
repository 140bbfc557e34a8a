/** A scripted upstream on a real socket: it says what a test tells it to, byte by byte, and counts what it is left with. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** With its question mark; `''` where there is none. */
  readonly query: string
  readonly headers: Headers
  readonly body: string
  /** Parsed, where it was JSON. */
  readonly json: Record<string, unknown>
}

/** One step of a stream: text to send, or a promise to wait for. */
export type Step = string | Uint8Array | Promise<unknown>

export interface Upstream {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  /** Streams that are open now. */
  readonly open: number
  /** Resolves when no stream is open any more. */
  idle(): Promise<void>
  close(): Promise<void>
}

export type Answering = (request: SeenRequest, index: number) => Response | Promise<Response>

const encoder = new TextEncoder()

const parse = (body: string): Record<string, unknown> => {
  try {
    return JSON.parse(body)
  } catch {
    return {}
  }
}

/** Streams a script as SSE. `left` is told when the reader goes away before the script is over. */
export function play(
  steps: readonly Step[],
  options: {
    readonly opened?: () => void
    readonly closed?: (early: boolean) => void
    readonly headers?: Record<string, string>
  } = {},
): Response {
  const queue = [...steps]
  options.opened?.()
  let isOver = false
  const over = (early: boolean) => {
    if (isOver) return
    isOver = true
    options.closed?.(early)
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const step = queue.shift()
          if (step === undefined) {
            over(false)
            controller.close()
            return
          }
          if (step instanceof Promise) {
            await step
            if (isOver) return
            continue
          }
          controller.enqueue(typeof step === 'string' ? encoder.encode(step) : step)
          return
        }
      },
      cancel: () => over(true),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, { headers: { 'content-type': 'text/event-stream', ...options.headers } })
}

export function startUpstream(answer: Answering): Upstream & { stream(steps: readonly Step[]): Response } {
  const seen: SeenRequest[] = []
  let open = 0
  let waiting: (() => void)[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      const body = await request.text()
      const record = {
        method: request.method,
        path: new URL(request.url).pathname,
        query: new URL(request.url).search,
        headers: request.headers,
        body,
        json: parse(body),
      }
      seen.push(record)
      return answer(record, seen.length - 1)
    },
  })
  const settle = () => {
    if (open > 0) return
    for (const resolve of waiting) resolve()
    waiting = []
  }
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen,
    get open() {
      return open
    },
    idle: () => (open === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    stream: steps =>
      play(steps, {
        opened: () => open++,
        closed: () => {
          open--
          settle()
        },
      }),
    close: async () => {
      await server.stop(true)
    },
  }
}

/** A promise and its key. */
export function gate(): { readonly wait: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { wait: promise, open: () => resolve() }
}

/** An upstream on a bare socket, for what no HTTP server would send: it answers any request with these bytes
 * and hangs up when it is told to. */
export function startRawUpstream(
  bytes: string,
  until: Promise<unknown>,
): { readonly url: string; close(): Promise<void> } {
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket) {
        socket.write(bytes)
        void until.then(() => socket.end())
      },
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, close: async () => server.stop(true) }
}

/** The head and the chunks of a streamed response that never gets to its end. */
export const cutAfter = (frames: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${frames
    .map(frame => `${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`)
    .join('')}`
