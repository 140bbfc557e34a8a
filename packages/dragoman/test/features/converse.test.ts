import { describe, expect, test } from 'bun:test'
import { type SigningKeys, signRequest } from '../../src/providers/auth/sigv4.ts'
import { Credential } from '../../src/providers/provider.ts'
import { answerOf, callOf, converse, joined } from '../support/converse.ts'
import { ask, canary, complaintOf, createScene, paths, recordOf, type Scene } from '../support/scene.ts'
import type { Answering, SeenRequest, Step, Upstream } from '../support/upstream.ts'
import { finishes, hear } from './callers.ts'

const scene = createScene()

const keys = { region: 'eu-west-1', access_key_id: 'AKID', secret_access_key: canary.provider }

/** A gateway in front of a scripted Bedrock, reached with a key unless it is to sign. */
function serve(
  scene: Scene,
  answer: (stream: (...steps: readonly Step[]) => Response) => Answering,
  options: { readonly signs?: object; readonly model?: string; readonly like?: string } = {},
): { readonly url: string; readonly upstream: Upstream } {
  const upstream = scene.upstream(stream => answer((...steps) => stream(steps)))
  const signIn = options.signs ?? { region: 'eu-west-1', api_key: canary.provider }
  const { url } = scene.gateway({
    providers: { b: { kind: 'bedrock', base_url: upstream.url, ...signIn } },
    models: {
      'a/m': {
        targets: [
          {
            provider: 'b',
            model: options.model ?? 'amazon.nova-pro-v1:0',
            ...(options.like === undefined ? {} : { like: options.like }),
          },
        ],
      },
    },
    retry: { attempts: 0 },
  })
  return { url, upstream }
}

const whole = (body: object, status = 200, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers })

const isStream = (request: SeenRequest): boolean => request.path.endsWith('-stream')

