import { afterAll, describe, expect, test } from 'bun:test'
import { isEngine } from '../../src/config/discover-local.ts'
import { kinds } from '../../src/providers/catalog.ts'
import { ask, asks, canary, complaintOf, createScene, paths, type Scene, send } from '../support/scene.ts'
import { type Answering, type Step, startUpstream } from '../support/upstream.ts'
import { chat, dataOf, messages, responses } from '../support/wire.ts'
import { finishes, hear } from './callers.ts'

const scene = createScene()

/** A gateway in front of a scripted engine. */
function serve(
  scene: Scene,
  kind: string,
  answer: (stream: (...steps: readonly Step[]) => Response) => Answering,
  more: { readonly [key: string]: string } = {},
) {
  const upstream = scene.upstream(stream => answer((...steps) => stream(steps)))
  const { url } = scene.gateway({
    providers: { a: { kind, base_url: upstream.url, ...more } },
    retry: { attempts: 0 },
  })
  return { url, upstream }
}

const frame = (body: object) => `data: ${JSON.stringify(body)}\n\n`
const chunk = (choice: object, more: object = {}) =>
  frame({
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, ...choice }],
    ...more,
  })

const call = {
  id: '0',
  type: 'function',
  index: 0,
  function: { name: 'weather', arguments: '{"city":"Bonn"}' },
}
const wholeCall = (finish: string, id: string, message: object = {}) => ({
  ...chat.whole(''),
  id,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, tool_calls: [call], ...message },
      finish_reason: finish,
    },
  ],
})

/** What each engine streams, with its own oddities, around the call of a tool. */
const streams: { readonly [kind: string]: readonly string[] } = {
  // traps 9, 10, 13, 8: a moving clock, nulls in later deltas, a chunk without choices that is not usage
  sglang: [
    chunk({
      delta: { role: 'assistant', content: '', reasoning_content: null },
      finish_reason: null,
      matched_stop: null,
    }),
    chunk(
      {
        delta: {
          reasoning_content: null,
          tool_calls: [{ ...call, function: { name: 'weather', arguments: '' } }],
        },
        finish_reason: null,
      },
      { created: 2 },
    ),
    chunk(
      {
        delta: {
          tool_calls: [
            { index: 0, id: null, type: 'function', function: { name: null, arguments: '{"city":"Bonn"}' } },
          ],
        },
        finish_reason: null,
      },
      { created: 3 },
    ),
    chunk({ delta: {}, finish_reason: 'tool_calls' }, { created: 3 }),
    frame({ id: 'x', object: 'chat.completion.chunk', created: 3, model: 'm', choices: [], sglext: {} }),
    chat.usage(),
    chat.done,
  ],
  // traps 8, 9, 11, 15, 16: no id, a role in each delta, comments, no space, a finish that says stop
  tgi: [
    ': keep-alive\n\n',
    chunk(
      {
        delta: {
          role: 'assistant',
          tool_calls: [{ ...call, function: { name: 'weather', arguments: '{"city":' } }],
        },
        finish_reason: null,
      },
      { id: '', usage: null },
    ).replace('data: ', 'data:'),
    chunk(
      {
        delta: {
          role: 'assistant',
          tool_calls: [{ ...call, function: { name: null, arguments: '"Bonn"}' } }],
        },
        finish_reason: 'stop',
      },
      { id: '', usage: null },
    ),
    frame({
      id: '',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    }),
    chat.done,
  ],
  localai: [
    chat.role(),
    chunk({ delta: { tool_calls: [call] }, finish_reason: null }),
    chunk({ delta: {}, finish_reason: 'tool_calls' }),
    chat.done,
  ],
  // a comment before the first data, and a role in every delta
  'mlx-lm': [
    ': keepalive 1/2\n\n',
    chunk({ delta: { role: 'assistant', tool_calls: [call] }, finish_reason: null }),
    chunk({ delta: { role: 'assistant' }, finish_reason: 'tool_calls' }),
    chat.done,
  ],
}

const engines = Object.entries(streams)

