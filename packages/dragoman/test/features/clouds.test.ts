import { describe, expect, test } from 'bun:test'
import { asks, canary, complaintOf, createScene, recordOf, type Scene, send } from '../support/scene.ts'
import type { Answering, SeenRequest, Step } from '../support/upstream.ts'
import { chat, dataOf, messages, responses } from '../support/wire.ts'

const scene = createScene()

const gemini = {
  whole: (text: string) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
    modelVersion: 'm',
    responseId: 'r',
  }),
  // Early chunks tell the traffic and no counts.
  frames: [
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hel' }] } }],
      usageMetadata: { trafficType: 'ON_DEMAND' },
    },
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'lo' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2 },
    },
  ].map(frame => `data: ${JSON.stringify(frame)}\r\n\r\n`),
}

/** A chunk of filter results comes first, one without a delta in the middle, and one more behind the finish. */
const filtered = (rest: object) =>
  `data: ${JSON.stringify({ id: '', object: '', created: 0, model: '', choices: [], ...rest })}\n\n`
const annotation = filtered({
  choices: [
    {
      index: 0,
      finish_reason: null,
      content_filter_results: {},
      content_filter_offsets: { check_offset: 9 },
    },
  ],
})
const chatFrames = [
  filtered({ prompt_filter_results: [{ prompt_index: 0 }] }),
  ...[chat.role(), chat.text('Hel'), annotation, chat.text('lo'), chat.finish(), annotation],
  ...[chat.usage(), chat.done],
]

/** Each wire's own answer, by the path that it is asked at. */
const answers: readonly (readonly [RegExp, unknown, readonly Step[]])[] = [
  [/chat\/completions$/, chat.whole('Hello'), chatFrames],
  [
    /responses$/,
    responses.whole('Hello'),
    [
      responses.created,
      responses.open,
      responses.text('Hello'),
      responses.close('Hello'),
      responses.completed('Hello'),
    ],
  ],
  [
    /awPredict$/,
    messages.whole('Hello'),
    [messages.start, messages.open, messages.text('Hello'), messages.close, messages.finish, messages.stop],
  ],
  [/enerateContent$/, gemini.whole('Hello'), gemini.frames],
]

const isStreamed = ({ path, json }: SeenRequest) => json.stream === true || path.includes(':stream')

interface Entry {
  readonly kind: string
  readonly [key: string]: unknown
}

function serve(scene: Scene, entry: Entry, model: string, answering?: Answering) {
  const upstream = scene.upstream(stream => (request, index) => {
    if (answering !== undefined) return answering(request, index)
    const [, whole, frames] = answers.find(([path]) => path.test(request.path)) ?? []
    if (frames === undefined)
      return Response.json({ error: { code: '404', message: 'Resource not found' } }, { status: 404 })
    return isStreamed(request) ? stream(frames) : Response.json(whole)
  })
  const provider = { base_url: upstream.url, api_key: canary.provider, ...entry }
  const { url } = scene.gateway({
    providers: { p: provider },
    models: { 'a/m': { targets: [{ provider: 'p', model }] } },
    retry: { attempts: 0 },
  })
  return { url, upstream }
}

const azure = { kind: 'azure' }
const dated = { kind: 'azure', api_version: '2024-10-21' }
const vertex = { kind: 'vertex', project: 'p-1', location: 'europe-west4' }
const inProject = '/v1/projects/p-1/locations/europe-west4'
const byKey = { 'api-key': canary.provider, authorization: null }
const byToken = { 'api-key': null, authorization: `Bearer ${canary.provider}` }
const generate = { model: 'a/m', contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }

