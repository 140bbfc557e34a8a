import { describe, expect, test } from 'bun:test'
import { byteByByte, listCaptures, randomCuts, readLines, readSchema, readWhole } from '@dragoman/fixtures'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import type { Render } from '../../src/core/dialect.ts'
import { bedrockConverse } from '../../src/dialects/bedrock-converse/index.ts'
import { type Event, isContent } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createAwsEventStreamParser, textToBytes, writeAwsMessage } from '../../src/wire/aws-event-stream.ts'
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
} = bedrockConverse

const request: GenerateRequest = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true }
const render: Render = { id: 'call1', created: 1_700_000_000, request }
const foreign: readonly DialectId[] = ['openai-chat', 'openai-responses', 'gemini']

/** Recorded lines as what they were: one binary message each. */
function frame(lines: readonly string[]): Uint8Array {
  const messages = lines.flatMap(line =>
    Object.entries(JSON.parse(line)).map(([name, payload]) =>
      writeAwsMessage({ type: 'event', name, data: JSON.stringify(payload) }),
    ),
  )
  return Uint8Array.from(Buffer.concat(messages))
}

const wholes = listCaptures({ surface: 'bedrock-converse', form: 'whole' })
const streams = listCaptures({ surface: 'bedrock-converse', form: 'stream' }).flatMap(capture =>
  readLines(capture).map(lines => ({ name: capture.name, bytes: frame(lines) })),
)
const named = streams.map(stream => [stream.name, stream.bytes] as const)

function decode(pieces: Iterable<Uint8Array>): readonly Event[] {
  const parser = createAwsEventStreamParser()
  const decoder = decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const read of parser.push(piece)) decoder.push(read, events)
  for (const read of parser.end()) decoder.push(read, events)
  decoder.end(events)
  return events
}

function encode(events: Iterable<Event>): { readonly bytes: Uint8Array; readonly notes: readonly unknown[] } {
  const encoder = encodeStream(render)
  let text = ''
  for (const event of events) text += encoder.push(event)
  return { bytes: textToBytes(text), notes: encoder.notes }
}

