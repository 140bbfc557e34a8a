import { describe, expect, test } from 'bun:test'
import { createScene } from '../support/scene.ts'
import { before, errorOf, heard, listOf, settled, wires } from './stage.ts'

// Conversations through the official SDK.

const scene = createScene()
const counted = (_: unknown, index: number) => ({ pieces: [`Answer ${index}.`] })
const noted = { role: 'assistant' as const, content: 'Noted.' }
const say = (content: string) => ({ role: 'user' as const, content })

describe('a conversation', () => {
  test('is made, shown, changed and deleted', async () => {
    const { client } = before(scene, 'compatible', counted)
    const empty = await client.conversations.create()
    expect(empty).toMatchObject({ object: 'conversation', metadata: {} })
    expect(empty.id).toMatch(/^conv_[A-Za-z0-9]{24}$/)
    const { id, created_at } = await client.conversations.create({ metadata: { topic: 'tides' } })
    expect(await client.conversations.retrieve(id)).toMatchObject({
      id,
      created_at,
      metadata: { topic: 'tides' },
    })
    expect(await client.conversations.update(id, { metadata: { topic: 'moon' } })).toMatchObject({
      id,
      created_at,
      metadata: { topic: 'moon' },
    })
    expect(await client.conversations.retrieve(id)).toMatchObject({ metadata: { topic: 'moon' } })
    expect(await client.conversations.delete(id)).toMatchObject({
      id,
      object: 'conversation.deleted',
      deleted: true,
    })
    for (const call of [
      client.conversations.retrieve(id),
      client.conversations.delete(id),
      client.conversations.items.create(id, { items: [say('x')] }),
      client.responses.create({ model: 'a/m', input: 'x', conversation: id }),
    ]) {
      const error = await errorOf(call)
      expect([error.status, error.type]).toEqual([404, 'invalid_request_error'])
      expect(error.message).toContain(`Conversation with id '${id}' not found.`)
    }
  })

  test('takes items of every sort, lists them in pages, and gives and deletes them one by one', async () => {
    const { client } = before(scene, 'compatible', counted)
    const { id } = await client.conversations.create({ items: [say('One.')] })
    const added = await client.conversations.items.create(id, {
      items: [
        say('Two.'),
        { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'r' },
        { role: 'assistant', content: 'Said.' },
      ],
    })
    expect(added.data.map(item => item.type)).toEqual([
      'message',
      'function_call',
      'function_call_output',
      'message',
    ])
    expect([added.object, added.has_more, added.first_id]).toEqual(['list', false, String(added.data[0]?.id)])
    const all = await listOf(client.conversations.items.list(id, { order: 'asc', limit: 2 }))
    expect(all.slice(1)).toEqual(added.data)
    expect(await listOf(client.conversations.items.list(id))).toEqual(all.toReversed())
    const third = all[2]
    const where = { conversation_id: id }
    expect(await client.conversations.items.retrieve(String(third?.id), where)).toEqual(third as never) // the item itself
    expect(await client.conversations.items.delete(String(third?.id), where)).toMatchObject({
      id,
      object: 'conversation',
    })
    const error = await errorOf(client.conversations.items.retrieve(String(third?.id), where))
    expect([error.status, error.message.includes(`Item with id '${third?.id}' not found.`)]).toEqual([
      404,
      true,
    ])
    expect((await errorOf(client.conversations.items.delete(String(third?.id), where))).status).toBe(404)
    expect((await listOf(client.conversations.items.list(id))).length).toBe(all.length - 1)
  })

  test('refuses by name what it cannot take', async () => {
    const { client, url } = before(scene, 'compatible', counted)
    const { id } = await client.conversations.create()
    const many = Array.from({ length: 21 }, () => say('x'))
    const wrong: readonly (readonly [string, object, string])[] = [
      ['', { items: 'x' }, 'items'],
      ['', { items: many }, 'items'],
      ['', { items: [{ type: 'message', role: 'robot', content: 'x' }] }, 'items[0].role'],
      ['', { metadata: 'x' }, 'metadata'],
      ['', { metadata: { a: 1 } }, 'metadata.a'],
      ['', { metadata: { a: 'x'.repeat(513) } }, 'metadata.a'],
      ['', { metadata: Object.fromEntries(many.map((_, index) => [String(index), 'x'])) }, 'metadata'],
      [`/${id}`, { metadata: [] }, 'metadata'],
      [`/${id}/items`, {}, 'items'],
      [`/${id}/items`, { items: many }, 'items'],
    ]
    for (const [path, body, param] of wrong) {
      const response = await fetch(`${url}/v1/conversations${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
      })
      const { error } = await response.json()
      expect([path, response.status, error.param]).toEqual([path, 400, param])
      expect(error.message).toContain(param.split('.')[0] as string) // a param has a first word
    }
    const broken = await fetch(`${url}/v1/conversations`, { method: 'POST', body: '{' })
    expect(broken.status).toBe(400)
  })
})

describe.each(wires)('responses in a conversation, on an upstream of %s', wire => {
  test('are asked with all of it, and what they say is added to it', async () => {
    const { client, model, upstream } = before(scene, wire, counted)
    const { id } = await client.conversations.create({ items: [say('Zero.'), noted] })
    const whole = await client.responses.create({ model, input: 'First.', conversation: id })
    expect(whole.conversation).toEqual({ id })
    const streamed = await client.responses
      .stream({ model, input: [say('Second.')], conversation: { id } })
      .finalResponse()
    expect(streamed.conversation).toEqual({ id })
    const background = await client.responses.create({
      model,
      input: 'Third.',
      conversation: id,
      background: true,
    })
    const done = await settled(client, background.id)
    const unstored = await client.responses.create({
      model,
      input: 'Fourth.',
      conversation: id,
      store: false,
    })
    await client.responses.stream({ model, input: 'Fifth.', conversation: id, store: false }).finalResponse()
    expect(heard(upstream.seen.at(-1))).toEqual([
      'user: Zero.',
      'assistant: Noted.',
      'user: First.',
      'assistant: Answer 0.',
      'user: Second.',
      'assistant: Answer 1.',
      'user: Third.',
      'assistant: Answer 2.',
      'user: Fourth.',
      'assistant: Answer 3.',
      'user: Fifth.',
    ])
    const items = await listOf(client.conversations.items.list(id, { order: 'asc', limit: 100 }))
    expect(items.length).toBe(12)
    const ids = items.map(item => item.id)
    for (const { output } of [whole, streamed, done]) expect(ids).toContain(output[0]?.id)
    expect((await errorOf(client.responses.retrieve(unstored.id))).status).toBe(404)
    expect((await listOf(client.responses.inputItems.list(done.id, { order: 'asc' }))).length).toBe(7)
  })

  test('a deleted item is not said again, the rest of its answer is', async () => {
    const { client, model, upstream } = before(scene, wire, counted)
    const { id } = await client.conversations.create()
    await client.responses.create({ model, input: [say('First.'), say('And first.')], conversation: id })
    const items = await listOf(client.conversations.items.list(id, { order: 'asc' }))
    await client.conversations.items.delete(String(items[0]?.id), { conversation_id: id })
    await client.conversations.items.delete(String(items[2]?.id), { conversation_id: id })
    await client.responses.create({ model, input: 'Second.', conversation: id })
    expect(heard(upstream.seen[1]).join(' | ')).not.toMatch(/user: First|Answer 0/)
    expect(heard(upstream.seen[1]).join(' | ')).toContain('And first.')
  })

  test('a response that was made in one can be continued outside of it', async () => {
    const { client, model, upstream } = before(scene, wire, counted)
    const { id } = await client.conversations.create({ items: [say('Zero.'), noted] })
    const first = await client.responses.create({ model, input: 'First.', conversation: id })
    await client.responses.create({ model, input: 'Second.', conversation: id })
    await client.responses.create({ model, input: 'Other.', previous_response_id: first.id })
    expect(heard(upstream.seen[2])).toEqual([
      'user: Zero.',
      'assistant: Noted.',
      'user: First.',
      'assistant: Answer 0.',
      'user: Other.',
    ])
    expect((await listOf(client.conversations.items.list(id))).length).toBe(6)
  })
})

test('a conversation and a previous response at once are refused', async () => {
  const { client, model, upstream } = before(scene, 'compatible', counted)
  const { id } = await client.conversations.create()
  const first = await client.responses.create({ model, input: 'First.' })
  const error = await errorOf(
    client.responses.create({ model, input: 'x', conversation: id, previous_response_id: first.id }),
  )
  expect(error.status).toBe(400)
  expect(upstream.seen.length).toBe(1)
})

test('a failed response adds nothing', async () => {
  const upstream = scene.upstream(() => () => Response.json({ error: { message: 'busy' } }, { status: 400 }))
  const { client } = before(scene, 'compatible', counted, {
    providers: { a: { kind: 'openai-compatible', base_url: `${upstream.url}/v1` } },
  })
  const { id } = await client.conversations.create()
  await errorOf(client.responses.create({ model: 'a/m', input: 'x', conversation: id }))
  const background = await client.responses.create({
    model: 'a/m',
    input: 'x',
    conversation: id,
    background: true,
  })
  expect((await settled(client, background.id)).status).toBe('failed')
  expect(await listOf(client.conversations.items.list(id))).toEqual([])
})
