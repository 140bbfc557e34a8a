import { describe, expect, test } from 'bun:test'
import type { KeyVerifier } from '../../src/core/ports.ts'
import { talk } from '../server/raw.ts'
import { asks, canary, complaintOf, createScene, front, paths, send } from '../support/scene.ts'
import { chat } from '../support/wire.ts'

const scene = createScene()
const key = canary.caller

const keys: KeyVerifier = {
  verify: presented =>
    presented === key
      ? { kind: 'known', principal: { id: 'k1', name: 'test', tenant: 't1' } }
      : { kind: 'unknown' },
}

function guarded(verifier: KeyVerifier = keys) {
  const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
  const { url, gateway } = front(scene, 'compatible', upstream.url, {}, { keys: verifier })
  return { upstream, url, gateway, port: Number(new URL(url).port) }
}

const places = ['x-api-key', 'api-key', 'x-goog-api-key'] as const

describe('a known key is taken', () => {
  const ways: readonly (readonly [string, Record<string, string>, string])[] = [
    ['as a bearer', { authorization: `Bearer ${key}` }, ''],
    ['as a bearer in lower case', { authorization: `bearer ${key}` }, ''],
    ['as a bearer in upper case', { authorization: `BEARER ${key}` }, ''],
    ['as a bearer after several spaces', { authorization: `Bearer   ${key}` }, ''],
    ...places.map(place => [`in ${place}`, { [place]: key }, ''] as const),
    ['in the query', {}, `?key=${key}`],
    ['in the query beside others', {}, `?beta=true&key=${key}`],
    ['in several places', { authorization: `Bearer ${key}`, 'x-api-key': key }, `?key=${key}`],
    ['beside an empty one', { authorization: `Bearer ${key}`, 'x-api-key': '' }, '?key='],
  ]
  test.each(ways)('%s', async (_, headers, query) => {
    const { url, upstream } = guarded()
    for (const path of paths) {
      const response = await send(url, path + query, JSON.stringify(asks[path]), headers)
      expect([path, response.status]).toEqual([path, 200])
    }
    for (const seen of upstream.seen) {
      expect(JSON.stringify([...seen.headers])).not.toContain(key)
      expect(seen.headers.get('authorization')).toBe(`Bearer ${canary.provider}`)
    }
    expect((await fetch(`${url}/v1/models${query}`, { headers })).status).toBe(200)
  })
})

describe('refused before anything else:', () => {
  const basic = `Basic ${btoa(`user:${key}`)}`
  const ways: readonly (readonly [string, Record<string, string>, string, number, string])[] = [
    ['no key', {}, '', 401, ''],
    ['an empty key', { 'x-api-key': '' }, '?key=', 401, ''],
    ['an unknown key', { authorization: 'Bearer canary-wrong' }, '', 401, 'invalid_api_key'],
    ['an unknown key elsewhere', { 'x-api-key': 'canary-wrong' }, '', 401, 'invalid_api_key'],
    ['the key and a letter', { 'x-api-key': `${key}x` }, '', 401, 'invalid_api_key'],
    ['the key in upper case', { 'x-api-key': key.toUpperCase() }, '', 401, 'invalid_api_key'],
    ['basic authentication', { authorization: basic }, '', 401, 'invalid_api_key'],
    ['the key as basic', { authorization: `Basic ${key}` }, '', 401, 'invalid_api_key'],
    ['the key as digest', { authorization: `Digest ${key}` }, '', 401, 'invalid_api_key'],
    ['the key without a scheme', { authorization: key }, '', 401, 'invalid_api_key'],
    ['a bearer and nothing', { authorization: 'Bearer ' }, '', 401, 'invalid_api_key'],
    ['a bearer of two words', { authorization: `Bearer ${key} x` }, '', 401, 'invalid_api_key'],
    ['a key of 60 kB', { 'x-api-key': 'x'.repeat(10_000) }, '', 401, 'invalid_api_key'],
    ['SQL', { 'x-api-key': `' or 1=1; --` }, '', 401, 'invalid_api_key'],
    [
      'two different keys',
      { authorization: `Bearer ${key}`, 'x-api-key': 'canary-wrong' },
      '',
      400,
      'ambiguous_credentials',
    ],
    [
      'two different keys, one in the query',
      { 'x-api-key': key },
      '?key=canary-wrong',
      400,
      'ambiguous_credentials',
    ],
  ]
  test.each(ways)('%s', async (_, headers, query, status, code) => {
    const { url, upstream } = guarded()
    for (const path of [...paths, '/v1/embeddings', '/v1/messages/count_tokens']) {
      // The key is asked for before the body is read: a stranger learns nothing of what is wrong with it.
      for (const body of [JSON.stringify({ model: 'a/m', messages: [] }), 'no JSON', '{}']) {
        const response = await send(url, path + query, body, headers)
        const text = await response.text()
        const complaint = complaintOf(path, text)
        expect([path, body, response.status]).toEqual([path, body, status])
        expect(text).not.toMatch(/canary/)
        if (!path.startsWith('/v1/messages')) expect(complaint.code ?? '').toBe(code)
        else if (status === 401) expect(complaint.type).toBe('authentication_error')
      }
    }
    for (const page of ['/v1/models', '/v1/models/a', '/dragoman/requests/x']) {
      expect([page, (await fetch(url + page + query, { headers })).status]).toEqual([page, status])
    }
    expect(upstream.seen.length).toBe(0)
  })

  test('two authorization headers', async () => {
    const { port, upstream } = guarded()
    const body = JSON.stringify(asks['/v1/chat/completions'])
    for (const other of [key, 'canary-wrong']) {
      const heard = await talk(
        port,
        `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\nAuthorization: Bearer ${key}\r\nAuthorization: Bearer ${other}\r\n\r\n${body}`,
      )
      expect(heard).toMatch(/^HTTP\/1\.1 401/)
    }
    expect(upstream.seen.length).toBe(0)
  })
})

test('a key store that cannot answer is 503, never 401', async () => {
  const { url } = guarded({ verify: () => ({ kind: 'unavailable' }) })
  for (const path of paths) {
    const response = await send(url, path, JSON.stringify(asks[path]), { 'x-api-key': key })
    expect(response.status).toBe(503)
    complaintOf(path, await response.text())
  }
})

test('a verifier may take its time', async () => {
  const { url } = guarded({ verify: async presented => keys.verify(presented) })
  const body = JSON.stringify(asks['/v1/chat/completions'])
  expect((await send(url, '/v1/chat/completions', body, { 'x-api-key': key })).status).toBe(200)
  expect((await send(url, '/v1/chat/completions', body, { 'x-api-key': 'x' })).status).toBe(401)
})

test('what a call left behind is shown to its own tenant only', async () => {
  const two: KeyVerifier = {
    verify: presented => ({ kind: 'known', principal: { id: presented, name: 'x', tenant: presented } }),
  }
  const { url } = guarded(two)
  const body = JSON.stringify(asks['/v1/chat/completions'])
  const response = await send(url, '/v1/chat/completions', body, { 'x-api-key': 'one' })
  const page = `${url}/dragoman/requests/${response.headers.get('x-request-id')}`
  const own = await fetch(page, { headers: { 'x-api-key': 'one' } })
  const foreign = await fetch(page, { headers: { 'x-api-key': 'two' } })
  const unknown = await fetch(`${url}/dragoman/requests/${'A'.repeat(24)}`, {
    headers: { 'x-api-key': 'two' },
  })
  expect([own.status, foreign.status, unknown.status]).toEqual([200, 404, 404])
  expect(await foreign.json()).toEqual(await unknown.json())
})