describe.each(engines)('%s', (kind, frames) => {
  test.each(paths.flatMap(path => [[path, false] as const, [path, true] as const]))(
    // pairs
    'is asked on the chat wire for %s, streamed: %p, and its calls are heard',
    async (path, stream) => {
      const { url, upstream } = serve(
        scene,
        kind,
        play => () =>
          stream
            ? play(...frames)
            : Response.json(wholeCall(kind === 'tgi' ? 'stop' : 'tool_calls', kind === 'tgi' ? '' : 'x')),
        { api_key: canary.provider },
      )
      const heard = await hear[path](url, stream)
      expect(heard.finish).toBe(finishes[path].calls)
      expect(heard.calls).toMatchObject([{ name: 'weather', args: { city: 'Bonn' } }])
      const [seen] = upstream.seen
      expect(seen?.path).toBe('/v1/chat/completions')
      const keyless = kinds[kind]?.auth.type === 'none'
      expect(seen?.headers.get('authorization')).toBe(keyless ? null : `Bearer ${canary.provider}`)
      expect(seen?.json).toMatchObject({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })
    },
  )

  test('answers a Gemini caller', async () => {
    const { url } = serve(scene, kind, () => () => Response.json(chat.whole('Hello')))
    const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] })
    const answer = await (await send(url, '/v1beta/models/a/m:generateContent', body)).json()
    expect(answer.candidates[0].content.parts).toEqual([{ text: 'Hello' }])
  })

  test('has one id, made up if need be, in every chunk of a stream', async () => {
    const { url } = serve(scene, kind, play => () => play(...frames))
    const text = await (await ask(url, '/v1/chat/completions', { stream: true })).text()
    const chunks = dataOf(text)
    const ids = new Set(chunks.map(each => `${each.id} ${each.created}`))
    expect([...ids]).toEqual([expect.stringMatching(/^\S+ \d+$/)])
  })
})

describe('what an engine refuses is not sent', () => {
  const format = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } }
  const tool = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }

  test.each<readonly [string, string, object, object]>([
    ['tgi', 'a list of stops (1)', { stop: 'x' }, { stop: ['x'] }],
    ['tgi', 'no top_p of 1 (2)', { top_p: 1 }, { top_p: undefined }],
    ['tgi', 'no penalty of 0 (3)', { presence_penalty: 0 }, { presence_penalty: undefined }],
    [
      'tgi',
      'a schema as value (4)',
      { response_format: format },
      { response_format: { type: 'json_schema', value: { schema: {} } } },
    ],
    [
      'tgi',
      'any object as value (5)',
      { response_format: { type: 'json_object' } },
      { response_format: { type: 'json_object', value: { type: 'object' } } },
    ],
    [
      'tgi',
      'one name of the limit (6)',
      { max_tokens: 5 },
      { max_tokens: 5, max_completion_tokens: undefined },
    ],
    [
      'sglang',
      'no schema beside tools (11)',
      { response_format: format, tools: [tool] },
      { response_format: undefined },
    ],
    ['mlx-lm', 'no format that it would ignore', { response_format: format }, { response_format: undefined }],
  ])('%s: %s', async (kind, _, fields, expected) => {
    const { url, upstream } = serve(scene, kind, () => () => Response.json(chat.whole('{}')))
    await ask(url, '/v1/chat/completions', { ...fields })
    const sent = upstream.seen[0]?.json ?? {}
    expect(upstream.seen.length).toBeGreaterThan(0)
    for (const [field, value] of Object.entries(expected)) {
      if (value === undefined) expect(sent).not.toHaveProperty(field)
      else expect(sent).toMatchObject({ [field]: value })
    }
  })

  test('tgi: biases are refused by name, for it would ignore them (7)', async () => {
    const { url, upstream } = serve(scene, 'tgi', () => () => Response.json(chat.whole('ok')))
    const response = await ask(url, '/v1/chat/completions', { logit_bias: { 5: 1 } })
    expect(response.status).toBe(400)
    expect(complaintOf('/v1/chat/completions', await response.text()).param).toBe('logit_bias')
    expect(upstream.seen).toHaveLength(0)
  })

  test('tgi: the calls of a turn without the empty text beside them (21)', async () => {
    const { url, upstream } = serve(scene, 'tgi', () => () => Response.json(chat.whole('ok')))
    const history = [
      ...(asks['/v1/chat/completions'].messages as readonly object[]), // a list
      { role: 'assistant', content: '', tool_calls: [{ ...call, index: undefined }] },
      { role: 'tool', tool_call_id: '0', content: '3 degrees' },
    ]
    await ask(url, '/v1/chat/completions', { messages: history, tools: [tool] })
    const sent = upstream.seen[0]?.json.messages as readonly object[] // a list
    expect(sent[1]).not.toHaveProperty('content')
    expect(sent[1]).toHaveProperty('tool_calls')
  })
})

