import { describe, expect, test } from 'bun:test'
import { createScene } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import {
  before,
  clientOf,
  errorOf,
  expectRising,
  heard,
  listOf,
  settled,
  storeOf,
  twoTenants,
  wires,
} from './stage.ts'

// Stored responses through the official SDK, on upstreams of every wire and on the sandbox.

const scene = createScene()
const echo = () => ({ pieces: ['One ', 'two.'] })

describe.each(wires)('stored responses on an upstream of %s', wire => {
  test('a whole answer is retrieved as it was given, under ids of ours', async () => {
    const { client, model, upstream } = before(scene, wire, echo)
    const given = await client.responses.create({
      model,
      input: 'Hi',
      instructions: 'Be brief.',
      metadata: { a: 'b' },
    })
    expect([given.status, given.output_text, storeOf(given)]).toEqual(['completed', 'One two.', true])
    expect(given.instructions).toBe('Be brief.')
    expect(given.metadata).toEqual({ a: 'b' })
    expect(await client.responses.retrieve(given.id)).toEqual(given)
    const ids = [given.id, ...given.output.map(item => item.id)]
    for (const id of ids) expect(id).toMatch(/^[a-z]+_[A-Za-z0-9]{24}(_\d+)?$/)
    // Nothing is left with the upstream, and wires without the word do not hear it.
    expect(upstream.seen[0]?.json.store).toBe(wire === 'responses' ? false : undefined)
  })

  test('a streamed one too, and it can be streamed again from any event on', async () => {
    const { client, model } = before(scene, wire, echo)
    const events = await listOf(await client.responses.create({ model, input: 'Hi', stream: true }))
    expectRising(events)
    const last = events.at(-1)
    if (last?.type !== 'response.completed') throw new Error(`ended with ${last?.type}`)
    const stored = await client.responses.retrieve(last.response.id)
    expect(stored).toMatchObject(JSON.parse(JSON.stringify(last.response)))
    for (const after of [-1, 0, 3, events.length - 2, events.length - 1, events.length + 5]) {
      const resumed = await client.responses.retrieve(stored.id, {
        stream: true,
        ...(after < 0 ? {} : { starting_after: after }),
      })
      expect(await listOf(resumed)).toEqual(events.slice(after + 1))
    }
  })

  test('whole and streamed, a response has the same form', async () => {
    const { client, model } = before(scene, wire, echo)
    const whole = await client.responses.create({ model, input: 'Hi' })
    const streamed = await client.responses.stream({ model, input: 'Hi' }).finalResponse()
    const shape = (response: object) =>
      JSON.parse(
        JSON.stringify(response)
          .replaceAll(/[A-Za-z0-9]{24}/g, 'ID')
          .replaceAll(/"created_at":\d+/g, '"created_at":0'),
      )
    expect({ ...shape(await client.responses.retrieve(streamed.id)) }).toEqual(shape(whole))
  })

  test('the SDK’s helper replays one', async () => {
    const { client, model } = before(scene, wire, echo)
    const { id } = await client.responses.create({ model, input: 'Hi' })
    const replayed = await client.responses.stream({ response_id: id, starting_after: 2 }).finalResponse()
    expect([replayed.id, replayed.output_text, replayed.status]).toEqual([id, 'One two.', 'completed'])
  })

  test('`previous_response_id` puts the whole conversation before it, without old instructions', async () => {
    const { client, model, upstream } = before(scene, wire, (_, index) => ({ pieces: [`Answer ${index}.`] }))
    const first = await client.responses.create({ model, input: 'First.', instructions: 'Be brief.' })
    const second = await client.responses.create({ model, input: 'Second.', previous_response_id: first.id })
    await client.responses.create({
      model,
      input: [{ role: 'user', content: 'Third.' }],
      previous_response_id: second.id,
      stream: false,
    })
    expect(second.previous_response_id).toBe(first.id)
    expect(heard(upstream.seen[2])).toEqual([
      'user: First.',
      'assistant: Answer 0.',
      'user: Second.',
      'assistant: Answer 1.',
      'user: Third.',
    ])
    expect(upstream.seen[2]?.body).not.toContain('Be brief.')
    const branch = await client.responses.create({ model, input: 'Other.', previous_response_id: first.id })
    expect(heard(upstream.seen[3])).toEqual(['user: First.', 'assistant: Answer 0.', 'user: Other.'])
    expect(branch.output_text).toBe('Answer 3.')
  })

  test('a call may build on what is stored without being stored itself', async () => {
    const { client, model, upstream } = before(scene, wire, echo)
    const first = await client.responses.create({ model, input: 'First.' })
    for (const stream of [false, true]) {
      const params = { model, input: 'Second.', previous_response_id: first.id, store: false }
      const answer = stream
        ? await client.responses.stream(params).finalResponse()
        : await client.responses.create(params)
      expect([answer.previous_response_id, storeOf(answer), answer.output_text]).toEqual([
        first.id,
        false,
        'One two.',
      ])
      expect(heard(upstream.seen.at(-1)).length).toBe(3)
      expect((await errorOf(client.responses.retrieve(answer.id))).status).toBe(404)
    }
  })

  test('a stored item is put in the place of a reference to it', async () => {
    const { client, model, upstream } = before(scene, wire, echo)
    const first = await client.responses.create({ model, input: 'First.' })
    const [input] = await listOf(client.responses.inputItems.list(first.id))
    await client.responses.create({
      model,
      store: false,
      input: [
        { type: 'item_reference', id: String(input?.id) },
        { type: 'item_reference', id: String(first.output[0]?.id) },
        { role: 'user', content: 'Second.' },
      ],
    })
    expect(heard(upstream.seen[1])).toEqual(['user: First.', 'assistant: One two.', 'user: Second.'])
  })

  test('background: queued at once, polled to its end', async () => {
    const hold = gate()
    const { client, model } = before(scene, wire, () => ({ pieces: ['One ', 'two.'], between: [hold.wait] }))
    const queued = await client.responses.create({ model, input: 'Hi', background: true, stream: false })
    expect([queued.status, queued.background, queued.output]).toEqual(['queued', true, []])
    hold.open()
    const done = await settled(client, queued.id)
    expect([done.id, done.status, done.output_text, done.background]).toEqual([
      queued.id,
      'completed',
      'One two.',
      true,
    ])
  })

  test('background and streamed: leaving it changes nothing, coming back reads on', async () => {
    const hold = gate()
    const { client, model, upstream } = before(scene, wire, () => ({
      pieces: ['One ', 'two.'],
      between: [hold.wait],
    }))
    const stream = await client.responses.create({ model, input: 'Hi', background: true, stream: true })
    const events: { type: string; sequence_number: number }[] = []
    let id = ''
    for await (const event of stream) {
      events.push(event)
      if (event.type === 'response.created') id = event.response.id
      if (event.type === 'response.output_text.delta') break
    }
    expect(upstream.open).toBe(1)
    const coming = client.responses.retrieve(id, {
      stream: true,
      starting_after: events.at(-1)?.sequence_number ?? 0,
    })
    const reading = coming.then(rest => listOf(rest))
    hold.open()
    const all = [...events, ...(await reading)]
    expectRising(all)
    expect(all.at(-1)?.type).toBe('response.completed')
    expect(
      JSON.parse(JSON.stringify(await listOf(await client.responses.retrieve(id, { stream: true })))),
    ).toEqual(JSON.parse(JSON.stringify(all)))
  })

  test('background: cancelled, for good', async () => {
    const hold = gate()
    const { client, model, upstream } = before(scene, wire, () => ({
      pieces: ['One ', 'two.'],
      between: [hold.wait],
    }))
    const stream = await client.responses.create({ model, input: 'Hi', background: true, stream: true })
    const reading = stream[Symbol.asyncIterator]()
    const first = await reading.next()
    const id = first.value?.type === 'response.created' ? first.value.response.id : ''
    for (let event = first; event.value?.type !== 'response.output_text.delta'; ) event = await reading.next()
    const cancelled = await client.responses.cancel(id)
    expect([cancelled.id, cancelled.status]).toEqual([id, 'cancelled'])
    await upstream.idle()
    hold.open()
    expect((await client.responses.retrieve(id)).status).toBe('cancelled')
    expect((await client.responses.cancel(id)).status).toBe('cancelled')
    const events = await listOf(await client.responses.retrieve(id, { stream: true }))
    expectRising(events)
    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'cancelled' } })
  })
})

