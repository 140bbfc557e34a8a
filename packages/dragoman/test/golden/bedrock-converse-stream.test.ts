import { describe, expect, test } from 'bun:test'
import { byteByByte, cuts } from '@dragoman/fixtures'
import type { Render } from '../../src/core/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import { bedrockConverse } from '../../src/dialects/bedrock-converse/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault, type FaultCode } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { createAwsChunkParser } from '../../src/upstream/aws-chunks.ts'
import { createAwsEventStreamParser, textToBytes } from '../../src/wire/aws-event-stream.ts'
import { converse, joined } from '../support/converse.ts'

const request: GenerateRequest = { model: 'm', turns: [], sampling: {}, hints: {}, stream: true }
const render: Render = { id: 'c1', created: 1, request }

function decode(bytes: Uint8Array): readonly Event[] {
  const decoder = bedrockConverse.decodeStream()
  const events: Event[] = []
  for (const frame of createAwsEventStreamParser().push(bytes)) decoder.push(frame, events)
  decoder.end(events)
  return events
}

function encode(events: readonly Event[]): Uint8Array {
  const encoder = bedrockConverse.encodeStream(render)
  return textToBytes(events.map(event => encoder.push(event)).join(''))
}

/** The messages of a stream as one object each. */
const shown = (bytes: Uint8Array): readonly unknown[] =>
  createAwsEventStreamParser()
    .push(bytes)
    .map(({ event, data, failure }) => ({ [event ?? '']: JSON.parse(data), ...(failure && { failure }) }))

const start = (contentBlockIndex: number, what: object) =>
  converse.event('contentBlockStart', { contentBlockIndex, start: what })
const delta = (contentBlockIndex: number, what: object) =>
  converse.event('contentBlockDelta', { contentBlockIndex, delta: what })

const citation = {
  title: 'Report',
  source: 'doc-1',
  sourceContent: [{ text: 'so' }],
  location: { documentChar: { documentIndex: 2, start: 5, end: 7 } },
}

/** A stream with everything that SDK 3.1164 `ConverseStreamOutput` has; SDK names of members, invented values. */
const whole = joined(
  converse.start(),
  delta(0, { reasoningContent: { text: 'Hm, ' } }),
  delta(0, { reasoningContent: { text: 'well.' } }),
  delta(0, { reasoningContent: { signature: 'c2' } }),
  delta(0, { reasoningContent: { signature: 'ln' } }),
  converse.close(0),
  delta(1, { reasoningContent: { redactedContent: 'cmVk' } }),
  converse.close(1),
  start(2, { toolUse: { toolUseId: 's1', name: 'grounding', type: 'server_tool_use' } }),
  delta(2, { toolUse: { input: '{"q":' } }),
  delta(2, { toolUse: { input: '1}' } }),
  converse.close(2),
  start(3, { toolResult: { toolUseId: 's1', type: 'grounding_result', status: 'success' } }),
  delta(3, { toolResult: [{ text: 'found' }, { json: { a: 1 } }] }),
  converse.close(3),
  delta(4, { text: 'It is ' }),
  delta(4, { text: 'so.' }),
  delta(4, { citation }),
  converse.close(4),
  start(5, { image: { format: 'png' } }),
  delta(5, { image: { source: { bytes: 'aGk=' } } }),
  converse.close(5),
  start(6, { toolUse: { toolUseId: 'a', name: 'weather' } }),
  delta(6, { toolUse: { input: '{"city":"Bonn"}' } }),
  converse.close(6),
  converse.event('messageStop', {
    stopReason: 'tool_use',
    additionalModelResponseFields: { delta: { stop_sequence: null } },
  }),
  converse.event('metadata', {
    usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5, cacheDetails: [{ ttl: '1h', inputTokens: 1 }] },
    metrics: { latencyMs: 10 },
    trace: { promptRouter: { invokedModelId: 'x' } },
    performanceConfig: { latency: 'standard' },
    serviceTier: { type: 'priority' },
  }),
)

