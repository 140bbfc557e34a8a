import { describe, expect, test } from 'bun:test'
import { createScene, send } from '../support/scene.ts'
import { azure, byKey, byToken, callers, dated, type Entry, inProject, serve, vertex } from './cloud-scene.ts'

const scene = createScene()

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