describe('unknown ids', () => {
  const refused = [
    [
      { previous_response_id: 'resp_none' },
      400,
      'previous_response_id',
      'previous_response_not_found',
      'Previous response with id',
    ],
    [{ conversation: 'conv_none' }, 404, null, null, 'Conversation with id'],
    [{ input: [{ type: 'item_reference', id: 'msg_none' }] }, 404, 'input', null, 'Item with id'],
  ] as const
  test.each(refused.map(row => [JSON.stringify(row[0]), ...row] as const))(
    '%s: OpenAI’s error, before any upstream call',
    async (_, fields, status, param, code, sentence) => {
      const { client, model, upstream } = before(scene, 'compatible', echo)
      for (const stream of [false, true]) {
        const error = await errorOf(
          client.responses.create({ model, input: 'Hi', stream, ...(fields as object) }),
        )
        expect([error.status, error.param ?? null, error.code ?? null]).toEqual([status, param, code])
        expect(error.message).toContain(sentence)
        expect(error.type).toBe('invalid_request_error')
      }
      expect(upstream.seen).toEqual([])
    },
  )

  test('of pages are 404', async () => {
    const { client } = before(scene, 'compatible', echo)
    const calls = [
      client.responses.retrieve('resp_none'),
      client.responses.retrieve('resp_none', { stream: true }),
      client.responses.delete('resp_none'),
      client.responses.cancel('resp_none'),
      listOf(client.responses.inputItems.list('resp_none')),
    ]
    for (const call of calls) {
      const error = await errorOf(call)
      expect([error.status, error.type]).toEqual([404, 'invalid_request_error'])
      expect(error.message).toContain("Response with id 'resp_none' not found.")
    }
  })

  test('a deleted response is gone for everything', async () => {
    const { client, model, upstream } = before(scene, 'compatible', echo)
    const first = await client.responses.create({ model, input: 'First.' })
    const second = await client.responses.create({ model, input: 'Second.', previous_response_id: first.id })
    expect(await client.responses.delete(first.id)).toMatchObject({
      id: first.id,
      object: 'response',
      deleted: true,
    })
    expect((await errorOf(client.responses.retrieve(first.id))).status).toBe(404)
    expect(
      (await errorOf(client.responses.create({ model, input: 'x', previous_response_id: first.id }))).status,
    ).toBe(400)
    // What continued it is there, but cannot be continued: answering without the beginning would be another answer.
    expect((await client.responses.retrieve(second.id)).id).toBe(second.id)
    const error = await errorOf(
      client.responses.create({ model, input: 'x', previous_response_id: second.id }),
    )
    expect([error.status, error.code]).toEqual([400, 'previous_response_not_found'])
    expect(error.message).toContain(first.id)
    expect(upstream.seen.length).toBe(2)
  })
})

