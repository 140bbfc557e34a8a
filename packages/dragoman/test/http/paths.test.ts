import { afterAll, describe, expect, test } from 'bun:test'
import { createGateway } from '../../src/gateway.ts'
import { listen } from '../../src/server/listen.ts'
import { talk } from '../server/raw.ts'
import { asks, canary, complaintOf, paths, provider, send } from '../support/scene.ts'
import { startUpstream } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

const upstream = startUpstream(() => Response.json(chat.whole('Hello')))
const gateway = createGateway(
  { sandbox: false, providers: { a: provider('compatible', upstream.url) } },
  {
    keys: {
      verify: key =>
        key === canary.caller
          ? { kind: 'known', principal: { id: 'k', name: 'k', tenant: 't' } }
          : { kind: 'unknown' },
    },
  },
)
// The real server, because it has a say in what a path is.
const listening = listen(gateway, { host: '127.0.0.1', port: 0, maxBody: 1e6 })
if (!listening.ok) throw new Error(listening.message)
const { url, port } = listening.server
afterAll(async () => {
  await gateway.close()
  await listening.server.stop()
  await upstream.close()
})

const key = { authorization: `Bearer ${canary.caller}` }
const calls = [...paths, '/v1/embeddings', '/v1/messages/count_tokens'] as const

describe('a wrong method', () => {
  test.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s on what takes calls is 405 with what is allowed',
    async method => {
      for (const path of calls) {
        const response = await fetch(url + path, { method, headers: key })
        expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, 'POST'])
        expect(complaintOf(path, await response.text()).message).toBe(`${path} takes POST, not ${method}.`)
      }
    },
  )

  test('HEAD on what takes calls is 405 without a body', async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([405, ''])
  })

  test.each(['/v1/models', '/v1/models/x', '/dragoman/requests/x'])(
    'POST on %s is 405 with GET',
    async path => {
      const response = await send(url, path, '{}', key)
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET'])
    },
  )
})

describe('a wrong path', () => {
  test.each([
    ['/chat/completions', '/v1/chat/completions'],
    ['/v1/v1/chat/completions', '/v1/chat/completions'],
    ['/v1/chat/completions/', '/v1/chat/completions'],
    ['/V1/Chat/Completions', '/v1/chat/completions'],
    ['/v2/chat/completions', '/v1/chat/completions'],
    ['/messages', '/v1/messages'],
    ['/v1/message', undefined],
    ['/responses', '/v1/responses'],
    ['/models', '/v1/models'],
    ['/embeddings/', '/v1/embeddings'],
    ['/v1/nothing-like-it', undefined],
    ['/v1', undefined],
    ['/v1/', undefined],
    ['/admin', undefined],
    ['/healthz/', undefined],
  ])('%s is 404 and says what was meant', async (path, meant) => {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(url + path, { method, headers: key })
      const { message } = complaintOf('/', await response.text())
      expect([path, response.status]).toEqual([path, 404])
      if (meant === undefined) expect(message).not.toContain('Did you mean')
      else expect(message).toContain(`Did you mean ${meant}?`)
    }
  })

  test('speaks Anthropic to those who do', async () => {
    for (const [path, headers] of [
      ['/v1/messages/batches', {}],
      ['/v1/nothing', { 'anthropic-version': '2023-06-01' }],
    ] as const) {
      const response = await fetch(url + path, { headers: { ...key, ...headers } })
      expect(response.status).toBe(404)
      expect(complaintOf('/v1/messages', await response.text()).type).toBe('not_found_error')
    }
  })

  test('is not repeated at length', async () => {
    const response = await fetch(`${url}/${'x'.repeat(8000)}`)
    expect(response.status).toBe(404)
    expect((await response.text()).length).toBeLessThan(600)
  })
})

/** Targets that some parser or other takes for a path of ours (B6, S3, S20). */
const targets = [
  '//v1/chat/completions',
  '/v1//chat/completions',
  '/v1/./chat/completions',
  '/v1/../v1/chat/completions',
  '/healthz/../v1/chat/completions',
  '/v1/chat%2fcompletions',
  '/v1%2fchat%2fcompletions',
  '/%76%31/chat/completions',
  '/v1/chat/completions%00',
  '/v1/chat/completions%20',
  '/v1/chat/completions;x=1',
  '/v1/chat/completions#x',
  '/v1/chat/completions?',
  '/v1\\chat\\completions',
  '\\v1\\chat\\completions',
  '/V1/CHAT/COMPLETIONS',
  '/healthz;/v1/chat/completions',
  '/healthz?/v1/chat/completions',
  '/v1/models/..%2f..%2fhealthz',
  '/v1/models/%2e%2e/%2e%2e/healthz',
  'http://elsewhere.example/v1/chat/completions',
  'http://elsewhere.example/healthz',
  'http://elsewhere.example',
  '*',
  '/.',
  '/..',
  '/%',
  '/%zz',
  '/v1/models/%',
  '/v1/models/%ff',
  '/dragoman/requests/%',
  '/dragoman/requests/../../v1/models',
]

