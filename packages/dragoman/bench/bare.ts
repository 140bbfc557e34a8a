// The bare proxy that everything is compared with: it reads the model, finds the upstream, passes bytes on, and lets
// go of the upstream when its client leaves. Nothing is checked, counted, timed or translated.
import { answerParent } from './probe.ts'

const [upstream = ''] = process.argv.slice(2)
const routes = new Map<string, string>()

function routeOf(model: string): string {
  const known = routes.get(model)
  if (known !== undefined) return known
  routes.set(model, upstream)
  return upstream
}

function passOn(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => reader.cancel(),
    },
    { highWaterMark: 0 },
  )
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const text = await request.text()
    const { model, stream } = JSON.parse(text) as { readonly model: string; readonly stream?: boolean } // only the bench sends
    const path = request.url.slice(request.url.indexOf('/', 8))
    const answer = await fetch(routeOf(model) + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer upstream' },
      body: text,
      signal: request.signal,
    })
    const headers = { 'content-type': answer.headers.get('content-type') ?? 'application/json' }
    const { status, body } = answer
    if (stream === true && body !== null) return new Response(passOn(body), { status, headers })
    return new Response(await answer.arrayBuffer(), { status, headers })
  },
})

answerParent({ port: server.port ?? 0 })
