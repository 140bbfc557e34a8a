import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { talk } from '../server/raw.ts'
import { asks, canary, complaintOf, type Path, paths, provider, send } from '../support/scene.ts'
import { serve } from '../support/serve.ts'
import { startUpstream } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

const limit = 64 * 1024

// One gateway for all of it: what is bad for one request must not be bad for the next.
const upstream = startUpstream(() => Response.json(chat.whole('Hello')))
const served = serve({
  providers: { a: provider('compatible', upstream.url), relay: provider('chat', upstream.url) },
  server: { max_body: '64kb' },
})
const { url } = served
const port = Number(new URL(url).port)
const prototype = Object.getOwnPropertyNames(Object.prototype).toSorted()

beforeAll(() => expect(prototype).toContain('toString'))
afterAll(async () => {
  await served.close()
  await upstream.close()
})

/** Sends bytes, and gives what the caller hears; the gateway has to be well and silent about secrets afterwards. */
async function refusal(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const response = await send(url, path, body, headers)
  const text = await response.text()
  await expectWell(text)
  return { response, ...complaintOf(path, text) }
}

async function expectWell(said: string): Promise<void> {
  for (const secret of Object.values(canary)) expect(said).not.toContain(secret)
  expect(said).not.toMatch(/\.ts:\d|\bat \w+ \(|node_modules/)
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(prototype)
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
}

const encoder = new TextEncoder()
const ask = (path: Path, more: string) => `${JSON.stringify(asks[path]).slice(0, -1)},${more}}`
const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`

/** The bytes of a request with these ones in the place of a marker. */
function bytesWith(path: Path, bytes: readonly number[]): Uint8Array {
  const [before = '', after = ''] = ask(path, '"user_text":"MARK"').split('MARK')
  return Uint8Array.from([...encoder.encode(before), ...bytes, ...encoder.encode(after)])
}

type Bad = readonly [name: string, body: (path: Path) => string | Uint8Array, status: number, says: RegExp]

const bodies: readonly Bad[] = [
  ['nothing', () => '', 400, /empty/],
  ['white space', () => ' \r\n\t', 400, /empty/],
  ['text', () => 'model=gpt&prompt=hi', 400, /not JSON: expected .* line 1, column 1/],
  ['half an object', path => JSON.stringify(asks[path]).slice(0, -3), 400, /not JSON/],
  ['a comma too many', path => `${JSON.stringify(asks[path]).slice(0, -1)},}`, 400, /not JSON/],
  ['a comment', path => `/* hi */${JSON.stringify(asks[path])}`, 400, /not JSON/],
  ['single quotes', () => "{'model': 'a/m'}", 400, /not JSON/],
  ['NaN', path => ask(path, '"temperature":NaN'), 400, /not JSON/],
  ['Infinity', path => ask(path, '"temperature":-Infinity'), 400, /not JSON/],
  ['undefined', path => ask(path, '"temperature":undefined'), 400, /not JSON/],
  ['two objects', path => JSON.stringify(asks[path]).repeat(2), 400, /not JSON/],
  ['null', () => 'null', 400, /has to be a JSON object/],
  ['a list', path => `[${JSON.stringify(asks[path])}]`, 400, /has to be a JSON object/],
  ['a string', () => '"hi"', 400, /has to be a JSON object/],
  ['a number', () => '1e999', 400, /has to be a JSON object/],
  ['a list 10,000 deep', path => ask(path, `"metadata":${nested(10_000)}`), 400, /nests deeper than 64/],
  ['an unclosed list 10,000 deep', () => '['.repeat(10_000), 400, /nests deeper than 64/],
  ['an object 100 deep', path => ask(path, `"x":${'{"x":'.repeat(100)}1${'}'.repeat(100)}`), 400, /nests/],
  ['model twice', path => ask(path, '"model":"a/other"'), 400, /"model" stands twice/],
  ['model twice, escaped', path => ask(path, '"mod\\u0065l":"a/other"'), 400, /"model" stands twice/],
  ['stream twice', path => ask(path, '"stream":false,"stream":true'), 400, /"stream" stands twice/],
  ['an unknown key twice', path => ask(path, '"x":1,"x":2'), 400, /"x" stands twice/],
  ['__proto__ twice', path => ask(path, '"__proto__":1,"__proto__":2'), 400, /"__proto__" stands twice/],
  ['a lone high surrogate', path => ask(path, '"user":"\\ud83d!"'), 400, /surrogate/],
  ['a lone low surrogate', path => ask(path, '"user":"\\ude00"'), 400, /surrogate/],
  ['a lone surrogate as key', path => ask(path, '"\\ud800":1'), 400, /surrogate/],
  ['an overlong slash', path => bytesWith(path, [0xc0, 0xaf]), 400, /not valid UTF-8/],
  ['a cut character', path => bytesWith(path, [0xe2, 0x82]), 400, /not valid UTF-8/],
  ['a surrogate in UTF-8', path => bytesWith(path, [0xed, 0xa0, 0x80]), 400, /not valid UTF-8/],
  ['a stray continuation', path => bytesWith(path, [0x80]), 400, /not valid UTF-8/],
  [
    'UTF-16',
    path => new Uint8Array(Buffer.from(JSON.stringify(asks[path]), 'utf16le')),
    400,
    /not JSON|UTF-8/,
  ],
  ['a raw control character', path => ask(path, '"user":"a\u0001b"'), 400, /not JSON/],
  [
    'a million-digit number and more than the limit',
    path => ask(path, `"x":${'9'.repeat(1e6)}`),
    413,
    /limit of 65536/,
  ],
]

describe.each(paths)('%s refuses, in its own words,', path => {
  test.each(bodies)('%s', async (_, body, status, says) => {
    const { response, type, message } = await refusal(path, body(path))
    expect(response.status).toBe(status)
    expect(message).toMatch(says)
    expect(type).toBe(
      status === 413 && path === '/v1/messages' ? 'request_too_large' : 'invalid_request_error',
    )
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{24}$/)
  })

  test('a body over the limit, announced, chunked, or announced too small', async () => {
    const large = ask(path, `"user":"${'x'.repeat(limit)}"`)
    expect((await refusal(path, large)).response.status).toBe(413)
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n`
    const chunks = Array.from({ length: 10 }, () => `4000\r\n${'x'.repeat(0x4000)}\r\n`).join('')
    expect(await talk(port, `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413/,
    )
    // What stands behind the announced length is not read as this body; as a request of its own it is none.
    const lying = await talk(port, `${head}Content-Length: 10\r\n\r\n${large}`)
    expect(lying).toMatch(/^HTTP\/1\.1 400/)
    expect(lying).not.toContain('200 OK')
    await expectWell(lying)
  })

  test('a body that ends before its announced length reaches no upstream', async () => {
    const before = upstream.seen.length
    const body = JSON.stringify(asks[path])
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
    await new Promise<void>(resolve => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.end(`${head}Content-Length: ${body.length + 10}\r\n\r\n${body}`),
      )
      socket.on('close', () => resolve())
      socket.on('error', () => resolve())
      socket.resume()
    })
    await expectWell('')
    expect(upstream.seen.length).toBe(before)
  })

  test.each([
    ['text/plain', /application\/json, not "text\/plain/],
    ['multipart/form-data; boundary=x', /application\/json/],
    ['application/x-www-form-urlencoded', /application\/json/],
    ['application/jsonp', /application\/json/],
  ])('the content type %s', async (type, says) => {
    const { response, message } = await refusal(path, JSON.stringify(asks[path]), { 'content-type': type })
    expect(response.status).toBe(415)
    expect(message).toMatch(says)
  })

  test('a content type as long as a book, without repeating it', async () => {
    const { response, message } = await refusal(path, '{}', { 'content-type': `text/${'x'.repeat(5000)}` })
    expect(response.status).toBe(415)
    expect(message.length).toBeLessThan(200)
  })

  test.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])('a body in the coding %s', async coding => {
    const body = Bun.gzipSync(encoder.encode(JSON.stringify(asks[path])))
    const { response, message } = await refusal(path, body, { 'content-encoding': coding })
    expect(response.status).toBe(415)
    expect(message).toContain('Compressed')
  })
})

const numericKeys = Array.from({ length: 4000 }, (_, key) => `"${key * 7919}":0`).join()

describe('what is unusual but right is taken:', () => {
  const fine: readonly (readonly [string, (path: Path) => string | Uint8Array])[] = [
    ['a BOM', path => `\ufeff${JSON.stringify(asks[path])}`],
    ['white space around and inside', path => ` \r\n${JSON.stringify(asks[path], null, '\t')}\n\n`],
    ['escaped keys', path => JSON.stringify(asks[path]).replace('"model"', '"\\u006dodel"')],
    ['a surrogate pair', path => ask(path, '"user":"\\ud83d\\ude00"')],
    ['a list 60 deep', path => ask(path, `"x_field":${nested(60)}`)],
    ['a duplicate below the top', path => ask(path, '"x_field":{"a":1,"a":2}')],
    ['a NUL in a text', path => ask(path, '"user":"a\\u0000b"')],
    ['a number of 400 digits', path => ask(path, `"x_field":${'9'.repeat(400)}`)],
    // Keys like these share a hash in engines that were not hardened.
    ['4,000 numeric keys', path => ask(path, `"x_field":{${numericKeys}}`)],
  ]
  test.each(paths)('%s', async path => {
    for (const [name, body] of fine) {
      const response = await send(url, path, body(path))
      const text = await response.text()
      expect([name, response.status, text.includes('Hello')]).toEqual([name, 200, true])
      await expectWell(text)
    }
  })

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/vnd.api+json',
  ])('the content type %s', async type => {
    for (const path of paths) {
      const response = await send(url, path, JSON.stringify(asks[path]), { 'content-type': type })
      expect(response.status).toBe(200)
    }
  })

  test('no content type at all', async () => {
    const body = JSON.stringify(asks['/v1/chat/completions'])
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n'
    const heard = await talk(port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`)
    expect(heard).toMatch(/^HTTP\/1\.1 200/)
  })
})