describe('what a tenant stored', () => {
  test('is not there for another', async () => {
    const { client: _, url, model, upstream } = before(scene, 'compatible', echo, {}, { keys: twoTenants })
    const one = clientOf(url, 'one')
    const two = clientOf(url, 'two')
    const given = await one.responses.create({ model, input: 'Hi' })
    const conversation = await one.conversations.create({ items: [{ role: 'user', content: 'Hi' }] })
    const [item] = await listOf(one.conversations.items.list(conversation.id))
    const calls: readonly (readonly [number, () => PromiseLike<unknown>])[] = [
      [404, () => two.responses.retrieve(given.id)],
      [404, () => two.responses.cancel(given.id)],
      [404, () => two.responses.delete(given.id)],
      [404, () => two.responses.inputItems.list(given.id)],
      [400, () => two.responses.create({ model, input: 'x', previous_response_id: given.id })],
      [
        404,
        () =>
          two.responses.create({ model, input: [{ type: 'item_reference', id: given.output[0]?.id ?? '' }] }),
      ],
      [404, () => two.responses.create({ model, input: 'x', conversation: conversation.id })],
      [404, () => two.conversations.retrieve(conversation.id)],
      [404, () => two.conversations.update(conversation.id, { metadata: {} })],
      [404, () => two.conversations.delete(conversation.id)],
      [404, () => two.conversations.items.list(conversation.id)],
      [404, () => two.conversations.items.create(conversation.id, { items: [] })],
      [404, () => two.conversations.items.retrieve(String(item?.id), { conversation_id: conversation.id })],
      [404, () => two.conversations.items.delete(String(item?.id), { conversation_id: conversation.id })],
    ]
    for (const [status, call] of calls) expect((await errorOf(call())).status).toBe(status)
    expect(upstream.seen.length).toBe(1)
    expect((await one.responses.retrieve(given.id)).id).toBe(given.id)
    expect((await listOf(one.conversations.items.list(conversation.id))).length).toBe(1)
  })
})

