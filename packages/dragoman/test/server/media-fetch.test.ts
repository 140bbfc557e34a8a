import { afterEach, describe, expect, test } from 'bun:test'
import type { FetchedMedia, MediaLimits } from '../../src/core/ports.ts'
import { createMediaFetch, type Dialled, type MediaHost } from '../../src/server/media-fetch.ts'
import { type Answering, startRawUpstream, startUpstream } from '../support/upstream.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const strict: MediaLimits = {
  maxSize: 1000,
  timeout: 5000,
  allowHttp: false,
  allowPrivate: false,
}
const homely: MediaLimits = { ...strict, allowHttp: true, allowPrivate: true }
const never = new AbortController().signal

function host(answer: Answering) {
  const started = startUpstream(answer)
  closing.push(started.close)
  return started
}

const fetchMedia = createMediaFetch()
const get = (url: string, limits: MediaLimits = homely, signal = never) => fetchMedia(url, limits, signal)
const problemOf = (fetched: FetchedMedia) => (fetched.ok ? 'fetched' : fetched.problem.kind)

describe('what is fetched', () => {
  test('bytes and what they are called, with nothing of anybody in the request', async () => {
    const pictures = host(() => new Response(png, { headers: { 'content-type': 'image/png' } }))
    const fetched = await get(`${pictures.url}/a.png?b=1`)
    expect(fetched).toEqual({ ok: true, bytes: png, contentType: 'image/png' })
    const [seen] = pictures.seen
    expect([seen?.method, seen?.path, seen?.query]).toEqual(['GET', '/a.png', '?b=1'])
    expect(Object.fromEntries(seen?.headers ?? [])).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      host: new URL(pictures.url).host,
      'user-agent': 'dragoman',
    })
  })

  test('no cookie that a redirect sets is sent on', async () => {
    const pictures = host(({ path }) =>
      path === '/first'
        ? new Response(null, { status: 302, headers: { location: '/second', 'set-cookie': 'a=b' } })
        : new Response(png),
    )
    expect((await get(`${pictures.url}/first`)).ok).toBe(true)
    expect(pictures.seen[1]?.headers.has('cookie')).toBe(false)
  })

  test('exactly the address that was checked, under its own name, and the name is asked for once', async () => {
    const dialled: Dialled[] = []
    const asked: string[] = []
    const media = createMediaFetch({
      resolve: name => {
        asked.push(name)
        // Whoever asks twice gets the trap.
        return Promise.resolve(asked.length === 1 ? ['93.184.216.34'] : ['127.0.0.1'])
      },
      send: one => {
        dialled.push(one)
        return Promise.resolve(new Response(png))
      },
    })
    expect((await media('https://pictures.example/a.png', strict, never)).ok).toBe(true)
    expect(asked).toEqual(['pictures.example'])
    expect(dialled.map(({ url, address }) => [url.href, address])).toEqual([
      ['https://pictures.example/a.png', '93.184.216.34'],
    ])
  })

  test('the name is said to a host that is dialled by its address', async () => {
    const pictures = host(() => new Response(png))
    const { port } = new URL(pictures.url)
    const media = createMediaFetch({ resolve: () => Promise.resolve(['127.0.0.1']) })
    expect((await media(`http://pictures.example:${port}/a.png`, homely, never)).ok).toBe(true)
    expect(pictures.seen[0]?.headers.get('host')).toBe(`pictures.example:${port}`)
  })

  test('and it is the name that TLS asks for', async () => {
    const hello = Promise.withResolvers<string>()
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket, data) {
          hello.resolve(data.toString('latin1'))
          socket.end()
        },
      },
    })
    closing.push(async () => server.stop(true))
    const media = createMediaFetch({ resolve: () => Promise.resolve(['127.0.0.1']) })
    expect(problemOf(await media(`https://pictures.example:${server.port}/`, homely, never))).toBe(
      'unreachable',
    )
    expect(await hello.promise).toContain('pictures.example')
  })

  test('a host whose first address does not answer is asked at its next one', async () => {
    const pictures = host(() => new Response(png))
    const { port } = new URL(pictures.url)
    const media = createMediaFetch({ resolve: () => Promise.resolve(['::1', '127.0.0.1']) })
    expect((await media(`http://pictures.example:${port}/`, homely, never)).ok).toBe(true)
  })
})

