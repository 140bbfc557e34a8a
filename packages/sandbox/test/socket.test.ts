// The engine behind a real socket, as a command serves it.
import { expect, test } from 'bun:test'
import { chatBody, engine, until } from './support.ts'

async function served(
  sandbox: ReturnType<typeof engine>,
  use: (send: (model: string, signal?: AbortSignal) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: sandbox.fetch,
    error: () => new Response(),
  })
  try {
    await use((model, signal) =>
      fetch(`${server.url}v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(chatBody('Tell me something.', { model, stream: true })),
        headers: { 'content-type': 'application/json' },
        ...(signal && { signal }),
      }),
    )
  } finally {
    await server.stop(true)
  }
}

test('a stream arrives whole', async () => {
  await served(engine(), async send => {
    expect(await (await send('sandbox')).text()).toEndWith('data: [DONE]\n\n')
  })
})

test('a torn connection is seen as such', async () => {
  await served(engine(), async send => {
    const read = async () => (await send('sandbox/reset')).text()
    expect(await read().catch(error => error)).toBeInstanceOf(Error)
  })
})

test.each(['sandbox', 'sandbox/stall', 'sandbox/silent'])(
  '%s: a client that leaves leaves nothing behind',
  async model => {
    const sandbox = engine({ rate: 1 })
    await served(sandbox, async send => {
      const control = new AbortController()
      const gone = send(model, control.signal).then(response => response.text())
      await until(() => sandbox.live.timers > 0)
      control.abort()
      expect(await gone.catch(error => error)).toHaveProperty('name', 'AbortError')
      await until(() => sandbox.live.timers + sandbox.live.streams === 0)
    })
  },
)
