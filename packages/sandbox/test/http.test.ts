import { describe, expect, test } from 'bun:test'
import { chatBody, engine, post, read, request } from './support.ts'

describe('routes', () => {
  test('an unknown route is named in OpenAI’s words', async () => {
    const { status, json } = await post('banana', {})
    expect(status).toBe(404)
    expect(json).toEqual({
      error: {
        message: 'Invalid URL (POST /v1/banana)',
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    })
  })

  test.each([
    ['GET', 'chat/completions', 'POST'],
    ['DELETE', 'responses', 'POST'],
    ['PUT', 'embeddings', 'POST'],
    ['POST', 'models', 'GET'],
    ['DELETE', 'models/sandbox', 'GET'],
  ])('%s on %s is 405 and says what is allowed', async (method, path, allow) => {
    const reply = await read(await engine().fetch(request(path, undefined, { method })))
    expect(reply.status).toBe(405)
    expect(reply.headers.get('allow')).toBe(allow)
    expect(reply.json.error.message).toBe(
      `Not allowed to ${method} on /v1/${path}. (HINT: Perhaps you meant to use a different HTTP method?)`,
    )
  })

  test('a slash at the end changes nothing', async () => {
    expect((await post('chat/completions/', chatBody('hi'))).status).toBe(200)
  })

  test.each(['GET', 'DELETE'])('%s of a response finds nothing, because nothing is stored', async method => {
    const reply = await read(await engine().fetch(request('responses/resp_1', undefined, { method })))
    expect([reply.status, reply.json.error.message]).toEqual([404, "Response with id 'resp_1' not found."])
  })
})

describe('headers', () => {
  test.each([
    ['an answer', chatBody('hi'), 200],
    ['a refusal', {}, 400],
  ])('%s carries the request id, the time and the version', async (_, body, status) => {
    const reply = await post('chat/completions', body)
    expect(reply.status).toBe(status)
    expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
    expect(reply.headers.get('openai-processing-ms')).toBe('0')
    expect(reply.headers.get('openai-version')).toBe('2020-10-01')
    expect(reply.headers.get('content-type')).toContain('application/json')
  })

  test('a stream is an event stream', async () => {
    const reply = await post('chat/completions', chatBody('hi', { stream: true }))
    expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  })

  test('request ids differ', async () => {
    const sandbox = engine()
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await post('chat/completions', {}, sandbox)).headers.get('x-request-id')),
    )
    expect(new Set(ids).size).toBe(3)
  })

  test('any key is taken, and none', async () => {
    const send = (headers: HeadersInit) =>
      engine().fetch(request('chat/completions', chatBody('hi'), { headers }))
    expect((await send({ authorization: 'Bearer anything' })).status).toBe(200)
    expect((await send({})).status).toBe(200)
  })
})

describe('bodies', () => {
  const parseError = {
    message:
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
    type: 'invalid_request_error',
    param: null,
    code: null,
  }

  test.each([
    ['cut JSON', '{"model":'],
    ['nothing', ''],
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['JSON too deep to read', `{"model":${'['.repeat(3000)}${']'.repeat(3000)}}`],
    ['a number that is none', '{"temperature":NaN}'],
  ])('%s is not a JSON body', async (_, body) => {
    const { status, json } = await post('chat/completions', body)
    expect([status, json]).toEqual([400, { error: parseError }])
  })

  test('bytes that are no UTF-8 are not a JSON body', async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('{"model":"'), 0xff, 0x22, 0x7d])
    const reply = await read(await engine().fetch(request('chat/completions', '', { body: bytes })))
    expect([reply.status, reply.json]).toEqual([400, { error: parseError }])
  })

  test.each([['text/plain'], ['application/x-www-form-urlencoded']])('%s is no type for JSON', async type => {
    const sent = request('chat/completions', chatBody('hi'), { headers: { 'content-type': type } })
    const reply = await read(await engine().fetch(sent))
    expect([reply.status, reply.json.error.code]).toEqual([400, 'unsupported_content_type'])
    expect(reply.json.error.message).toStartWith(`Unsupported content type: '${type}'.`)
  })

  test('a charset beside the type is fine', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await engine().fetch(request('chat/completions', chatBody('hi'), { headers }))).status).toBe(200)
  })

  test('keys that JavaScript gives to every object are unknown fields like any other', async () => {
    const { json } = await post('chat/completions', '{"model":"sandbox","messages":[],"constructor":1}')
    expect(json.error.param).toBe('messages')
    const odd = await post(
      'chat/completions',
      '{"model":"sandbox","messages":[{"role":"user","content":"x"}],"__proto__":{"n":2}}',
    )
    expect(odd.json.error.message).toBe('Unrecognized request argument supplied: __proto__')
  })

  test('a body that looks like a refusal is not taken for one', async () => {
    const { status, json } = await post('chat/completions', {
      status: 'odd',
      error: { message: 'forged' },
      headers: 7,
    })
    expect([status, json.error.message]).toEqual([400, 'you must provide a model parameter'])
  })

  test('a megabyte of one letter is read without waiting for ever', async () => {
    const { status, json } = await post('chat/completions', chatBody('a'.repeat(1_200_000)))
    expect(status).toBe(400)
    expect(json.error.code).toBe('context_length_exceeded')
  })
})

describe('models', () => {
  test('the list has the shape of OpenAI’s', async () => {
    const { json } = await read(await engine().fetch(request('models')))
    expect(json.object).toBe('list')
    expect(json.data.map((model: { id: string }) => model.id)).toEqual([
      'sandbox',
      'sandbox-mini',
      'sandbox-reasoning',
      'sandbox-embedding',
      'sandbox-embedding-large',
    ])
    for (const model of json.data)
      expect(model).toEqual({ id: model.id, object: 'model', created: 1767225600, owned_by: 'dragoman' })
  })

  test.each([
    ['sandbox', 'sandbox'],
    ['sandbox%2F429', 'sandbox/429'],
    ['sandbox/slow-20', 'sandbox/slow-20'],
  ])('%s is found', async (path, id) => {
    const { status, json } = await read(await engine().fetch(request(`models/${path}`)))
    expect([status, json.id]).toEqual([200, id])
  })

  test('another one is not found', async () => {
    const { status, json } = await read(await engine().fetch(request('models/banana')))
    expect([status, json.error]).toEqual([
      404,
      {
        message: "The model 'banana' does not exist",
        type: 'invalid_request_error',
        param: 'model',
        code: 'model_not_found',
      },
    ])
  })
})
