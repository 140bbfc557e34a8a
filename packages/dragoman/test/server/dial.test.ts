import { afterAll, describe, expect, test } from 'bun:test'
import { createServer, type Server } from 'node:net'
import { TransportError } from '../../src/core/ports.ts'
import { createDial } from '../../src/server/dial.ts'

const open: Server[] = []
afterAll(() => {
  for (const server of open) server.close()
})

/** A port that counts its connections. */
function listenOn(): Promise<{ url: URL; count: () => number; stop: () => Promise<void> }> {
  return new Promise(resolve => {
    let count = 0
    const server = createServer(socket => {
      count++
      socket.on('error', () => {})
    })
    open.push(server)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : 0
      const stop = () => new Promise<void>(stopped => server.close(() => stopped()))
      resolve({ url: new URL(`http://127.0.0.1:${port}/v1/x`), count: () => count, stop })
    })
  })
}

const never = new AbortController().signal
const kindOf = (error: unknown) => (error instanceof TransportError ? error.kind : error)
const dialled = (dialling: Promise<void>) => dialling.then(() => 'reached', kindOf)

describe('whether a host can be reached', () => {
  test('one that listens is, and is not asked again for a while', async () => {
    const { url, stop } = await listenOn()
    let now = 0
    const dial = createDial({}, () => now)
    expect(await dialled(dial(url, 1000, never))).toBe('reached')
    await stop()
    now = 4999
    expect(await dialled(dial(url, 1000, never))).toBe('reached')
    now = 5000
    expect(await dialled(dial(url, 1000, never))).toBe('refused')
  })

  test('calls that ask together open one connection', async () => {
    const { url, count } = await listenOn()
    const dial = createDial({})
    await Promise.all(Array.from({ length: 20 }, () => dial(url, 1000, never)))
    expect(count()).toBe(1)
  })

  test('a closed port refuses, and the sentence says where, without the path', async () => {
    const { url, stop } = await listenOn()
    await stop()
    const error = await createDial({})(url, 1000, never).catch((caught: unknown) => caught)
    expect(kindOf(error)).toBe('refused')
    expect(String(error)).toContain(url.host)
    expect(String(error)).not.toContain('/v1/x')
  })

  test('a host that nobody knows is a name that does not resolve', async () => {
    expect(await dialled(createDial({})(new URL('https://no-such-host.invalid'), 5000, never))).toBe('dns')
  })

  test('a host that does not answer is given up in time', async () => {
    // An address set aside for documentation: packets to it are dropped, or refused where there is no route.
    expect(await dialled(createDial({})(new URL('http://192.0.2.1'), 30, never))).toBeOneOf([
      'connect-timeout',
      'refused',
    ])
  })

  test('a caller that gives up stops waiting, the others do not', async () => {
    const { url } = await listenOn()
    const dial = createDial({})
    const controller = new AbortController()
    const [mine, other] = [dialled(dial(url, 1000, controller.signal)), dialled(dial(url, 1000, never))]
    controller.abort('left')
    expect(await mine).toBe('left')
    expect(await other).toBe('reached')
  })

  test('what goes through a proxy is not dialled past it; this machine never does', async () => {
    const dial = createDial({ HTTP_PROXY: 'http://proxy:3128' })
    expect(await dialled(dial(new URL('http://no-such-host.invalid'), 1000, never))).toBe('reached')
    const { url, stop } = await listenOn()
    await stop()
    expect(await dialled(dial(url, 1000, never))).toBe('refused')
  })
})
