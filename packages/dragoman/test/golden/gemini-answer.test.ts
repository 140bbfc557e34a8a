import { describe, expect, test } from 'bun:test'
import { gemini } from '../../src/dialects/gemini/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { FinishReason } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { dataOf } from '../support/wire.ts'
import {
  answer,
  chunk,
  decodeChunks,
  decodeWhole,
  encodeWhole,
  foldChunks,
  requestOf,
  stop,
} from './gemini-driver.ts'

const { encodeReply, glance, decodeReply } = gemini
const render = { id: 'call1', created: 1, request: requestOf({}) }

/** An answer that says the same whole and, as its only chunk, streamed; and is written again as it was. */
function check(wire: JsonObject, candidate: object): void {
  const whole = decodeWhole(wire)
  expect(whole.candidates[0]).toMatchObject(candidate)
  expect(encodeReply(whole, render)).toEqual({ value: wire, notes: [] })
  const streamed = foldChunks([wire])
  expect(streamed.candidates[0]).toMatchObject(candidate)
  expect(encodeReply(streamed, render).value).toEqual(wire)
}

describe('why an answer ended', () => {
  const reasons: { readonly [word: string]: FinishReason } = {
    STOP: 'stop',
    MAX_TOKENS: 'length',
    CONTINUATION: 'length',
    SAFETY: 'content-filter',
    RECITATION: 'content-filter',
    BLOCKLIST: 'content-filter',
    PROHIBITED_CONTENT: 'content-filter',
    SPII: 'content-filter',
    IMAGE_SAFETY: 'content-filter',
    IMAGE_PROHIBITED_CONTENT: 'content-filter',
    IMAGE_RECITATION: 'content-filter',
    MALFORMED_FUNCTION_CALL: 'error',
    MALFORMED_RESPONSE: 'error',
    UNEXPECTED_TOOL_CALL: 'error',
    TOO_MANY_TOOL_CALLS: 'error',
    FINISH_REASON_UNSPECIFIED: 'unknown',
    LANGUAGE: 'unknown',
    OTHER: 'unknown',
    NO_IMAGE: 'unknown',
    IMAGE_OTHER: 'unknown',
    SOMETHING_NEW: 'unknown',
  }
  test.each(Object.entries(reasons))('%s is %s, and itself again', (finishReason, reason) =>
    check(answer([{ text: 'x' }], { finishReason, finishMessage: 'Why.' }), {
      finish: { reason, raw: finishReason },
    }),
  )

  const words: { readonly [R in FinishReason]: readonly [string, readonly string[]] } = {
    stop: ['STOP', []],
    'tool-calls': ['STOP', []],
    length: ['MAX_TOKENS', []],
    'content-filter': ['SAFETY', []],
    pause: ['OTHER', ['approximated candidates[0].finish.reason']],
    error: ['OTHER', ['approximated candidates[0].finish.reason']],
    unknown: ['OTHER', ['approximated candidates[0].finish.reason']],
  }
  test.each(Object.entries(words))('%s of other wires', (reason, [word, told]) => {
    const finish = { reason: reason as FinishReason, raw: 'theirs', explanation: 'Why.' } // a key of the table
    const { value, notes } = encodeWhole({}, { finish, parts: [{ kind: 'text', text: 'x' }] })
    expect(value.candidates).toMatchObject([{ finishReason: word, finishMessage: 'Why.' }])
    expect(notes).toEqual([...told])
  })

  test('which stop sequence it was is not told', () => {
    const { notes } = encodeWhole({}, { finish: { reason: 'stop', stopSequence: 'x' } })
    expect(notes).toEqual(['dropped candidates[0].finish.stopSequence'])
  })
})

