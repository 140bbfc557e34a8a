import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { createScene, front, send } from '../support/scene.ts'

// Complaint C27: `encoding_format: base64` ignored, so that the official client reads floats as bytes.

const scene = createScene()
const vector = [0.5, -1, 3.25, 1e-3]
const floats = Float32Array.from(vector)
const base64 = Buffer.from(floats.buffer).toString('base64')

/** An upstream that gives what it likes, whatever it was asked for. */
function stubborn(embedding: unknown) {
  const upstream = scene.upstream(
    () => () =>
      Response.json({
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding }],
        model: 'm',
        usage: { prompt_tokens: 1, total_tokens: 1 },
      }),
  )
  return { upstream, ...front(scene, 'compatible', upstream.url) }
}

const ask = async (url: string, fields: object) => {
  const response = await send(url, '/v1/embeddings', JSON.stringify({ model: 'a/m', input: 'hi', ...fields }))
  expect(response.status).toBe(200)
  return (await response.json()).data[0].embedding
}

describe.each([
  ['floats', vector],
  ['base64', base64],
])('features C27: from an upstream that gives %s', (_, given) => {
  test('the caller gets the form it asked for', async () => {
    const { url } = stubborn(given)
    expect(await ask(url, { encoding_format: 'base64' })).toBe(base64)
    const plain = await ask(url, { encoding_format: 'float' })
    expect(Float32Array.from(plain)).toEqual(floats)
    expect(Float32Array.from(await ask(url, {}))).toEqual(floats)
  })

  test('the official client, which asks for base64 by itself, reads the same numbers', async () => {
    const { url } = stubborn(given)
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const { data } = await client.embeddings.create({ model: 'a/m', input: 'hi' })
    expect(Float32Array.from(data[0]?.embedding ?? [])).toEqual(floats)
    const asked = await client.embeddings.create({ model: 'a/m', input: 'hi', encoding_format: 'float' })
    expect(Float32Array.from(asked.data[0]?.embedding ?? [])).toEqual(floats)
  })
})

test('features C27: what was not said is not sent, and never null', async () => {
  const { url, upstream } = stubborn(vector)
  await ask(url, {})
  await ask(url, { encoding_format: null, dimensions: null, user: null })
  for (const { json } of upstream.seen) {
    expect(Object.values(json)).not.toContain(null)
    expect(json).not.toHaveProperty('dimensions')
  }
})