describe('input items', () => {
  test('are everything a response was made from, in pages, newest first', async () => {
    const { client, model } = before(scene, 'compatible', echo)
    const first = await client.responses.create({ model, input: 'First.' })
    const second = await client.responses.create({
      model,
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'assistant', content: 'Said.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Second.' }] },
      ],
      previous_response_id: first.id,
    })
    const items = await listOf(client.responses.inputItems.list(second.id, { order: 'asc', limit: 2 }))
    expect(items.map(item => item.type)).toEqual(['message', 'message', 'message', 'message', 'message'])
    const said = items.map(item => (item.type === 'message' ? [item.role, item.content[0]] : []))
    expect(said).toMatchObject([
      ['user', { type: 'input_text', text: 'First.' }],
      ['assistant', { type: 'output_text', text: 'One two.' }],
      ['developer', { type: 'input_text', text: 'Be brief.' }],
      ['assistant', { type: 'output_text', text: 'Said.' }],
      ['user', { type: 'input_text', text: 'Second.' }],
    ])
    expect(new Set(items.map(item => item.id)).size).toBe(5)
    const newest = await listOf(client.responses.inputItems.list(second.id, { limit: 3 }))
    expect(newest).toEqual(items.toReversed())
    const page = await client.responses.inputItems.list(second.id, { after: String(items[1]?.id), limit: 1 })
    expect([page.data[0]?.id, page.has_more]).toEqual([items[0]?.id, false])
  })

  test('limits, orders and places that are none are refused by name', async () => {
    const { client, model, url } = before(scene, 'compatible', echo)
    const { id } = await client.responses.create({ model, input: 'Hi' })
    for (const [query, param] of [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['limit=x', 'limit'],
      ['order=up', 'order'],
      ['after=msg_none', 'after'],
    ]) {
      const response = await fetch(`${url}/v1/responses/${id}/input_items?${query}`)
      expect([response.status, (await response.json()).error.param]).toEqual([400, param])
    }
    const response = await fetch(`${url}/v1/responses/${id}?stream=true&starting_after=x`)
    expect([response.status, (await response.json()).error.param]).toEqual([400, 'starting_after'])
  })
})

test('nothing of a call with `store: false` is kept', async () => {
  const { client, model } = before(scene, 'compatible', echo)
  const whole = await client.responses.create({ model, input: 'Hi', store: false })
  const streamed = await client.responses.stream({ model, input: 'Hi', store: false }).finalResponse()
  for (const given of [whole, streamed]) {
    expect(storeOf(given)).toBe(false)
    expect((await errorOf(client.responses.retrieve(given.id))).status).toBe(404)
  }
})

test('a call that failed leaves nothing', async () => {
  const upstream = scene.upstream(() => () => Response.json({ error: { message: 'busy' } }, { status: 400 }))
  const { url } = scene.gateway({
    providers: { a: { kind: 'openai-compatible', base_url: `${upstream.url}/v1` } },
  })
  const client = clientOf(url)
  const error = await errorOf(client.responses.create({ model: 'a/m', input: 'Hi' }))
  expect(error.status).toBe(400)
  expect((await errorOf(client.responses.retrieve(`resp_${error.requestID}`))).status).toBe(404)
})

test('a background response that fails says why', async () => {
  const upstream = scene.upstream(
    () => () => Response.json({ error: { message: 'no such thing' } }, { status: 400 }),
  )
  const { url } = scene.gateway({
    providers: { a: { kind: 'openai-compatible', base_url: `${upstream.url}/v1` } },
  })
  const client = clientOf(url)
  const { id } = await client.responses.create({ model: 'a/m', input: 'Hi', background: true })
  const done = await settled(client, id)
  expect([done.status, done.error?.message]).toEqual(['failed', 'no such thing'])
})

