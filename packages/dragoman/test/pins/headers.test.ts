import { expect, test } from 'bun:test'
import { readSources } from '../layering/source.ts'
import { ask, createScene, front, type Kind } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// Names of headers are a contract with callers and upstreams. That nothing else crosses over is in faults/headers.test.ts.

const scene = createScene()

test('the headers of our own name are these', () => {
  const names = readSources().flatMap(({ code }) =>
    [...code.matchAll(/'(dragoman-[a-z-]+)'/g)].map(([, name]) => name),
  )
  expect([...new Set(names)].toSorted()).toEqual([
    'dragoman-attempts',
    'dragoman-explain',
    'dragoman-hops',
    'dragoman-mode',
    'dragoman-notes',
    'dragoman-policy',
    'dragoman-target',
  ])
})

/** The names of an answer's headers, less those of the server itself. */
const namesOf = (response: Response) =>
  [...response.headers.keys()]
    .filter(name => !/^(date|content-length|transfer-encoding|connection)$/.test(name))
    .toSorted()

const facts = ['dragoman-attempts', 'dragoman-mode', 'dragoman-target', 'x-request-id']

test('a whole answer has these', async () => {
  const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
  const { url } = front(scene, 'compatible', upstream.url)
  expect(namesOf(await ask(url, '/v1/chat/completions'))).toEqual(['content-type', ...facts])
  const noted = await ask(url, '/v1/messages', { top_k: 3 })
  expect(namesOf(noted)).toEqual([
    'content-type',
    'dragoman-attempts',
    'dragoman-mode',
    'dragoman-notes',
    'dragoman-target',
    'x-request-id',
  ])
})

test('a stream has these, and they are these', async () => {
  const upstream = scene.upstream(
    stream => () => stream([chat.role(), chat.text('Hi'), chat.finish(), chat.done]),
  )
  const { url } = front(scene, 'chat', upstream.url)
  const response = await ask(url, '/v1/chat/completions', { stream: true })
  expect(namesOf(response)).toEqual([
    'cache-control',
    'content-type',
    ...facts.slice(0, 3),
    'x-accel-buffering',
    'x-request-id',
  ])
  expect(
    Object.fromEntries(
      [...response.headers].filter(([name]) => /^(dragoman|cache|content-t|x-accel)/.test(name)),
    ),
  ).toEqual({
    'cache-control': 'no-cache',
    'content-type': 'text/event-stream; charset=utf-8',
    'dragoman-attempts': '1',
    'dragoman-mode': 'relay',
    'dragoman-target': 'a/m',
    'x-accel-buffering': 'no',
  })
})

test('an error has these', async () => {
  const upstream = scene.upstream(
    () => () => Response.json({}, { status: 429, headers: { 'retry-after': '2' } }),
  )
  const { url } = front(scene, 'compatible', upstream.url)
  expect(namesOf(await ask(url, '/v1/chat/completions'))).toEqual([
    'content-type',
    'dragoman-attempts',
    'dragoman-mode',
    'dragoman-target',
    'retry-after',
    'retry-after-ms',
    'x-request-id',
  ])
  expect(namesOf(await ask(url, '/v1/messages'))).toEqual([
    'content-type',
    'dragoman-attempts',
    'dragoman-mode',
    'dragoman-target',
    'request-id',
    'retry-after',
    'x-request-id',
    'x-should-retry',
  ])
  expect(namesOf(await ask(url, '/v1/chat/completions', { model: 'nobody' }))).toEqual([
    'content-type',
    'x-request-id',
  ])
})

test('an upstream gets these', async () => {
  const upstream = scene.upstream(
    () =>
      ({ path }) =>
        Response.json(path.endsWith('/messages') ? messages.whole('Hi') : chat.whole('Hi')),
  )
  const sentBy = async (kind: Kind, stream: boolean) => {
    const { url } = front(scene, kind, upstream.url)
    await (await ask(url, '/v1/chat/completions', { stream })).text()
    const headers = upstream.seen.at(-1)?.headers ?? new Headers()
    return Object.fromEntries(
      [...headers].filter(([name]) => !/^(host|connection|content-length|dragoman-hops)$/.test(name)),
    )
  }
  const same = { 'accept-encoding': 'identity', 'content-type': 'application/json', 'user-agent': 'dragoman' }
  const key = expect.stringMatching(/^Bearer canary/)
  expect(await sentBy('compatible', false)).toEqual({
    ...same,
    accept: 'application/json',
    authorization: key,
  })
  expect(await sentBy('chat', true)).toEqual({ ...same, accept: 'text/event-stream', authorization: key })
  expect(await sentBy('messages', false)).toEqual({
    ...same,
    accept: 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': expect.stringMatching(/^canary/),
  })
  expect(upstream.seen[0]?.headers.get('dragoman-hops')).toMatch(/^[A-Za-z0-9]{12}$/)
})
