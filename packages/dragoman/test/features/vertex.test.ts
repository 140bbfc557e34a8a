import { describe, expect, test } from 'bun:test'
import { asks, complaintOf, createScene, recordOf, send } from '../support/scene.ts'
import { callers, inProject, serve, vertex } from './cloud-scene.ts'

const scene = createScene()

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

  test.each(['claude-opus-4-7@20260401', 'claude-opus-5@20260801'])(
    'what the maker refuses is refused for its model by its name here: %s',
    async model => {
      const { url, upstream } = serve(scene, vertex, model)
      const [path, asked] = callers.chat(false)
      const response = await send(url, path, JSON.stringify({ ...asked, temperature: 0.5 }))
      expect(response.status).toBe(200)
      expect(upstream.seen[0]?.json).not.toHaveProperty('temperature')
      expect(JSON.stringify((await recordOf(url, response)).notes)).toContain('temperature')
    },
  )

  test('and what the maker takes is taken: a budget, by a model that is named with its date', async () => {
    const { url, upstream } = serve(scene, vertex, 'claude-sonnet-4@20250514')
    const [path, asked] = callers.chat(false)
    await send(url, path, JSON.stringify({ ...asked, reasoning_effort: 'high' }))
    expect(upstream.seen[0]?.json.thinking).toMatchObject({ type: 'enabled' })
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
