import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  byteByByte,
  type Capture,
  listCaptures,
  randomCuts,
  readLines,
  readStreams,
  readWhole,
} from '@dragoman/fixtures'
import fc from 'fast-check'
import type { Render } from '../../src/core/dialect.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { isContent } from '../../src/ir/event.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Part, PartKind } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { createSseParser } from '../../src/wire/sse.ts'
import {
  bareRequest,
  bytesOf,
  decode,
  encode,
  finalOf,
  readPlainly,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from '../golden/openai-responses-driver.ts'
import { type ArbitraryOptions, arbitraryReply } from './arbitrary.ts'

// Properties and cuts take their time on a busy machine.
setDefaultTimeout(60_000)

const { decodeReply, decodeRequest, encodeReply, watchStream } = openaiResponses

const wholes = listCaptures({ surface: 'openai-responses', form: 'whole' })

interface RecordedStream {
  readonly name: string
  readonly capture: Capture
  readonly bytes: Uint8Array
  /** The events as recorded. */
  readonly lines: readonly string[]
}

/** Every answer of every recorded stream. */
const streams: readonly RecordedStream[] = listCaptures({
  surface: 'openai-responses',
  form: 'stream',
}).flatMap(capture =>
  readStreams(capture).map((bytes, index) => {
    const name = `${capture.name} #${index}`
    return { capture, name, bytes, lines: readLines(capture)[index] ?? [] }
  }),
)

/** Two recordings do not end well: one is a failure, one was edited into invalid JSON. */
const isBroken = ({ capture }: RecordedStream): boolean =>
  capture.failed === true || capture.tolerance?.includes('invalid JSON') === true

const good = streams.filter(stream => !isBroken(stream))

/** One recording ends with a longer text than its own events add up to: somebody shortened these. */
const isTrue = ({ name }: RecordedStream): boolean => !name.includes('openai-shell-container')
const table = <T extends { readonly name: string }>(rows: readonly T[]) =>
  rows.map(row => [row.name, row] as const)

/** The fields of a response that repeat its request. */
const echo = [
  'instructions',
  'max_output_tokens',
  'metadata',
  'parallel_tool_calls',
  'store',
  'text',
  'tool_choice',
  'tools',
]

/** The recorded requests are gone, but a response repeats them: this is the call that led to it, as far as it is told. */
function renderFor(wire: JsonObject): Render {
  const fields = echo.filter(name => wire[name] !== undefined).map(name => [name, wire[name]] as const)
  const request = decodeRequest({ model: 'asked', input: 'hi', ...Object.fromEntries(fields) })
  return { ...render, request: request.ok ? request.value : bareRequest }
}

/**
 * What encoding adds to a recorded response, and all it adds: the keys that the type requires and some hosts leave out.
 */
function normalise(wire: JsonObject): JsonObject {
  const usage = wire.usage as { input_tokens_details: JsonObject } & JsonObject // recorded ones all have it
  const details = { cache_write_tokens: 0, ...usage.input_tokens_details }
  return {
    access_programs: null,
    background: false,
    error: null,
    instructions: null,
    max_tool_calls: null,
    prompt_cache_key: null,
    safety_identifier: null,
    service_tier: null,
    top_logprobs: 0,
    truncation: 'disabled',
    ...wire,
    usage: { ...usage, input_tokens_details: details },
  }
}

describe('recorded answers', () => {
  test.each(table(wholes))('%s comes back as it was', (_, capture) => {
    const wire = readWhole(capture)
    const reply = decodeReply(wire)
    if (!reply.ok) throw new Error(reply.fault.message)
    const encoded = encodeReply(reply.value, renderFor(wire))
    expect(encoded.value).toEqual(normalise(wire))
    expect(encoded.notes).toEqual([])
  })
})

/** The response that a recording ends with. */
function recordedFinal({ lines }: RecordedStream): JsonObject {
  return JSON.parse(lines.at(-1) ?? '').response
}

describe('recorded streams', () => {
  test.each(table(streams))('%s obeys the grammar', (_, stream) => {
    const events = decode([stream.bytes])
    expect(checkEvents(events)).toEqual([])
    expect(events.at(-1)?.type).toBe(isBroken(stream) ? 'fault' : 'end')
  })

  test.each(table(good.filter(isTrue)))(
    '%s: the final response equals the fold of the deltas',
    (_, stream) => {
      const final = recordedFinal(stream)
      const { value, notes } = encodeReply(foldEvents(decode([stream.bytes])), renderFor(final))
      expect(notes).toEqual([])
      // One host gives every event ids of its own; ours are those of the first.
      const ids = stream.name.includes('id-rotation')
        ? { id: value.id, output: withIds(value.output, final.output) }
        : {}
      expect(unsealed(value)).toEqual(unsealed({ ...normalise(final), ...ids }))
    },
  )

  test.each(table(good))('%s says the same after encoding', (_, stream) => {
    const events = decode([stream.bytes])
    const how = renderFor(recordedFinal(stream))
    const { text, notes } = encode(events, how)
    expect(withoutEcho(foldEvents(decode([bytesOf(text)])))).toEqual(withoutEcho(foldEvents(events)))
    expect(finalOf(text)).toEqual(encodeReply(foldEvents(events), how).value)
    const dropped = stream.name.includes('apply-patch') ? ['reply.progress'] : []
    expect(notes.map(note => note.path)).toEqual(dropped)
  })

  test.each(table(good))('%s becomes the same events in the same order', (_, stream) => {
    const { text } = encode(decode([stream.bytes]))
    const recorded = stream.lines.map(line => JSON.parse(line))
    const kept = recorded.filter(value => !value.type.startsWith('response.apply_patch_call_operation_diff'))
    const types = kept.map(value => value.type)
    // One recording leaves out the `done` of a custom call's input.
    if (stream.name.includes('openai-custom-tool'))
      types.splice(types.indexOf('response.output_item.done'), 0, 'response.custom_tool_call_input.done')
    // One host ends the input of a call long before it ends the call.
    const inOrder = (list: readonly string[]) => (stream.name.includes('x-search') ? list.toSorted() : list)
    expect(inOrder(typesOf(text))).toEqual(inOrder(types))
    expect(wireOf(text).map(value => value.sequence_number)).toEqual([...typesOf(text).keys()])
  })

  test.each(table(good))('%s is accepted by the official SDK', async (_, stream) => {
    const { text } = encode(decode([stream.bytes]))
    expect(await readWithHelper(text)).toEqual(finalOf(text))
    expect(await readPlainly(text)).toEqual(typesOf(text))
  })

  test.each(table(streams.filter(({ capture }) => !capture.tolerance?.includes('invalid JSON'))))(
    '%s is watched as it is decoded',
    (_, { bytes }) => {
      const watch = watchStream()
      const decoder = openaiResponses.decodeStream()
      let committed = false
      for (const frame of createSseParser().push(bytes)) {
        const events: Parameters<typeof decoder.push>[1] = []
        decoder.push(frame, events)
        const role = watch.push(frame)
        committed ||= role === 'content'
        if (events.some(event => isContent(event) && event.type !== 'finish')) expect(committed).toBe(true)
        if (role === 'pre') expect(events.some(isContent)).toBe(false)
        expect(role === 'fault').toBe(events.some(event => event.type === 'fault') || role === 'fault')
        expect(role === 'terminal').toBe(events.some(event => event.type === 'end'))
      }
      const { usage } = foldEvents(decode([bytes]))
      if (usage !== undefined) expect(watch.usage).toEqual(usage)
      expect(watch.finished).toBe(usage !== undefined)
    },
  )
})

/** A reply without what repeats its request, which is written from the request. */
function withoutEcho({ extra: _, usage, ...reply }: Reply): Omit<Reply, 'usage'> & { usage: object } {
  const { raw: __, ...counts } = usage ?? { raw: undefined }
  return { ...reply, usage: counts }
}

/** A stream may begin a part of an earlier item late; in the whole answer the parts stand by items. */
function inItems<R extends Pick<Reply, 'candidates'>>(reply: R): R {
  const candidates = reply.candidates.map(candidate => ({
    ...candidate,
    parts: candidate.parts.toSorted((one, other) => (one.item ?? 0) - (other.item ?? 0)),
  }))
  return { ...reply, candidates }
}

/** Sealed state differs from event to event: the server seals it anew each time it is asked. */
function unsealed(value: unknown): unknown {
  const isSealed = (name: string) => name === 'encrypted_content' || name === 'fingerprint'
  return JSON.parse(JSON.stringify(value, (name, inner) => (isSealed(name) && inner ? 'sealed' : inner)))
}

function withIds(output: unknown, final: unknown): unknown {
  const ids = (output as readonly JsonObject[]).map(item => item.id) // the outputs of responses are lists of items
  return (final as readonly JsonObject[]).map((item, index) => ({ ...item, id: ids[index] }))
}

describe('cutting', () => {
  /** Bytes that may be parsed for one stream: short ones are cut everywhere, long ones as often as this allows. */
  const budget = 4_000_000

  test.each(table(streams))('%s in two, anywhere', (_, { bytes }) => {
    const whole = decode([bytes])
    const step = Math.ceil((bytes.length * bytes.length) / budget)
    for (let at = 0; at <= bytes.length; at += step) {
      const cut = decode([bytes.subarray(0, at), bytes.subarray(at)])
      if (!Bun.deepEquals(cut, whole)) expect({ at, events: cut }).toEqual({ at, events: whole })
    }
  })

  test.each(table(streams))('%s byte by byte', (_, { bytes }) => {
    const whole = decode([bytes])
    expect(decode(byteByByte(bytes))).toEqual(whole)
    for (let seed = 1; seed <= 3; seed++) expect(decode(randomCuts(bytes, seed))).toEqual(whole)
  })

  test.each(table(good))('%s off is a fault, never an end', (_, { bytes }) => {
    const frames = createSseParser().push(bytes)
    const step = Math.ceil(frames.length / 40)
    for (let kept = 0; kept < frames.length; kept += step) {
      const events = decode(frames.slice(0, kept).map(frame => frame.raw))
      expect(checkEvents(events)).toEqual([])
      expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: 'upstream_disconnected' } })
    }
  })
})

