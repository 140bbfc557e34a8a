import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { byteByByte, cuts, listCaptures, randomCuts, readStreams, readWhole } from '@dragoman/fixtures'
import fc from 'fast-check'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { type Event, isContent } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { isObject } from '../../src/wire/json.ts'
import {
  accept,
  decode,
  encode,
  encodeText,
  framesOf,
  render,
  renderOf,
} from '../golden/openai-chat-driver.ts'
import { arbitraryReply, arbitraryRequest } from './arbitrary.ts'

// Cutting everywhere is work; on a machine that has other work it takes its time.
setDefaultTimeout(60_000)

const { decodeReply, encodeReply, decodeRequest, encodeRequest, decodeStream, watchStream } = openaiChat

const wholes = listCaptures({ surface: 'openai-chat', form: 'whole' })
const streams = listCaptures({ surface: 'openai-chat', form: 'stream' }).flatMap(capture =>
  readStreams(capture).map(bytes => ({ name: capture.name, bytes })),
)
const named = <T extends { readonly name: string }>(list: readonly T[]) =>
  list.map(one => [one.name, one] as const)
const foreign: readonly DialectId[] = ['openai-responses', 'anthropic-messages', 'gemini']

const objects = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/**
 * What encoding changes in a recorded body:
 * 1. `content`, `refusal` and `logprobs`, which openai-node types as required, are there, null where a host leaves them out;
 * 2. `tool_calls: null` is no tool calls;
 * 3. a tool call without `type` is a function.
 */
function normalise(wire: JsonObject): JsonObject {
  const choices = objects(wire.choices).map(choice => {
    const { tool_calls: calls, ...message } = choice.message as JsonObject // every recorded choice has one
    const typed = objects(calls).map(call => ({ type: 'function', ...call }))
    const says = typed.length > 0 ? null : ''
    return {
      logprobs: null,
      ...choice,
      message: {
        content: says,
        refusal: null,
        ...message,
        ...(typed.length > 0 ? { tool_calls: typed } : {}),
      },
    }
  })
  return { ...wire, choices }
}

