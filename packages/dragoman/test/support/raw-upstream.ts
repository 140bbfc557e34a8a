import { createServer, type Socket } from 'node:net'

/** One request as it stood on the socket. */
export interface RawRequest {
  readonly head: string
  readonly body: string
}

export interface RawUpstream {
  readonly url: string
  readonly port: number
  /** Requests that came whole. */
  readonly seen: readonly RawRequest[]
  /** Connections that are open now. */
  readonly open: number
  /** Resolves when no connection is open any more. */
  idle(): Promise<void>
  close(): Promise<void>
}

/** What to do with a socket: once when it was accepted, or each time when a request came whole. */
export interface RawScript {
  readonly accepted?: (socket: Socket) => void
  readonly asked?: (socket: Socket, index: number) => void
}

/** An upstream on a bare socket, for what no HTTP server would do. */
export async function startRawUpstream(script: RawScript): Promise<RawUpstream> {
  const seen: RawRequest[] = []
  const sockets = new Set<Socket>()
  let waiting: (() => void)[] = []
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    })
    let heard = ''
    socket.setEncoding('latin1')
    socket.on('data', data => {
      heard += data
      for (let request = takeRequest(heard); request !== undefined; request = takeRequest(heard)) {
        heard = request.rest
        seen.push(request)
        script.asked?.(socket, seen.length - 1)
      }
    })
    script.accepted?.(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    get open() {
      return sockets.size
    },
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The first whole request of what was heard, and what is left. */
function takeRequest(heard: string): (RawRequest & { readonly rest: string }) | undefined {
  const end = heard.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = heard.slice(0, end)
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
  const body = heard.slice(end + 4, end + 4 + length)
  return body.length < length ? undefined : { head, body, rest: heard.slice(end + 4 + length) }
}

/** A whole response with this body, and these lines in its head. */
export const response = (body: string, ...lines: readonly string[]): string =>
  [
    'HTTP/1.1 200 OK',
    ...(lines.some(line => /^content-type/i.test(line)) ? [] : ['Content-Type: application/json']),
    ...(lines.some(line => /^(content-length|transfer-encoding)/i.test(line))
      ? []
      : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...lines,
    '',
    body,
  ].join('\r\n')

export const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** The head of a streamed response in chunks, and the first of them. */
export const streamed = (...frames: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n${frames.map(chunk).join('')}`

export const lastChunk = '0\r\n\r\n'
