import { afterAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { type HttpServer, type ListenOptions, listen, type Served } from '../../src/server/listen.ts'
import { request, talk } from './raw.ts'

const servers: HttpServer[] = []
afterAll(async () => {
  for (const server of servers) await server.stop()
})

function serve(served: Served, options: Partial<ListenOptions> = {}): HttpServer {
  const listening = listen(served, { host: '127.0.0.1', port: 0, maxBody: 1024, ...options })
  if (!listening.ok) throw new Error(listening.message)
  servers.push(listening.server)
  return listening.server
}

/** Remembers every path that reached it, and answers with the size of the body. */
function createEcho() {
  const reached: string[] = []
  return {
    reached,
    fetch: async (request: Request) => {
      const { pathname } = new URL(request.url)
      reached.push(`${request.method} ${pathname}`)
      const { length } = await request.bytes()
      return length > 1024 ? new Response('too large', { status: 413 }) : new Response(`${length} bytes`)
    },
  }
}

describe('a port', () => {
  test('0 is a free one, and the address says which', async () => {
    const server = serve(createEcho())
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`)
    expect(await (await fetch(server.url)).text()).toBe('0 bytes')
  })

  test('in use is a sentence with the way out', () => {
    const { port } = serve(createEcho())
    const second = listen(createEcho(), { host: '127.0.0.1', port, maxBody: 1024 })
    expect(second).toMatchObject({ ok: false, code: 'EADDRINUSE' })
    expect(second.ok ? '' : second.message).toContain(`--port ${port + 1}`)
  })

  test('of an address that is not ours is a sentence', () => {
    const listening = listen(createEcho(), { host: '192.0.2.1', port: 0, maxBody: 1024 })
    expect(listening.ok ? '' : listening.message).toContain('--host 127.0.0.1')
  })
})

const chunked = 'Transfer-Encoding: chunked'
const body = (text: string, ...lines: string[]) => `${request('POST', '/body', ...lines)}${text}`

/** Messages with two readings, or none. What follows the first reading must never be taken for a request. */
const malformed: readonly (readonly [string, string])[] = [
  [
    'two kinds of length',
    body('0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n', 'Content-Length: 4', chunked),
  ],
  ['two kinds of length, other order', body('0\r\n\r\n', chunked, 'Content-Length: 4')],
  ['two lengths', body('abcde', 'Content-Length: 4', 'Content-Length: 5')],
  ['two lengths in one', body('abcde', 'Content-Length: 4, 5')],
  ['a negative length', body('', 'Content-Length: -1')],
  ['a length in hexadecimal', body('abcd', 'Content-Length: 0x4')],
  ['a length with a sign', body('abcd', 'Content-Length: +4')],
  ['an unknown transfer coding', body('0\r\n\r\n', 'Transfer-Encoding: xchunked')],
  ['chunked not last', body('0\r\n\r\n', 'Transfer-Encoding: chunked, identity')],
  ['a header over two lines', request('GET', '/fold', 'A: b', ' c')],
  ['a space before the colon', request('GET', '/space', 'A : b')],
  ['a NUL in a header', request('GET', '/nul', 'A: b\0c')],
  ['a bare CR in a header', request('GET', '/cr', 'A: b\rC: d')],
  ['no host', 'GET /nohost HTTP/1.1\r\n\r\n'],
  ['HTTP/1.0 without a host', 'GET /old HTTP/1.0\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
  ['words', 'hello there\r\n\r\n'],
]

describe('a malformed message', () => {
  for (const [name, bytes] of malformed) {
    test(`${name} is refused, the connection closed, and nothing reaches the gateway`, async () => {
      const echo = createEcho()
      const server = serve(echo)
      expect(await talk(server.port, bytes)).toMatch(/^HTTP\/1\.1 400 /)
      expect(echo.reached).toEqual([])
      expect((await fetch(server.url)).status).toBe(200)
    })
  }

  test('lines that end in LF alone are refused', async () => {
    const echo = createEcho()
    expect(await talk(serve(echo).port, 'GET / HTTP/1.1\nHost: x\n\n')).toMatch(/^HTTP\/1\.1 (400|505) /)
    expect(echo.reached).toEqual([])
  })

  test('a broken chunk ends the request, and what follows it is no request', async () => {
    const echo = createEcho()
    const heard = await talk(
      serve(echo).port,
      body('zz\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n', chunked),
    )
    expect(heard).not.toContain('200 OK')
    expect(echo.reached.filter(path => path.includes('smuggled'))).toEqual([])
  })

  test('an unknown method gets nowhere', async () => {
    for (const method of ['BREW', 'get', 'PRI', '']) {
      const echo = createEcho()
      const heard = await talk(serve(echo).port, request(method, '/'))
      expect(heard).not.toContain('200 OK')
      expect(echo.reached).toEqual([])
    }
  })
})

describe('limits', () => {
  test('headers that are too large or too many get 431 before any code of ours runs', async () => {
    const echo = createEcho()
    const { port } = serve(echo)
    const tooLarge = [
      request('GET', '/', `A: ${'b'.repeat(1_000_000)}`),
      request('GET', '/', ...Array(5000).fill('A: b')),
      request('GET', `/${'a'.repeat(100_000)}`),
    ]
    for (const bytes of tooLarge) expect(await talk(port, bytes)).toMatch(/^HTTP\/1\.1 431 /)
    expect(echo.reached).toEqual([])
  })

  test('a body that is hopelessly large gets 413 before any code of ours runs, announced or not', async () => {
    const echo = createEcho()
    const { port } = serve(echo)
    expect(await talk(port, body('', 'Content-Length: 1000000'))).toMatch(/^HTTP\/1\.1 413 /)
    expect(echo.reached).toEqual([])
    const large = `2000\r\n${'a'.repeat(8192)}\r\n0\r\n\r\n`
    expect(await talk(port, body(large, chunked))).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('a body that is merely too large is left to the gateway, and the connection closed', async () => {
    const echo = createEcho()
    const heard = await talk(serve(echo).port, body('a'.repeat(2000), 'Content-Length: 2000'))
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(heard.toLowerCase()).toContain('connection: close')
    expect(heard).toEndWith('too large')
  })
})

describe('connections', () => {
  test('two requests sent at once are answered in order', async () => {
    const echo = createEcho()
    const heard = await talk(
      serve(echo).port,
      `${body('abc', 'Content-Length: 3')}${request('GET', '/second', 'Connection: close')}`,
    )
    expect(heard.indexOf('3 bytes')).toBeLessThan(heard.indexOf('0 bytes'))
    expect(echo.reached).toEqual(['POST /body', 'GET /second'])
  })

  test('a client that leaves aborts its request', async () => {
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
    const server = serve({
      fetch: request =>
        new Promise(answer => {
          request.signal.addEventListener('abort', () => {
            resolve()
            answer(new Response(null))
          })
          arrive()
        }),
    })
    const socket = connect(server.port, '127.0.0.1', () => socket.write(request('GET', '/')))
    await arrived
    socket.destroy()
    await aborted
  })

  test('half a head does not keep others from being served', async () => {
    const server = serve(createEcho())
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHo'))
      socket.on('error', () => {})
      return socket
    })
    expect((await fetch(server.url)).status).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  test('an exception is a bare 500, told to the log and to nobody else', async () => {
    const crashes: unknown[] = []
    const server = serve(
      { fetch: () => Promise.reject(new Error('canary')) },
      { onCrash: error => crashes.push(error) },
    )
    const response = await fetch(server.url)
    expect([response.status, await response.text()]).toEqual([500, ''])
    expect(crashes).toHaveLength(1)
  })

  test('each answer is told once its head is ready', async () => {
    const told: string[] = []
    const server = serve(createEcho(), {
      onAnswer: (request, response, took) => told.push(`${request.method} ${response.status} ${took >= 0}`),
    })
    await fetch(server.url)
    expect(told).toEqual(['GET 200 true'])
  })

  test('a server about to close says so on every answer', async () => {
    const server = serve(createEcho())
    expect((await fetch(server.url)).headers.get('connection')).not.toBe('close')
    server.announceClose()
    const heard = await talk(server.port, request('GET', '/'))
    expect(heard.toLowerCase()).toContain('connection: close')
  })
})
