import { describe, expect, test } from 'bun:test'
import { gemini } from '../../src/dialects/gemini/index.ts'
import { createFault, type FaultCode } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { faultOf } from './gemini-driver.ts'

const { encodeError } = gemini

describe('errors', () => {
  const statuses: readonly (readonly [string, number, FaultCode])[] = [
    ['INVALID_ARGUMENT', 400, 'invalid_request'],
    ['OUT_OF_RANGE', 400, 'invalid_request'],
    ['FAILED_PRECONDITION', 400, 'invalid_request'],
    ['UNAUTHENTICATED', 401, 'upstream_auth'],
    ['PERMISSION_DENIED', 403, 'upstream_auth'],
    ['NOT_FOUND', 404, 'model_not_found'],
    ['ALREADY_EXISTS', 409, 'conflict'],
    ['ABORTED', 409, 'conflict'],
    ['RESOURCE_EXHAUSTED', 429, 'rate_limited'],
    ['CANCELLED', 499, 'upstream_error'],
    ['INTERNAL', 500, 'upstream_error'],
    ['UNIMPLEMENTED', 501, 'unsupported_operation'],
    ['UNAVAILABLE', 503, 'overloaded'],
    ['DEADLINE_EXCEEDED', 504, 'upstream_timeout'],
  ]
  test.each(statuses)('%s (%i) is %s', (status, code, expected) => {
    expect(faultOf(code, { error: { code, message: 'm', status } })).toMatchObject({ code: expected })
  })

  test('a prompt that is too long, which only prose tells', () => {
    const message = 'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).'
    const fault = faultOf(400, { error: { code: 400, message, status: 'INVALID_ARGUMENT' } })
    expect(fault).toMatchObject({ code: 'context_length_exceeded', status: 400, message })
  })

  test('anything at all is a fault: a page, nothing, other envelopes', () => {
    expect(faultOf(502, '<html>')).toMatchObject({ code: 'upstream_error', status: 502 })
    expect(faultOf(429, '', { 'retry-after': '3' })).toMatchObject({
      code: 'rate_limited',
      retryAfterMs: 3000,
    })
    expect(faultOf(400, { error: { message: 'm', param: 'p' } })).toMatchObject({ message: 'm', param: 'p' })
    expect(faultOf(418, [])).toMatchObject({ code: 'invalid_request', status: 418 })
  })

  test('every code has an envelope whose status is one of google.rpc.Code', () => {
    const fault = createFault('rate_limited', 'Wait.', { param: 'a.b', retryAfterMs: 1500 })
    const { status, headers, body } = encodeError(fault, 'req1')
    expect([status, headers]).toEqual([429, { 'retry-after': '2' }])
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      error: {
        code: 429,
        message: 'Wait.',
        status: 'RESOURCE_EXHAUSTED',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'rate_limited', domain: 'dragoman' },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'a.b', description: 'Wait.' }],
          },
          { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
          { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'req1' },
        ],
      },
    })
  })
})

describe('embeddings', () => {
  const { embed } = gemini
  if (embed === undefined) throw new Error('no embeddings')
  const entry = (text: string, more: JsonObject = {}): JsonObject => ({
    model: 'models/m',
    content: { role: 'user', parts: [{ text }] },
    ...more,
  })
  const decode = (wire: JsonObject) => embed.decodeRequest({ model: 'm', stream: false, ...wire })

  test('a batch comes back as it was, alike or not', () => {
    const shared = { taskType: 'CLUSTERING' }
    for (const requests of [
      [entry('a'), entry('b')],
      [
        entry('a', { outputDimensionality: 8, ...shared }),
        entry('b', { outputDimensionality: 8, ...shared }),
      ],
      [
        entry('a', { taskType: 'RETRIEVAL_QUERY' }),
        entry('b', { taskType: 'RETRIEVAL_DOCUMENT', title: 'B' }),
      ],
    ]) {
      const request = decode({ requests })
      if (!request.ok) throw new Error(request.fault.message)
      expect(request.value).toMatchObject({ model: 'm', input: ['a', 'b'], single: false })
      expect(embed.encodeRequest(request.value)).toEqual({ value: { model: 'm', requests }, notes: [] })
    }
  })

  test('what cannot be is said: media, different sizes, nothing', () => {
    const image = { content: { parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] } }
    expect(decode(image)).toMatchObject({ ok: false, fault: { param: 'content.parts[0].text' } })
    expect(decode({ requests: [] })).toMatchObject({ ok: false, fault: { param: 'requests' } })
    const sizes = [entry('a', { outputDimensionality: 8 }), entry('b')]
    expect(decode({ requests: sizes })).toMatchObject({ ok: false, fault: { param: 'requests' } })
    expect(embed.encodeRequest({ model: 'm', input: [[1]], single: true }).notes).toMatchObject([
      { kind: 'refused' },
    ])
  })

  test('vectors, one or many, with the usage that newer models tell', () => {
    const wire = { embeddings: [{ values: [1, 2] }], usageMetadata: { promptTokenCount: 3 } }
    const reply = embed.decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(reply.value).toMatchObject({ vectors: [[1, 2]], usage: { input: 3 } })
    const asked = { model: 'm', input: ['a'] }
    expect(embed.encodeReply(reply.value, { ...asked, single: false }).value).toEqual(wire)
    expect(embed.encodeReply(reply.value, { ...asked, single: true }).value).toMatchObject({
      embedding: { values: [1, 2] },
    })
    const base64 = { vectors: [{ base64: 'AACAPwAAAEA=' }] }
    expect(embed.encodeReply(base64, { ...asked, single: false }).value).toEqual({
      embeddings: [{ values: [1, 2] }],
    })
    expect(embed.decodeReply({ embeddings: [{ values: ['x'] }] })).toMatchObject({ ok: false })
  })
})
