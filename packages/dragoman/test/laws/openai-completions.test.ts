import { describe, expect, test } from 'bun:test'
import { byteByByte, listCaptures, randomCuts, readSchema, readStreams, readWhole } from '@dragoman/fixtures'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import OpenAI from 'openai'
import type { Render } from '../../src/core/dialect.ts'
import { openaiCompletions } from '../../src/dialects/openai-completions/index.ts'
import { type Event, isContent } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Reply } from '../../src/ir/reply.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createSseParser } from '../../src/wire/sse.ts'
import { arbitraryReply, arbitraryRequest } from './arbitrary.ts'

const {
  decodeReply,
  encodeReply,
  glance,
  decodeRequest,
  encodeRequest,
  decodeStream,
  encodeStream,
  watchStream,
} = openaiCompletions

const request: GenerateRequest = {
  model: 'asked',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Once' }] }],
  sampling: {},
  hints: {},
  stream: true,
  streamUsage: true,
}
const render: Render = { id: 'call1', created: 1_700_000_000, request }
const foreign: readonly DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'cohere']

const wholes = listCaptures({ surface: 'completions', form: 'whole' })
const streams = listCaptures({ surface: 'completions', form: 'stream' }).flatMap(capture =>
  readStreams(capture).map(bytes => ({ name: capture.name, bytes })),
)

function decode(pieces: Iterable<Uint8Array>): readonly Event[] {
  const parser = createSseParser()
  const decoder = decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, events)
  for (const frame of parser.end()) decoder.push(frame, events)
  decoder.end(events)
  return events
}