const holders: { readonly [type: string]: readonly PartKind[] } = {
  message: ['text', 'refusal', 'unknown'],
  reasoning: ['thinking'],
  function_call: ['tool-call'],
}

/** Parts in items that can hold them, as decoders and adaptations make them: a call is one part, a message any number. */
function coherent(reply: Reply): Reply {
  const candidates = reply.candidates.map(candidate => {
    const calls = new Set<number>()
    const parts = candidate.parts.map(({ item, ...part }): Part => {
      const type = item === undefined ? '' : (candidate.items?.[item]?.type ?? '')
      const isHeld = item !== undefined && holders[type]?.includes(part.kind) === true && !calls.has(item)
      if (item !== undefined && type === 'function_call' && isHeld) calls.add(item)
      return isHeld ? { ...part, item } : part
    })
    return { ...candidate, parts }
  })
  return { ...reply, candidates }
}

const anyReply = (options: ArbitraryOptions = {}) => arbitraryReply(options).map(coherent)

describe('any answer', () => {
  test('streams as the SDK wants it, and ends in the object that the whole answer is', async () => {
    await fc.assert(
      fc.asyncProperty(anyReply(), fc.integer({ min: 1, max: 9 }), async (reply, chunk) => {
        const { text } = encode(unfold(reply, { chunk }))
        // JSON has no -0.
        const whole = JSON.parse(JSON.stringify(encodeReply(reply, render).value))
        expect(finalOf(text)).toEqual(whole)
        expect(await readWithHelper(text)).toEqual(whole)
        expect(await readPlainly(text)).toEqual(typesOf(text))
        expect(wireOf(text).map(value => value.sequence_number)).toEqual([...typesOf(text).keys()])
      }),
      { numRuns: 30 },
    )
  })

  test('loses the same, streamed or whole', () => {
    const said = (notes: readonly Note[]) =>
      [...new Set(notes.map(note => `${note.kind} ${note.path}`))].sort()
    fc.assert(
      fc.property(anyReply(), reply => {
        expect(said(encode(unfold(reply)).notes)).toEqual(said(encodeReply(reply, render).notes))
      }),
      { numRuns: 150 },
    )
  })

  test('decodes to the same, streamed or whole', () => {
    fc.assert(
      fc.property(anyReply({ candidates: 1 }), reply => {
        const events = decode([bytesOf(encode(unfold(reply)).text)])
        expect(checkEvents(events)).toEqual([])
        const whole = decodeReply(JSON.parse(JSON.stringify(encodeReply(reply, render).value)))
        if (!whole.ok)
          expect(events.at(-1)).toMatchObject({ type: 'fault', fault: { code: whole.fault.code } })
        else expect(inItems(withoutEcho(foldEvents(events)))).toEqual(inItems(withoutEcho(whole.value)))
      }),
      { numRuns: 150 },
    )
  })

  test('that came from this wire comes back unchanged', () => {
    const own = anyReply({ candidates: 1, dialects: ['openai-responses'] })
    fc.assert(
      fc.property(own, reply => {
        const first = decodeReply(encodeReply(reply, render).value)
        if (!first.ok) return
        const again = encodeReply(first.value, render)
        expect(again.notes).toEqual([])
        expect(decodeReply(again.value)).toEqual(first)
      }),
      { numRuns: 150 },
    )
  })
})
