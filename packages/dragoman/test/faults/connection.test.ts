import { describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { createClock } from '../support/clock.ts'
import { chunk, lastChunk, type RawScript, response, startRawUpstream } from '../support/raw-upstream.ts'
import { ask, canary, complaintOf, createScene, front, paths, provider, recordOf } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

// The fault catalogue, C.1: what an upstream can do before it has answered. Numbers are its rows.

const scene = createScene()
const whole = JSON.stringify(chat.whole('Hello'))

/** A port of this machine where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' ? (address?.port ?? 1) : 1
}

/** Every way of calling: whole and streamed, translated and relayed. */
const ways = [
  [false, 'compatible'],
  [true, 'compatible'],
  [false, 'chat'],
  [true, 'chat'],
] as const

/** Calls in every way; gives what the caller heard, after checking that the attempt has its end. */
async function callsOf(base: string, config: Parameters<typeof front>[3] = {}) {
  const heard: { status: number; code: string | null | undefined; message: string; retry: string | null }[] =
    []
  for (const [stream, kind] of ways) {
    const { url, gateway } = front(scene, kind, base, config)
    const answer = await ask(url, '/v1/chat/completions', { stream })
    const text = await answer.text()
    for (const secret of Object.values(canary)) expect(text).not.toContain(secret)
    expect(text).not.toContain(new URL(base).host)
    const { code, message } = complaintOf('/v1/chat/completions', text)
    heard.push({ status: answer.status, code, message, retry: answer.headers.get('x-should-retry') })
    const record = await recordOf(url, answer)
    for (const attempt of record.attempts) expect(attempt.ended_at).not.toBeNull()
    // OpenAI has no code for a plain failure of the server.
    expect([record.outcome, gateway.live]).toEqual([code ?? 'upstream_error', 0])
  }
  expect(new Set(heard.map(({ status, code }) => `${status} ${code}`)).size).toBe(1)
  return heard[0] ?? { status: 0, code: '', message: '', retry: '' }
}

const spoiled = (script: RawScript) => startRawUpstream(script).then(scene.keep)

test('1: a refused connection is 502, and says what to look at', async () => {
  const { status, code, message } = await callsOf(`http://127.0.0.1:${await freePort()}`)
  expect([status, code]).toEqual([502, 'upstream_unreachable'])
  expect(message).toContain('base URL')
})

test('3: a host that does not resolve is 502, and says so', async () => {
  const { status, code, message } = await callsOf('http://nobody.invalid')
  expect([status, code]).toEqual([502, 'upstream_unreachable'])
  expect(message).toContain('does not resolve')
})

test('1: with another target, nobody notices', async () => {
  const second = scene.upstream(() => () => Response.json(chat.whole('Hello')))
  const { url } = scene.gateway({
    providers: {
      dead: provider('compatible', `http://127.0.0.1:${await freePort()}`),
      nowhere: provider('compatible', 'http://nobody.invalid'),
      b: provider('compatible', second.url),
    },
    models: { m: { targets: ['dead', 'nowhere', 'b'].map(name => ({ provider: name, model: 'm' })) } },
    retry: { attempts: 0 },
  })
  const answer = await ask(url, '/v1/chat/completions', { model: 'm' })
  expect([answer.status, answer.headers.get('dragoman-target')]).toEqual([200, 'b/m'])
  const record = await recordOf(url, answer)
  expect(record.attempts.map((attempt: { fault: string | null }) => attempt.fault)).toEqual([
    'upstream_unreachable',
    'upstream_unreachable',
    null,
  ])
})

const closing: readonly (readonly [string, RawScript])[] = [
  ['8: accepts, then closes', { accepted: socket => socket.end() }],
  ['8: accepts, then resets', { accepted: socket => socket.resetAndDestroy() }],
  ['9: closes after the request', { asked: socket => socket.end() }],
  ['9: resets after the request', { asked: socket => socket.resetAndDestroy() }],
  ['36: cuts its status line', { asked: socket => socket.end('HTTP/1.1 20') }],
  ['36: cuts its headers', { asked: socket => socket.end('HTTP/1.1 200 OK\r\nContent-Ty') }],
  [
    '52: sends less than it announced',
    { asked: socket => socket.end(response(whole, 'Content-Length: 5000')) },
  ],
  ['36: cuts a chunk', { asked: socket => socket.end(response('1000\r\n{', 'Transfer-Encoding: chunked')) }],
]
test.each(closing)('%s: 502, the upstream disconnected', async (_, script) => {
  const upstream = await spoiled(script)
  const { status, code, message } = await callsOf(upstream.url)
  expect([status, code]).toEqual([502, 'upstream_disconnected'])
  expect(message).toContain('closed')
  await upstream.idle()
})

test.each(closing.slice(0, 4))('%s once: tried again, and nobody notices', async (_, script) => {
  let calls = 0
  const upstream = await spoiled({
    accepted: socket => calls++ === 0 && script.accepted?.(socket),
    asked: (socket, index) => {
      if (index === 0 && script.asked !== undefined) script.asked(socket, index)
      else socket.end(response(whole, 'Connection: close'))
    },
  })
  const clock = createClock()
  const { url } = front(scene, 'compatible', upstream.url, { retry: { attempts: 1 } }, { ambient: clock })
  const answer = await clock.until(ask(url, '/v1/chat/completions'))
  expect([answer.status, answer.headers.get('dragoman-attempts')]).toEqual([200, '2'])
})

test('10: a kept connection that was closed under us costs the caller nothing', async () => {
  // The second request of each connection is answered by hanging up.
  const asked = new WeakSet<object>()
  const upstream = await spoiled({
    asked: socket => {
      if (asked.has(socket)) socket.resetAndDestroy()
      else socket.write(response(whole))
      asked.add(socket)
    },
  })
  const clock = createClock()
  const { url } = front(scene, 'compatible', upstream.url, { retry: { attempts: 2 } }, { ambient: clock })
  for (let call = 0; call < 6; call++) {
    expect((await clock.until(ask(url, '/v1/chat/completions'))).status).toBe(200)
  }
})

describe('11: an upstream that never answers', () => {
  test.each(paths)('is 504 after the total timeout, whole, on %s', async path => {
    const arrived = gate()
    const upstream = await spoiled({ asked: () => arrived.open() })
    const clock = createClock()
    const { url } = front(
      scene,
      'compatible',
      upstream.url,
      { timeouts: { total: '5m' } },
      { ambient: clock },
    )
    const waiting = ask(url, path)
    await arrived.wait
    clock.advance(5 * 60_000 - 1)
    clock.advance(1)
    const answer = await waiting
    const text = await answer.text()
    expect(answer.status).toBe(504)
    expect(complaintOf(path, text).message).toContain('took longer than 300 s for the whole answer')
    await upstream.idle()
    expect(clock.pending).toBe(0)
  })

  test.each(paths)('is 504 after the first-token timeout, streamed, on %s', async path => {
    const arrived = gate()
    const upstream = await spoiled({ asked: () => arrived.open() })
    const clock = createClock()
    const { url } = front(
      scene,
      'compatible',
      upstream.url,
      { timeouts: { first_token: '9s' } },
      { ambient: clock },
    )
    const waiting = ask(url, path, { stream: true })
    await arrived.wait
    clock.advance(9000)
    const answer = await waiting
    expect(answer.status).toBe(504)
    expect(complaintOf(path, await answer.text()).message).toContain('longer than 9 s for the first token')
    await upstream.idle()
    expect(clock.pending).toBe(0)
  })

  test('gives way to the next target', async () => {
    const arrived = gate()
    const silent = await spoiled({ asked: () => arrived.open() })
    const second = scene.upstream(
      stream => () => stream([chat.role(), chat.text('Hello'), chat.finish(), chat.done]),
    )
    const clock = createClock()
    const { url } = scene.gateway(
      {
        providers: { a: provider('chat', silent.url), b: provider('chat', second.url) },
        models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }], timeouts: { first_token: '3s' } } },
        retry: { attempts: 0 },
      },
      { ambient: clock },
    )
    const waiting = ask(url, '/v1/chat/completions', { model: 'm', stream: true })
    await arrived.wait
    clock.advance(3000)
    const answer = await waiting
    expect(answer.headers.get('dragoman-target')).toBe('b/m')
    expect(await answer.text()).toContain('Hello')
    await silent.idle()
  })

  test('gives up in the middle of a whole body as well', async () => {
    const upstream = await spoiled({
      asked: socket => socket.write(response('{"id":', 'Content-Length: 500')),
    })
    const clock = createClock()
    const { url } = front(scene, 'compatible', upstream.url, {}, { ambient: clock })
    const answer = await clock.until(ask(url, '/v1/chat/completions'))
    expect(answer.status).toBe(504)
    await upstream.idle()
  })
})