function encode(events: Iterable<Event>): { readonly text: string; readonly notes: readonly unknown[] } {
  const encoder = encodeStream(render)
  let text = ''
  for (const event of events) text += encoder.push(event)
  return { text, notes: encoder.notes }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function decoded(wire: JsonObject): Reply {
  const reply = decodeReply(wire)
  if (!reply.ok) throw new Error(reply.fault.message)
  return reply.value
}

describe('recorded answers', () => {
  test.each(wholes.map(capture => [capture.name, capture] as const))(
    '%s comes back as it was',
    (_, capture) => {
      const wire = readWhole(capture)
      const reply = decoded(wire)
      expect<unknown>(glance(wire)).toEqual({ usage: reply.usage })
      const encoded = encodeReply(reply, render)
      expect<unknown>(encoded.value).toEqual(wire)
      expect(Object.keys(encoded.value)).toEqual(Object.keys(wire))
      expect(encoded.notes).toEqual([])
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))('%s obeys the grammar', (_, { bytes }) => {
    const events = decode([bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s says the same after encoding, in chunks of the same keys',
    (_, { bytes }) => {
      const events = decode([bytes])
      const { text, notes } = encode(events)
      expect(foldEvents(decode([bytesOf(text)]))).toEqual(foldEvents(events))
      expect(notes).toEqual([])
      const keysOf = (sse: string) =>
        Object.keys(JSON.parse(sse.split('\n')[0]?.slice('data: '.length) ?? ''))
      expect(keysOf(text)).toEqual(keysOf(new TextDecoder().decode(bytes)))
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))('%s cut anywhere', (_, { bytes }) => {
    const whole = decode([bytes])
    for (let at = 0; at <= bytes.length; at++) {
      const cut = decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(cut, whole)) expect({ at, events: cut }).toEqual({ at, events: whole })
    }
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (let seed = 1; seed <= 5; seed++) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
  })

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s off before its finish is a fault, never an end',
    (_, { bytes }) => {
      const text = new TextDecoder().decode(bytes)
      const finish = text.search(/"finish_reason":"/)
      for (const { index } of text.slice(0, finish).matchAll(/\n\n/g)) {
        const events = decode([bytesOf(text.slice(0, index + 2))])
        expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
        expect(checkEvents(events)).toEqual([])
      }
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s is watched as it is decoded',
    (_, { bytes }) => {
      const watch = watchStream()
      const decoder = decodeStream()
      const events: Event[] = []
      let isWatched = false
      for (const frame of createSseParser().push(bytes)) {
        decoder.push(frame, events)
        const role = watch.push(frame)
        isWatched ||= role === 'content'
        if (events.some(event => event.type === 'part-delta')) expect(isWatched).toBe(true)
        if (role === 'pre') expect(events.some(isContent)).toBe(false)
        expect(role === 'terminal').toBe(frame.data === '[DONE]')
      }
      expect(watch.usage).toEqual(foldEvents(events).usage)
      expect(watch.finished).toBe(true)
    },
  )
})

/** The official client, answered with these bytes. */
async function collect(body: string): Promise<readonly OpenAI.Completion[]> {
  const client = new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
  })
  const chunks: OpenAI.Completion[] = []
  for await (const chunk of await client.completions.create({ model: 'asked', prompt: 'Once', stream: true }))
    chunks.push(chunk)
  return chunks
}

describe('any reply', () => {
  /** Whole and streamed say the same but for the keys of raw usage and the marks of tokens, which lists have as lists. */
  const comparable = (reply: Reply): unknown =>
    JSON.parse(JSON.stringify(reply), (key, value) => {
      const isMarks =
        key === 'extra' && Object.keys(value['openai-completions'] ?? {}).every(name => name.startsWith('$'))
      return key === 'raw' || isMarks ? undefined : value
    })

  test('is the same whether it is streamed or whole', () => {
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), fc.integer({ min: 1, max: 8 }), (reply, chunk) => {
        const events = decode([bytesOf(encode(unfold(reply, { chunk })).text)])
        expect(checkEvents(events)).toEqual([])
        expect(comparable(foldEvents(events))).toEqual(comparable(decoded(encodeReply(reply, render).value)))
      }),
      { numRuns: 250 },
    )
  })

  test('is stable: what was written says the same when it is read', () => {
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), reply => {
        const { value } = encodeReply(reply, render)
        expect(encodeReply(decoded(value), render).value).toEqual(value)
      }),
      { numRuns: 250 },
    )
  })

  test('is read by the official client', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryReply({ dialects: foreign }),
        fc.integer({ min: 1, max: 8 }),
        async (reply, chunk) => {
          const chunks = await collect(encode(unfold(reply, { chunk })).text)
          const { choices } = encodeReply(reply, render).value as unknown as OpenAI.Completion // what the client's type is of
          for (const { index, text, finish_reason } of choices) {
            const mine = chunks.flatMap(({ choices }) => choices.filter(choice => choice.index === index))
            expect(mine.map(choice => choice.text).join('')).toBe(text)
            expect(mine.at(-1)?.finish_reason).toBe(finish_reason)
          }
          expect(chunks.at(-1)?.usage?.completion_tokens).toBe(reply.usage?.output)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('any request', () => {
  test('is written so that it can be read, and reads as it was written', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: foreign }), wanted => {
        const { value } = encodeRequest(wanted)
        const read = decodeRequest(value)
        if (!read.ok) throw new Error(read.fault.message)
        const again = encodeRequest(read.value)
        expect(again.value).toEqual(value)
        expect(again.notes.filter(note => note.path !== 'logprobs.top')).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('of this wire comes back as it was', () => {
    const ids = fc.array(fc.nat(), { minLength: 1, maxLength: 3 })
    const one = fc.oneof(fc.string(), ids)
    const wire = fc.record(
      {
        model: fc.string({ minLength: 1 }),
        prompt: fc.oneof(
          one,
          fc.array(fc.string(), { minLength: 2, maxLength: 3 }),
          fc.array(ids, { minLength: 1, maxLength: 3 }),
        ),
        max_tokens: fc.nat({ max: 99 }),
        best_of: fc.integer({ min: 1, max: 5 }),
        echo: fc.boolean(),
        suffix: fc.string({ minLength: 1 }),
        n: fc.integer({ min: 1, max: 3 }),
        logprobs: fc.integer({ min: 0, max: 5 }),
        stop: fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 2 })),
        user: fc.string(),
        seed: fc.integer(),
        logit_bias: fc.constant({ '50256': -100 }),
        stream: fc.constant(true),
        stream_options: fc.record({ include_usage: fc.boolean(), include_obfuscation: fc.boolean() }),
        min_p: fc.constant(0.5),
      },
      { requiredKeys: ['model', 'prompt', 'stream'], noNullPrototype: true },
    )
    fc.assert(
      fc.property(wire, said => {
        const read = decodeRequest(said)
        if (!read.ok) throw new Error(read.fault.message)
        const { value, notes } = encodeRequest(read.value)
        expect<unknown>(value).toEqual(said)
        expect(notes).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('is what the official client’s types allow', () => {
    const validate = new Ajv({ strict: false }).compile(readSchema('openai-completions'))
    fc.assert(
      fc.property(arbitraryRequest({ dialects: foreign }), wanted => {
        const body = encodeRequest(wanted).value
        if (!validate(body)) expect({ body, errors: validate.errors }).toEqual({ body, errors: null })
      }),
      { numRuns: 300 },
    )
  })
})