test('only what runs in the background can be cancelled', async () => {
  const { client, model } = before(scene, 'compatible', echo)
  const { id } = await client.responses.create({ model, input: 'Hi' })
  expect((await errorOf(client.responses.cancel(id))).message).toContain(
    'Cannot cancel a synchronous response',
  )
})

test('a response that is not finished cannot be continued', async () => {
  const hold = gate()
  const { client, model } = before(scene, 'compatible', () => ({
    pieces: ['One ', 'two.'],
    between: [hold.wait],
  }))
  const stream = await client.responses.create({ model, input: 'Hi', background: true, stream: true })
  const { value } = await stream[Symbol.asyncIterator]().next()
  const id = value?.type === 'response.created' ? value.response.id : ''
  const error = await errorOf(client.responses.create({ model, input: 'x', previous_response_id: id }))
  expect(error.message).toContain('is not finished yet')
  hold.open()
  await settled(client, id)
})

describe('what builds on stored responses without answering', () => {
  test('tokens are counted with the whole conversation', async () => {
    const { client, model } = before(scene, 'compatible', echo)
    const first = await client.responses.create({ model, input: 'First, and some more words to count.' })
    const alone = await client.responses.inputTokens.count({ model, input: 'Second.' })
    const all = await client.responses.inputTokens.count({
      model,
      input: 'Second.',
      previous_response_id: first.id,
    })
    expect(all.input_tokens).toBeGreaterThan(alone.input_tokens + 5)
    const error = await errorOf(
      client.responses.inputTokens.count({ model, input: 'x', previous_response_id: 'resp_none' }),
    )
    expect([error.status, error.code]).toEqual([400, 'previous_response_not_found'])
  })

  test('a stored conversation is compacted, and nothing of that is stored', async () => {
    const { client, model, upstream } = before(scene, 'compatible', echo)
    const first = await client.responses.create({ model, input: 'First.' })
    const compacted = await client.responses.compact({
      model: model as never,
      previous_response_id: first.id,
    }) // any name
    expect(compacted.object).toBe('response.compaction')
    expect(upstream.seen.at(-1)?.body).toContain('First.')
    expect(upstream.seen.at(-1)?.body).toContain('One two.')
  })
})

test('a response that is deleted while it streams is gone, and its client still gets its answer', async () => {
  const hold = gate()
  const { client, model } = before(scene, 'compatible', () => ({
    pieces: ['One ', 'two.'],
    between: [hold.wait],
  }))
  const stream = await client.responses.create({ model, input: 'Hi', stream: true })
  let id = ''
  const types: string[] = []
  for await (const event of stream) {
    types.push(event.type)
    if (event.type === 'response.created') id = event.response.id
    if (event.type !== 'response.output_text.delta' || types.includes('deleted')) continue
    await client.responses.delete(id)
    types.push('deleted')
    hold.open()
  }
  expect(types.at(-1)).toBe('response.completed')
  expect((await errorOf(client.responses.retrieve(id))).status).toBe(404)
})

test('it is said, once, where nothing lasts', async () => {
  const logged: string[] = []
  const { client, model } = before(
    scene,
    'compatible',
    echo,
    {},
    { log: (_, message) => logged.push(message) },
  )
  await client.responses.create({ model, input: 'Hi', store: false })
  const told = () => logged.filter(message => message.includes('stored in memory')).length
  expect(told()).toBe(0)
  await client.responses.create({ model, input: 'Hi' })
  await client.responses.create({ model, input: 'Hi' })
  expect(told()).toBe(1)
})

test('what would happen to a call is told with what is stored before it, and stores nothing', async () => {
  const { client, model, gateway, upstream } = before(scene, 'messages', echo)
  const first = await client.responses.create({ model, input: 'First.' })
  const explain = (body: object) =>
    gateway.explain(
      new Request('http://gateway/v1/responses', {
        method: 'POST',
        body: JSON.stringify({ model, ...body }),
      }),
    )
  const told = await explain({ input: 'Second.', previous_response_id: first.id })
  expect(JSON.stringify(told)).toContain('One two.')
  expect(told).toMatchObject({ ok: true })
  expect(await explain({ input: 'x', previous_response_id: 'resp_none' })).toMatchObject({ ok: false })
  expect(upstream.seen.length).toBe(1)
})
