import { describe, expect, test } from 'bun:test'
import { talk } from '../server/raw.ts'
import { response as rawResponse, startRawUpstream } from '../support/raw-upstream.ts'
import {
  ask,
  asks,
  canary,
  createScene,
  front,
  type Kind,
  type Path,
  paths,
  provider,
  send,
} from '../support/scene.ts'
import { chat, messages, responses } from '../support/wire.ts'

// S17, S18, B12: what of one side's headers the other side ever sees. Both are built from nothing.

const scene = createScene()

const wholes = {
  chat: chat.whole('Hello'),
  messages: messages.whole('Hello'),
  responses: responses.whole('Hello'),
}
const ways: readonly (readonly [Path, Kind, keyof typeof wholes])[] = [
  ['/v1/chat/completions', 'chat', 'chat'],
  ['/v1/responses', 'responses', 'responses'],
  ['/v1/messages', 'messages', 'messages'],
  ...paths.map(path => [path, 'compatible', 'chat'] as const),
  ['/v1/chat/completions', 'messages', 'messages'],
]

/** Headers a client may send, honest or not; none of them is for an upstream. */
const smuggled: Record<string, string> = {
  'x-api-key': canary.caller,
  'api-key': canary.caller,
  'x-goog-api-key': canary.caller,
  authorization: `Bearer ${canary.caller}`,
  cookie: 'session=canary-cookie',
  'proxy-authorization': 'Basic canary-proxy',
  'x-forwarded-for': '10.1.2.3',
  'x-forwarded-host': 'canary-host',
  'x-forwarded-proto': 'https',
  forwarded: 'for=10.1.2.3',
  'x-real-ip': '10.1.2.3',
  via: '1.1 canary-via',
  te: 'trailers',
  'keep-alive': 'timeout=5',
  'x-hop': 'canary-hop',
  'openai-organization': 'canary-organisation',
  'openai-project': 'canary-project',
  'x-aws-ec2-metadata-token': 'canary-metadata',
  'metadata-flavor': 'canary-flavor',
  'x-stainless-lang': 'canary-stainless',
  'user-agent': 'canary-agent',
  referer: 'http://canary-referer',
  origin: 'http://canary-origin',
  range: 'bytes=0-1',
  'if-none-match': 'canary-tag',
  'dragoman-policy': 'drop',
  'dragoman-tags': 'canary-tags',
  'idempotency-key': 'canary-idempotency',
  'x-base-url': 'http://canary-base',
  'x-request-id': 'canary-request',
}

