import { describe, expect, test } from 'bun:test'
import { listCaptures, readWhole } from '@dragoman/fixtures'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { EmbedRequest } from '../../src/ir/embed.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { clientOf } from './openai-chat-driver.ts'

const codec = openaiChat.embed
if (codec === undefined) throw new Error('chat has embeddings')
const { decodeRequest, encodeRequest, decodeReply, encodeReply } = codec

const request: EmbedRequest = { model: 'm', input: ['a'], single: true }
const base64 = { ...request, encoding: 'base64' } as const
const vector = [0.5, -1.25, 3]
const packed = 'AAAAPwAAoL8AAEBA'

const reply = (...embeddings: readonly (readonly number[] | string)[]): JsonObject => ({
  object: 'list',
  data: embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  model: 'm',
  usage: { prompt_tokens: 2, total_tokens: 2 },
})

function rendered(wire: JsonObject, asked: EmbedRequest): JsonObject {
  const decoded = decodeReply(wire)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return encodeReply(decoded.value, asked).value
}

describe('a request for embeddings', () => {
  const kept: readonly (readonly [string, JsonObject])[] = [
    ['of a text', { model: 'm', input: 'a' }],
    ['of a list of one', { model: 'm', input: ['a'] }],
    ['of texts', { model: 'm', input: ['a', 'b'], dimensions: 8, encoding_format: 'base64', user: 'u' }],
    ['of tokens', { model: 'm', input: [1, 2] }],
    ['of lists of tokens', { model: 'm', input: [[1], [2, 3]], encoding_format: 'float' }],
    ['with fields of a host', { model: 'm', input: 'a', encoding_format: 'int8', input_type: 'query' }],
  ]
  test.each(kept)('%s is written as it was read', (_, wire) => {
    const decoded = decodeRequest(wire)
    if (!decoded.ok) throw new Error(decoded.fault.message)
    expect(encodeRequest(decoded.value)).toEqual({ value: wire, notes: [] })
  })

  test('features C27: an encoding that nobody named is left out, never null', () => {
    expect(Object.keys(encodeRequest(request).value)).toEqual(['model', 'input'])
  })

  const wrong: readonly (readonly [JsonObject, string])[] = [
    [{ input: 'a' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: [] }, 'input'],
    [{ model: 'm', input: ['a', 1] }, 'input'],
    [{ model: 'm', input: 3 }, 'input'],
    [{ model: 'm', input: 'a', dimensions: 'x' }, 'dimensions'],
  ]
  test.each(wrong)('%j is a fault', (wire, param) => {
    const decoded = decodeRequest(wire)
    expect(decoded.ok ? '' : decoded.fault.param).toBe(param)
  })
})

describe('a reply of embeddings', () => {
  test('features C27: base64 in is base64 out, and either way where the upstream has the other', () => {
    expect(rendered(reply(vector), request).data).toEqual(reply(vector).data)
    expect(rendered(reply(packed), base64).data).toEqual(reply(packed).data)
    expect(rendered(reply(vector), base64).data).toEqual(reply(packed).data)
    expect(rendered(reply(packed), request).data).toEqual(reply(vector).data)
  })

  test('trap 28: the official client, which asks for base64, gets its floats', async () => {
    const text = JSON.stringify(rendered(reply(vector), base64))
    const { data } = await clientOf(text, 'application/json').embeddings.create({ model: 'm', input: 'a' })
    expect(data[0]?.embedding).toEqual(vector)
  })

  test('a long vector is packed whole', () => {
    const long = Array.from({ length: 5000 }, (_, index) => index)
    expect(rendered(rendered(reply(long), base64), request).data).toEqual(reply(long).data)
  })

  test('comes in the order of the inputs', () => {
    const data = [
      { object: 'embedding', index: 1, embedding: [2] },
      { object: 'embedding', index: 0, embedding: [1] },
    ]
    expect(rendered({ ...reply(), data }, request).data).toEqual(reply([1], [2]).data)
    const unnumbered = [{ embedding: [1] }, { embedding: [2] }]
    expect(rendered({ ...reply(), data: unnumbered }, request).data).toEqual(reply([1], [2]).data)
  })

  const failures: readonly JsonObject[] = [
    { error: { message: 'boom' } },
    {},
    { data: [] },
    { data: [{ embedding: ['x'] }] },
    { data: [{ embedding: '***' }] },
    { data: [{ embedding: 'AAA=' }] },
  ]
  test.each(failures.map(wire => [wire]))('%j is a fault', wire => {
    expect(decodeReply(wire).ok).toBe(false)
  })

  const recorded = listCaptures({ provider: 'openai' }).filter(({ name }) => name.includes('embedding'))
  test.each(recorded.map(capture => [capture.name, capture] as const))(
    '%s comes back as it was',
    (_, capture) => {
      expect(rendered(readWhole(capture), request)).toEqual(readWhole(capture) as JsonObject)
    },
  )
})
