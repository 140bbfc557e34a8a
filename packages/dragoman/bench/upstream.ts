// A provider that speaks the chat and the Anthropic wire and costs as little as possible: every answer is made once.
import { chatFrames, chatWhole, messagesFrames, messagesWhole, readModel, type Script } from './bodies.ts'
import { answerParent } from './probe.ts'

interface Asked {
  readonly model: string
  readonly stream?: boolean
  readonly stream_options?: { readonly include_usage?: boolean }
}

const encoder = new TextEncoder()
const made = new Map<string, readonly Uint8Array[]>()

/** The writes of an answer: one, or the frames of a stream in the groups its script asks for. */
function writesOf(path: string, { model, stream, stream_options }: Asked, script: Script) {
  const withUsage = stream_options?.include_usage === true
  const key = `${path} ${model} ${stream} ${withUsage}`
  let writes = made.get(key)
  if (writes !== undefined) return writes
  const isChat = path.endsWith('/chat/completions')
  if (stream === true) {
    const frames = isChat ? chatFrames(model, script.chunks, withUsage) : messagesFrames(model, script.chunks)
    const groups = Array.from({ length: Math.ceil(frames.length / script.group) }, (_, index) =>
      frames.slice(index * script.group, (index + 1) * script.group).join(''),
    )
    writes = groups.map(group => encoder.encode(group))
  } else writes = [encoder.encode(isChat ? chatWhole(model) : messagesWhole(model))]
  made.set(key, writes)
  return writes
}

let streams = 0

/** A stream at its own pace: its writes come on a clock of its own, whether or not the reader keeps up. */
function paced(writes: readonly Uint8Array[], pause: number): ReadableStream<Uint8Array> {
  let next = 0
  let timer: ReturnType<typeof setInterval> | undefined
  // Streams that start together would otherwise tick together, and be cheaper to serve than real ones.
  const phase = (streams++ * 7) % pause
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = () => {
        const bytes = writes[next++]
        if (bytes !== undefined) return controller.enqueue(bytes)
        clearInterval(timer)
        controller.close()
      }
      timer = setTimeout(() => {
        timer = setInterval(write, pause)
        write()
      }, phase)
    },
    cancel: () => clearInterval(timer),
  })
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** A stream as fast as it is read. The runtime joins what is written in one turn, so every write takes its own. */
function saturated(writes: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await turn()
        const bytes = writes[next++]
        if (bytes === undefined) controller.close()
        else controller.enqueue(bytes)
      },
    },
    { highWaterMark: 0 },
  )
}

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const asked = (await request.json()) as Asked // only the bench sends
    const script = readModel(asked.model)
    const writes = writesOf(request.url, asked, script)
    if (asked.stream !== true) {
      return new Response(writes[0] as BodyInit, { headers: { 'content-type': 'application/json' } }) // bytes are a BodyInit; the DOM types lag
    }
    const body = script.pause > 0 ? paced(writes, script.pause) : saturated(writes)
    return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  },
})

answerParent({ port: server.port ?? 0 })
