/** One request as it arrived. */
export interface Recorded {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

/** A proxy in front of an upstream that keeps what is sent there, and can make it silent for a while. */
export interface Recorder {
  readonly url: string
  readonly requests: Recorded[]
  /** Requests from now on wait, not even answered with headers, until the returned function is called. */
  hold(): () => void
  stop(): Promise<void>
}

export function startRecorder(upstream: string): Recorder {
  const requests: Recorded[] = []
  let gate: Promise<void> = Promise.resolve()
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const body = await request.text()
      requests.push({ method: request.method, path: pathname, headers: new Headers(request.headers), body })
      await gate
      const answer = await fetch(`${upstream}${pathname}${search}`, {
        method: request.method,
        headers: { 'content-type': 'application/json' },
        ...(body === '' ? {} : { body }),
        signal: request.signal,
        // llama.cpp closes after a stream although it said it would not.
        keepalive: false,
      })
      return new Response(answer.body, { status: answer.status, headers: answer.headers })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      return resolve
    },
    stop: () => server.stop(true),
  }
}
