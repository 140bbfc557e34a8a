import { describe, expect, test } from 'bun:test'
import {
  byteByByte,
  listCaptures,
  randomCuts,
  readLines,
  readSchema,
  readStreams,
  readWhole,
} from '@dragoman/fixtures'
import Ajv from 'ajv'
import fc from 'fast-check'
import type { Render } from '../../src/core/dialect.ts'
import { gemini } from '../../src/dialects/gemini/index.ts'
import { PartialArguments } from '../../src/dialects/gemini/partial-args.ts'
import { type Event, isContent } from '../../src/ir/event.ts'
import type { DialectId } from '../../src/ir/extra.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createJsonArrayParser } from '../../src/wire/json-array.ts'
import { createSseParser } from '../../src/wire/sse.ts'
import { arbitraryReply, arbitraryRequest } from './arbitrary.ts'

const { decodeReply, encodeReply, glance, decodeRequest, encodeRequest } = gemini

const request: GenerateRequest = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: true }
const render: Render = { id: 'call1', created: 1_700_000_000, request }
const foreign: readonly DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'cohere']

const wholes = listCaptures({ surface: 'gemini', form: 'whole' }).map(
  capture => [capture.name, capture] as const,
)
/** Every recorded stream, with the framing it has with `alt=sse`. */
const streams = listCaptures({ surface: 'gemini', form: 'stream' }).flatMap(capture =>
  readStreams(capture).map(bytes => [capture.name, { bytes, lines: readLines(capture).flat() }] as const),
)

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function decode(pieces: Iterable<Uint8Array>, parser = createSseParser()): readonly Event[] {
  const decoder = gemini.decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, events)
  for (const frame of parser.end()) decoder.push(frame, events)
  decoder.end(events)
  return events
}

function encode(events: Iterable<Event>): { readonly text: string; readonly notes: readonly unknown[] } {
  const encoder = gemini.encodeStream(render)
  let text = ''
  for (const event of events) text += encoder.push(event)
  return { text, notes: encoder.notes }
}

describe('recorded answers', () => {
  test.each(wholes)('%s comes back as it was', (_, capture) => {
    const wire = readWhole(capture)
    const reply = decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(glance(wire)).toEqual({ usage: reply.value.usage })
    const encoded = encodeReply(reply.value, render)
    expect(encoded.value).toEqual(wire)
    expect(encoded.notes).toEqual([])
  })

  test.each(
    listCaptures({ provider: 'google', surface: 'error' }).map(capture => [capture.name, capture] as const),
  )('%s tells how long to wait', (_, capture) => {
    const body = JSON.stringify(readWhole(capture))
    const fault = gemini.decodeError({ status: 429, headers: new Headers(), body })
    expect(fault).toMatchObject({ code: 'rate_limited', retryAfterMs: 34_400 })
  })

  test.each(streams)('%s obeys the grammar', (_, { bytes }) => {
    const events = decode([bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe('end')
  })

  test.each(streams)('%s says the same after encoding', (_, { bytes }) => {
    const events = decode([bytes])
    const { text, notes } = encode(events)
    expect(foldEvents(decode([bytesOf(text)]))).toEqual(foldEvents(events))
    expect(notes).toEqual([])
  })

  test.each(streams)('%s encodes the same as a whole', (_, { bytes }) => {
    const reply = foldEvents(decode([bytes]))
    const again = decodeReply(encodeReply(reply, render).value)
    expect(again).toEqual({ ok: true, value: reply })
  })

  test.each(streams)('%s says the same as a JSON array', (_, { bytes, lines }) => {
    const array = bytesOf(`[${lines.join(',\r\n')}]`)
    expect(decode([array], createJsonArrayParser())).toEqual(decode([bytes]))
  })
})

describe('features C10: the same events for every cut', () => {
  /** Bytes that may be parsed for one stream: short ones are cut everywhere, long ones as often as this allows. */
  const budget = 12_000_000

  test.each(streams)('%s in two, anywhere', (_, { bytes }) => {
    const whole = decode([bytes])
    const step = Math.ceil((bytes.length * bytes.length) / budget)
    for (let at = 0; at <= bytes.length; at += step) {
      const cut = decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(cut, whole)) expect({ at, events: cut }).toEqual({ at, events: whole })
    }
  })

  test.each(streams)('%s byte by byte', (_, { bytes }) => {
    const whole = decode([bytes])
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (let seed = 1; seed <= 5; seed++) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
  })

  test.each(streams)('%s off is a fault, never an end', (_, { bytes }) => {
    const text = new TextDecoder().decode(bytes)
    const finish = text.indexOf('"finishReason":"')
    for (const { index } of text.slice(0, finish).matchAll(/\r\n\r\n/g)) {
      const events = decode([bytesOf(text.slice(0, index + 4))])
      expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
      expect(checkEvents(events)).toEqual([])
    }
  })
})

describe('watching', () => {
  function watch(bytes: Uint8Array): void {
    const watching = gemini.watchStream()
    const decoder = gemini.decodeStream()
    const events: Event[] = []
    let isWatched = false
    for (const frame of createSseParser().push(bytes)) {
      decoder.push(frame, events)
      const role = watching.push(frame)
      const wasWatched = isWatched
      isWatched ||= role === 'content'
      const hasContent = events.some(isContent)
      // It may call content what turns out to be empty, never the other way round.
      if (hasContent) expect(isWatched).toBe(true)
      if (role === 'pre' && !wasWatched) expect(hasContent).toBe(false)
      // Nothing but the end of the bytes ends this wire.
      expect(role).not.toBe('terminal')
    }
    decoder.end(events)
    expect(watching.usage).toEqual(foldEvents(events).usage)
    expect(watching.finished).toBe(events.at(-1)?.type === 'end')
  }

  test.each(streams)('%s agrees with decoding', (_, { bytes }) => watch(bytes))

  test('any stream of ours agrees with decoding', () => {
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), fc.integer({ min: 1, max: 8 }), (reply, chunk) =>
        watch(bytesOf(encode(unfold(reply, { chunk })).text)),
      ),
      { numRuns: 100 },
    )
  })
})