describe('a path is read once', () => {
  const body = JSON.stringify(asks['/v1/chat/completions'])
  const message = (method: string, target: string, ...lines: string[]) =>
    [
      `${method} ${target} HTTP/1.1`,
      ...(lines.some(line => line.startsWith('Host:')) ? [] : ['Host: x']),
      'Connection: close',
      `Content-Length: ${method === 'POST' ? body.length : 0}`,
      ...lines,
      '',
      method === 'POST' ? body : '',
    ].join('\r\n')
  const open = ['"status":"ok"', '"status":"ready"', 'Dragoman. OpenAI at /v1']

  test.each(targets)('%s: without a key nobody gets further than the open pages', async target => {
    for (const method of ['GET', 'POST']) {
      const before = upstream.seen.length
      const heard = await talk(port, message(method, target))
      if (heard.startsWith('HTTP/1.1 200')) expect(open.some(page => heard.includes(page))).toBe(true)
      else expect(heard).toMatch(/^HTTP\/1\.1 4\d\d /)
      expect(upstream.seen.length).toBe(before)
    }
  })

  test.each(targets)('%s: with one, it is a route, a page or nothing', async target => {
    const before = upstream.seen.length
    const heard = await talk(port, message('POST', target, `Authorization: ${key.authorization}`))
    expect(heard).toMatch(/^HTTP\/1\.1 (200|4\d\d) /)
    const isCall = heard.startsWith('HTTP/1.1 200')
    expect(heard.includes('Hello')).toBe(isCall)
    expect(upstream.seen.length - before).toBe(isCall ? 1 : 0)
  })

  test.each(['x/healthz?', 'x/v1/chat/completions#', 'x\\healthz', '127.0.0.1@x', 'x y', 'x, y', '[', ''])(
    'a host of %p opens nothing',
    async host => {
      const before = upstream.seen.length
      for (const target of ['/v1/chat/completions', '/v1/models']) {
        const heard = await talk(port, message('POST', target, `Host: ${host}`))
        expect(heard).toMatch(/^HTTP\/1\.1 4\d\d /)
      }
      expect(upstream.seen.length).toBe(before)
    },
  )
})

describe('the open pages', () => {
  test('HEAD / is what Anthropic clients look whether somebody is there with', async () => {
    const response = await fetch(`${url}/`, { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(await (await fetch(`${url}/`)).text()).toContain('/v1/models')
    expect((await fetch(`${url}/`, { method: 'POST', body: '{}' })).status).toBe(405)
  })

  test.each(['/healthz', '/readyz'])('%s needs no key and tells nothing else', async path => {
    const response = await fetch(url + path)
    expect([response.status, Object.keys(await response.json())]).toEqual([200, ['status']])
    expect((await fetch(url + path, { method: 'POST', body: '{}' })).status).toBe(405)
  })
})

test('the query is for the key and for ?beta=true, and nothing in it changes the route', async () => {
  for (const query of [
    '?beta=true',
    '?x=/healthz',
    '?api-version=2024-10-21',
    '?model=b',
    '?&&==%',
    '?key=',
  ]) {
    for (const path of paths) {
      const response = await send(url, path + query, JSON.stringify(asks[path]), key)
      expect([query, path, response.status]).toEqual([query, path, 200])
    }
  }
  expect(upstream.seen.at(-1)?.path).toBe('/v1/chat/completions')
})

test.each(['keep', 'REJECT', 'drop, emulate', '1', ' ', '\u00e9'])(
  'dragoman-policy %p is refused by name',
  async policy => {
    for (const path of paths) {
      const response = await send(url, path, JSON.stringify(asks[path]), {
        ...key,
        'dragoman-policy': policy,
      })
      const { message, param } = complaintOf(path, await response.text())
      expect([response.status, param]).toEqual([400, 'dragoman-policy'])
      expect(message).toContain('reject, drop, emulate')
    }
  },
)

test('other headers of ours are ignored where they make no sense', async () => {
  for (const [name, value] of [
    ['dragoman-explain', 'yes'],
    ['dragoman-mode', 'relay'],
    ['dragoman-hops', ''],
    ['dragoman-hops', ',,'],
    ['dragoman-target', 'x'],
    ['x-request-id', 'chosen-by-the-caller'],
  ] as const) {
    const response = await send(url, '/v1/chat/completions', JSON.stringify(asks['/v1/chat/completions']), {
      ...key,
      [name]: value,
    })
    expect([name, response.status]).toEqual([name, 200])
    expect(response.headers.get('dragoman-mode')).toBe('translate')
    expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(await response.json()).not.toHaveProperty('dragoman')
  }
})
