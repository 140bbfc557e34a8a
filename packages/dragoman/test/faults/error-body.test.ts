import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { ask, canary, createScene, front, paths, provider } from '../support/scene.ts'
import { chat } from '../support/wire.ts'
import { envelope, everywhere, failing, said } from './failing.ts'

// The fault catalogue, C.2: what an upstream says when it fails. Numbers are its rows.

const scene = createScene()

describe('30: an error body', () => {
  const bodies: readonly (readonly [string, BodyInit | null, RegExp])[] = [
    [
      'that is a page',
      `<!doctype html><title>502 ${canary.prompt}</title>`,
      /^The upstream answered with status 500/,
    ],
    ['that is empty', null, /^The upstream answered with status 500/],
    ['that is text', 'upstream connect error', /upstream connect error|status 500/],
    ['that is cut', '{"error":{"message":"half', /.+/],
    ['of 5 MB', `{"error":{"message":"${'x'.repeat(5e6)}"}}`, /^The upstream answered with status 500/],
    ['that is no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), /.+/],
    ['that is a list', '[{"error":{"message":"what it says"}}]', said],
    ['that is a string', '{"error":"what it says"}', said],
    ['that has no envelope', '{"message":"what it says","code":1}', said],
    ['of another dialect', '{"type":"error","error":{"type":"api_error","message":"what it says"}}', said],
    ['nested 10,000 deep', `{"error":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /.+/],
    ['that is null', 'null', /.+/],
    ['that is a number', '500', /.+/],
  ]
  test.each(bodies)('%s becomes an error all the same', async (_, body, says) => {
    for (const way of everywhere) {
      const answer = () => new Response(body, { status: 500 })
      const { response, text, message } = await failing(scene, way, answer)
      expect(response.status).toBe(500)
      if (way[1] !== 'messages') expect(message).toMatch(says)
      expect(text.length).toBeLessThan(5000)
      expect(message.isWellFormed()).toBe(true)
    }
  })

  test('is shown whole, but bounded, to who asked for an explanation', async () => {
    const upstream = scene.upstream(
      () => () => Response.json(envelope({ message: 'x'.repeat(9000), inner: 'seen' }), { status: 400 }),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    const plain = await (await ask(url, '/v1/chat/completions')).json()
    expect(plain).not.toHaveProperty('dragoman')
    const told = await (await ask(url, '/v1/chat/completions', {}, { 'dragoman-explain': '1' })).json()
    expect(told.dragoman).toMatchObject({ target: 'a/m', attempts: 1, upstream: { status: 400 } })
    expect(told.error.message.length).toBeLessThanOrEqual(2048)
  })
})

describe('31: 200 with an error inside', () => {
  const inside: readonly (readonly [string, unknown, readonly [number, string | null]])[] = [
    ['an object', envelope({ code: 'rate_limit_exceeded' }), [429, 'rate_limit_exceeded']],
    ['a string', { error: 'what it says' }, [502, null]],
    ['an object with a status', envelope({ code: 503 }), [503, 'overloaded']],
    ['a bare complaint', { object: 'error', message: 'what it says', code: 400 }, [400, null]],
  ]
  for (const [name, body, [status, code]] of inside) {
    test.each([
      ['/v1/chat/completions', 'compatible', false],
      ['/v1/chat/completions', 'compatible', true],
      ['/v1/chat/completions', 'chat', false],
      ['/v1/chat/completions', 'chat', true],
      ['/v1/responses', 'compatible', false],
      ['/v1/messages', 'compatible', true],
    ] as const)(`${name}, to %s by %s, streamed %p`, async (path, kind, stream) => {
      for (const type of ['application/json', 'text/event-stream', 'text/plain']) {
        const answer = () => new Response(JSON.stringify(body), { headers: { 'content-type': type } })
        const { response, message, ...complaint } = await failing(scene, [path, kind, stream], answer)
        const want = path === '/v1/messages' && status === 503 ? 529 : status
        expect([type, response.status]).toEqual([type, want])
        if (path !== '/v1/messages') expect(complaint.code ?? null).toBe(code)
        expect(message).toMatch(said)
      }
    })
  }

  test('is tried again where its class says so, and goes to the next target', async () => {
    const upstream = scene.upstream(() => () => Response.json(envelope({ code: 'rate_limit_exceeded' })))
    const second = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const clock = createClock()
    const { url } = scene.gateway(
      {
        providers: { a: provider('chat', upstream.url), b: provider('chat', second.url) },
        models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
        retry: { attempts: 1 },
      },
      { ambient: clock },
    )
    const response = await clock.until(ask(url, '/v1/chat/completions', { model: 'm' }))
    expect([response.status, upstream.seen.length, second.seen.length]).toEqual([200, 2, 1])
  })
})

describe('32: 200 with no answer inside', () => {
  const nothing: readonly (readonly [string, object])[] = [
    ['no choices', { ...chat.whole(''), choices: [] }],
    ['choices: null', { ...chat.whole(''), choices: null }],
    ['an empty object', {}],
    ['another wire', { candidates: [{ content: { parts: [{ text: 'Hello' }] } }] }],
  ]
  test.each(nothing)('%s is 502, not an empty success', async (_, body) => {
    for (const path of paths) {
      const { response } = await failing(scene, [path, 'compatible', false], () => Response.json(body))
      expect(response.status).toBe(502)
    }
  })

  test('an answer without content is an answer', async () => {
    const whole = chat.whole('')
    const upstream = scene.upstream(
      () => () =>
        Response.json({
          ...whole,
          choices: [{ index: 0, message: { role: 'assistant', content: null }, finish_reason: 'stop' }],
        }),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    for (const path of paths) expect((await ask(url, path)).status).toBe(200)
  })
})