describe('what an answer holds', () => {
  const blob = { inlineData: { mimeType: 'image/png', data: 'AA==' }, thoughtSignature: 'S' }
  const cases: { readonly [name: string]: readonly [readonly JsonObject[], readonly object[]] } = {
    'a thought, then an answer': [
      [{ text: 'Hm', thought: true }, { text: 'x' }],
      [
        { kind: 'thinking', text: 'Hm' },
        { kind: 'text', text: 'x' },
      ],
    ],
    'a generated image, signed': [[blob], [{ kind: 'media', media: 'image', opaque: { data: 'S' } }]],
    'an image on the way, no part of the answer': [
      [{ ...blob, thought: true }],
      [{ kind: 'unknown', type: 'thought' }],
    ],
    'code that was run': [
      [{ executableCode: { language: 'PYTHON', code: '1' } }, { codeExecutionResult: { output: '1' } }],
      [
        { kind: 'hosted-tool', type: 'executableCode' },
        { kind: 'hosted-tool', type: 'codeExecutionResult' },
      ],
    ],
    'tools of the provider': [
      [
        { toolCall: { id: 'a', toolType: 'GOOGLE_SEARCH' }, thoughtSignature: 'S' },
        { toolResponse: { id: 'a' } },
      ],
      [
        { kind: 'hosted-tool', type: 'toolCall' },
        { kind: 'hosted-tool', type: 'toolResponse' },
      ],
    ],
    'a transcription': [
      [{ audioTranscription: { text: 'x' } }],
      [{ kind: 'unknown', type: 'audioTranscription' }],
    ],
    'a call with an id': [
      [{ functionCall: { id: 'a', name: 'f', args: {} } }],
      [{ kind: 'tool-call', id: 'a', name: 'f', arguments: '{}' }],
    ],
    'text with fields of its own': [
      [{ text: 'x', partMetadata: { a: 1 } }, { text: 'y' }],
      [{ text: 'x', extra: { gemini: { partMetadata: { a: 1 } } } }, { text: 'y' }],
    ],
  }
  test.each(Object.entries(cases))('%s', (_, [parts, meaning]) => check(answer(parts), { parts: meaning }))

  test('log probabilities, where the chosen token need not be among the likeliest', () => {
    const token = (text: string, logProbability: number) => ({ token: text, tokenId: 7, logProbability })
    const logprobsResult = {
      chosenCandidates: [token('Hé', -1), token('llo', -2)],
      topCandidates: [{ candidates: [token('A', -0.5)] }, { candidates: [] }],
    }
    const logprobs = [
      { token: 'Hé', logprob: -1, bytes: [72, 195, 169], top: [{ token: 'A', logprob: -0.5 }] },
      { token: 'llo', logprob: -2, top: [] },
    ]
    check(answer([{ text: 'Héllo' }], { logprobsResult, avgLogprobs: -1.5 }), {
      parts: [{ text: 'Héllo', logprobs }],
    })
  })

  test('citations, counted in bytes over all the text', () => {
    const citationMetadata = { citations: [{ startIndex: 4, endIndex: 7, uri: 'https://a', title: 'A' }] }
    const [first, second] = [{ text: '⚓ ' }, { text: 'tide', thoughtSignature: 'S' }]
    check(answer([first, second], { citationMetadata }), {
      parts: [
        { text: '⚓ ' },
        { text: 'tide', annotations: [{ type: 'url', url: 'https://a', start: 0, end: 3 }] },
      ],
    })
  })

  test('sources of other wires, in bytes', () => {
    const annotations = [
      { type: 'url', url: 'https://a', title: 'A', start: 2, end: 6 },
      { type: 'document', title: 'B', citedText: 'b' },
      { type: 'unknown' },
    ] as const // literals
    const { value, notes } = encodeWhole({}, { parts: [{ kind: 'text', text: '⚓ tide', annotations }] })
    const [candidate] = JSON.parse(JSON.stringify(value.candidates))
    expect(candidate.groundingMetadata).toEqual({
      groundingChunks: [
        { web: { uri: 'https://a', title: 'A' } },
        { retrievedContext: { title: 'B', text: 'b' } },
      ],
      groundingSupports: [
        { segment: { startIndex: 4, endIndex: 8, text: 'tide' }, groundingChunkIndices: [0] },
      ],
    })
    expect(notes).toEqual(['dropped candidates[0].parts[0].annotations[2]'])
  })

  test('usage of other wires, whose tokens do not overlap', () => {
    const usage = {
      input: 5,
      cacheRead: 3,
      cacheWrite: 2,
      output: 9,
      reasoning: 4,
      outputAudio: 1,
      source: 'reported',
    } as const // a literal
    const { value, notes } = encodeWhole({ usage, serviceTier: 'default' })
    expect(value.usageMetadata).toEqual({
      promptTokenCount: 10,
      candidatesTokenCount: 5,
      totalTokenCount: 19,
      cachedContentTokenCount: 3,
      thoughtsTokenCount: 4,
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 4 },
        { modality: 'AUDIO', tokenCount: 1 },
      ],
      serviceTier: 'standard',
    })
    expect(notes).toEqual(['approximated usage.cacheWrite'])
  })

  test('an error with status 200, and an answer of nothing', () => {
    const wire = { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }
    expect(decodeReply(wire)).toMatchObject({ ok: false, fault: { code: 'overloaded' } })
    expect(glance(wire).fault?.code).toBe('overloaded')
    for (const nothing of [{}, { candidates: [] }, { candidates: 7 }, { candidates: [7] }]) {
      expect(decodeReply(nothing)).toMatchObject({ ok: false, fault: { code: 'upstream_invalid' } })
    }
    expect(glance({}).fault?.code).toBe('upstream_invalid')
    expect(glance({ totalTokens: 3 })).toEqual({})
  })
})