describe('recorded answers', () => {
  test.each(named(wholes))('%s comes back as it was', (_, capture) => {
    const wire = readWhole(capture)
    const reply = decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    const encoded = encodeReply(reply.value, render)
    expect(encoded.value).toEqual(normalise(wire))
    expect(encoded.notes).toEqual([])
  })

  test.each(named(streams))('%s obeys the grammar', (_, { bytes }) => {
    const events = decode([bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test.each(named(streams))('features C10: %s gives the same events however it is cut', (_, { bytes }) => {
    const whole = decode([bytes])
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (const seed of [1, 2, 3]) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
    // Every cut in two is quadratic: a long stream is its beginning and its end, which hold every kind of chunk.
    const size = 1500
    const short = bytes.length <= 2 * size ? bytes : joined(bytes.subarray(0, size), bytes.subarray(-size))
    const expected = JSON.stringify(decode([short]))
    for (const [head, tail] of cuts(short))
      if (JSON.stringify(decode([head, tail])) !== expected) throw new Error(`cut at ${head.length}`)
  })

  test.each(named(streams))('%s says the same after encoding', (_, { bytes }) => {
    const events = decode([bytes])
    const { text, notes } = encode(events, renderOf({ streamUsage: true }))
    expect(notes).toEqual([])
    const again = decode([encodeText(text)])
    expect(checkEvents(again)).toEqual([])
    expect(foldEvents(again)).toEqual(foldEvents(events))
  })

  test.each(named(streams))(
    '%s is what the official stream helper accepts once it is encoded',
    async (_, { bytes }) => {
      const reply = foldEvents(decode([bytes]))
      const completion = await accept(encode(decode([bytes]), renderOf({ streamUsage: true })).text)
      expect(saidBy(completion)).toEqual(saidIn(reply))
      expect(completion.usage as unknown).toEqual(reply.usage?.raw?.value)
    },
  )

  test.each(named(streams))('%s is watched as it is decoded', (_, { bytes }) => {
    expectWatched(bytes)
  })
})

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const start = tail.indexOf(0x0a) + 1
  const end = head.lastIndexOf(0x0a) + 1
  const both = new Uint8Array(end + 1 + tail.length - start)
  both.set(head.subarray(0, end))
  both[end] = 0x0a
  both.set(tail.subarray(start), end + 1)
  return both
}

/** The texts of the first choice, as openai-node has put them together and as the model has. */
function saidBy(completion: Awaited<ReturnType<typeof accept>>) {
  const [choice] = completion.choices
  return {
    content: choice?.message.content ?? '',
    refusal: choice?.message.refusal ?? '',
    calls: (choice?.message.tool_calls ?? []).map(call =>
      call.type === 'custom'
        ? [call.id, call.custom.name, call.custom.input]
        : [call.id, call.function.name, call.function.arguments],
    ),
  }
}

function saidIn(reply: Reply) {
  const { parts = [], finish } = reply.candidates[0] ?? {}
  const join = (kind: 'text' | 'refusal') => parts.map(part => (part.kind === kind ? part.text : '')).join('')
  // Why an answer was refused stands in the message, where no words of the answer say it.
  const isExplained = finish?.reason === 'content-filter' && !parts.some(part => part.kind === 'refusal')
  return {
    content: join('text'),
    refusal: isExplained ? (finish.explanation ?? '') : join('refusal'),
    calls: parts.flatMap(part => (part.kind === 'tool-call' ? [[part.id, part.name, part.arguments]] : [])),
  }
}

/** A watcher sees content where the decoder first makes some, and usage, finishes, faults and the end where it does. */
function expectWatched(bytes: Uint8Array): void {
  const watch = watchStream()
  const decoder = decodeStream()
  let hasContent = false
  let usage: unknown
  for (const frame of framesOf(bytes)) {
    const events: Event[] = []
    decoder.push(frame, events)
    const role = watch.push(frame)
    const isEnd = events.some(event => event.type === 'end')
    const first: boolean = !hasContent && !isEnd && events.some(isContent)
    if (first) expect(role).toBe('content')
    if (role === 'pre') expect(events.some(isContent)).toBe(false)
    expect(role === 'terminal').toBe(isEnd)
    expect(role === 'fault').toBe(events.some(event => event.type === 'fault'))
    hasContent ||= first
    for (const event of events) if (event.type === 'usage') usage = event.usage
    if (role === 'usage') expect(events.some(event => event.type === 'usage')).toBe(true)
  }
  decoder.end([])
  expect(watch.usage as unknown).toEqual(usage)
}

/** Without its terminator a stream is whole for the watcher where it is for the decoder. */
function expectSameEnd(text: string): void {
  const watch = watchStream()
  const decoder = decodeStream()
  const events: Event[] = []
  for (const frame of framesOf(encodeText(text.replace('data: [DONE]\n\n', '')))) {
    watch.push(frame)
    decoder.push(frame, events)
  }
  decoder.end(events)
  expect(watch.finished).toBe(events.at(-1)?.type === 'end')
}

describe('arbitrary answers', () => {
  const replies = arbitraryReply({ dialects: ['openai-chat', ...foreign] })
  const wants = fc.record({ streamUsage: fc.boolean() })

  test('become one valid body, whatever they hold', () => {
    fc.assert(
      fc.property(replies, reply => {
        const { value } = encodeReply(reply, render)
        expect(JSON.parse(JSON.stringify(value))).toEqual(value as unknown)
        const decoded = decodeReply(value)
        expect(decoded.ok || reply.candidates.every(candidate => candidate.finish.reason === 'error')).toBe(
          true,
        )
      }),
    )
  })

  test('become streams that decode by the grammar to the same words', () => {
    fc.assert(
      fc.property(replies, wants, (reply, options) => {
        const { text } = encode(unfold(reply, { chunk: 3 }), renderOf(options))
        const events = decode([encodeText(text)])
        expect(checkEvents(events)).toEqual([])
        const hasFailed = reply.candidates.every(candidate => candidate.finish.reason === 'error')
        expect(events.at(-1)?.type).toBe(hasFailed ? 'fault' : 'end')
        if (!hasFailed) expect(saidIn(foldEvents(events))).toEqual(saidIn(reply))
      }),
    )
  })

  test('become streams that the official helper puts together again', async () => {
    await fc.assert(
      fc.asyncProperty(replies, wants, async (reply, options) => {
        const completion = await accept(encode(unfold(reply, { chunk: 3 }), renderOf(options)).text)
        expect(saidBy(completion)).toEqual(saidIn(reply))
        expect(completion.choices.length).toBe(reply.candidates.length)
        for (const choice of completion.choices) expect(typeof choice.finish_reason).toBe('string')
      }),
      { numRuns: 60 },
    )
  })

  test('are encoded the same way twice, and the whole says what the stream says', () => {
    fc.assert(
      fc.property(replies, reply => {
        const events = unfold(reply)
        const { text } = encode(events, renderOf({ streamUsage: true }))
        expect(encode(events, renderOf({ streamUsage: true })).text).toBe(text)
        const whole = decodeReply(encodeReply(reply, render).value)
        if (!whole.ok) return
        const streamed = foldEvents(decode([encodeText(text)]))
        expect(saidIn(streamed)).toEqual(saidIn(whole.value))
        expect(streamed.candidates.map(candidate => candidate.finish)).toEqual(
          whole.value.candidates.map(candidate => candidate.finish),
        )
      }),
    )
  })

  test('are watched as they are decoded', () => {
    fc.assert(
      fc.property(replies, reply => {
        const { text } = encode(unfold(reply, { chunk: 3 }), renderOf({ streamUsage: true }))
        expectWatched(encodeText(text))
        expectSameEnd(text)
        // Cut before the last finish: nobody may take that for whole.
        expectSameEnd(text.slice(0, text.lastIndexOf('data: ', text.lastIndexOf('"finish_reason":"'))))
      }),
    )
  })

  test('lose nothing that is not noted', () => {
    fc.assert(
      fc.property(replies, reply => {
        const { value, notes } = encodeReply(reply, render)
        const paths = notes.map(note => note.path)
        const text = JSON.stringify(value)
        for (const [index, candidate] of reply.candidates.entries()) {
          for (const [position, part] of candidate.parts.entries()) {
            const path = `reply.candidates[${index}].parts[${position}]`
            const isThere = part.kind === 'text' || part.kind === 'thinking' || part.kind === 'refusal'
            if (isThere && part.text !== '') expect(text).toContain(JSON.stringify(part.text).slice(1, -1))
            if (part.kind === 'hosted-tool' || part.kind === 'unknown' || part.kind === 'tool-result') {
              expect(paths).toContain(path)
            }
            if (part.opaque !== undefined) expect(paths).toContain(`${path}.opaque`)
          }
        }
      }),
    )
  })
})

describe('arbitrary requests', () => {
  test('come back the same but for what the notes name', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: ['openai-chat', ...foreign] }), request => {
        const { value, notes } = encodeRequest(request)
        expect(JSON.parse(JSON.stringify(value))).toEqual(value as unknown)
        const decoded = decodeRequest(value)
        // Extras of this dialect may spell a field that OpenAI would refuse, which is not the encoder's to mend.
        if (!decoded.ok) {
          expect(decoded.fault.code).toBe('invalid_request')
          return
        }
        const { sampling, hints, maxTokens, logprobs, candidates, model, stream } = decoded.value
        const { topK, ...rest } = request.sampling
        expect(sampling).toEqual(rest)
        expect(notes.some(note => note.path === 'sampling.topK')).toBe(topK !== undefined)
        expect({ hints, maxTokens, logprobs, candidates, model, stream }).toEqual({
          hints: request.hints,
          maxTokens: request.maxTokens,
          logprobs: request.logprobs,
          candidates: request.candidates,
          model: request.model,
          stream: request.stream,
        })
      }),
    )
  })

  test('are encoded to a fixed point: what was written is read and written again the same', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: ['openai-chat', ...foreign] }), request => {
        const first = encodeRequest(request).value
        const decoded = decodeRequest(first)
        if (!decoded.ok) return
        const second = encodeRequest(decoded.value)
        expect(second.value).toEqual(first)
        expect(second.notes).toEqual([])
      }),
    )
  })

  test('of this dialect alone are written without a note unless the wire has no word', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: [], kinds: ['text', 'tool-call'] }), request => {
        const known = ['sampling.topK', 'reasoning.', 'cache', 'opaque', '.parts[', 'instructions']
        for (const { path } of encodeRequest(request).notes) {
          expect(known.some(word => path.includes(word))).toBe(true)
        }
      }),
    )
  })
})

