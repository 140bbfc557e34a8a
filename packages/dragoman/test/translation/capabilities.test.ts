import { describe, expect, test } from 'bun:test'
import { createGateway } from '../../src/gateway.ts'
import type { JsonObject } from '../../src/ir/json.ts'

/** A gateway whose providers are asked for nothing but their lists of models. */
async function get(path: string, headers: { [name: string]: string } = {}) {
  const gateway = createGateway(
    {
      providers: {
        anthropic: { kind: 'anthropic', api_key: 'k' },
        lab: { kind: 'llamacpp', base_url: 'http://lab.invalid/v1' },
      },
      models: {
        claude: 'anthropic/claude-3-haiku-20240307',
        both: {
          targets: [
            { provider: 'lab', model: 'a' },
            { provider: 'anthropic', model: 'claude-sonnet-4-5' },
          ],
        },
      },
    },
    {
      transport: { send: () => Promise.reject(new Error('nobody is there')) },
      keys: {
        verify: key =>
          key === 'good'
            ? { kind: 'known', principal: { id: 'k', name: 'k', tenant: 't' } }
            : { kind: 'unknown' },
      },
    },
  )
  const response = await gateway.fetch(`http://gateway.invalid${path}`, {
    headers: { authorization: 'Bearer good', ...headers },
  })
  const body = (await response.json()) as JsonObject // every page of ours is an object
  await gateway.close()
  return { status: response.status, body }
}

interface Shown {
  readonly id: string
  readonly caller: string
  readonly targets: readonly {
    readonly target: string
    readonly dialect: string
    readonly features: { readonly [id: string]: JsonObject | undefined }
  }[]
}

const shown = (body: JsonObject): Shown => body as unknown as Shown // the documented shape, read below

describe('GET /v1/capabilities', () => {
  test('needs a key', async () => {
    expect((await get('/v1/capabilities', { authorization: 'Bearer bad' })).status).toBe(401)
    expect((await get('/v1/capabilities/claude', { authorization: '' })).status).toBe(401)
  })

  test('lists every model, with its targets', async () => {
    const { status, body } = await get('/v1/capabilities')
    expect(status).toBe(200)
    expect(body.object).toBe('list')
    const ids = (body.data as readonly JsonObject[]).map(({ id }) => id) // a list of models
    expect(ids).toContain('claude')
    expect(ids).toContain('both')
  })

  test('of a model says level, field and evidence', async () => {
    const { body } = await get('/v1/capabilities/claude')
    const { id, caller, targets } = shown(body)
    expect([id, caller, body.object]).toEqual(['claude', 'openai-chat', 'dragoman.capabilities'])
    const [target] = targets
    expect(target).toMatchObject({
      target: 'anthropic/claude-3-haiku-20240307',
      dialect: 'anthropic-messages',
      features: {
        tools: { level: 'native', evidence: { rank: 'documented' } },
        seed: { level: 'dropped', path: 'seed', evidence: { rank: 'measured' } },
        // This model has none of its own, whatever its wire says.
        'output.json-schema': { level: 'emulated', evidence: { rank: 'documented' } },
        candidates: { level: 'emulated' },
        logprobs: { level: 'refused', path: 'logprobs' },
      },
    })
  })

  test('of several targets says each, and of a server nobody asked that nobody did', async () => {
    const { targets } = shown((await get('/v1/capabilities/both')).body)
    expect(targets.map(({ target }) => target)).toEqual(['lab/a', 'anthropic/claude-sonnet-4-5'])
    expect(targets[0]?.features['input.file']).toMatchObject({
      level: 'refused',
      evidence: { rank: 'measured' },
    })
    expect(targets[0]?.features.seed).toMatchObject({ level: 'native', evidence: { rank: 'assumed' } })
  })

  test('speaks for the caller that asks, or that is named', async () => {
    const versioned = await get('/v1/capabilities/claude', { 'anthropic-version': '2026-10-21' })
    expect(shown(versioned.body).caller).toBe('anthropic-messages')
    const named = shown((await get('/v1/capabilities/claude?caller=gemini')).body)
    expect(named.targets[0]?.features.seed).toMatchObject({ path: 'generationConfig.seed' })
    expect((await get('/v1/capabilities/claude?caller=latin')).status).toBe(400)
  })

  test('of an unknown model is a 404', async () => {
    expect((await get('/v1/capabilities/nothing-here')).status).toBe(404)
  })
})
