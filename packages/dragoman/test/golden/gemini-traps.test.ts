import { describe, expect, test } from 'bun:test'
import { gemini } from '../../src/dialects/gemini/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part, ToolCallPart } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { kinds } from '../../src/providers/catalog.ts'
import { factsOf, levelOf } from '../../src/providers/profile.ts'
import {
  answer,
  assistant,
  call,
  chunk,
  complain,
  decodeChunks,
  decodeWhole,
  faultOf,
  foldChunks,
  read,
  result,
  stop,
  tool,
  user,
  write,
} from './gemini-driver.ts'

// Every numbered trap of the reference card (section 17): a check, or why there is none here.

const finishOf = (reply: Reply) => reply.candidates[0]?.finish
const partsOf = (reply: Reply): readonly Part[] => reply.candidates[0]?.parts ?? []
const callsOf = (reply: Reply): readonly ToolCallPart[] =>
  partsOf(reply).filter(part => part.kind === 'tool-call')
const calling = { functionCall: { name: 'f', args: { x: 1 } } }
const usage = (more: JsonObject) => ({ usageMetadata: { promptTokenCount: 9, ...more } })
const signed = (data: string) => ({ form: 'signature', data, dialect: 'gemini' }) as const // literals
const profile = kinds.google?.profile ?? { rules: [], facts: [] }
const levelFor = (model: string, feature: Parameters<typeof levelOf>[2], ...used: readonly string[]) =>
  levelOf(profile, model, feature, new Set<string>(used))?.level
const responses = (said: string) => {
  const { value } = write({ turns: [user('Hi'), assistant(call('a')), result('a', said)] })
  return JSON.parse(JSON.stringify(value)).contents[2].parts[0].functionResponse.response
}
const error = (status: string, code: number, ...details: readonly JsonObject[]) => ({
  error: { code, message: 'm', status, details },
})
const detail = (type: string, fields: JsonObject): JsonObject => ({
  '@type': `type.googleapis.com/google.rpc.${type}`,
  ...fields,
})