test('anything at all decodes to events or a fault, and never throws', () => {
  const odd = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '[DONE]',
      '{"choices":[{"delta":{"tool_calls":[{}]}}]}',
      '{"choices":[{}]}',
      '[]',
      'null',
      '{"usage":{}}',
    ),
    fc.jsonValue().map(value => JSON.stringify({ choices: [{ delta: value, finish_reason: value }] })),
    fc.jsonValue().map(value => JSON.stringify({ choices: value, usage: value, error: null })),
    fc
      .jsonValue()
      .map(value =>
        JSON.stringify({ choices: [{ index: 0, delta: { content: value, tool_calls: value } }] }),
      ),
  )
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 5 }), lines => {
      const bytes = encodeText(lines.map(line => `data: ${line.replaceAll(/[\r\n]/g, ' ')}\n\n`).join(''))
      const events = decode([bytes])
      const end = events.findIndex(event => event.type === 'end')
      // Usage behind the end is told for metering, and is no part of the answer.
      const answer = end < 0 ? events : events.slice(0, end + 1)
      expect(checkEvents(answer)).toEqual([])
      for (const event of events.slice(answer.length)) expect(event.type).toBe('usage')
      encode(answer, renderOf({ streamUsage: true }))
      const watch = watchStream()
      for (const frame of framesOf(bytes)) watch.push(frame)
      for (const value of lines) openaiChat.decodeError({ status: 500, headers: new Headers(), body: value })
    }),
    { numRuns: 500 },
  )
})

test('any object decodes to a reply or a fault, and any to a request or a fault', () => {
  const odd = fc.oneof(
    fc.dictionary(fc.constantFrom('choices', 'error', 'usage', 'id', 'model', 'messages'), fc.jsonValue()),
    fc.jsonValue().map(value => ({ model: 'm', messages: [{ role: 'user', content: value }], tools: value })),
    fc
      .jsonValue()
      .map(value => ({ model: 'm', messages: [{ role: 'assistant', tool_calls: [value], content: null }] })),
    fc.jsonValue().map(value => ({ choices: [{ message: value, logprobs: value }], usage: value })),
    fc
      .jsonValue()
      .map(value => ({ choices: [{ message: { content: value, tool_calls: [value], audio: value } }] })),
  )
  fc.assert(
    fc.property(odd, value => {
      const wire = JSON.parse(JSON.stringify(value))
      const reply = decodeReply(wire)
      if (reply.ok) encodeReply(reply.value, render)
      const request = decodeRequest(wire)
      if (request.ok) encodeRequest(request.value)
      else expect(request.fault.message).not.toBe('')
      openaiChat.embed?.decodeReply(wire)
      openaiChat.embed?.decodeRequest(wire)
    }),
    { numRuns: 500 },
  )
})