describe('what a client sends', () => {
  const allowed = [
    'accept',
    'accept-encoding',
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'dragoman-hops',
    'host',
    'user-agent',
  ]

  test.each(ways)('on %s to %s goes no further', async (path, kind, wire) => {
    for (const stream of [false, true]) {
      const upstream = scene.upstream(() => () => Response.json(wholes[wire]))
      const { url } = front(scene, kind, upstream.url)
      // fetch refuses to send some of these, so that they go by hand.
      const body = JSON.stringify({ ...asks[path], stream })
      const lines = [
        ...Object.entries(smuggled),
        ['connection', 'close, x-hop'],
        ['content-type', 'application/json'],
      ]
      const heard = await talk(
        Number(new URL(url).port),
        `POST ${path} HTTP/1.1\r\nHost: canary-host\r\nContent-Length: ${body.length}\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
      )
      expect(heard).toMatch(/^HTTP\/1\.1 200/)
      const [seen] = upstream.seen
      const names = [...(seen?.headers.keys() ?? [])]
      const own = kind === 'messages' ? ['x-api-key', 'anthropic-version'] : []
      expect(names.filter(name => ![...allowed, ...own].includes(name))).toEqual([])
      const text = JSON.stringify([...(seen?.headers ?? [])])
      expect(text.replaceAll(canary.provider, '')).not.toContain('canary')
      expect(seen?.headers.get('user-agent')).toBe('dragoman')
      expect(seen?.headers.get('host')).toBe(new URL(upstream.url).host)
      expect(
        kind === 'messages' ? seen?.headers.get('x-api-key') : seen?.headers.get('authorization'),
      ).toContain(canary.provider)
    }
  })

  test('an upstream without a key gets none, not the client’s', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = scene.gateway({
      providers: { a: { kind: 'openai-compatible', base_url: `${upstream.url}/v1` } },
    })
    await ask(url, '/v1/chat/completions', {}, { authorization: `Bearer ${canary.caller}` })
    await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${canary.caller}` } })
    expect(upstream.seen.length).toBe(2)
    for (const seen of upstream.seen) {
      expect(seen.headers.get('authorization')).toBeNull()
      expect(JSON.stringify([...seen.headers])).not.toContain(canary.caller)
    }
  })

  test('the operator’s own headers are sent, and no client can change them', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = scene.gateway({
      providers: { a: provider('chat', upstream.url, { headers: { 'OpenAI-Organization': 'org-ours' } }) },
    })
    await ask(url, '/v1/chat/completions', {}, { 'openai-organization': 'org-theirs' })
    expect(upstream.seen[0]?.headers.get('openai-organization')).toBe('org-ours')
  })

  test('B12: no field of a request chooses where it goes', async () => {
    const elsewhere = scene.upstream(() => () => Response.json(chat.whole('stolen')))
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = front(scene, 'compatible', upstream.url)
    const base = elsewhere.url
    for (const path of paths) {
      await ask(
        url,
        path,
        {
          api_base: base,
          base_url: base,
          endpoint: base,
          api_key: 'x',
          extra_headers: { host: base },
          provider: base,
        },
        { 'x-base-url': base, host: new URL(base).host },
      )
    }
    expect([elsewhere.seen.length, upstream.seen.length]).toEqual([0, 3])
  })
})

describe('a beta or a version of a dialect', () => {
  const told = {
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'context-1m-2025-08-07',
    'openai-beta': 'responses=v1',
  }

  test('goes on only to an upstream of that dialect, from a caller of that dialect', async () => {
    const seenOf = async (
      path: Path,
      kind: Kind,
      wire: keyof typeof wholes,
      headers: Record<string, string>,
    ) => {
      const upstream = scene.upstream(() => () => Response.json(wholes[wire]))
      const { url } = front(scene, kind, upstream.url)
      expect((await ask(url, path, {}, headers)).status).toBe(200)
      const { headers: seen } = upstream.seen[0] ?? { headers: new Headers() }
      return Object.keys(told).map(name => seen.get(name))
    }
    const { 'anthropic-version': version, 'anthropic-beta': anthropicBeta, 'openai-beta': openaiBeta } = told
    const ours = '2023-06-01'
    expect(await seenOf('/v1/messages', 'messages', 'messages', told)).toEqual([version, anthropicBeta, null])
    expect(await seenOf('/v1/chat/completions', 'chat', 'chat', told)).toEqual([null, null, openaiBeta])
    expect(await seenOf('/v1/responses', 'responses', 'responses', told)).toEqual([null, null, openaiBeta])
    expect(await seenOf('/v1/chat/completions', 'messages', 'messages', told)).toEqual([ours, null, null])
    expect(await seenOf('/v1/messages', 'responses', 'responses', told)).toEqual([null, null, null])
    expect(await seenOf('/v1/messages', 'compatible', 'chat', told)).toEqual([null, null, null])
    expect(await seenOf('/v1/chat/completions', 'compatible', 'chat', told)).toEqual([null, null, null])
  })

  test('the version is the caller’s where it is relayed, and ours where it is translated', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('Hello')))
    const { url } = front(scene, 'messages', upstream.url)
    const newer = { 'anthropic-version': '2026-10-21' }
    await ask(url, '/v1/messages', {}, newer)
    await ask(url, '/v1/messages', {}, { ...newer, 'dragoman-mode': 'translate' })
    await ask(url, '/v1/messages', {})
    await ask(url, '/v1/chat/completions', {}, newer)
    expect(upstream.seen.map(seen => seen.headers.get('anthropic-version'))).toEqual([
      '2026-10-21',
      '2023-06-01',
      '2023-06-01',
      '2023-06-01',
    ])
  })
})