describe('a stream', () => {
  const encode = (events: readonly Event[]) => {
    const encoder = gemini.encodeStream(render)
    return {
      frames: dataOf(events.map(event => encoder.push(event)).join('')) as unknown[],
      notes: encoder.notes,
    }
  }
  const partsIn = (frames: readonly unknown[]) =>
    frames.flatMap(
      frame =>
        (frame as { candidates?: { content?: { parts: object[] } }[] }).candidates?.[0]?.content?.parts ?? [],
    ) // as written

  test('calls are written whole, text at once, whatever interleaves', () => {
    const call: Part = { kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '' }
    const at = (part: number) => ({ candidate: 0, part }) as const // literals
    const { frames } = encode([
      { type: 'start' },
      { type: 'part-start', ...at(0), open: call },
      { type: 'part-delta', ...at(0), args: '{"x":' },
      { type: 'part-start', ...at(1), open: { kind: 'text', text: '' } },
      { type: 'part-delta', ...at(1), text: 'Hi' },
      { type: 'part-delta', ...at(0), args: '1}' },
      { type: 'part-end', ...at(1) },
      { type: 'part-end', ...at(0) },
      { type: 'finish', candidate: 0, finish: { reason: 'tool-calls' } },
      { type: 'end' },
    ])
    expect(partsIn(frames)).toEqual([
      { text: 'Hi' },
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } } },
      { text: '' },
    ])
    expect(frames.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] })
  })

  test('summaries of thoughts stand apart, as they do in a whole answer', () => {
    const thought: Part = { kind: 'thinking', text: 'c', summary: ['a', 'b'] }
    const reply = { candidates: [{ index: 0, parts: [thought], finish: { reason: 'stop' as const } }] } // a literal
    const texts = partsIn(encode(unfold(reply)).frames).map(part => (part as { text: string }).text) // thoughts
    expect(texts.join('')).toBe('a\n\nb\n\nc')
    expect(encodeWhole(reply, reply.candidates[0]).value).toMatchObject({
      candidates: [{ content: { parts: [{ text: 'a\n\nb\n\nc', thought: true }] } }],
    })
  })

  test('sound in pieces is one part', () => {
    const sound: Part = {
      kind: 'media',
      media: 'audio',
      source: { type: 'base64', mediaType: 'audio/wav', data: 'AAAA' },
    }
    const reply = { candidates: [{ index: 0, parts: [sound], finish: { reason: 'stop' as const } }] } // a literal
    expect(partsIn(encode(unfold(reply)).frames)).toEqual([
      { inlineData: { mimeType: 'audio/wav', data: 'AAAA' } },
      { text: '' },
    ])
  })

  test('the failure of one candidate is told after the others ended', () => {
    const fault = createFault('upstream_error', 'No.')
    const said = [0, 1].flatMap(candidate => [
      { type: 'part-start', candidate, part: 0, open: { kind: 'text', text: '' } } as const, // literals
      { type: 'part-delta', candidate, part: 0, text: 'x' } as const,
      { type: 'part-end', candidate, part: 0 } as const,
    ])
    const { frames } = encode([
      { type: 'start' },
      ...said,
      { type: 'fault', candidate: 1, fault },
      { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
      { type: 'end' },
    ])
    expect(frames.at(-2)).toMatchObject({ candidates: [{ index: 0, finishReason: 'STOP' }] })
    expect(frames.at(-1)).toMatchObject({ error: { code: 502, message: 'No.' } })
  })

  test('what is no chunk is a fault, never an exception', () => {
    for (const data of [
      '{',
      '7',
      '"x"',
      '[]',
      '{"candidates":[{"content":{"parts":[7]}}]}',
      '{"error":"x"}',
    ]) {
      const last = decodeChunks([chunk([{ text: 'x' }]), `data: ${data}\n\n`]).at(-1)
      expect(last?.type).toBe('fault')
    }
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    expect(decodeChunks([`data: {"candidates":${deep}}\n\n`]).at(-1)?.type).toBe('fault')
  })

  test('sources that come in pieces are told at the end, on the text they are of', () => {
    const support = { segment: { endIndex: 2, text: 'Hi' }, groundingChunkIndices: [0] }
    const grounding = (fields: JsonObject) => chunk([], { groundingMetadata: fields })
    const { candidates } = foldChunks([
      chunk([{ text: 'Hm', thought: true }]),
      chunk([{ text: 'Hi' }]),
      grounding({ groundingChunks: [{ web: { uri: 'https://a' } }] }),
      grounding({ groundingSupports: [support] }),
      stop,
    ])
    expect(candidates[0]?.parts).toMatchObject([
      {},
      { annotations: [{ url: 'https://a', start: 0, end: 2 }] },
    ])
  })
})