describe.each(paths)('%s by Converse', path => {
  const answering: Parameters<typeof serve>[1] = stream => request =>
    isStream(request) ? stream(callOf('{"city":', '"Bonn"}')) : whole(converse.wholeCall({ city: 'Bonn' }))

  test.each([false, true])('an official client hears text and calls, streamed: %p', async stream => {
    const { url, upstream } = serve(scene, answering)
    const heard = await hear[path](url, stream)
    expect(heard).toEqual({
      text: 'Let me look. ',
      finish: finishes[path].calls,
      calls: [{ id: 'tooluse_A', name: 'weather', args: { city: 'Bonn' } }],
    })
    const [seen] = upstream.seen
    expect(seen?.path).toBe(`/model/amazon.nova-pro-v1%3A0/converse${stream ? '-stream' : ''}`)
    expect(seen?.headers.get('authorization')).toBe(`Bearer ${canary.provider}`)
    expect(seen?.headers.get('accept')).toBe(
      stream ? 'application/vnd.amazon.eventstream' : 'application/json',
    )
    expect(seen?.json.messages).toEqual([{ role: 'user', content: [{ text: 'hi' }] }])
    expect(seen?.json).not.toHaveProperty('model')
    expect(seen?.json).not.toHaveProperty('stream')
  })

  test('a stream cut anywhere says the same', async () => {
    const bytes = answerOf('Hello')
    const cutsAt = [1, 11, 12, 40, bytes.length - 1]
    const pieces = [0, ...cutsAt].map((at, index) => bytes.subarray(at, [...cutsAt, bytes.length][index]))
    const { url } = serve(scene, stream => () => stream(...pieces))
    expect((await hear[path](url, true)).text).toBe('Hello')
  })

  test('an exception before content is an error with a status (trap 37)', async () => {
    const exception = converse.exception('throttlingException', { message: 'slow down' })
    const { url } = serve(scene, stream => () => stream(converse.start(), exception))
    const response = await ask(url, path, { stream: true })
    expect(response.status).toBe(429)
    expect(complaintOf(path, await response.text()).message).toBe('slow down')
  })

  test.each<readonly [string, Uint8Array, string]>([
    ['an exception', converse.exception('modelStreamErrorException', { message: 'it broke' }), 'it broke'],
    ['an error without a body', converse.error('InternalFailure', 'it fell over'), 'it fell over'],
    ['the end in the middle of a message', converse.stop().subarray(0, 30), 'middle of a message'],
    ['a changed byte', converse.stop().map((byte, at) => (at === 100 ? byte ^ 1 : byte)), 'checksum'],
    ['the end before the reason', new Uint8Array(0), 'before its end'],
  ])('after content %s is an error in band, and no end (traps 6, 9, 10, 11)', async (_, last, words) => {
    const { url } = serve(scene, stream => () => stream(converse.start(), converse.text('Hel'), last))
    const response = await ask(url, path, { stream: true })
    expect(response.status).toBe(200)
    const text = await response.text()
    expect(text).toContain('Hel')
    expect(text).toContain(words)
    expect(text).toContain('"error"')
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('message_stop')
    expect(text).not.toContain('response.completed')
  })

  test('a stream without usage still ends (trap 15)', async () => {
    const bytes = joined(converse.start(), converse.text('Hello'), converse.stop())
    const { url } = serve(scene, stream => () => stream(bytes))
    expect((await hear[path](url, true)).text).toBe('Hello')
  })

  test('usage before the reason is told once, in its place (traps 14 and 63)', async () => {
    const bytes = joined(
      converse.start(),
      converse.text('Hello'),
      converse.usage({ cacheReadInputTokens: 100, cacheReadInputTokenCount: 100 }),
      converse.stop(),
    )
    const { url } = serve(scene, stream => () => stream(bytes))
    const response = await ask(url, path, { stream: true, stream_options: { include_usage: true } })
    const text = await response.text()
    expect(
      text.match(/"finish_reason":"stop"|"stop_reason":"end_turn"|event: response\.completed/g)?.length,
    ).toBe(1)
    const record = await recordOf(url, response)
    expect(record.attempts[0].usage).toMatchObject({ input: 3, cacheRead: 100, output: 2 })
  })
})

test('prompt tokens are all that was read (traps 34 and 62)', async () => {
  const { url } = serve(scene, () => () => whole(converse.wholeCall({})))
  const completion = await (await ask(url, '/v1/chat/completions')).json()
  expect(completion.usage).toMatchObject({ prompt_tokens: 120, completion_tokens: 9, total_tokens: 129 })
  expect(completion.choices[0].message.tool_calls[0].function.arguments).toBe('{}')
})

