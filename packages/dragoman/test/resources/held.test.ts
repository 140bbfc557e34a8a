import { describe, expect, test } from 'bun:test'
import type { ConfigInput } from '../../src/config/schema.ts'
import { canary, createScene, provider } from '../support/scene.ts'
import type { SeenRequest } from '../support/upstream.ts'
import { responses } from '../support/wire.ts'
import { clientOf, errorOf, listOf, twoTenants } from './stage.ts'

// `state: upstream`: what the provider keeps, under ids of ours, through the official SDK.

const scene = createScene()
const named = (type: string, fields: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

interface Kept {
  readonly id: string
  status: string
  readonly previous: unknown
}

/** A provider that keeps Responses: `resp_1`, `resp_2` and so on, each once polled is completed. */
function keepsItself() {
  const kept = new Map<string, Kept>()
  const objectOf = ({ id, status, previous }: Kept) => ({
    ...responses.whole('One two.'),
    id,
    status,
    previous_response_id: previous ?? null,
    store: true,
    metadata: { quoted: id },
  })
  const missing = (id: string) =>
    Response.json(
      {
        error: {
          message: `Response with id '${id}' not found.`,
          type: 'invalid_request_error',
          param: null,
          code: null,
        },
      },
      { status: 404 },
    )
  const upstream = scene.upstream(stream => request => {
    const [, , , id = '', below] = request.path.split('/')
    if (id === '') return create(request, stream)
    const found = kept.get(id)
    if (found === undefined) return missing(id)
    if (request.method === 'DELETE') {
      kept.delete(id)
      return Response.json({ id, object: 'response.deleted', deleted: true })
    }
    if (below === 'input_items') {
      const data = [
        { id: 'msg_a', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      ]
      return Response.json({ object: 'list', data, first_id: 'msg_a', last_id: 'msg_a', has_more: false })
    }
    if (below === 'cancel') {
      found.status = 'cancelled'
      return Response.json(objectOf(found))
    }
    if (request.query.includes('stream=true')) return stream(events(found).slice(after(request)))
    const shown = Response.json(objectOf(found))
    if (found.status === 'queued') found.status = 'completed'
    return shown
  })
  const events = (found: Kept) => [
    named('response.created', {
      sequence_number: 0,
      response: { ...objectOf({ ...found, status: 'in_progress' }), output: [] },
    }),
    named('response.output_text.delta', {
      sequence_number: 1,
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: `"response": {"id":"${found.id}"}`,
      logprobs: [],
    }),
    named('response.completed', { sequence_number: 2, response: objectOf(found) }),
  ]
  const after = ({ query }: SeenRequest) => Number(new URLSearchParams(query).get('starting_after') ?? -1) + 1
  const create = ({ json }: SeenRequest, stream: (steps: readonly string[]) => Response) => {
    const { previous_response_id: previous, background } = json
    if (typeof previous === 'string' && !kept.has(previous)) return missing(previous)
    const made = {
      id: `resp_${kept.size + 1}`,
      status: background === true ? 'queued' : 'completed',
      previous,
    }
    kept.set(made.id, made)
    return json.stream === true ? stream(events(made)) : Response.json(objectOf(made))
  }
  return upstream
}

const held = { provider: 'a', model: 'm', state: 'upstream' } as const

function before(upstream: { readonly url: string }, more: ConfigInput = {}) {
  const config: ConfigInput = {
    providers: { a: provider('responses', upstream.url) },
    models: { kept: { targets: [held] } },
    retry: { attempts: 0 },
    ...more,
  }
  const { url, gateway } = scene.gateway(config, { keys: twoTenants })
  return { url, gateway, config, client: clientOf(url, 'one'), other: clientOf(url, 'two') }
}

const wrapped = /^resp_dragoman[\w-]{100,400}$/

describe('what a provider keeps itself', () => {
  test('is created as it was asked for, and retrieved, listed and deleted under our id', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const made = await client.responses.create({ model: 'kept', input: 'Hi' })
    expect(made.id).toMatch(wrapped)
    expect(made.output_text).toBe('One two.')
    expect(upstream.seen[0]?.json).toEqual({ model: 'm', input: 'Hi' })
    expect(await client.responses.retrieve(made.id)).toEqual(made)
    const items = await listOf(await client.responses.inputItems.list(made.id, { limit: 5, order: 'asc' }))
    expect(items.map(item => item.id)).toEqual(['msg_a'])
    const deleted = await fetch(`${client.baseURL}/responses/${made.id}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer one' },
    })
    expect(await deleted.json()).toEqual({ id: made.id, object: 'response.deleted', deleted: true })
    const gone = await errorOf(client.responses.retrieve(made.id))
    expect([gone.status, gone.message]).toEqual([404, `404 Response with id '${made.id}' not found.`])
    expect(upstream.seen.slice(1).map(({ method, path, query }) => `${method} ${path}${query}`)).toEqual([
      'GET /v1/responses/resp_1',
      'GET /v1/responses/resp_1/input_items?limit=5&order=asc',
      'DELETE /v1/responses/resp_1',
      'GET /v1/responses/resp_1',
    ])
  })

  test('the operator’s key asks, and of the caller’s headers only those by name travel on', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    const headers = { cookie: 'a=b', 'openai-organization': 'theirs', 'openai-beta': 'responses=v2' }
    await client.responses.retrieve(id, { include: ['file_search_call.results'] }, { headers })
    const asked = upstream.seen[1]
    expect(asked?.headers.get('authorization')).toBe(`Bearer ${canary.provider}`)
    expect(asked?.headers.get('cookie')).toBeNull()
    expect(asked?.headers.get('openai-organization')).toBeNull()
    expect(asked?.headers.get('openai-beta')).toBe('responses=v2')
    expect(decodeURIComponent(asked?.query ?? '')).toMatch(/^\?include(\[\])?=file_search_call\.results$/)
  })

  test('a stream has one id in all of its events, which continues it and resumes it', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const events = await listOf(await client.responses.create({ model: 'kept', input: 'Hi', stream: true }))
    const ids = events.flatMap(event => ('response' in event ? [event.response.id] : []))
    expect(ids.length).toBe(2)
    expect(new Set(ids).size).toBe(1)
    const id = ids[0] ?? ''
    expect(id).toMatch(wrapped)
    // What a model says is not touched, and neither is what looks like an id elsewhere.
    expect(events[1]).toMatchObject({ delta: '"response": {"id":"resp_1"}' })
    expect(events[2]).toMatchObject({ response: { metadata: { quoted: 'resp_1' } } })
    expect(await listOf(await client.responses.retrieve(id, { stream: true }))).toEqual(events)
    const rest = await client.responses.retrieve(id, { stream: true, starting_after: 0 })
    expect(await listOf(rest)).toEqual(events.slice(1))
    expect(await listOf(await client.responses.retrieve(id, { stream: true, starting_after: 2 }))).toEqual([])
    expect(upstream.seen.at(-1)?.query).toContain('starting_after=2')
  })

  test('`previous_response_id` is said upstream by its own name and echoed by ours', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const first = await client.responses.create({ model: 'kept', input: 'Hi' })
    const second = await client.responses.create({
      model: 'kept',
      input: 'And?',
      store: false,
      previous_response_id: first.id,
    })
    expect(upstream.seen[1]?.json).toEqual({
      model: 'm',
      input: 'And?',
      store: false,
      previous_response_id: 'resp_1',
    })
    expect(second.previous_response_id).toBe(first.id)
    expect((await client.responses.retrieve(second.id)).previous_response_id).toBe(first.id)
  })

  test('a stream that breaks says so, and one that its reader leaves is left upstream too', async () => {
    const [created, delta] = [responses.created, responses.text('One ')]
    const upstream = scene.upstream(stream => ({ method, json, query }) => {
      if (method === 'POST' && json.stream !== true) return Response.json(responses.whole('One two.'))
      const isLong = json.input === 'Long' || query.includes('include_obfuscation=true')
      return stream(isLong ? [created, delta, new Promise(() => {})] : [created, delta])
    })
    const { client } = before(upstream)
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    const broken = [
      client.responses.create({ model: 'kept', input: 'Hi', stream: true }),
      client.responses.retrieve(id, { stream: true }),
    ]
    for (const call of broken) {
      const events: string[] = []
      const reading = (async () => {
        for await (const event of await call) events.push(event.type)
      })()
      expect((await errorOf(reading)).message).toContain('closed the stream before')
      expect(events.slice(0, 2)).toEqual(['response.created', 'response.output_text.delta'])
    }
    const long = [
      () => client.responses.create({ model: 'kept', input: 'Long', stream: true }),
      () => client.responses.retrieve(id, { stream: true, include_obfuscation: true }),
    ]
    for (const call of long) {
      for await (const event of await call()) if (event.type === 'response.output_text.delta') break
      await upstream.idle()
    }
    expect(upstream.open).toBe(0)
  })

  test('what is gone there is gone under our id', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    await client.responses.delete(id)
    const error = await errorOf(
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id }),
    )
    expect([error.status, error.message]).toEqual([404, `404 Response with id '${id}' not found.`])
  })

  test('explaining a call shows it as it will be sent', async () => {
    const upstream = keepsItself()
    const { gateway } = before(upstream)
    const body = JSON.stringify({ model: 'kept', input: 'Hi', metadata: { a: 'b' } })
    const request = new Request('http://gateway/v1/responses', { method: 'POST', body })
    const { targets } = await gateway.explain(request)
    expect(targets?.[0]).toMatchObject({ mode: 'relay' })
    expect(targets?.[0]?.body).toEqual({ model: 'm', input: 'Hi', metadata: { a: 'b' } })
    expect(upstream.seen.length).toBe(0)
  })

  test('background work is polled and cancelled there', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const one = await client.responses.create({ model: 'kept', input: 'Hi', background: true })
    expect(one.status).toBe('queued')
    expect(upstream.seen[0]?.json.background).toBe(true)
    expect((await client.responses.retrieve(one.id)).status).toBe('queued')
    expect((await client.responses.retrieve(one.id)).status).toBe('completed')
    const two = await client.responses.create({ model: 'kept', input: 'Hi', background: true })
    const cancelled = await client.responses.cancel(two.id)
    expect([cancelled.id, cancelled.status]).toEqual([two.id, 'cancelled'])
  })

  test('another tenant, and a forged id, find nothing, and the provider is not asked', async () => {
    const upstream = keepsItself()
    const { client, other } = before(upstream)
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    const forged = `${id.slice(0, -4)}AAAA`
    for (const [asking, name] of [
      [other, id],
      [client, forged],
      [client, 'resp_1'],
    ] as const) {
      for (const call of [
        () => asking.responses.retrieve(name),
        () => asking.responses.retrieve(name, { stream: true }),
        () => asking.responses.cancel(name),
        () => asking.responses.delete(name),
        async () => listOf(await asking.responses.inputItems.list(name)),
      ]) {
        const error = await errorOf(call())
        expect([error.status, error.message]).toEqual([404, `404 Response with id '${name}' not found.`])
      }
      const error = await errorOf(
        asking.responses.create({ model: 'kept', input: 'And?', previous_response_id: name }),
      )
      expect([error.status, error.code, error.param]).toEqual([
        400,
        'previous_response_not_found',
        'previous_response_id',
      ])
    }
    expect(upstream.seen.length).toBe(1)
  })

  test('with another credential nothing is asked, and the error says so', async () => {
    const upstream = keepsItself()
    const { client, gateway, config } = before(upstream)
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    const changed = { ...provider('responses', upstream.url), api_key: 'another-key' }
    expect(gateway.reload({ ...config, providers: { a: changed } })).toEqual({ ok: true })
    for (const call of [
      client.responses.retrieve(id),
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id }),
    ]) {
      const error = await errorOf(call)
      expect(error.status).toBe(400)
      expect(error.message).toContain('the credential of that provider changed')
    }
    expect(upstream.seen.length).toBe(1)
    expect(gateway.reload({ ...config, models: { kept: 'sandbox/m' } })).toEqual({ ok: true })
    const error = await errorOf(
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id }),
    )
    expect(error.message).toContain('is kept by the provider that made it')
  })

  test('what continues goes to whoever has it, and to nobody else', async () => {
    const broken = scene.upstream(() => () => new Response('{}', { status: 503 }))
    const upstream = keepsItself()
    const second = { provider: 'b', model: 'n', state: 'upstream' } as const
    const providers = { a: provider('responses', broken.url), b: provider('responses', upstream.url) }
    const { client, gateway, config } = before(upstream, {
      providers,
      models: { kept: { targets: [held, second] } },
    })
    const { id } = await client.responses.create({ model: 'kept', input: 'Hi' })
    expect([broken.seen.length, upstream.seen.length]).toEqual([1, 1])
    await client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id })
    expect([broken.seen.length, upstream.seen.length]).toEqual([1, 2])
    // Made by the second, which now fails: the first could answer, but does not have it.
    gateway.reload({ ...config, providers: { a: providers.b, b: { ...providers.b, base_url: broken.url } } })
    const error = await errorOf(
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id }),
    )
    expect(error.status).toBe(503)
    expect([broken.seen.length, upstream.seen.length]).toEqual([2, 2])
    gateway.reload({ ...config, models: { kept: { targets: [held] } } })
    const away = await errorOf(
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: id }),
    )
    expect([away.status, away.param]).toEqual([400, 'previous_response_id'])
    expect(away.message).toContain('no longer goes to "b"')
  })

  test('a response of this gateway’s own is not continued there', async () => {
    const upstream = keepsItself()
    const { client } = before(upstream)
    const ours = await client.responses.create({ model: 'a/m', input: 'Hi' })
    expect(ours.id).toMatch(/^resp_[A-Za-z0-9]{24}$/)
    expect(upstream.seen[0]?.json.store).toBe(false)
    const error = await errorOf(
      client.responses.create({ model: 'kept', input: 'And?', previous_response_id: ours.id }),
    )
    expect([error.status, error.param]).toEqual([400, 'previous_response_id'])
    expect(error.message).toContain('is kept by this gateway')
  })

  test('what belongs to no tenant there, or to this gateway alone, is refused by name', async () => {
    const upstream = keepsItself()
    const { url } = before(upstream)
    const post = async (fields: object) => {
      const response = await fetch(`${url}/v1/responses`, {
        method: 'POST',
        headers: { authorization: 'Bearer one', 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'kept', input: 'Hi', ...fields }),
      })
      return [response.status, (await response.json()).error.param]
    }
    expect(await post({ conversation: 'conv_1' })).toEqual([400, 'conversation'])
    expect(await post({ conversation: { id: 'conv_1' } })).toEqual([400, 'conversation'])
    expect(await post({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toEqual([400, 'input'])
    const thought = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'dragomanAAAA' }
    expect(await post({ input: [thought] })).toEqual([400, 'input'])
    expect(upstream.seen.length).toBe(0)
  })
})