/** Callers, with how they ask for a stream. */
const callers = {
  chat: (stream: boolean) => ['/v1/chat/completions', { ...asks['/v1/chat/completions'], stream }],
  responses: (stream: boolean) => ['/v1/responses', { ...asks['/v1/responses'], stream }],
  messages: (stream: boolean) => ['/v1/messages', { ...asks['/v1/messages'], stream }],
  gemini: (stream: boolean) => [
    `/v1beta/models/a/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    { contents: generate.contents },
  ],
} as const satisfies { [caller: string]: (stream: boolean) => readonly [string, object] } // four pairs

interface Expected {
  readonly path: string
  readonly streamPath?: string
  readonly query?: string
  readonly headers: { readonly [name: string]: string | null }
  /** The name of the model in the body; null where it has none. */
  readonly model: string | null
  readonly body?: object
}

const deployment = 'my dep'
const rows: readonly (readonly [keyof typeof callers, string, Entry, string, Expected])[] = [
  ...(['chat', 'messages', 'gemini'] as const).map(
    caller =>
      [
        caller,
        'azure',
        azure,
        deployment,
        { path: '/openai/v1/chat/completions', headers: byKey, model: deployment },
      ] as const, // a row
  ),
  [
    'responses',
    'azure',
    azure,
    deployment,
    { path: '/openai/v1/responses', headers: byKey, model: deployment },
  ],
  // traps 17 to 19
  ...(['chat', 'messages', 'gemini'] as const).map(
    caller =>
      [
        caller,
        'azure by date',
        dated,
        deployment,
        {
          path: '/openai/deployments/my%20dep/chat/completions',
          query: '?api-version=2024-10-21',
          headers: byKey,
          model: deployment,
        },
      ] as const, // a row
  ),
  [
    'responses',
    'azure by date',
    dated,
    deployment,
    { path: '/openai/responses', query: '?api-version=2024-10-21', headers: byKey, model: deployment },
  ],
  ...(['chat', 'responses', 'messages', 'gemini'] as const).flatMap(
    caller =>
      [
        [
          caller,
          'gemini on vertex',
          vertex,
          'gemini-2.5-pro',
          {
            path: `${inProject}/publishers/google/models/gemini-2.5-pro:generateContent`,
            streamPath: `${inProject}/publishers/google/models/gemini-2.5-pro:streamGenerateContent`,
            headers: byToken,
            model: null,
            body: { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] },
          },
        ],
        [
          caller,
          'claude on vertex',
          vertex,
          'claude-sonnet-4-5@20250929',
          {
            path: `${inProject}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict`,
            streamPath: `${inProject}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`,
            headers: { ...byToken, 'anthropic-version': null, 'x-api-key': null },
            model: null,
            body: { anthropic_version: 'vertex-2023-10-16' },
          },
        ],
        [
          caller,
          'another maker on vertex',
          vertex,
          'meta/llama-4-maas',
          {
            path: `${inProject}/endpoints/openapi/chat/completions`,
            headers: byToken,
            model: 'meta/llama-4-maas',
          },
        ],
      ] as const, // rows
  ),
]

interface Chunk {
  readonly id: string
  readonly choices: readonly { readonly delta: unknown; readonly finish_reason: string | null }[]
}

/** What was said, in whichever wire. */
const heard = (text: string): string =>
  [...text.matchAll(/"(?:content|text|delta)":"([^"]*)"/g)].map(([, said]) => said).join('|')

describe.each(rows)('%s of %s', (caller, _, entry, model, expected) => {
  test.each([false, true])('asks at the right place, with the right key, streamed: %p', async stream => {
    const { url, upstream } = serve(scene, entry, model)
    const [path, body] = callers[caller](stream)
    const response = await send(url, path, JSON.stringify(body))
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(heard(text)).toMatch(stream ? /Hel.*lo/ : /Hello/)
    const [seen] = upstream.seen
    expect(seen?.path).toBe((stream ? expected.streamPath : undefined) ?? expected.path)
    const query = stream && seen?.path.endsWith(':streamGenerateContent') ? '?alt=sse' : ''
    expect(seen?.query).toBe(expected.query ?? query)
    for (const [name, value] of Object.entries(expected.headers)) expect(seen?.headers.get(name)).toBe(value)
    expect(seen?.json.model ?? null).toBe(expected.model)
    expect(seen?.json).toMatchObject(expected.body ?? {})
    expect('stream' in (seen?.json ?? {}) && seen?.path.includes('/publishers/google/')).toBe(false)
  })
})

/**
 * The numbered traps of Azure's card. Elsewhere: 5, 6, 8, 33, 38, 42, 46 and 47 are the chat dialect's own (golden/openai-chat-*),
 * 16, 17, 22 and 45 the configuration's (config/places). Not here: 21 and 26 (no tokens are fetched; rates are not shown),
 * 24 (the model that answered is told), 25 and 39 (an old version refuses in its own words), 29 and 44 (policy of retries),
 * 30, 32, 35 and 36 (files, real time, batches and images are other operations), 31 (projects of Foundry are no kind yet),
 * 40 (the maker's own rule).
 */
describe('Azure OpenAI', () => {
  const refusing = (status: number, body: object, headers: Record<string, string> = {}) =>
    serve(scene, azure, 'my-dep', () => Response.json(body, { status, headers }))

  // The traps of errors: 9 to 15, 27, 41.
  test.each<readonly [string, number, object, number, string]>([
    [
      'a filtered prompt, with a type of null (9, 10)',
      400,
      {
        error: {
          ...{
            message: 'content management policy',
            type: null,
            param: 'prompt',
            code: 'content_filter',
            status: 400,
          },
          innererror: {
            code: 'ResponsibleAIPolicyViolation',
            content_filter_result: { hate: { filtered: true } },
          },
        },
      },
      400,
      'content_filter',
    ],
    [
      'a filtered prompt without the inner error (11)',
      400,
      { error: { message: 'filtered', code: 'content_filter', content_filters: [{ blocked: true }] } },
      400,
      'content_filter',
    ],
    [
      'a rate as a number in text (12)',
      429,
      { error: { code: '429', message: 'Please retry after 42 seconds.' } },
      429,
      'rate_limit_exceeded',
    ],
    [
      'a deployment that is not there (15)',
      404,
      { error: { code: 'DeploymentNotFound', message: 'not there' } },
      404,
      'model_not_found',
    ],
  ])('%s', async (_, status, body, told, code) => {
    const { url } = refusing(status, body)
    const [path, asked] = callers.chat(false)
    const response = await send(url, path, JSON.stringify(asked))
    expect(response.status).toBe(told)
    const complaint = complaintOf(path, await response.text())
    expect(complaint.code).toBe(code)
    expect(complaint.type).toBeString()
  })

  test.each([
    [
      'a wrong key, with neither type nor param (13)',
      401,
      { error: { code: '401', message: 'Access denied' } },
    ],
    ['a gateway of API Management (14)', 401, { statusCode: 401, message: 'Access denied' }],
    ['a resource that was blocked (41)', 403, { error: { message: 'temporarily blocked' } }],
  ])('%s is told as trouble with the key, which stays secret', async (_, status, body) => {
    const { url, upstream } = refusing(status, body)
    const [path, asked] = callers.chat(false)
    const response = await send(url, path, JSON.stringify(asked))
    const text = await response.text()
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain(canary.provider)
    expect(Object.keys(JSON.parse(text).error).sort()).toContain('param')
    expect(upstream.seen).toHaveLength(1)
  })

  test('the key goes nowhere by a redirect (20)', async () => {
    const other = scene.upstream(() => () => Response.json(chat.whole('stolen')))
    const { url } = serve(scene, azure, 'my-dep', () => Response.redirect(`${other.url}/x`, 307))
    const [path, asked] = callers.chat(false)
    const response = await send(url, path, JSON.stringify(asked))
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(other.seen).toHaveLength(0)
  })

  test('a stream has one id and one finish, though filters speak before and after (1, 2, 3, 43)', async () => {
    const { url } = serve(scene, azure, 'my-dep')
    const [path, asked] = callers.chat(true)
    const frames = dataOf(
      await (await send(url, path, JSON.stringify(asked))).text(),
    ) as unknown as readonly Chunk[] // chunks of chat
    expect([...new Set(frames.map(frame => frame.id))]).toEqual(['chatcmpl-1'])
    const choices = frames.flatMap(frame => frame.choices)
    expect(choices.every(choice => typeof choice.delta === 'object')).toBe(true)
    expect(choices.filter(choice => choice.finish_reason !== null)).toHaveLength(1)
  })

  // An answer that says nothing has the text '' here, whoever gave it, where trap 7 has null.
  test('an answer that was filtered has no content, and says so (4, 7)', async () => {
    const choice = { index: 0, finish_reason: 'content_filter', message: { role: 'assistant' } }
    const { url } = serve(scene, azure, 'my-dep', () =>
      Response.json({ ...chat.whole(''), choices: [choice] }),
    )
    const [path, asked] = callers.chat(false)
    const completion = await (await send(url, path, JSON.stringify(asked))).json()
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: '' },
    })
  })

  test('a stream of nothing but filter results is an error (34)', async () => {
    const { url } = serve(
      scene,
      azure,
      'my-dep',
      () => new Response(chatFrames[0] + chat.done, { headers: { 'content-type': 'text/event-stream' } }),
    )
    const [path, asked] = callers.chat(true)
    const response = await send(url, path, JSON.stringify(asked))
    expect(await response.text()).toContain('"error"')
  })

  test('a token of Entra goes as it was configured, and no key beside it', async () => {
    const entry = { ...azure, api_key: undefined, headers: { authorization: 'Bearer entra' } }
    const { url, upstream } = serve(scene, entry, 'my-dep')
    const [path, asked] = callers.chat(false)
    expect((await send(url, path, JSON.stringify(asked))).status).toBe(200)
    expect(upstream.seen[0]?.headers.get('authorization')).toBe('Bearer entra')
    expect(upstream.seen[0]?.headers.get('api-key')).toBeNull()
  })

  test('embeddings go to the deployment', async () => {
    const { url, upstream } = serve(scene, dated, 'emb', () =>
      Response.json({
        object: 'list',
        model: 'e',
        data: [{ object: 'embedding', index: 0, embedding: [1] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      }),
    )
    const response = await send(url, '/v1/embeddings', JSON.stringify({ model: 'a/m', input: 'x' }))
    expect(response.status).toBe(200)
    expect(upstream.seen[0]?.path).toBe('/openai/deployments/emb/embeddings')
  })

  test('a limit has the name that every model takes, and none is invented (23, 28)', async () => {
    const { url, upstream } = serve(scene, azure, 'my-dep')
    for (const fields of [{}, { max_tokens: 5 }])
      await send(url, '/v1/chat/completions', JSON.stringify({ ...asks['/v1/chat/completions'], ...fields }))
    expect(upstream.seen.map(({ json }) => [json.max_tokens, json.max_completion_tokens])).toEqual([
      [undefined, undefined],
      [undefined, 5],
    ])
  })

  test('the list of models is not asked for: it is not the deployments (37)', async () => {
    const { url, upstream } = serve(scene, azure, 'my-dep')
    const { data } = await (await fetch(`${url}/v1/models`)).json()
    expect(data.map((model: { id: string }) => model.id)).toContain('a/m')
    expect(upstream.seen).toHaveLength(0)
  })
})

describe('Vertex', () => {
  test('a count of Claude names its model in the body (53), one of Gemini is an estimate', async () => {
    const counting = () => Response.json({ input_tokens: 7 })
    const claude = serve(scene, vertex, 'claude-opus-4-1@20250805', counting)
    const asked = JSON.stringify({ model: 'a/m', messages: asks['/v1/messages'].messages })
    const counted = await send(claude.url, '/v1/messages/count_tokens', asked)
    expect(await counted.json()).toMatchObject({ input_tokens: 7 })
    expect(claude.upstream.seen[0]).toMatchObject({
      path: `${inProject}/publishers/anthropic/models/count-tokens:rawPredict`,
      json: { model: 'claude-opus-4-1@20250805', anthropic_version: 'vertex-2023-10-16' },
    })
    const gemini = serve(scene, vertex, 'gemini-2.5-pro')
    const estimated = await send(gemini.url, '/v1/messages/count_tokens', asked)
    expect((await estimated.json()).input_tokens).toBeGreaterThan(0)
    expect(gemini.upstream.seen).toHaveLength(0)
  })

  test.each(['claude-opus-4-1@20250805', 'gemini-2.5-pro', 'meta/llama-4-maas'])(
    'a refusal by the platform is understood for %s (54)',
    async model => {
      const error = { code: 429, message: 'Resource exhausted', status: 'RESOURCE_EXHAUSTED' }
      for (const body of [{ error }, [{ error }]]) {
        const { url } = serve(scene, vertex, model, () => Response.json(body, { status: 429 }))
        const [path, asked] = callers.chat(false)
        const response = await send(url, path, JSON.stringify(asked))
        expect(response.status).toBe(429)
        expect(complaintOf(path, await response.text()).message).toBe('Resource exhausted')
      }
    },
  )

  test('what the maker refuses is refused for its models here, by their names here', async () => {
    const { url, upstream } = serve(scene, vertex, 'claude-opus-4-7@20260401')
    const [path, asked] = callers.chat(false)
    const response = await send(url, path, JSON.stringify({ ...asked, temperature: 0.5 }))
    expect(response.status).toBe(200)
    expect(upstream.seen[0]?.json).not.toHaveProperty('temperature')
    expect(JSON.stringify((await recordOf(url, response)).notes)).toContain('temperature')
  })

  test('features of the caller travel as a header', async () => {
    const { url, upstream } = serve(scene, vertex, 'claude-sonnet-4-5')
    const [path, asked] = callers.messages(false)
    await send(url, path, JSON.stringify(asked), { 'anthropic-beta': 'context-1m-2025-08-07' })
    expect(upstream.seen[0]?.headers.get('anthropic-beta')).toBe('context-1m-2025-08-07')
    expect(upstream.seen[0]?.json).not.toHaveProperty('anthropic_beta')
  })

  test('an image is left at its address for Gemini', async () => {
    const { url, upstream } = serve(scene, vertex, 'gemini-2.5-pro')
    const image = { type: 'image_url', image_url: { url: 'https://pictures.example/cat.png' } }
    const body = { model: 'a/m', messages: [{ role: 'user', content: [image] }] }
    const response = await send(url, '/v1/chat/completions', JSON.stringify(body))
    expect(response.status).toBe(200)
    expect(JSON.stringify(upstream.seen[0]?.json)).toContain('"fileUri":"https://pictures.example/cat.png"')
  })
})