describe('what an upstream sends', () => {
  const lines = [
    'Set-Cookie: canary=1',
    'Location: http://canary-location',
    'OpenAI-Organization: canary-organisation',
    'OpenAI-Processing-Ms: 7',
    'Anthropic-Organization-Id: canary-organisation',
    'X-Request-Id: canary-request',
    'Request-Id: canary-request',
    'CF-Ray: canary-ray',
    'Server: canary-server',
    'Via: 1.1 canary-via',
    'X-RateLimit-Remaining-Requests: 7',
    'WWW-Authenticate: Bearer realm="canary"',
    'Access-Control-Allow-Origin: *',
    'Strict-Transport-Security: max-age=1',
    'Alt-Svc: h3=":443"',
    'Dragoman-Target: canary/target',
    'Dragoman-Notes: canary',
    'X-Should-Retry: canary',
    'Keep-Alive: timeout=5',
    'Trailer: X-Canary',
    'Connection: close',
  ]
  const allowed = [
    'cache-control',
    'content-length',
    'content-type',
    'date',
    'dragoman-attempts',
    'dragoman-mode',
    'dragoman-notes',
    'dragoman-target',
    'request-id',
    'transfer-encoding',
    'x-accel-buffering',
    'x-request-id',
    'x-should-retry',
  ]

  test.each(ways)('to a caller of %s by %s goes no further', async (path, kind, wire) => {
    for (const [status, stream] of [
      ['200 OK', false],
      ['200 OK', true],
      ['400 Bad Request', false],
      ['500 Oh no', false],
      ['401 Unauthorized', false],
    ] as const) {
      const bytes = rawResponse(JSON.stringify(wholes[wire]), ...lines).replace('200 OK', status)
      const upstream = scene.keep(await startRawUpstream({ asked: socket => socket.end(bytes) }))
      const { url } = front(scene, kind, upstream.url)
      const response = await ask(url, path, { stream })
      await response.text()
      const names = [...response.headers.keys()]
      expect(names.filter(name => !allowed.includes(name))).toEqual([])
      expect(JSON.stringify([...response.headers])).not.toContain('canary')
    }
  })

  test('an upstream’s id is in the explanation of an error, and nowhere else', async () => {
    const upstream = scene.upstream(
      () => () =>
        Response.json(
          { error: { message: 'no', type: 'x' } },
          { status: 400, headers: { 'x-request-id': 'req-theirs' } },
        ),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    expect(await (await ask(url, '/v1/chat/completions')).text()).not.toContain('req-theirs')
    const told = await ask(url, '/v1/chat/completions', {}, { 'dragoman-explain': '1' })
    expect((await told.json()).dragoman.upstream.requestId).toBe('req-theirs')
  })
})

test('no secret of the configuration is in anything a caller can ask for', async () => {
  const upstream = scene.upstream(
    () => () => Response.json({ error: `no ${canary.provider}` }, { status: 401 }),
  )
  const log: string[] = []
  const { url } = front(
    scene,
    'compatible',
    upstream.url,
    {},
    {
      log: (...line) => log.push(JSON.stringify(line)),
    },
  )
  const heard: string[] = []
  for (const path of paths) {
    for (const headers of [{}, { 'dragoman-explain': '1' }]) {
      const response = await ask(url, path, { metadata: { p: canary.prompt } }, headers)
      heard.push(await response.text(), JSON.stringify([...response.headers]))
      heard.push(
        await (await fetch(`${url}/dragoman/requests/${response.headers.get('x-request-id')}`)).text(),
      )
    }
  }
  for (const page of [
    '/',
    '/healthz',
    '/readyz',
    '/v1/models',
    '/v1/models/m',
    '/dragoman/requests/x',
    '/nothing',
  ])
    heard.push(await (await fetch(url + page)).text())
  await send(url, '/v1/chat/completions', `{"model":"a/m","messages":"${canary.prompt}"`)
  expect(log.length).toBeGreaterThan(5)
  for (const secret of [canary.provider, canary.prompt]) {
    expect(log.filter(line => line.includes(secret))).toEqual([])
    expect(heard.filter(text => text.includes(secret))).toEqual([])
  }
})
