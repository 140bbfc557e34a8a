// A server with one endless call, in a process of its own: signals go to whole processes.
import { drainOnSignal } from '../../src/server/drain.ts'
import { listen } from '../../src/server/listen.ts'

const [drain = '60000', notice = '5000', endsWithLastCall = 'true'] = process.argv.slice(2)

const ends = new Set<(text: string) => void>()
const { promise: closing, resolve: close } = Promise.withResolvers<void>()
let isClosing = false

/** Behaves as the gateway's contract says: refuses new calls, waits for those under way, then ends them in band. */
const gateway = {
  get live() {
    return ends.size
  },
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    if (pathname === '/throw') {
      setTimeout(() => {
        throw new Error('nobody catches this')
      })
    }
    if (pathname === '/readyz' || pathname === '/throw')
      return new Response(null, { status: isClosing ? 503 : 200 })
    const body = new ReadableStream<string>({
      start(controller) {
        controller.enqueue('started ')
        const end = (text: string) => {
          controller.enqueue(text)
          controller.close()
          ends.delete(end)
          if (ends.size === 0 && isClosing) close()
        }
        ends.add(end)
      },
    })
    return new Response(body.pipeThrough(new TextEncoderStream()))
  },
  async close({ graceMs = 0 } = {}): Promise<void> {
    isClosing = true
    const grace = new Promise<void>(resolve => setTimeout(resolve, graceMs))
    if (ends.size > 0) await Promise.race([closing, grace])
    for (const end of ends) end('cut off')
  },
}

const listening = listen(gateway, { host: '127.0.0.1', port: 0, maxBody: 1024 })
if (!listening.ok) throw new Error(listening.message)
process.on('SIGUSR2', () => {
  for (const end of ends) end('finished')
})
const drained = drainOnSignal({
  server: listening.server,
  gateway,
  drain: Number(drain),
  notice: { milliseconds: Number(notice), endsWithLastCall: endsWithLastCall === 'true' },
  log: (_, message) => console.error(message),
})
console.log(listening.server.url)
process.exit((await drained) === 'exception' ? 1 : 0)
