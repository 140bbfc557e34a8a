import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Dialect } from '../../src/core/dialect.ts'
import { cohere } from '../../src/dialects/cohere/index.ts'
import { openaiCompletions } from '../../src/dialects/openai-completions/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { createSseParser } from '../../src/wire/sse.ts'

// Nothing a peer sends may throw: anything in any place of a request, an answer, a stream or an error.

const request: GenerateRequest = { model: 'm', turns: [], sampling: {}, hints: {}, stream: false }
const render = { id: 'call1', created: 1, request }

/** Words of the wires, and what is nobody's. */
const words = [
  'text',
  'thinking',
  'document',
  'user',
  'assistant',
  'tool',
  'function',
  'constructor',
  '__proto__',
  '',
]

/** Anything, its members named as those of the wire are. */
const hostile = (names: readonly string[]): fc.Arbitrary<JsonValue> =>
  fc.letrec<{ value: JsonValue }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<JsonValue>(null, true, -1, 0.5, 1e308, ...words),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6, noNullPrototype: true }),
    ),
  })).value

const object = (names: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...names), hostile(names), { maxKeys: 8, noNullPrototype: true })

const shared = [
  'model',
  'id',
  'stream',
  'seed',
  'max_tokens',
  'logprobs',
  'usage',
  'index',
  'type',
  'text',
  'error',
  'message',
]
const wires: readonly (readonly [Dialect, readonly string[]])[] = [
  [
    cohere,
    [
      ...[
        ...shared,
        'messages',
        'role',
        'content',
        'tool_calls',
        'tool_call_id',
        'tool_plan',
        'citations',
        'sources',
      ],
      ...[
        'documents',
        'document',
        'data',
        'tools',
        'function',
        'name',
        'arguments',
        'thinking',
        'image_url',
        'url',
      ],
      ...[
        'response_format',
        'json_schema',
        'delta',
        'finish_reason',
        'tokens',
        'start',
        'end',
        'texts',
        'embeddings',
      ],
    ],
  ],
  [
    openaiCompletions,
    [
      ...[
        ...shared,
        'prompt',
        'n',
        'stop',
        'logit_bias',
        'best_of',
        'stream_options',
        'choices',
        'finish_reason',
      ],
      ...['tokens', 'token_logprobs', 'top_logprobs', 'text_offset', 'content', 'detail', 'object'],
    ],
  ],
]
const types = [
  ...['message-start', 'content-start', 'content-delta', 'content-end', 'tool-plan-delta', 'tool-call-start'],
  ...['tool-call-delta', 'tool-call-end', 'citation-start', 'citation-end', 'message-end', 'debug', 'other'],
]

describe.each(wires.map(([dialect, names]) => [dialect.id, dialect, names] as const))(
  '%s',
  (_, dialect, names) => {
    test('reads any request, or says which field is wrong', () => {
      fc.assert(
        fc.property(object(names), wire => {
          const decoded = dialect.decodeRequest(wire)
          if (decoded.ok) dialect.encodeRequest(decoded.value)
          else expect([decoded.fault.code, typeof decoded.fault.param]).toEqual(['invalid_request', 'string'])
        }),
        { numRuns: 1000 },
      )
    })

    test('reads any answer, or says that it is none', () => {
      fc.assert(
        fc.property(object(names), wire => {
          dialect.glance(wire)
          dialect.embed?.decodeRequest(wire)
          dialect.embed?.decodeReply(wire)
          const decoded = dialect.decodeReply(wire)
          if (decoded.ok) dialect.encodeReply(decoded.value, render)
        }),
        { numRuns: 1000 },
      )
    })

    test('reads any stream by the grammar, and watches it', () => {
      const item = fc.record({
        type: fc.constantFrom(...words),
        text: fc.constantFrom('a', null),
        thinking: fc.constantFrom('b', 1),
      })
      const offset = fc.nat({ max: 3 })
      const citation = fc.record({ start: offset, end: offset, content_index: offset })
      const message = fc.record(
        { content: item, tool_calls: object(names), citations: citation },
        { requiredKeys: [] },
      )
      const wellMeant = fc.record({ index: fc.nat({ max: 2 }), delta: fc.record({ message }) })
      const event = fc
        .tuple(fc.constantFrom(...types), fc.oneof(object(names), wellMeant))
        .map(([type, fields]) => ({ ...fields, type }))
      fc.assert(
        fc.property(fc.array(event, { maxLength: 12 }), fc.boolean(), (wire, isNamed) => {
          const lines = wire.map(
            one => `${isNamed ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`,
          )
          const decoder = dialect.decodeStream()
          const watch = dialect.watchStream()
          const encoder = dialect.encodeStream(render)
          const events: Event[] = []
          for (const frame of createSseParser().push(new TextEncoder().encode(lines.join('')))) {
            decoder.push(frame, events)
            watch.push(frame)
          }
          decoder.end(events)
          expect(checkEvents(events)).toEqual([])
          for (const one of events) encoder.push(one)
        }),
        { numRuns: 1000 },
      )
    })

    test('reads any error', () => {
      fc.assert(
        fc.property(
          fc.oneof(
            object(names).map(wire => JSON.stringify(wire)),
            fc.string(),
          ),
          fc.integer({ min: 300, max: 599 }),
          (body, status) => {
            const fault = dialect.decodeError({ status, headers: new Headers(), body })
            expect(fault.message).not.toBe('')
            expect(fault.status).toBeGreaterThanOrEqual(400)
          },
        ),
        { numRuns: 500 },
      )
    })
  },
)