describe('hosts', () => {
  const resolving = (...addresses: readonly string[]) => {
    const sent: string[] = []
    const media = createMediaFetch({
      resolve: () => Promise.resolve(addresses),
      send: ({ address }) => {
        sent.push(address)
        return Promise.resolve(new Response(png))
      },
    })
    return { media, sent }
  }

  test.each([
    ['127.0.0.1'],
    ['10.1.2.3'],
    ['169.254.169.254'],
    ['::ffff:169.254.169.254'],
    ['fd12::1'],
    ['93.184.216.34', '10.0.0.1'],
    [],
  ])('a public name that resolves to %s is not asked', async (...addresses) => {
    const { media, sent } = resolving(...addresses)
    expect(problemOf(await media('https://pictures.example/', strict, never))).toBe('host')
    expect(sent).toEqual([])
  })

  test('private ones may be allowed, metadata services and the link never', async () => {
    const allowed = { ...strict, allowPrivate: true }
    expect(problemOf(await resolving('10.1.2.3').media('https://a.example/', allowed, never))).toBe('fetched')
    for (const address of ['169.254.169.254', 'fd00:ec2::254', '0.0.0.0', 'fe80::1'])
      expect(problemOf(await resolving(address).media('https://a.example/', allowed, never))).toBe('host')
  })

  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/',
    'https://localhost./',
  ])('%s is not asked, however it is written', async url => {
    const asked: string[] = []
    const send: MediaHost['send'] = ({ address }) => {
      asked.push(address)
      return Promise.resolve(new Response(png))
    }
    expect(problemOf(await createMediaFetch({ send })(url, strict, never))).toBe('host')
    expect(asked).toEqual([])
  })

  test('a name that does not exist is like one that leads inside', async () => {
    const media = createMediaFetch({ resolve: () => Promise.reject(new Error('ENOTFOUND')) })
    expect(problemOf(await media('https://no-such-host.invalid/', strict, never))).toBe('host')
  })

  test.each([
    ['http://93.184.216.34/', 'scheme'],
    ['ftp://93.184.216.34/', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['not an address', 'scheme'],
    ['https://user:secret@93.184.216.34/', 'credentials'],
  ])('%s is refused: %s', async (url, kind) => {
    expect(problemOf(await get(url, strict))).toBe(kind)
  })
})

describe('redirects', () => {
  const to = (location: string, status = 302) => new Response(null, { status, headers: { location } })

  test.each([301, 302, 303, 307, 308])('%d is followed', async status => {
    const pictures = host(({ path }) => (path === '/a' ? to('/b', status) : new Response(png)))
    expect((await get(`${pictures.url}/a`)).ok).toBe(true)
    expect(pictures.seen.map(({ path }) => path)).toEqual(['/a', '/b'])
  })

  test('three are followed, a fourth is not', async () => {
    const pictures = host(({ path }) =>
      path === '/0' ? new Response(png) : to(`/${Number(path.slice(1)) - 1}`),
    )
    expect(problemOf(await get(`${pictures.url}/3`))).toBe('fetched')
    expect(problemOf(await get(`${pictures.url}/4`))).toBe('redirects')
  })

  test('one to a private address, to plain HTTP or with a password is refused', async () => {
    const sent: string[] = []
    const locations: { readonly [path: string]: string } = {
      '/private': 'https://10.0.0.1/',
      '/metadata': 'https://metadata.example/',
      '/plain': 'http://public.example/',
      '/password': 'https://a:b@public.example/',
      '/file': 'file:///etc/passwd',
    }
    const media = createMediaFetch({
      resolve: name => Promise.resolve([name === 'metadata.example' ? '169.254.169.254' : '93.184.216.34']),
      send: ({ url }) => {
        sent.push(url.hostname)
        return Promise.resolve(to(locations[url.pathname] ?? '/'))
      },
    })
    const kinds: string[] = []
    for (const path of Object.keys(locations))
      kinds.push(problemOf(await media(`https://public.example${path}`, strict, never)))
    expect(kinds).toEqual(['host', 'host', 'scheme', 'credentials', 'scheme'])
    expect(new Set(sent)).toEqual(new Set(['public.example']))
  })

  test('one to nowhere is one too many', async () => {
    const pictures = host(() => new Response(null, { status: 302 }))
    expect(problemOf(await get(pictures.url))).toBe('redirects')
  })
})