describe('a stream with everything', () => {
  const events = decode(whole)

  test('obeys the grammar and ends', () => {
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test('is said in the words of the model', () => {
    const reply = foldEvents(events)
    expect(reply).toMatchObject({ serviceTier: 'priority', usage: { input: 3, output: 2 } })
    expect(reply.candidates[0]).toMatchObject({
      parts: [
        { kind: 'thinking', text: 'Hm, well.', opaque: { form: 'signature', data: 'c2ln' } },
        { kind: 'thinking', text: '', opaque: { form: 'redacted', data: 'cmVk' } },
        { kind: 'hosted-tool', value: { toolUse: { toolUseId: 's1', input: { q: 1 } } } },
        { kind: 'hosted-tool', value: { toolResult: { content: [{ text: 'found' }, { json: { a: 1 } }] } } },
        {
          kind: 'text',
          text: 'It is so.',
          annotations: [
            { type: 'document', title: 'Report', documentIndex: 2, citedText: 'so', start: 0, end: 9 },
          ],
        },
        { kind: 'media', media: 'image', source: { mediaType: 'image/png', data: 'aGk=' } },
        { kind: 'tool-call', id: 'a', name: 'weather', arguments: '{"city":"Bonn"}' },
      ],
      finish: { reason: 'tool-calls', raw: 'tool_use' },
    })
  })

  test('says the same again, frame by frame where nothing came in pieces', () => {
    const again = encode(events)
    expect(foldEvents(decode(again))).toEqual(foldEvents(events))
    expect(shown(again).slice(-2)).toEqual(shown(whole).slice(-2))
    expect(shown(again)).toContainEqual({ contentBlockDelta: { contentBlockIndex: 4, delta: { citation } } })
  })

  test('says the same as a whole answer', () => {
    const { value } = bedrockConverse.encodeReply(foldEvents(events), render)
    expect(value).toMatchObject({
      output: {
        message: {
          content: [
            { reasoningContent: { reasoningText: { text: 'Hm, well.', signature: 'c2ln' } } },
            { reasoningContent: { redactedContent: 'cmVk' } },
            { toolUse: { name: 'grounding', type: 'server_tool_use', input: { q: 1 } } },
            { toolResult: { type: 'grounding_result' } },
            { citationsContent: { content: [{ text: 'It is so.' }], citations: [citation] } },
            { image: { format: 'png', source: { bytes: 'aGk=' } } },
            { toolUse: { input: { city: 'Bonn' } } },
          ],
        },
      },
      metrics: { latencyMs: 10 },
      trace: { promptRouter: { invokedModelId: 'x' } },
      serviceTier: { type: 'priority' },
    })
  })
})

describe('streams as hosts write them', () => {
  test('an empty start opens nothing; the first delta tells', () => {
    const events = decode(joined(start(0, {}), converse.text('Hi'), converse.stop(), converse.usage()))
    expect(foldEvents(events).candidates[0]?.parts).toEqual([{ kind: 'text', text: 'Hi' }])
  })

  test('another kind of delta under the same number is another part', () => {
    const thought = delta(0, { reasoningContent: { text: 'Hm' } })
    const events = decode(joined(thought, converse.text('Hi'), converse.stop(), converse.usage()))
    expect(checkEvents(events)).toEqual([])
    expect(foldEvents(events).candidates[0]?.parts.map(part => part.kind)).toEqual(['thinking', 'text'])
  })

  test('blocks that were never stopped end with the answer, in their order', () => {
    const bytes = joined(converse.text('a', 1), converse.text('b', 0), converse.stop(), converse.usage())
    expect(checkEvents(decode(bytes))).toEqual([])
  })

  test('an event or a delta that nobody knows is kept for the same wire', () => {
    const bytes = joined(
      converse.start(),
      converse.event('somethingNew', { a: 1 }),
      converse.text('Hi'),
      delta(0, { newKind: { b: 2 } }),
      converse.stop(),
      converse.usage(),
    )
    const again = shown(encode(decode(bytes)))
    expect(again).toContainEqual({ somethingNew: { a: 1 } })
    expect(again).toContainEqual({
      contentBlockDelta: { contentBlockIndex: 0, delta: { newKind: { b: 2 } } },
    })
  })

  test('which stop sequence matched is read from the fields of the model, in either form', () => {
    for (const fields of [{ delta: { stop_sequence: 'END' } }, { stop_sequence: 'END' }]) {
      const stop = { stopReason: 'stop_sequence', additionalModelResponseFields: fields }
      const events = decode(
        joined(converse.text('Hi'), converse.event('messageStop', stop), converse.usage()),
      )
      const { finish } = foldEvents(events).candidates[0] ?? {}
      expect(finish).toMatchObject({ reason: 'stop', stopSequence: 'END' })
    }
  })

  test('a payload that is no object is a fault', () => {
    const bytes = joined(converse.start(), converse.event('contentBlockDelta', [1]))
    expect(decode(bytes).at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_invalid' } })
  })

  test('nothing is said after the end, nor after a failure', () => {
    const failed = joined(
      converse.exception('internalServerException', { message: 'no' }),
      converse.text('x'),
    )
    expect(decode(failed)).toMatchObject([
      { type: 'fault', fault: { code: 'upstream_error', message: 'no' } },
    ])
    const over = joined(converse.stop(), converse.usage(), converse.text('x'))
    expect(decode(over).at(-1)?.type).toBe('end')
  })
})

describe('a failure for clients of this wire', () => {
  test.each<readonly [FaultCode, string, string]>([
    ['rate_limited', 'ThrottlingException', 'throttlingException'],
    ['quota_exhausted', 'ServiceQuotaExceededException', 'modelStreamErrorException'],
    ['overloaded', 'ServiceUnavailableException', 'serviceUnavailableException'],
    ['invalid_request', 'ValidationException', 'validationException'],
    ['model_not_found', 'ResourceNotFoundException', 'modelStreamErrorException'],
    ['upstream_timeout', 'ModelTimeoutException', 'modelStreamErrorException'],
    ['internal', 'InternalServerException', 'internalServerException'],
  ])('%s is %s, and %s in band', (code, exception, inBand) => {
    const fault = createFault(code, 'words')
    const { status, headers, body } = bedrockConverse.encodeError(fault, 'req-1')
    expect({ status, body }).toEqual({ status: fault.status, body: { message: 'words' } })
    expect(headers).toMatchObject({ 'x-amzn-errortype': exception, 'x-amzn-requestid': 'req-1' })
    expect(shown(textToBytes(bedrockConverse.writeFault(fault)))).toEqual([
      { [inBand]: { message: 'words' }, failure: 'exception' },
    ])
  })

  test('any error response is a fault', () => {
    const headers = { get: () => null }
    for (const body of [
      '',
      '<html>',
      'null',
      '[]',
      '{"message":5}',
      '{"__type":"a.b#ThrottlingException"}',
    ]) {
      const fault = bedrockConverse.decodeError({ status: 500, headers, body })
      expect(fault.message.length).toBeGreaterThan(5)
    }
    const typed = { status: 500, headers, body: '{"__type":"a.b#ThrottlingException","message":"m"}' }
    expect(bedrockConverse.decodeError(typed)).toMatchObject({
      code: 'rate_limited',
      upstream: { status: 500 },
    })
  })
})

describe('chunks of a native model', () => {
  const events = [
    {
      type: 'message_start',
      message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
    { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 } },
  ]
  const bytes = joined(...events.map(converse.chunk))

  const read = (pieces: Iterable<Uint8Array>) => {
    const parser = createAwsChunkParser()
    const decoder = anthropicMessages.decodeStream()
    const out: Event[] = []
    for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, out)
    for (const frame of parser.end()) decoder.push(frame, out)
    decoder.end(out)
    return { out, damage: parser.damage }
  }

  test('are the frames of the wire inside, however they are cut', () => {
    const { out } = read([bytes])
    expect(foldEvents(out).candidates[0]).toMatchObject({
      parts: [{ text: 'Grüße' }],
      finish: { reason: 'stop' },
    })
    for (const pieces of cuts(bytes)) expect(read(pieces).out).toEqual(out)
    expect(read(byteByByte(bytes)).out).toEqual(out)
  })

  test('are written as SSE with their names', () => {
    const [frame] = createAwsChunkParser().push(bytes)
    expect(new TextDecoder().decode(frame?.raw)).toStartWith(
      'event: message_start\ndata: {"type":"message_start"',
    )
  })

  test('that are damaged, hold no event, or report a failure are a fault', () => {
    expect(read([bytes.subarray(0, 100)]).damage?.kind).toBe('cut')
    const wrong = [
      converse.event('chunk', { bytes: '%%%' }),
      converse.event('chunk', { bytes: btoa('[1]') }),
      converse.event('chunk', {}),
      converse.error('InternalFailure', 'it fell over'),
      converse.exception('modelTimeoutException', { message: 'late' }),
    ]
    for (const message of wrong) {
      const { out } = read([joined(converse.chunk(events[0] ?? {}), message)])
      expect(out.at(-1)?.type).toBe('fault')
    }
    const late = read([converse.exception('modelTimeoutException', { message: 'late' })]).out
    expect(late).toMatchObject([{ fault: { code: 'upstream_timeout', message: 'late' } }])
  })
})
