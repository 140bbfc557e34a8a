// curl against the running gateway: what a person types, and everything that can be typed wrong.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunningGateway, startGateway } from './harness/gateway.ts'
import { start } from './harness/process.ts'
import { scratchFolder } from './harness/scratch.ts'

let gateway: RunningGateway

beforeAll(async () => {
  gateway = await startGateway({ server: { max_body: '1mb' }, retry: { attempts: 0 } })
})

afterAll(async () => {
  await gateway?.stop()
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

async function curl(path: string, ...args: readonly string[]): Promise<Answer> {
  const process = start(['curl', '--silent', '--show-error', '--include', ...args, `${gateway.url}${path}`])
  if ((await process.ended) !== 0) throw new Error(`curl failed: ${process.printed()}`)
  let text = process.printed()
  // The answer to curl's own `Expect: 100-continue`, which it sends with a large body.
  while (/^HTTP\/1\.1 1\d\d/.test(text)) text = text.slice(text.indexOf('\r\n\r\n') + 4)
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  return { status: Number(first.split(' ')[1]), headers: new Headers(pairs), body: text.slice(end + 4) }
}

const withKey = () => ['-H', `authorization: Bearer ${gateway.key}`]
const json = ['-H', 'content-type: application/json']
const post = (path: string, body: string, ...more: readonly string[]) =>
  curl(path, ...withKey(), ...json, ...more, '--data-binary', body)

const chat = (more: object = {}) =>
  JSON.stringify({
    model: 'sandbox',
    messages: [{ role: 'user', content: 'Reply with exactly "ok"' }],
    ...more,
  })

const errorOf = (
  answer: Answer,
): { message: string; type: string; code: string | null; param: string | null } =>
  JSON.parse(answer.body).error

describe('what works', () => {
  test('curl -N shows a chat stream that ends with [DONE]', async () => {
    const answer = await post('/v1/chat/completions', chat({ stream: true }), '-N')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toStartWith('text/event-stream')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    const frames = answer.body.trim().split('\n\n')
    expect(frames.every(frame => frame.startsWith('data: '))).toBeTrue()
    expect(frames.at(-1)).toBe('data: [DONE]')
  })

  test('curl -N shows a Responses stream and a Messages stream, every event named', async () => {
    const responses = await post('/v1/responses', '{"model":"sandbox","input":"hi","stream":true}', '-N')
    expect(responses.body).toStartWith('event: response.created\ndata: {')
    expect(responses.body.trim().split('\n\n').at(-1)).toStartWith('event: response.completed\n')
    const messages = await post(
      '/v1/messages?beta=true',
      '{"model":"sandbox","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hi"}]}',
      '-N',
    )
    expect(messages.body).toStartWith('event: message_start\ndata: {')
    expect(messages.body.trim().split('\n\n').at(-1)).toBe(
      'event: message_stop\ndata: {"type":"message_stop"}',
    )
  })

  test('the line that the gateway prints at its start can be pasted', async () => {
    const [, line = ''] = /^ *(curl -N .+)$/m.exec(gateway.printed()) ?? []
    const process = start(['sh', '-c', line])
    expect(await process.ended).toBe(0)
    expect(process.printed()).toContain('data: [DONE]')
  })

  test('every place where SDKs put a key', async () => {
    for (const args of [
      ['-H', `authorization: Bearer ${gateway.key}`],
      ['-H', `x-api-key: ${gateway.key}`],
      ['-H', `api-key: ${gateway.key}`],
      ['-H', `x-goog-api-key: ${gateway.key}`],
    ]) {
      expect((await curl('/v1/models', ...args)).status).toBe(200)
    }
    expect((await curl(`/v1/models?key=${gateway.key}`)).status).toBe(200)
  })

  test('HEAD / and the health pages need no key', async () => {
    for (const path of ['/', '/healthz', '/readyz']) {
      expect((await curl(path, '--head')).status).toBe(200)
      expect((await curl(path)).status).toBe(200)
    }
  })

  test('what happened to a call can be looked up by its id, with the same key', async () => {
    const answer = await post('/v1/chat/completions', chat())
    const id = answer.headers.get('x-request-id')
    const record = await curl(`/dragoman/requests/${id}`, ...withKey())
    expect(JSON.parse(record.body)).toMatchObject({ id, outcome: 'completed', model: 'sandbox' })
    expect(record.body).not.toContain('Reply with exactly')
    expect((await curl(`/dragoman/requests/${id}`)).status).toBe(401)
  })

  test('an explanation in the body where it is asked for', async () => {
    const answer = await post('/v1/chat/completions', chat(), '-H', 'dragoman-explain: 1')
    expect(JSON.parse(answer.body)).toMatchObject({ dragoman: { target: 'sandbox/sandbox', attempts: 1 } })
  })
})

describe('what is refused, in the caller’s dialect and with a sentence', () => {
  test('a wrong method', async () => {
    const answer = await curl('/v1/chat/completions', ...withKey())
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(errorOf(answer).message).toContain('GET')
    const messages = await curl('/v1/messages', ...withKey(), '-X', 'DELETE')
    expect(messages.status).toBe(405)
    expect(JSON.parse(messages.body)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
    })
  })

  test('an unknown path, with the one that was meant', async () => {
    for (const path of ['/chat/completions', '/v1/v1/chat/completions', '/v1/Chat/Completions/']) {
      const answer = await post(path, chat())
      expect(answer.status).toBe(404)
      expect(errorOf(answer).message).toContain('/v1/chat/completions')
    }
  })

  test('a content type that is not JSON', async () => {
    const answer = await curl('/v1/chat/completions', ...withKey(), '--data-binary', chat())
    expect(answer.status).toBe(415)
    expect(errorOf(answer).message).toContain('application/json')
  })

  test.each([
    ['no body', ''],
    ['not JSON', 'hello'],
    ['a body cut in the middle', '{"model":"sandbox","messages":[{"role":'],
    ['a list', '[]'],
    ['null', 'null'],
    ['two values', '{}{}'],
    ['a key twice', '{"model":"sandbox","model":"other","messages":[]}'],
    ['deep nesting', `{"model":"sandbox","messages":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    [
      'half of a surrogate pair',
      '{"model":"sandbox","messages":[{"role":"user","content":"half \\ud83d of it"}]}',
    ],
    ['no model', '{"messages":[]}'],
    ['a model that is a number', '{"model":5,"messages":[]}'],
    ['messages that are a text', '{"model":"sandbox","messages":"hi"}'],
    ['no messages', '{"model":"sandbox"}'],
    [
      'a field nobody knows',
      '{"model":"sandbox","messages":[{"role":"user","content":"hi"}],"temprature":1}',
    ],
    ['stream as a text', '{"model":"sandbox","stream":"yes","messages":[{"role":"user","content":"hi"}]}'],
  ])('%s', async (_, body) => {
    const answer = await post('/v1/chat/completions', body)
    expect(answer.status).toBe(400)
    expect(errorOf(answer)).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(/\w{3}/),
    })
    expect(answer.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{16,}$/)
  })

  test('bytes that are no UTF-8', async () => {
    const path = join(scratchFolder(), 'body')
    writeFileSync(path, Buffer.from([0x7b, 0x22, 0x6d, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))
    const answer = await post('/v1/chat/completions', `@${path}`)
    expect(answer.status).toBe(400)
  })

  test('a body that is too large, announced or not', async () => {
    const path = join(scratchFolder(), 'body')
    writeFileSync(path, chat({ user: 'x'.repeat(2_000_000) }))
    for (const more of [[], ['-H', 'transfer-encoding: chunked']]) {
      const answer = await post('/v1/chat/completions', `@${path}`, ...more)
      expect(answer.status).toBe(413)
      expect(errorOf(answer).message).toContain('1048576 bytes')
    }
  })

  test('no key, a wrong key, two different keys', async () => {
    const none = await curl('/v1/chat/completions', ...json, '--data-binary', chat())
    expect(none.status).toBe(401)
    expect(errorOf(none).message).toContain('dragoman key')
    const wrong = await curl('/v1/models', '-H', 'authorization: Bearer sk-wrong')
    expect(wrong.status).toBe(401)
    const two = await curl('/v1/models', ...withKey(), '-H', 'x-api-key: other')
    expect(two.status).toBe(400)
    const messages = await curl('/v1/messages', ...json, '--data-binary', '{}')
    expect(messages.status).toBe(401)
    expect(JSON.parse(messages.body)).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error' },
    })
  })

  test('an error never shows a key', async () => {
    const answer = await curl('/v1/models', '-H', 'authorization: Bearer sk-a-secret-of-somebody')
    expect(answer.body).not.toContain('sk-a-secret')
    expect(gateway.printed()).not.toContain('sk-a-secret')
  })
})

test('a call that comes back to the gateway is refused', async () => {
  // The address is only known once it runs, so the loop is closed by a change of its configuration.
  gateway.reconfigure({
    server: { max_body: '1mb' },
    retry: { attempts: 0 },
    providers: { mirror: { kind: 'openai-compatible', base_url: `${gateway.url}/v1`, api_key: gateway.key } },
  })
  const ask = () => post('/v1/chat/completions', chat({ model: 'mirror/mirror/sandbox' }))
  let answer = await ask()
  while (answer.status === 404) answer = await ask()
  expect(answer.status).toBe(508)
  expect(errorOf(answer).code).toBe('loop_detected')
})