describe('any reply', () => {
  test('is the same whether it is streamed or whole', () => {
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), fc.integer({ min: 1, max: 8 }), (reply, chunk) => {
        const events = decode([bytesOf(encode(unfold(reply, { chunk })).text)])
        expect(checkEvents(events)).toEqual([])
        const whole = decodeReply(encodeReply(reply, render).value)
        if (!whole.ok) throw new Error(whole.fault.message)
        expect(comparable(foldEvents(events))).toEqual(comparable(whole.value))
      }),
      { numRuns: 100 },
    )
  })

  test('is told to be lost in the same words, streamed or whole', () => {
    const told = (notes: readonly unknown[]) => new Set(notes.map(note => JSON.stringify(note)))
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), fc.integer({ min: 1, max: 8 }), (reply, chunk) => {
        expect(told(encode(unfold(reply, { chunk })).notes)).toEqual(told(encodeReply(reply, render).notes))
      }),
      { numRuns: 100 },
    )
  })

  test('is stable: what was written says the same when it is read', () => {
    fc.assert(
      fc.property(arbitraryReply({ dialects: foreign }), reply => {
        const { value } = encodeReply(reply, render)
        const again = decodeReply(value)
        if (!again.ok) throw new Error(again.fault.message)
        expect(encodeReply(again.value, render).value).toEqual(value)
      }),
      { numRuns: 100 },
    )
  })
})

interface Said {
  kind: string
  text?: string
  opaque?: unknown
}

/**
 * A reply without what streaming changes on this wire: texts of one kind in a row are one, up to a signature (so
 * their sources stand at other places), and the ids of nameless calls are drawn from theirs.
 */
function comparable(reply: unknown): unknown {
  const bare = JSON.parse(JSON.stringify(reply), (key, value) =>
    key === 'annotations' || key === 'groundingMetadata' || key === '$groundingMetadata' || key === 'logprobs'
      ? undefined
      : value,
  )
  // Told with the usage, which a stream tells last.
  delete bare.serviceTier
  for (const candidate of bare.candidates) {
    const parts: Said[] = []
    for (const part of candidate.parts as Said[]) {
      const last = parts.at(-1)
      const isSpoken = part.kind === 'text' || part.kind === 'thinking'
      if (isSpoken && last?.kind === part.kind) {
        Object.assign(last, { text: `${last.text}${part.text}`, opaque: part.opaque ?? last.opaque })
      } else parts.push({ opaque: undefined, ...part })
    }
    candidate.parts = parts
    delete candidate.extra
  }
  return bare
}

/** Settings that are one value each, and what each may be without being said. */
const settings: { readonly [path: string]: readonly unknown[] } = {
  'sampling.temperature': [],
  'sampling.topP': [],
  'sampling.topK': [],
  'sampling.stop': [],
  'sampling.seed': [],
  'sampling.frequencyPenalty': [],
  'sampling.presencePenalty': [],
  'sampling.logitBias': [{}],
  'hints.user': [],
  'hints.safetyIdentifier': [],
  'hints.metadata': [],
  // The default.
  'hints.serviceTier': ['auto'],
  'hints.promptCacheKey': [],
  'hints.verbosity': [],
  'hints.store': [false],
  'hints.prediction': [],
  // Told as thinking that is off.
  'reasoning.effort': ['none'],
  'reasoning.budget': [],
  // A budget switches thinking on.
  'reasoning.mode': ['on', 'adaptive'],
  'reasoning.summary': [],
  'output.schema.properties': [],
  'output.name': [],
  'output.description': [],
  // A schema is always enforced.
  'output.strict': [true],
  maxTokens: [],
  candidates: [],
  'logprobs.top': [0],
  modalities: [],
  'audio.voice': [],
  'audio.format': [],
  'cache.ttl': [],
  // One tool that is allowed and has to be called is a tool by name.
  'toolChoice.mode': ['required'],
  'toolChoice.tool.name': [],
  parallelToolCalls: [true, false],
}

