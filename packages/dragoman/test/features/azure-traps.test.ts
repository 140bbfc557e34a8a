import { describe, expect, test } from 'bun:test'
import { asks, canary, complaintOf, createScene, send } from '../support/scene.ts'
import { chat, dataOf } from '../support/wire.ts'
import { azure, callers, chatFrames, dated, serve } from './cloud-scene.ts'

const scene = createScene()

interface Chunk {
  readonly id: string
  readonly choices: readonly { readonly delta: unknown; readonly finish_reason: string | null }[]
}

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
