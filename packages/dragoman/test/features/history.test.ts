import { describe, expect, test } from 'bun:test'
import { before, errorOf, heard, wires } from '../resources/stage.ts'
import { createScene } from '../support/scene.ts'

// Complaints about other gateways (features C22), through this one on real sockets: a proxy that strips
// `previous_response_id` answers 200 and has forgotten the conversation.

const scene = createScene()
const echo = () => ({ pieces: ['I ', 'remember.'] })

describe.each(wires)('features C22: `previous_response_id` on an upstream of %s', wire => {
  test.each([false, true])('is the conversation that the upstream is told, streamed: %p', async stream => {
    const { client, model, upstream } = before(scene, wire, echo)
    const first = await client.responses.create({ model, input: 'My name is Ada.' })
    const params = { model, input: 'What is my name?', previous_response_id: first.id }
    const second = stream
      ? await client.responses.stream(params).finalResponse()
      : await client.responses.create(params)
    expect(second.previous_response_id).toBe(first.id)
    expect(heard(upstream.seen[1])).toEqual([
      'user: My name is Ada.',
      'assistant: I remember.',
      'user: What is my name?',
    ])
    // The id means nothing to the upstream: what it means was put in its place.
    expect(upstream.seen[1]?.body).not.toContain(first.id)
  })

  test('that nobody knows is refused before the upstream is asked', async () => {
    const { client, model, upstream } = before(scene, wire, echo)
    for (const fields of [{}, { stream: true }, { store: false }, { background: true }]) {
      const params = { model, input: 'x', previous_response_id: 'resp_of_yesterday', ...fields }
      const error = await errorOf(client.responses.create(params))
      expect([error.status, error.code, error.param]).toEqual([
        400,
        'previous_response_not_found',
        'previous_response_id',
      ])
    }
    expect(upstream.seen).toEqual([])
  })
})

test('features C22: where nothing is kept, nothing is pretended', async () => {
  const { client, model, upstream } = before(scene, 'compatible', echo, { store: { retention: 'off' } })
  const first = await client.responses.create({ model, input: 'My name is Ada.' })
  expect((first as { store?: boolean }).store).toBe(false) // on the wire, but not in the SDK's type
  const error = await errorOf(
    client.responses.create({ model, input: 'What is my name?', previous_response_id: first.id }),
  )
  expect([error.status, error.code]).toEqual([400, 'previous_response_not_found'])
  expect(upstream.seen).toHaveLength(1)
})