function valueAt(wanted: object, path: string): unknown {
  let value: unknown = wanted
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
        // Of nothing but system turns there is no content to make, and that is said again; so are too many stops.
        expect(again.notes.filter(note => note.path !== 'turns')).toEqual([])
      }),
      { numRuns: 100 },
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
      { numRuns: 100 },
    )
  })

  test('is what the types of the official client allow, whichever dialect it came from', () => {
    const validate = new Ajv({ strict: false }).compile(readSchema('gemini'))
    const modalities = ['TEXT', 'IMAGE', 'AUDIO']
    fc.assert(
      fc.property(arbitraryRequest({ dialects: foreign }), wanted => {
        const { model: _, ...body } = encodeRequest({
          ...wanted,
          modalities:
            wanted.modalities?.filter(modality => modalities.includes(modality.toUpperCase())) ?? [],
        }).value
        if (!validate(body)) expect({ body, errors: validate.errors }).toEqual({ body, errors: null })
      }),
      { numRuns: 100 },
    )
  })

  test('says the same in snake_case', () => {
    fc.assert(
      fc.property(arbitraryRequest({ dialects: [] }), wanted => {
        const { value } = encodeRequest(wanted)
        expect(decodeRequest(snaked(value) as JsonObject)).toEqual(decodeRequest(value))
      }),
      { numRuns: 100 },
    )
  })
})

/** Objects whose keys are somebody's data. */
const data = ['args', 'response', 'parametersJsonSchema', 'responseJsonSchema']

function snaked(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(snaked)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).map(([key, inner]) => {
    const name = key.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
    return [name, data.includes(key) ? inner : snaked(inner)]
  })
  return Object.fromEntries(pairs)
}

describe('trap 47: arguments at paths', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
  const { value: anyObject } = fc.letrec<{ value: JsonObject; node: JsonValue }>(tie => ({
    node: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('node'), { maxLength: 3 }), tie('value')),
    value: fc.dictionary(
      fc.oneof(
        fc.stringMatching(/^[a-zA-Z_]\w{0,5}$/),
        fc.constantFrom('__proto__', 'a b', "it's", 'x.y[0]'),
      ),
      tie('node'),
      { maxKeys: 3 },
    ),
  }))

  /** What the model's own stream would say of a value, texts in pieces of two characters. */
  function* told(value: JsonValue, path: string): Iterable<JsonObject> {
    if (typeof value === 'string') {
      for (let at = 0; at < value.length; at += 2) {
        yield { jsonPath: path, stringValue: value.slice(at, at + 2), willContinue: true }
      }
      yield { jsonPath: path, stringValue: '' }
    } else if (typeof value === 'number') yield { jsonPath: path, numberValue: value }
    else if (typeof value === 'boolean') yield { jsonPath: path, boolValue: value }
    else if (value === null) yield { jsonPath: path, nullValue: 'NULL_VALUE' }
    else if (Array.isArray(value)) {
      for (const [index, entry] of value.entries()) yield* told(entry, `${path}[${index}]`)
      yield { jsonPath: `${path}[]` }
    } else {
      if (Object.keys(value).length === 0 && path !== '$') yield { jsonPath: path }
      for (const [name, entry] of Object.entries(value)) {
        const isPlain = /^\w+$/.test(name)
        yield* told(entry, isPlain ? `${path}.${name}` : `${path}['${name.replace(/[\\']/g, '\\$&')}']`)
      }
    }
  }

  test('add up to the arguments told whole, whatever they are', () => {
    fc.assert(
      fc.property(anyObject, wanted => {
        const args = new PartialArguments()
        for (const partial of told(wanted, '$')) args.push(partial)
        expect(args.write()).toBe(JSON.stringify(wanted))
      }),
    )
  })

  test('reach no prototype (trap 48) and never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ jsonPath: fc.string(), stringValue: fc.string() })), partials => {
        const args = new PartialArguments()
        args.push({ jsonPath: '$.__proto__.polluted', boolValue: true })
        args.push({ jsonPath: '$.constructor.prototype.polluted', boolValue: true })
        for (const partial of partials) args.push(partial)
        expect(JSON.parse(args.write())).toBeObject()
        expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
      }),
    )
  })
})