const traps: { readonly [number: number]: string | (() => void) } = {
  1: () => expect(finishOf(decodeWhole(answer([calling])))).toEqual({ reason: 'tool-calls', raw: 'STOP' }),
  2: () =>
    expect(finishOf(foldChunks([chunk([calling]), chunk([{ text: 'x' }]), stop]))?.reason).toBe('tool-calls'),
  3: () => {
    const reply = decodeWhole(answer([], {}, usage({ candidatesTokenCount: 5, thoughtsTokenCount: 40 })))
    expect(reply.usage).toMatchObject({ output: 45, reasoning: 40 })
  },
  4: () => {
    const reply = decodeWhole(
      answer([], {}, usage({ cachedContentTokenCount: 4, toolUsePromptTokenCount: 2 })),
    )
    expect(reply.usage).toMatchObject({ input: 7, cacheRead: 4, cacheWrite: 0 })
  },
  5: () => {
    const counted = (count: number) => chunk([{ text: 'x' }], {}, usage({ candidatesTokenCount: count }))
    expect(foldChunks([counted(1), counted(2), counted(3), stop]).usage?.output).toBe(3)
  },
  6: () => {
    const reply = decodeWhole({ candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS' }] })
    expect(reply.candidates).toMatchObject([{ parts: [], finish: { reason: 'length' } }])
  },
  7: () => {
    const reply = decodeWhole({ candidates: [{ finishReason: 'SAFETY', index: 0 }] })
    expect(reply.candidates).toMatchObject([{ parts: [], finish: { reason: 'content-filter' } }])
  },
  8: () => {
    const wire = { promptFeedback: { blockReason: 'SAFETY' } }
    expect(finishOf(decodeWhole(wire))).toMatchObject({ reason: 'content-filter', raw: 'SAFETY' })
    expect(finishOf(foldChunks([wire]))).toMatchObject({ reason: 'content-filter', raw: 'SAFETY' })
    expect(gemini.decodeReply({ promptFeedback: { blockReason: 'BLOCKED_REASON_UNSPECIFIED' } }).ok).toBe(
      false,
    )
  },
  9: () => {
    const turns = [
      user('Hi'),
      assistant(call('a', '{}', 'f'), call('b', '{}', 'g')),
      result('b', 'B'),
      result('a', 'A'),
    ]
    expect(write({ turns }).value.contents).toMatchObject([
      {},
      {},
      { parts: [{ functionResponse: { id: 'a', name: 'f' } }, { functionResponse: { id: 'b', name: 'g' } }] },
    ])
  },
  10: () =>
    expect(write({ turns: [user('Hi'), result('gone', 'x')] }).notes).toEqual([
      'refused turns[1].parts[0].callId',
    ]),
  11: () => {
    expect(responses('[1,2]')).toEqual({ output: '[1,2]' })
    expect(responses('7')).toEqual({ output: '7' })
    expect(responses('{"a":1}')).toEqual({ a: 1 })
  },
  12: () => expect(responses('{"a":[{"$ref":"b"}]}')).toEqual({ output: '{"a":[{"$ref":"b"}]}' }),
  13: 'custody signs calls of others with the documented words; the codec writes what it is given (14)',
  14: () => {
    const turn = assistant({ ...call('a'), opaque: signed('S') }, call('b'))
    expect(write({ turns: [user('Hi'), turn] }).value.contents).toMatchObject([
      {},
      { parts: [{ thoughtSignature: 'S' }, { functionCall: { id: 'b', name: 'f', args: {} } }] },
    ])
    expect(JSON.stringify(write({ turns: [turn] }).value).match(/thoughtSignature/g)).toHaveLength(1)
  },
  15: () => {
    const end = chunk([{ text: '', thoughtSignature: 'S' }], { finishReason: 'STOP' })
    expect(partsOf(foldChunks([chunk([calling]), end])).at(-1)).toEqual({
      kind: 'text',
      text: '',
      opaque: signed('S'),
    })
    expect(partsOf(foldChunks([chunk([{ text: 'x' }]), end]))).toEqual([
      { kind: 'text', text: 'x', opaque: signed('S') },
    ])
    const turn = assistant({ kind: 'text', text: '', opaque: signed('S') })
    expect(write({ turns: [turn] }).value.contents).toEqual([
      { role: 'model', parts: [{ text: '', thoughtSignature: 'S' }] },
    ])
  },
  16: 'custody keeps what a client cannot carry; other models’ thoughts are no input here (features, C26)',
  17: () => {
    const parts = [{ text: 'a', thoughtSignature: 'S' }, { text: 'b' }]
    const contents = [
      { role: 'user', parts: [{ text: 'Hi' }] },
      { role: 'model', parts },
    ]
    expect(gemini.encodeRequest(read({ contents })).value.contents).toEqual(contents)
    expect(partsOf(foldChunks([chunk(parts), stop])).map(part => part.kind === 'text' && part.text)).toEqual([
      'a',
      'b',
    ])
  },
  18: () => {
    const parameters = { type: 'object', properties: {}, additionalProperties: false }
    expect(write({ tools: [tool('f', { parameters })] }).value.tools).toEqual([
      { functionDeclarations: [{ name: 'f', parametersJsonSchema: parameters }] },
    ])
  },
  19: 'schemas are brought down to the subset before they get here (upstream/schema, its own tests)',
  20: () => {
    expect(levelFor('gemini-2.5-flash', 'output.json-schema', 'tools')).toBe('absent')
    expect(levelFor('gemini-2.5-flash', 'output.json-schema')).toBeUndefined()
    expect(levelFor('gemini-3-pro', 'output.json-schema', 'tools')).toBe('native')
  },
  21: () => {
    expect(levelFor('gemini-3-pro', 'output.json', 'tools', 'tool-choice.required')).toBe('absent')
    expect(levelFor('gemini-3-pro', 'output.json', 'tools', 'tool-choice.named')).toBe('absent')
  },
  22: 'hosted tools come from callers of this wire only, who mean by NONE what it means; others’ are refused',
  23: () => {
    expect(levelFor('gemini-2.5-pro', 'penalties')).toBe('absent')
    expect(levelFor('gemini-3-pro', 'penalties')).toBeUndefined()
  },
  24: () => expect(levelFor('gemini-3-pro', 'candidates')).toBe('absent'),
  25: () => {
    const stops = ['a', 'b', 'c', 'd', 'e']
    expect(write({ sampling: { stop: stops } }).notes).toEqual([])
    expect(write({ sampling: { stop: [...stops, 'f'] } }).notes).toEqual(['refused sampling.stop'])
  },
  26: () => expect(levelFor('gemini-3-pro', 'input.image-url')).toBe('absent'),
  27: () => {
    const image = (url: string): Part => ({ kind: 'media', media: 'image', source: { type: 'url', url } })
    const { value, notes } = write({ turns: [user(image('https://a/b.PNG?c'), image('https://a/b'))] })
    expect(value.contents).toMatchObject([
      { parts: [{ fileData: { mimeType: 'image/png' } }, { fileData: { mimeType: 'image/jpeg' } }] },
    ])
    expect(notes).toEqual(['approximated turns[0].parts[1].source'])
  },
  28: () => {
    const contents = [{ role: 'assistant', parts: [{ text: 'x' }] }]
    expect(complain({ contents })).toBe(
      "contents[0].role: Invalid value at 'contents[0].role': please use a valid role: user, model.",
    )
  },
  29: () => {
    const { value, notes } = write({ turns: [user('a'), user('b'), assistant('')] })
    expect(value.contents).toEqual([{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }])
    expect(notes).toEqual(['dropped turns[2]'])
  },
  30: 'a history that begins with the model is repaired before (the feature turns.assistant-first is absent)',
  31: 'streams here are framed with \\r\\n\\r\\n throughout (laws/gemini.test.ts, and wire-sse.test.ts)',
  32: () => {
    expect(decodeChunks([chunk([{ text: 'x' }])]).at(-1)).toMatchObject({
      fault: { code: 'upstream_disconnected' },
    })
    expect(decodeChunks([chunk([{ text: 'x' }]), stop, 'data: [DONE]\n\n']).at(-1)?.type).toBe('end')
  },
  33: 'features/gemini-caller.test.ts, and laws/gemini.test.ts for the array that an upstream sends',
  34: () => {
    const busy = error('UNAVAILABLE', 503)
    for (const said of [
      busy,
      `data: ${JSON.stringify([busy])}\n\n`,
      `${JSON.stringify(busy, undefined, 2)}\n\n`,
    ]) {
      const last = decodeChunks([chunk([{ text: 'x' }]), said]).at(-1)
      expect(last).toMatchObject({ type: 'fault', fault: { code: 'overloaded', upstream: { status: 503 } } })
    }
  },
  35: () =>
    expect(faultOf(429, [error('RESOURCE_EXHAUSTED', 429)])).toMatchObject({
      code: 'rate_limited',
      message: 'm',
    }),
  36: () => {
    const info = detail('ErrorInfo', { reason: 'API_KEY_INVALID', domain: 'googleapis.com' })
    const fault = faultOf(400, error('INVALID_ARGUMENT', 400, info))
    expect(fault).toMatchObject({ code: 'upstream_auth', status: 502, retryable: false })
    expect(fault.message).not.toContain('m.')
  },
  37: () => {
    const wait = detail('RetryInfo', { retryDelay: '34.4s' })
    const quota = (quotaId: string) => detail('QuotaFailure', { violations: [{ quotaId }] })
    const minute = faultOf(429, error('RESOURCE_EXHAUSTED', 429, quota('RequestsPerMinute'), wait))
    expect(minute).toMatchObject({ code: 'rate_limited', retryAfterMs: 34_400, retryable: true })
    expect(gemini.encodeError(minute, 'r').headers['retry-after']).toBe('35')
    const day = faultOf(429, error('RESOURCE_EXHAUSTED', 429, quota('GenerateRequestsPerDayPerProject')))
    expect(day).toMatchObject({ code: 'quota_exhausted', retryable: false })
  },
  38: () => {
    expect(factsOf(profile, 'gemini-2.5-flash').reasoning).toBe('budget')
    expect(write({ reasoning: { effort: 'low', budget: 2000 } })).toMatchObject({
      value: { generationConfig: { thinkingConfig: { thinkingBudget: 2000, includeThoughts: true } } },
      notes: ['dropped reasoning.effort'],
    })
  },
  39: () => {
    const { efforts, alwaysThinks } = factsOf(profile, 'gemini-3-pro-preview')
    expect([efforts?.[0], alwaysThinks]).toEqual(['low', true])
    expect(factsOf(profile, 'gemini-2.5-pro').budgets?.none).toBe(128)
  },
  40: 'the compatibility endpoint is no binding of ours',
  41: 'only callers of this wire can name a cache, and their request is theirs; others are never given one',
  42: 'not done: no feature says that a model takes no instructions; such a model answers 400, which is passed on',
  43: 'safety settings come from callers of this wire only, as they wrote them',
  44: () => {
    const text = '⚓ é High tide.'
    const supports = (segment: JsonObject) => [{ segment, groundingChunkIndices: [0] }]
    const chunks = [{ web: { uri: 'https://a', title: 'A' } }]
    for (const segment of [
      { startIndex: 7, endIndex: 17, text: 'High tide.' },
      // Somebody counted characters after all: what is quoted decides.
      { startIndex: 4, endIndex: 14, text: 'High tide.' },
    ]) {
      const grounding = {
        groundingMetadata: { groundingChunks: chunks, groundingSupports: supports(segment) },
      }
      const [part] = partsOf(decodeWhole(answer([{ text }], grounding)))
      if (part?.kind !== 'text') throw new Error('no text')
      const [annotation] = part.annotations ?? []
      expect(annotation).toMatchObject({ type: 'url', url: 'https://a', title: 'A' })
      expect(text.slice(annotation?.start, annotation?.end)).toBe('High tide.')
    }
  },
  45: () =>
    expect(finishOf(decodeWhole(answer([{ text: 'x' }], { finishReason: 'CONTINUATION' })))?.reason).toBe(
      'length',
    ),
  46: () => {
    const wire = { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed: f(' }] }
    expect(finishOf(decodeWhole(wire))).toEqual({
      reason: 'error',
      raw: 'MALFORMED_FUNCTION_CALL',
      explanation: 'Malformed: f(',
    })
  },
  47: 'laws/gemini.test.ts, for any arguments',
  48: 'laws/gemini.test.ts',
  49: () => {
    const nameless = { functionCall: { name: 'f' } }
    expect(callsOf(decodeWhole(answer([nameless])))[0]?.arguments).toBe('{}')
    expect(callsOf(foldChunks([chunk([nameless]), stop]))[0]?.arguments).toBe('{}')
  },
  50: 'service accounts are no credential of this version',
  51: 'service accounts are no credential of this version',
  52: 'the hosts of Vertex are no kind of this version',
  53: 'Anthropic’s models on Vertex are no binding of this version',
  54: 'Anthropic’s models on Vertex are no binding of this version',
  55: 'the compatibility endpoint of Vertex is no binding of this version',
  56: 'the compatibility endpoint of Vertex is no binding of this version',
  57: () => {
    const parameters = { type: 'ARRAY', items: { type: 'STRING', nullable: true }, maxItems: '3' }
    const tools = [{ functionDeclarations: [{ name: 'f', parameters }] }]
    expect(read({ tools, generationConfig: { maxOutputTokens: '64' } })).toMatchObject({
      tools: [{ parameters: { type: 'array', items: { type: ['string', 'null'] }, maxItems: 3 } }],
      maxTokens: 64,
    })
  },
  58: () => {
    const input = Array.from({ length: 101 }, (_, index) => `${index}`)
    const encode = (texts: readonly string[]) =>
      gemini.embed?.encodeRequest({ model: 'm', input: texts, single: false }).notes
    expect(encode(input.slice(1))).toEqual([])
    expect(encode(input)).toMatchObject([{ kind: 'refused', path: 'input' }])
  },
  59: () => expect(Object.keys(write({ stream: true, streamUsage: true }).value)).toEqual(['contents']),
  60: () =>
    expect(decodeWhole(answer([], {}, { modelVersion: 'gemini-3-pro-002' })).model).toBe('gemini-3-pro-002'),
  61: 'features/gemini-caller.test.ts',
  62: () => {
    const { status, body } = gemini.encodeError(faultOf(404, error('NOT_FOUND', 404)), 'r')
    expect(status).toBe(404)
    expect(body).toMatchObject({ error: { code: 404, message: 'm', status: 'NOT_FOUND' } })
  },
  63: () => {
    const said = { finishMessage: 'Model generated function call(s).' }
    expect(finishOf(decodeWhole(answer([calling], said)))).toEqual({ reason: 'tool-calls', raw: 'STOP' })
  },
  64: () => {
    const traffic = { usageMetadata: { trafficType: 'ON_DEMAND' } }
    const reply = foldChunks([
      chunk([{ text: 'x' }], {}, usage({ candidatesTokenCount: 3 })),
      { ...stop, ...traffic },
    ])
    expect(reply.usage).toMatchObject({ input: 9, output: 3 })
    expect(foldChunks([{ ...stop, ...traffic }]).usage).toBeUndefined()
  },
  65: () => {
    const piece = { partialArgs: [{ jsonPath: '$.a', stringValue: 'x' }], willContinue: true }
    const begun = chunk([{ functionCall: { name: 'f', willContinue: true } }])
    expect(callsOf(foldChunks([begun, chunk([{ functionCall: piece }]), stop]))).toMatchObject([
      { arguments: '{"a":"x"}' },
    ])
    const { willContinue: _, ...last } = piece
    const parts = partsOf(foldChunks([begun, chunk([{ functionCall: last }]), chunk([{ text: 'y' }]), stop]))
    expect(parts).toMatchObject([{ arguments: '{"a":"x"}' }, { text: 'y' }])
  },
  66: () => {
    const lone = (name: string) => chunk([{ functionCall: { name } }])
    expect(callsOf(foldChunks([lone('f'), lone('g'), stop]))).toMatchObject([
      { name: 'f', arguments: '{}' },
      { name: 'g', arguments: '{}' },
    ])
  },
}

test('every numbered trap has its check or its reason', () => {
  expect(Object.keys(traps).map(Number)).toEqual(Array.from({ length: 66 }, (_, index) => index + 1))
})

describe('trap', () => {
  for (const [number, check] of Object.entries(traps)) if (typeof check === 'function') test(number, check)
})
