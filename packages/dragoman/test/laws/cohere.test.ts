import { describe, expect, test } from 'bun:test'
import { byteByByte, listCaptures, randomCuts, readSchema, readStreams, readWhole } from '@dragoman/fixtures'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import type { Render } from '../../src/core/dialect.ts'
import { cohere } from '../../src/dialects/cohere/index.ts'
import { type Event, isContent } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
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
} = cohere

const request: GenerateRequest = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true }
const render: Render = { id: 'call1', created: 1_700_000_000, request }
const foreign: readonly DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages']

const wholes = listCaptures({ surface: 'cohere', form: 'whole' })
/** Every answer of every recorded stream. */
const streams = listCaptures({ surface: 'cohere', form: 'stream' }).flatMap(capture =>
  readStreams(capture).map((bytes, index) => ({ capture, name: `${capture.name} #${index}`, bytes })),
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

const usageIn = (usage: unknown) => (usage === undefined ? {} : { usage })

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What encoding changes of a recorded body: a call without arguments has an empty object of them (trap COH-08). */
const normalise = (wire: JsonObject): unknown =>
  JSON.parse(JSON.stringify(wire), (key, value) => (key === 'arguments' && value === 'null' ? '{}' : value))

describe('recorded answers', () => {
  test.each(wholes.map(capture => [capture.name, capture] as const))(
    '%s comes back as it was',
    (_, capture) => {
      const wire = readWhole(capture)
      const reply = decodeReply(wire)
      if (!reply.ok) throw new Error(reply.fault.message)
      expect<unknown>(glance(wire)).toEqual(usageIn(reply.value.usage))
      const encoded = encodeReply(reply.value, render)
      expect<unknown>(encoded.value).toEqual(normalise(wire))
      expect(encoded.notes).toEqual([])
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))('%s obeys the grammar', (_, { bytes }) => {
    const events = decode([bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s says the same after encoding',
    (_, stream) => {
      const events = decode([stream.bytes])
      const { text, notes } = encode(events)
      expect(foldEvents(decode([bytesOf(text)]))).toEqual(foldEvents(events))
      expect(notes).toEqual([])
    },
  )

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s encodes the same as a whole',
    (_, stream) => {
      // The message of the stream, encoded whole and decoded again, is the message of the stream.
      const reply = foldEvents(decode([stream.bytes]))
      const again = decodeReply(encodeReply(reply, render).value)
      expect(again.ok && comparable(again.value)).toEqual(comparable(reply))
    },
  )
})

describe('features C10: the same events for every cut', () => {
  /** Bytes that may be parsed for one stream: short ones are cut everywhere, long ones as often as this allows. */
  const budget = 12_000_000

  test.each(streams.map(stream => [stream.name, stream] as const))('%s in two, anywhere', (_, { bytes }) => {
    const whole = decode([bytes])
    const step = Math.ceil((bytes.length * bytes.length) / budget)
    for (let at = 0; at <= bytes.length; at += step) {
      const cut = decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(cut, whole)) expect({ at, events: cut }).toEqual({ at, events: whole })
    }
  })

  test.each(streams.map(stream => [stream.name, stream] as const))('%s byte by byte', (_, { bytes }) => {
    const whole = decode([bytes])
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (let seed = 1; seed <= 5; seed++) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
  })

  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s off is a fault, never an end',
    (_, { bytes }) => {
      const text = new TextDecoder().decode(bytes)
      const finish = text.search(/"finish_reason":"/)
      for (const [at] of text
        .slice(0, finish)
        .matchAll(/\n\n/g)
        .map(match => [match.index + 2] as const)) {
        const events = decode([bytesOf(text.slice(0, at))])
        expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
        expect(checkEvents(events)).toEqual([])
      }
    },
  )
})

describe('watching', () => {
  test.each(streams.map(stream => [stream.name, stream] as const))(
    '%s agrees with decoding',
    (_, { bytes }) => {
      const watch = watchStream()
      const decoder = decodeStream()
      const events: Event[] = []
      let isWatched = false
      for (const frame of createSseParser().push(bytes)) {
        decoder.push(frame, events)
        const role = watch.push(frame)
        const wasWatched = isWatched
        isWatched ||= role === 'content' || role === 'terminal'
        const hasContent = events.some(isContent)
        // It may call content what turns out to be empty, never the other way round.
        if (hasContent) expect(isWatched).toBe(true)
        if (role === 'pre' && !wasWatched) expect(hasContent).toBe(false)
        expect(role === 'terminal').toBe(frame.event === 'message-end')
        if (role === 'terminal') expect(watch.finished).toBe(true)
      }
      expect(watch.usage).toEqual(foldEvents(events).usage)
      expect(watch.finished).toBe(true)
    },
  )
})

/** Any reply but a failed one: that is a failure on this wire, and no answer (trap COH-10). */
const anyReply = arbitraryReply({ dialects: foreign }).filter(
  reply => reply.candidates[0]?.finish.reason !== 'error',
)

describe('any reply', () => {
  test('is the same whether it is streamed or whole', () => {
    fc.assert(
      fc.property(anyReply, fc.integer({ min: 1, max: 8 }), (reply, chunk) => {
        const { text } = encode(unfold(reply, { chunk }))
        const events = decode([bytesOf(text)])
        expect(checkEvents(events)).toEqual([])
        const whole = decodeReply(encodeReply(reply, render).value)
        if (!whole.ok) throw new Error(whole.fault.message)
        expect(comparable(foldEvents(events))).toEqual(comparable(whole.value))
      }),
      { numRuns: 250 },
    )
  })

  test('is stable: what was written says the same when it is read', () => {
    fc.assert(
      fc.property(anyReply, reply => {
        const { value } = encodeReply(reply, render)
        const again = decodeReply(value)
        if (!again.ok) throw new Error(again.fault.message)
        const encoded = encodeReply(again.value, render)
        expect(encoded.value).toEqual(value)
      }),
      { numRuns: 250 },
    )
  })
})

/** The fields of a message in the order a whole one has them. */
const rank = (part: Part): number => {
  if (part.kind === 'tool-call') return 2
  return part.kind === 'thinking' && part.extra?.cohere?.$plan === true ? 1 : 0
}

/**
 * A reply without what streaming may change: the keys of the raw usage; the order of contents, plan and calls, which
 * are fields of a whole message; which text the log probabilities stand on, which stand beside a whole message; when
 * a citation comes that is on no words; and arguments that are null, which a stream has sent before it knows.
 */
function comparable(reply: Reply): unknown {
  const [candidate] = reply.candidates
  const parts = (candidate?.parts ?? []).toSorted((one, other) => rank(one) - rank(other))
  const logprobs = parts.flatMap(part => (part.kind === 'text' ? (part.logprobs ?? []) : []))
  const bare = parts.map(part => {
    if (part.kind === 'text')
      return {
        ...part,
        logprobs: undefined,
        annotations: part.annotations?.map(text => JSON.stringify(text)).sort(),
      }
    return part.kind === 'tool-call' && part.arguments === 'null' ? { ...part, arguments: '{}' } : part
  })
  const { raw: _, ...usage } = reply.usage ?? {}
  return JSON.parse(
    JSON.stringify({ ...reply, candidates: [{ ...candidate, parts: bare, logprobs }], usage }),
  )
}

/** Settings that are one value each, and what each may be without being said. */
const settings: { readonly [path: string]: readonly unknown[] } = {
  'sampling.temperature': [],
  'sampling.topP': [],
  'sampling.topK': [],
  'sampling.stop': [],
  'sampling.seed': [],
  // Where there is another penalty, one of nothing is not said.
  'sampling.frequencyPenalty': [0],
  'sampling.presencePenalty': [0],
  'sampling.logitBias': [{}],
  'hints.user': [],
  'hints.safetyIdentifier': [],
  'hints.metadata': [],
  'hints.serviceTier': [],
  'hints.promptCacheKey': [],
  'hints.verbosity': [],
  'hints.store': [false],
  'hints.prediction': [],
  'reasoning.effort': [],
  'reasoning.budget': [],
  'reasoning.mode': [],
  'reasoning.summary': [],
  'output.schema.properties': [],
  'output.name': [],
  'output.description': [],
  // A schema is always enforced.
  'output.strict': [true],
  maxTokens: [],
  candidates: [1],
  'logprobs.top': [0],
  modalities: [['text']],
  audio: [],
  'cache.ttl': [],
  // The default is said by saying nothing.
  'toolChoice.mode': ['auto'],
  'toolChoice.tool.name': [],
  parallelToolCalls: [true],
}

function valueAt(request: object, path: string): unknown {
  let value: unknown = request
  for (const key of path.split('.')) value = (value as { [key: string]: unknown } | undefined)?.[key] // any field, or none
  return value
}

describe('any request', () => {
  test('is written so that it can be read, and reads as it was written', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: foreign }), wanted => {
        const { value } = encodeRequest(wanted)
        const read = decodeRequest(value)
        if (!read.ok) throw new Error(read.fault.message)
        const again = encodeRequest(read.value)
        expect(again.value).toEqual(value)
        // Of nothing but system turns there is no message to make, and that is said again.
        expect(again.notes.filter(note => note.path !== 'turns')).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('loses no setting without a note', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: [] }), wanted => {
        const { value, notes } = encodeRequest(wanted)
        const read = decodeRequest(value)
        if (!read.ok) throw new Error(read.fault.message)
        const isNoted = (path: string) =>
          notes.some(
            note =>
              note.path === path || note.path.startsWith(`${path}[`) || path.startsWith(`${note.path}.`),
          )
        for (const [path, silent] of Object.entries(settings)) {
          const said = valueAt(wanted, path)
          if (said === undefined || isNoted(path) || silent.some(value => Bun.deepEquals(value, said)))
            continue
          expect({ path, value: valueAt(read.value, path) }).toEqual({ path, value: said })
        }
      }),
      { numRuns: 400 },
    )
  })

  test('is what the official client’s types allow: the schema is closed, and one unknown field is a 422', () => {
    const validate = new Ajv({ strict: false }).compile(readSchema('cohere'))
    fc.assert(
      fc.property(arbitraryRequest({ dialects: foreign }), wanted => {
        const { stream, ...body } = encodeRequest(wanted).value
        expect(stream).toBe(wanted.stream ? true : undefined)
        if (!validate(body)) expect({ body, errors: validate.errors }).toEqual({ body, errors: null })
      }),
      { numRuns: 300 },
    )
  })
})