describe('what goes wrong', () => {
  test('an error, an empty success and a partial one are told by their status', async () => {
    for (const status of [404, 500, 204, 206]) {
      const pictures = host(() => new Response(status === 204 ? null : png, { status }))
      expect(await get(pictures.url)).toEqual({ ok: false, problem: { kind: 'status', status } })
    }
  })

  test('too large, announced and not', async () => {
    const announced = host(() => new Response(new Uint8Array(1001)))
    expect(problemOf(await get(announced.url))).toBe('too-large')
    const streamed = startUpstream(() => streamed.stream([new Uint8Array(600), new Uint8Array(600)]))
    closing.push(streamed.close)
    expect(problemOf(await get(streamed.url))).toBe('too-large')
    const exact = host(() => new Response(new Uint8Array(1000)))
    expect(problemOf(await get(exact.url))).toBe('fetched')
  })

  test('a host that goes on for ever is left', async () => {
    const endless = startUpstream(() => endless.stream(Array.from({ length: 50 }, () => new Uint8Array(600))))
    closing.push(endless.close)
    expect(problemOf(await get(endless.url))).toBe('too-large')
    await endless.idle()
  })

  test('cut off', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 100\r\n\r\nabc'
    const raw = startRawUpstream(head, Promise.resolve())
    closing.push(raw.close)
    expect(problemOf(await get(raw.url))).toBe('cut')
  })

  test('a coding that nobody asked for is not undone', async () => {
    const bomb = host(
      () => new Response(Bun.gzipSync(new Uint8Array(100_000)), { headers: { 'content-encoding': 'gzip' } }),
    )
    expect(problemOf(await get(bomb.url))).toBe('coding')
  })

  test('nobody there', async () => {
    const gone = startUpstream(() => new Response())
    await gone.close()
    expect(problemOf(await get(gone.url))).toBe('unreachable')
  })

  test('a host that speaks no TLS', async () => {
    const pictures = host(() => new Response(png))
    expect(problemOf(await get(pictures.url.replace('http:', 'https:')))).toBe('unreachable')
  })

  test('too slow, in its head, its body and its name', async () => {
    const hasty = { ...homely, timeout: 100 }
    const silent = host(() => new Promise<Response>(() => {}))
    expect(problemOf(await get(silent.url, hasty))).toBe('timeout')
    const stuck = startUpstream(() => stuck.stream([png, new Promise(() => {})]))
    closing.push(stuck.close)
    expect(problemOf(await get(stuck.url, hasty))).toBe('timeout')
    await stuck.idle()
    const media = createMediaFetch({ resolve: () => new Promise(() => {}) })
    expect(problemOf(await media('https://slow.example/', hasty, never))).toBe('timeout')
  })

  test('a caller that leaves takes the connection along', async () => {
    const controller = new AbortController()
    const stuck = startUpstream(() => {
      queueMicrotask(() => controller.abort())
      return stuck.stream([png, new Promise(() => {})])
    })
    closing.push(stuck.close)
    expect(problemOf(await get(stuck.url, homely, controller.signal))).toBe('cancelled')
    await stuck.idle()
    expect(problemOf(await get(stuck.url, homely, AbortSignal.abort()))).toBe('cancelled')
  })
})