describe('recorded answers', () => {
  test.each(wholes.map(capture => [capture.name, capture] as const))(
    '%s comes back as it was',
    (_, capture) => {
      const wire = readWhole(capture)
      const reply = decodeReply(wire)
      if (!reply.ok) throw new Error(reply.fault.message)
      const { usage } = reply.value
      expect<unknown>(glance(wire)).toEqual(usage === undefined ? {} : { usage })
      const encoded = encodeReply(reply.value, render)
      expect(encoded.value).toEqual(wire)
      expect(encoded.notes).toEqual([])
    },
  )

  test.each(named)('%s obeys the grammar', (_, bytes) => {
    const events = decode([bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test.each(named)('%s says the same after encoding', (_, bytes) => {
    const events = decode([bytes])
    const reply = foldEvents(events)
    const { bytes: again, notes } = encode(events)
    expect(foldEvents(decode([again]))).toEqual({ usage: expect.anything(), ...reply })
    // One hand-made stream has no usage, which the wire requires.
    expect(notes.length).toBe(reply.usage === undefined ? 1 : 0)
  })

  test.each(named)('%s encodes the same as a whole', (_, bytes) => {
    const reply = foldEvents(decode([bytes]))
    const again = decodeReply(encodeReply(reply, render).value)
    if (!again.ok) throw new Error(again.fault.message)
    expect(again.value.candidates).toEqual(comparable(reply.candidates) as never) // parsed JSON
    expect(again.value.extra).toEqual(reply.extra as never) // as above
  })
})

describe('the same events for every cut', () => {
  test.each(named)('%s in two, anywhere', (_, bytes) => {
    const whole = decode([bytes])
    for (let at = 0; at <= bytes.length; at++) {
      const cut = decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(cut, whole)) expect({ at, events: cut }).toEqual({ at, events: whole })
    }
  })

  test.each(named)('%s byte by byte', (_, bytes) => {
    const whole = decode([bytes])
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (let seed = 1; seed <= 5; seed++) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
  })

  test.each(named)('%s off before its reason is a fault, never an end', (_, bytes) => {
    const frames = createAwsEventStreamParser().push(bytes)
    const stop = frames.findIndex(read => read.event === 'messageStop')
    for (let count = 0; count < stop; count++) {
      const events = decode(frames.slice(0, count).map(read => read.raw))
      expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
      expect(checkEvents(events)).toEqual([])
    }
  })
})

describe('watching', () => {
  test.each(named)('%s agrees with decoding', (_, bytes) => {
    const watch = watchStream()
    const decoder = decodeStream()
    const events: Event[] = []
    let isWatched = false
    for (const read of createAwsEventStreamParser().push(bytes)) {
      decoder.push(read, events)
      const role = watch.push(read)
      const wasWatched = isWatched
      isWatched ||= role === 'content'
      const hasContent = events.some(isContent)
      // It may call content what turns out to be empty, never the other way round.
      if (hasContent) expect(isWatched).toBe(true)
      if (role === 'pre' && !wasWatched) expect(hasContent).toBe(false)
      expect(role === 'terminal').toBe(events.some(event => event.type === 'end'))
    }
    decoder.end(events)
    expect(watch.usage).toEqual(foldEvents(events).usage)
    expect(watch.finished).toBe(true)
  })
})

/** A reply without what streaming may change: the layout of a call's JSON, and the keys of the raw usage. */
function comparable(reply: unknown): unknown {
  return JSON.parse(JSON.stringify(reply), (key, value) => {
    if (key === 'raw' && typeof value === 'object') return undefined
    return key === 'arguments' ? JSON.stringify(inputOf(value)) : value
  })
}

function inputOf(text: string): unknown {
  try {
    const input = JSON.parse(text)
    return typeof input.INVALID_JSON === 'string' ? input.INVALID_JSON : input
  } catch {
    return text
  }
}

/** Audio and files are generated whole or not at all: there are no deltas for them. */
function withoutWholeMedia(reply: ReturnType<typeof foldEvents>): ReturnType<typeof foldEvents> {
  const candidates = reply.candidates.map(candidate => ({
    ...candidate,
    parts: candidate.parts.filter(part => part.kind !== 'media'),
  }))
  return { ...reply, candidates }
}

describe('any reply', () => {
  const replies = arbitraryReply({ dialects: foreign, items: false })

  test('is the same whether it is streamed or whole', () => {
    fc.assert(
      fc.property(replies, fc.integer({ min: 1, max: 8 }), (any, chunk) => {
        const reply = withoutWholeMedia(any)
        const events = decode([encode(unfold(reply, { chunk })).bytes])
        expect(checkEvents(events)).toEqual([])
        const whole = decodeReply(encodeReply(reply, render).value)
        if (!whole.ok) throw new Error(whole.fault.message)
        expect(comparable(foldEvents(events))).toEqual(comparable(whole.value))
      }),
      { numRuns: 100 },
    )
  })

  test('is stable: what was written says the same when it is read', () => {
    fc.assert(
      fc.property(replies, reply => {
        const { value } = encodeReply(reply, render)
        const again = decodeReply(value)
        if (!again.ok) throw new Error(again.fault.message)
        expect(encodeReply(again.value, render).value).toEqual(value)
      }),
      { numRuns: 100 },
    )
  })
})

/** Settings that are one value each, and what each may be without being said. */
const settings: { readonly [path: string]: readonly unknown[] } = {
  'sampling.temperature': [],
  'sampling.topP': [],
  'sampling.topK': [],
  'sampling.stop': [],
  'sampling.seed': [],
  'sampling.frequencyPenalty': [0],
  'sampling.presencePenalty': [0],
  'sampling.logitBias': [{}],
  'hints.user': [],
  'hints.safetyIdentifier': [],
  'hints.metadata': [],
  'hints.serviceTier': ['auto'],
  'hints.promptCacheKey': [],
  'hints.verbosity': [],
  'hints.store': [false],
  'hints.prediction': [],
  'reasoning.effort': [],
  'reasoning.budget': [],
  'reasoning.mode': ['on'],
  'reasoning.summary': [],
  'output.schema.properties': [],
  'output.name': [],
  'output.description': [],
  // A schema is always enforced.
  'output.strict': [true],
  maxTokens: [],
  candidates: [1],
  logprobs: [],
  modalities: [['text']],
  audio: [],
  'cache.ttl': [],
  // Where there are no tools none is called.
  'toolChoice.mode': ['none'],
  'toolChoice.tool.name': [],
  // The default, and nothing to say where no tool may be called.
  parallelToolCalls: [true, false],
}

function valueAt(value: unknown, path: string): unknown {
  let inner = value
  for (const key of path.split('.')) inner = (inner as { [key: string]: unknown } | undefined)?.[key] // any field, or none
  return inner
}

const vocabularies = ['thinking', 'reasoning-config', 'reasoning-effort', 'reasoning-object', undefined]

const requests = (dialects: readonly DialectId[]) =>
  fc
    .tuple(arbitraryRequest({ dialects }), fc.constantFrom(...vocabularies))
    .map(([wanted, vocabulary]) => (vocabulary === undefined ? wanted : { ...wanted, vocabulary }))

describe('any request', () => {
  test('is written so that it can be read, and reads as it was written', () => {
    fc.assert(
      fc.property(requests(foreign), wanted => {
        const { value } = encodeRequest(wanted)
        const read = decodeRequest(value)
        if (!read.ok) throw new Error(read.fault.message)
        const again = encodeRequest(read.value)
        expect(again.value).toEqual(value)
      }),
      { numRuns: 150 },
    )
  })

  test('loses no setting without a note', () => {
    fc.assert(
      fc.property(requests([]), wanted => {
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
          if (said === undefined || isNoted(path) || silent.some(one => Bun.deepEquals(one, said))) continue
          expect({ path, value: valueAt(read.value, path) }).toEqual({ path, value: said })
        }
      }),
      { numRuns: 150 },
    )
  })

  test('is what the official SDK’s types allow', () => {
    const validate = new Ajv({ strict: false }).compile(readSchema('bedrock-converse'))
    fc.assert(
      fc.property(requests(foreign), wanted => {
        const { value } = encodeRequest(wanted)
        if (!validate(value))
          throw new Error(`${JSON.stringify(validate.errors?.slice(-3))} in ${JSON.stringify(value)}`)
      }),
      { numRuns: 150 },
    )
  })

  test('keeps the tools of a history declared, and the roles alternating', () => {
    fc.assert(
      fc.property(requests(foreign), wanted => {
        const { value } = encodeRequest(wanted)
        const messages = value.messages as readonly { role: string; content: readonly object[] }[] // as written
        const hasTools = messages.some(message => message.content.some(block => 'toolUse' in block))
        if (hasTools) expect(value.toolConfig).toBeDefined()
        for (const [index, message] of messages.entries()) {
          expect(message.content.length).toBeGreaterThan(0)
          if (index > 0) expect(message.role).not.toBe(messages[index - 1]?.role as never) // a role
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('any payload in any frame never throws', () => {
  const names = [
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
  ]
  const payload = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({
      contentBlockIndex: fc.nat({ max: 2 }),
      start: fc.jsonValue({ maxDepth: 2 }),
      delta: fc.oneof(
        fc.dictionary(fc.constantFrom('text', 'toolUse', 'reasoningContent', 'citation'), fc.jsonValue()),
        fc.jsonValue(),
      ),
    }),
  )
  const message = fc.tuple(fc.constantFrom(...names, 'other'), payload)
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), messages => {
      const bytes = messages.map(([name, data]) =>
        writeAwsMessage({ type: 'event', name, data: JSON.stringify(data) }),
      )
      const events = decode(bytes)
      expect(checkEvents(events)).toEqual([])
      encode(events)
    }),
    { numRuns: 250 },
  )
})