describe('a failure has the envelope of the caller', () => {
  test.each<readonly [string, string, number, string, number]>([
    [
      'sglang',
      'a flat body (1)',
      400,
      '{"object":"error","message":"too long","type":"BadRequestError","param":null,"code":400}',
      400,
    ],
    ['sglang', 'error as a word', 401, '{"error":"Unauthorized"}', 502],
    ['tgi', 'its own types', 422, '{"error":"Input validation error","error_type":"validation"}', 422],
    ['tgi', 'plain text (12)', 422, 'Failed to deserialize the JSON body', 422],
    ['tgi', 'no body at all (20)', 401, '', 502],
    ['tgi', 'overload', 429, '{"error":"Model is overloaded","error_type":"overloaded"}', 429],
    ['localai', 'no body at all', 500, '', 500],
    ['mlx-lm', 'error as a sentence', 404, '{"error":"Not Found"}', 404],
  ])('%s: %s', async (kind, _, status, body, told) => {
    const { url } = serve(scene, kind, () => () => new Response(body, { status }))
    for (const path of paths) {
      const response = await ask(url, path)
      expect(response.status).toBe(told)
      expect(complaintOf(path, await response.text()).message).not.toBe('')
    }
  })

  test('tgi: a refusal that comes as the first event of a stream is an error with a status (13)', async () => {
    const refusal = frame({ error: { message: 'Input validation error', http_status_code: 422 } })
    const { url } = serve(scene, 'tgi', play => () => play(refusal))
    const response = await ask(url, '/v1/chat/completions', { stream: true })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(complaintOf('/v1/chat/completions', await response.text()).message).toBe('Input validation error')
  })
})

describe('answers', () => {
  test('sglang: reasoning tokens that are counted beside the rest are told in their place (8)', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 9, total_tokens: 12, reasoning_tokens: 4 }
    const { url } = serve(scene, 'sglang', () => () => Response.json({ ...chat.whole('ok'), usage }))
    // A caller of the same wire gets the engine's own object.
    const response = await (await ask(url, '/v1/responses')).json()
    expect(response.usage.output_tokens_details.reasoning_tokens).toBe(4)
  })

  test('tgi: a stop string is a stop (10)', async () => {
    const whole = chat.whole('ok')
    const choices = whole.choices.map(choice => ({ ...choice, finish_reason: 'stop_sequence' }))
    const { url } = serve(scene, 'tgi', () => () => Response.json({ ...whole, id: '', choices }))
    const completion = await (await ask(url, '/v1/chat/completions')).json()
    expect(completion.choices[0].finish_reason).toBe('stop')
    expect(completion.id).not.toBe('')
  })
})

test.each<readonly [string, string, unknown]>([
  ['/v1/chat/completions', '/v1/chat/completions', chat.whole('Hello')],
  ['/v1/responses', '/v1/responses', responses.whole('Hello')],
  ['/v1/messages', '/v1/messages', messages.whole('Hello')],
])('a proxy of LiteLLM is asked in the wire of the caller of %s', async (path, expected, answer) => {
  const { url, upstream } = serve(scene, 'litellm', () => () => Response.json(answer), {
    api_key: canary.provider,
  })
  const response = await send(url, path, JSON.stringify(asks[path as keyof typeof asks])) // a key of the table
  expect(await response.text()).toContain('Hello')
  expect(upstream.seen[0]?.path).toBe(expected)
  expect(upstream.seen[0]?.headers.get('authorization')).toBe(`Bearer ${canary.provider}`)
})

describe('an engine is known by what it answers', () => {
  /** What each says at the paths that are asked, from the cards. */
  const sayings: { readonly [kind: string]: { readonly [path: string]: () => Response } } = {
    sglang: {
      '/model_info': () => Response.json({ model_path: 'm', tokenizer_path: 'm', is_generation: true }),
      '/': () => new Response('Ollama is running'),
      '/health': () => new Response(null),
    },
    tgi: {
      '/info': () => Response.json({ model_id: 'm', docker_label: null, router: 'r', version: '3' }),
      '/health': () => new Response(null),
      '/': () => new Response(null),
    },
    localai: {
      '/models/capabilities': () => Response.json({ object: 'list', data: [] }),
      '/api/version': () => Response.json({ version: '0.9' }),
    },
    'mlx-lm': {
      '/health': () => Response.json({ status: 'ok' }, { headers: { server: 'BaseHTTP/0.6 Python/3.12' } }),
    },
    llamacpp: {
      '/health': () => Response.json({ status: 'ok' }, { headers: { server: 'llama.cpp' } }),
    },
    'somebody else': { '/health': () => Response.json({ status: 'ok' }), '/info': () => Response.json({}) },
  }
  const servers = Object.entries(sayings).map(([kind, said]) => {
    const server = startUpstream(({ path }) => said[path]?.() ?? new Response('no', { status: 404 }))
    return { kind, server }
  })
  afterAll(() => Promise.all(servers.map(({ server }) => server.close())))

  test.each(['sglang', 'tgi', 'localai', 'mlx-lm', 'llamacpp'])('%s, and by nobody else', async kind => {
    const local = kinds[kind]?.local
    if (local === undefined) throw new Error('no local engine')
    const believed = await Promise.all(
      servers.map(async each => ((await isEngine(each.server.url, local, fetch)) ? [each.kind] : [])),
    )
    expect(believed.flat()).toEqual([kind])
  })
})