describe('signed requests', () => {
  const signing: SigningKeys = {
    region: 'eu-west-1',
    accessKeyId: 'AKID',
    secretAccessKey: new Credential(canary.provider),
  }

  test.each(['whole', 'stream'])('carry the signature of exactly the bytes that arrive: %s', async form => {
    const { url, upstream } = serve(
      scene,
      stream => request => (isStream(request) ? stream(answerOf('ok')) : whole(converse.whole('ok'))),
      { signs: keys, model: 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/x:y' },
    )
    const response = await ask(url, '/v1/chat/completions', { stream: form === 'stream', user: 'ü' })
    expect(await response.text()).toContain('ok')
    const [seen] = upstream.seen
    if (seen === undefined) throw new Error('nothing arrived')
    expect(seen.path).toContain('application-inference-profile%2Fx%3Ay/')
    const time = seen.headers.get('x-amz-date') ?? ''
    const at = Date.parse(time.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'))
    const again = await signRequest(
      {
        method: 'POST',
        url: upstream.url + seen.path,
        headers: { 'content-type': seen.headers.get('content-type') ?? '' },
        body: seen.body,
      },
      signing,
      'bedrock',
      at,
    )
    expect(seen.headers.get('authorization')).toBe(again.authorization ?? null)
    expect(JSON.stringify([...seen.headers])).not.toContain(canary.provider)
  })

  test('carry the session token of temporary keys', async () => {
    const { url, upstream } = serve(scene, () => () => whole(converse.whole('ok')), {
      signs: { ...keys, session_token: 'temporary' },
    })
    await ask(url, '/v1/chat/completions')
    expect(upstream.seen[0]?.headers.get('x-amz-security-token')).toBe('temporary')
  })

  test('are not sent on to another place (trap 50)', async () => {
    const { url, upstream } = serve(
      scene,
      () => () => new Response(null, { status: 307, headers: { location: '/elsewhere' } }),
      { signs: keys },
    )
    expect((await ask(url, '/v1/chat/completions')).status).toBe(502)
    expect(upstream.seen.length).toBe(1)
  })
})

describe('errors', () => {
  test.each<readonly [string, number, string, object, number, string]>([
    ['a quota (trap 39)', 400, 'ServiceQuotaExceededException', { message: 'no more' }, 429, 'no more'],
    ['a class with an address (trap 40)', 400, 'ValidationException:http://x/', { message: 'no' }, 400, 'no'],
    ['a capital letter (trap 41)', 404, 'ResourceNotFoundException', { Message: 'gone' }, 404, 'gone'],
    [
      'a mistake the model found (trap 38)',
      424,
      'ModelErrorException',
      { message: 'bad field', originalStatusCode: 400 },
      400,
      'bad field',
    ],
    ['a model that failed', 424, 'ModelErrorException', { message: 'oh' }, 502, 'oh'],
    ['a model that is not ready (trap 57)', 429, 'ModelNotReadyException', { message: 'soon' }, 503, 'soon'],
    ['too much at once', 429, 'ThrottlingException', { message: 'slow' }, 429, 'slow'],
    ['a model that took too long', 408, 'ModelTimeoutException', { message: 'late' }, 504, 'late'],
    ['a token that expired', 403, 'ExpiredTokenException', { message: canary.provider }, 502, 'credentials'],
    ['no access', 403, 'AccessDeniedException', { message: canary.provider }, 502, 'may not use this model'],
    [
      'a model that needs a profile (trap 32)',
      400,
      'ValidationException',
      { message: 'Invocation of model ID x with on-demand throughput isn’t supported.' },
      404,
      'inference profile',
    ],
    [
      'a prefix of another region (trap 33)',
      400,
      'ValidationException',
      { message: 'The provided model identifier is invalid.' },
      404,
      'goes with the region',
    ],
    [
      'a prompt that is too long',
      400,
      'ValidationException',
      { message: 'Input is too long for requested model.' },
      400,
      'too long',
    ],
  ])('%s', async (_, status, type, body, expected, words) => {
    const headers = { 'x-amzn-errortype': type, 'x-amzn-requestid': 'req-1' }
    const { url } = serve(scene, () => () => whole(body, status, headers))
    const response = await ask(url, '/v1/chat/completions')
    const text = await response.text()
    expect({ status: response.status, text }).toEqual({
      status: expected,
      text: expect.stringContaining(words),
    })
    expect(text).not.toContain(canary.provider)
  })
})

describe('the native wire of Claude', () => {
  const model = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'
  const message = {
    id: 'msg_bdrk_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5-20251001',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 2 },
  }
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2 },
    },
    { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } },
  ]
  const chunks = events.map(converse.chunk)
  const native = (answer: Parameters<typeof serve>[1]) => serve(scene, answer, { model })

  test.each([false, true])('a caller of Messages speaks it, streamed: %p (traps 42 to 45)', async stream => {
    const { url, upstream } = native(
      play => request =>
        isStream(request)
          ? play(joined(...chunks).subarray(0, 77), joined(...chunks).subarray(77))
          : whole(message),
    )
    const heard = await hear['/v1/messages'](url, stream)
    expect(heard).toEqual({ text: 'Hello', finish: 'end_turn', calls: [] })
    const [seen] = upstream.seen
    expect(seen?.path).toBe(
      `/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
    )
    expect(seen?.json.anthropic_version).toBe('bedrock-2023-05-31')
    expect(seen?.json).not.toHaveProperty('model')
    expect(seen?.json).not.toHaveProperty('stream')
    expect(seen?.headers.get('anthropic-version')).toBeNull()
  })

  test('its switches stand in the body', async () => {
    const { url, upstream } = native(() => () => whole(message))
    await ask(url, '/v1/messages', {}, { 'anthropic-beta': 'context-1m-2025-08-07, other-2026-01-01' })
    expect(upstream.seen[0]?.json.anthropic_beta).toEqual(['context-1m-2025-08-07', 'other-2026-01-01'])
    expect(upstream.seen[0]?.headers.get('anthropic-beta')).toBeNull()
  })

  test('its errors have the caller’s envelope (trap 59)', async () => {
    const headers = { 'x-amzn-errortype': 'ServiceQuotaExceededException' }
    const { url } = native(() => () => whole({ message: 'no more' }, 400, headers))
    const response = await ask(url, '/v1/messages')
    expect(complaintOf('/v1/messages', await response.text())).toMatchObject({
      type: 'billing_error',
      message: 'no more',
    })
  })

  test('its exceptions end a stream in band, named', async () => {
    const exception = converse.exception('serviceUnavailableException', { message: 'away' })
    const { url } = native(play => () => play(joined(...chunks.slice(0, 3)), exception))
    const text = await (await ask(url, '/v1/messages', { stream: true })).text()
    expect(text).toContain('event: error\ndata: {"type":"error"')
    expect(text).toContain('overloaded_error')
    expect(text).not.toContain('message_stop')
  })

  test('callers of other wires, and other models, go by Converse', async () => {
    const { url, upstream } = native(() => () => whole(converse.whole('Hello')))
    await ask(url, '/v1/chat/completions')
    const other = serve(scene, () => () => whole(converse.whole('Hello')))
    await ask(other.url, '/v1/messages')
    expect([...upstream.seen, ...other.upstream.seen].map(seen => seen.path.split('/').at(-1))).toEqual([
      'converse',
      'converse',
    ])
  })
})

describe('what a target cannot take', () => {
  test('a tool’s name with a dot comes back as its caller wrote it (trap 22)', async () => {
    const { url, upstream } = serve(scene, () => request => {
      const { tools } = request.json.toolConfig as { tools: { toolSpec: { name: string } }[] } // as the codec writes it
      const toolUse = { toolUseId: 'a', name: tools[0]?.toolSpec.name, input: {} }
      return whole({
        ...converse.whole(''),
        output: { message: { content: [{ toolUse }] } },
        stopReason: 'tool_use',
      })
    })
    const tools = [{ type: 'function', function: { name: 'files.read', parameters: { type: 'object' } } }]
    const completion = await (await ask(url, '/v1/chat/completions', { tools })).json()
    expect(completion.choices[0].message.tool_calls[0].function.name).toBe('files.read')
    expect(upstream.seen[0]?.body).not.toContain('files.read')
  })

  test('a profile of one’s own is taken for the model it is said to be like (trap 52)', async () => {
    const model = 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/x'
    const reasoning = { reasoning_effort: 'high', max_completion_tokens: 100 }
    const plain = serve(scene, () => () => whole(converse.whole('ok')), { model })
    await ask(plain.url, '/v1/chat/completions', reasoning)
    expect(plain.upstream.seen[0]?.json).not.toHaveProperty('additionalModelRequestFields')
    const like = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
    const told = serve(scene, () => () => whole(converse.whole('ok')), { model, like })
    await ask(told.url, '/v1/chat/completions', reasoning)
    expect(told.upstream.seen[0]?.json.additionalModelRequestFields).toMatchObject({
      thinking: { type: 'enabled' },
    })
    expect(told.upstream.seen[0]?.path).toContain(encodeURIComponent(model))
  })
})