describe('what is not quite HTTP', () => {
  const taken: readonly (readonly [string, string])[] = [
    ['12: a 100 first', `HTTP/1.1 100 Continue\r\n\r\n${response(whole)}`],
    ['12: early hints first', `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${response(whole)}`],
    ['13: a thousand 100s first', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000) + response(whole)],
    ['HTTP/1.0, its end told by closing', `HTTP/1.0 200 OK\r\n\r\n${whole}`],
    ['52: more than it announced', response(`${whole}xxxx`, `Content-Length: ${whole.length}`)],
    [
      '54: chunk extensions and trailers',
      response(
        `${chunk(whole).replace('\r\n', ';x=y\r\n')}0\r\nX-Trailer: y\r\n\r\n`,
        'Transfer-Encoding: chunked',
      ),
    ],
    ['a megabyte of header', response(whole, `X-Large: ${'x'.repeat(1e6)}`)],
  ]
  test.each(taken)('%s: understood', async (_, bytes) => {
    const upstream = await spoiled({ asked: socket => socket.end(bytes) })
    for (const [stream, kind] of ways) {
      const { url } = front(scene, kind, upstream.url)
      const answer = await ask(url, '/v1/chat/completions', { stream })
      expect([stream, kind, answer.status]).toEqual([stream, kind, 200])
      expect(await answer.text()).toContain('Hello')
      for (const name of ['x-large', 'x-trailer', 'link']) expect(answer.headers.has(name)).toBe(false)
    }
  })

  const refused: readonly (readonly [string, string])[] = [
    ['15: another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['15: two lengths', response(whole, 'Content-Length: 5', 'Content-Length: 6')],
    ['14: five hundred headers', response(whole, ...Array(500).fill('X: y'))],
    ['15: a header over two lines', response(whole, 'X: a\r\n b')],
    ['15: a chunk that is none', response(`zz\r\n${whole}\r\n${lastChunk}`, 'Transfer-Encoding: chunked')],
    [
      'an upgrade nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['204 without a body', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['an empty body', response('')],
  ]
  test.each(refused)('%s: 502, the upstream is invalid', async (_, bytes) => {
    const upstream = await spoiled({ asked: socket => socket.end(bytes) })
    const { status, code } = await callsOf(upstream.url)
    expect([status, code]).toEqual([502, 'upstream_invalid'])
    await upstream.idle()
  })

  test.each(['999 Weird', '099 Less', '600 More'])(
    '15: the status %s is no status of ours: 502',
    async line => {
      const upstream = await spoiled({ asked: socket => socket.end(response(whole).replace('200 OK', line)) })
      const { status } = await callsOf(upstream.url)
      expect(status).toBe(502)
    },
  )
})

test.each([301, 302, 303, 307, 308])(
  '16: a redirect (%d) is not followed, and no key goes there',
  async status => {
    const elsewhere = scene.upstream(() => () => Response.json(chat.whole('stolen')))
    const upstream = scene.upstream(
      () => () =>
        new Response(null, { status, headers: { location: `${elsewhere.url}/v1/chat/completions` } }),
    )
    for (const path of paths) {
      for (const kind of ['compatible', 'chat', 'messages'] as const) {
        const { url } = front(scene, kind, upstream.url)
        const answer = await ask(url, path)
        const text = await answer.text()
        expect(answer.status).toBe(502)
        expect(complaintOf(path, text).message).toContain(`redirect (${status})`)
        expect(text).not.toContain(elsewhere.url)
        expect(answer.headers.get('location')).toBeNull()
      }
    }
    expect(elsewhere.seen.length).toBe(0)
  },
)

test('a model list that cannot be had is an empty one', async () => {
  const upstream = await spoiled({ asked: socket => socket.end(response('<html>')) })
  const { url } = front(scene, 'compatible', upstream.url)
  expect(await (await fetch(`${url}/v1/models`)).json()).toEqual({ object: 'list', data: [] })
  const anthropic = await fetch(`${url}/v1/models`, { headers: { 'anthropic-version': '2023-06-01' } })
  expect(await anthropic.json()).toMatchObject({ data: [], has_more: false })
})
