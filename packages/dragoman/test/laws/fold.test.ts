import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Event } from '../../src/ir/event.ts'
import { mergeExtra } from '../../src/ir/extra.ts'
import { createFault } from '../../src/ir/fault.ts'
import { createFold, foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { arbitraryReply } from './arbitrary.ts'

const chunk = fc.constantFrom(undefined, 1, 2, 3, 7)
const unfolded = (reply: Reply, size: number | undefined) =>
  unfold(reply, size === undefined ? {} : { chunk: size })

describe('unfolding', () => {
  test('and folding again is the same reply, however it is cut', () => {
    fc.assert(
      fc.property(arbitraryReply(), chunk, (reply, size) => {
        expect(foldEvents(unfolded(reply, size))).toStrictEqual(reply)
      }),
      { numRuns: 400 },
    )
  })

  test('obeys the grammar', () => {
    fc.assert(
      fc.property(arbitraryReply(), chunk, (reply, size) => {
        expect(checkEvents(unfolded(reply, size))).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  test('cuts text between code points, into pieces of the size', () => {
    const parts: Part[] = [{ kind: 'text', text: 'a\u{1f600}b\u{1f600}\u{1f600}' }]
    const reply: Reply = { candidates: [{ index: 0, parts, finish: { reason: 'stop' } }] }
    const texts = unfold(reply, { chunk: 2 }).flatMap(event =>
      event.type === 'part-delta' ? [event.text] : [],
    )
    expect(texts).toEqual(['a\u{1f600}', 'b\u{1f600}', '\u{1f600}'])
  })

  test('keeps each token beside its log probability', () => {
    const logprobs = ['He', 'llo', ' you'].map(token => ({ token, logprob: -1, top: [] }))
    const reply: Reply = {
      candidates: [
        { index: 0, parts: [{ kind: 'text', text: 'Hello you', logprobs }], finish: { reason: 'stop' } },
      ],
    }
    const deltas = unfold(reply, { chunk: 5 }).filter(event => event.type === 'part-delta')
    expect(deltas.map(({ text, logprobs: own }) => [text, own?.map(({ token }) => token)])).toEqual([
      ['Hello', ['He', 'llo']],
      [' you', [' you']],
    ])
  })

  test('says a signature after what it signs, and other opaque state at once', () => {
    const parts: Part[] = [
      { kind: 'thinking', text: 'hm', opaque: { form: 'signature', data: 's' } },
      { kind: 'thinking', text: '', opaque: { form: 'redacted', data: 'r' } },
    ]
    const events = unfold({ candidates: [{ index: 0, parts, finish: { reason: 'stop' } }] })
    expect(events.filter(event => 'part' in event)).toEqual([
      { type: 'part-start', candidate: 0, part: 0, open: { kind: 'thinking', text: '' } },
      { type: 'part-delta', candidate: 0, part: 0, text: 'hm' },
      { type: 'part-delta', candidate: 0, part: 0, opaque: { form: 'signature', data: 's' } },
      { type: 'part-end', candidate: 0, part: 0 },
      {
        type: 'part-start',
        candidate: 0,
        part: 1,
        open: { kind: 'thinking', text: '', opaque: { form: 'redacted', data: 'r' } },
      },
      { type: 'part-end', candidate: 0, part: 1 },
    ])
  })
})

/** Events of two candidates and of parts side by side, as fan-out and parallel tool calls make them. */
function shuffled(events: readonly Event[], random: fc.Stream<number>): readonly Event[] {
  const lanes = new Map<string, Event[]>()
  const before: Event[] = []
  const after: Event[] = []
  for (const event of events) {
    if (!('candidate' in event) || event.candidate === undefined) {
      ;(lanes.size === 0 ? before : after).push(event)
      continue
    }
    const lane = `${event.candidate}`
    lanes.set(lane, [...(lanes.get(lane) ?? []), event])
  }
  const mixed: Event[] = []
  for (let open = [...lanes.values()]; open.length > 0; open = open.filter(lane => lane.length > 0)) {
    const next = open[random.next().value % open.length]?.shift()
    if (next !== undefined) mixed.push(next)
  }
  return [...before, ...mixed, ...after]
}

describe('folding', () => {
  test('does not depend on how candidates interleave', () => {
    fc.assert(
      fc.property(arbitraryReply(), fc.infiniteStream(fc.nat()), (reply, random) => {
        const events = shuffled(unfold(reply, { chunk: 2 }), random)
        expect(checkEvents(events)).toEqual([])
        expect(foldEvents(events)).toStrictEqual(reply)
      }),
    )
  })

  const at = { candidate: 0, part: 0 }
  const fold = (...events: Event[]) => {
    const folding = createFold()
    for (const event of events) folding.push(event)
    return folding
  }
  const partOf = (open: Part, ...events: Event[]) =>
    fold({ type: 'start' }, { type: 'part-start', ...at, open }, ...events).reply().candidates[0]?.parts[0]

  test('keeps the arguments of calls that arrive side by side apart', () => {
    const call = (id: string): Part => ({ kind: 'tool-call', type: 'function', id, name: id, arguments: '' })
    const args = (part: number, text: string): Event => ({
      type: 'part-delta',
      candidate: 0,
      part,
      args: text,
    })
    const reply = fold(
      { type: 'part-start', candidate: 0, part: 0, open: call('a') },
      { type: 'part-start', candidate: 0, part: 1, open: call('b') },
      ...[args(0, '{"x"'), args(1, '{"y"'), args(0, ':1}'), args(1, ':2}')],
    ).reply()
    expect(reply.candidates[0]?.parts).toEqual([
      { ...call('a'), arguments: '{"x":1}' },
      { ...call('b'), arguments: '{"y":2}' },
    ] as Part[]) // two tool calls
  })

  test('takes what was known only at the end, and does not let emptiness undo what was streamed', () => {
    const close: Part = {
      kind: 'text',
      text: '',
      annotations: [],
      opaque: { form: 'encrypted', data: 'e' },
      extra: { gemini: { b: 2 } },
    }
    const part = partOf(
      { kind: 'text', text: '', extra: { gemini: { a: 1 } } },
      { type: 'part-delta', ...at, text: 'hi', extra: { 'openai-chat': { c: 3 } } },
      { type: 'annotation', ...at, annotation: { type: 'url', url: 'https://a.example' } },
      { type: 'part-end', ...at, close },
    )
    expect(part).toEqual({
      kind: 'text',
      text: 'hi',
      annotations: [{ type: 'url', url: 'https://a.example' }],
      opaque: { form: 'encrypted', data: 'e' },
      extra: { gemini: { a: 1, b: 2 }, 'openai-chat': { c: 3 } },
    })
  })

  test('closes hosted tools and media with what they ended as', () => {
    const wire = { kind: 'hosted-tool', dialect: 'openai-responses', type: 'web_search_call' } as const
    expect(
      partOf(
        { ...wire, value: { status: 'in_progress' } },
        { type: 'part-end', ...at, close: { ...wire, value: { status: 'completed' } } },
      ),
    ).toEqual({ ...wire, value: { status: 'completed' } })
    const audio = (data: string, mediaType: string) =>
      ({ kind: 'media', media: 'audio', source: { type: 'base64', mediaType, data } }) as const
    expect(
      partOf(
        audio('', 'audio/wav'),
        { type: 'part-delta', ...at, data: 'AA', text: 'hel' },
        { type: 'part-delta', ...at, data: 'BB', text: 'lo' },
        { type: 'part-end', ...at, close: { ...audio('', 'audio/wav'), filename: 'x' } },
      ),
    ).toEqual({ ...audio('AABB', 'audio/wav'), transcript: 'hello', filename: 'x' })
  })

  test('puts summaries where their index says', () => {
    expect(
      partOf(
        { kind: 'thinking', text: '' },
        { type: 'part-delta', ...at, summary: { index: 1, text: 'b' } },
        { type: 'part-delta', ...at, summary: { index: 0, text: 'a' } },
        { type: 'part-delta', ...at, summary: { index: 1, text: 'c' } },
      ),
    ).toEqual({ kind: 'thinking', text: '', summary: ['a', 'bc'] })
  })

  test('takes the last usage, the last state of an item, and the extras of start and end', () => {
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, source: 'reported' } as const
    const folding = fold(
      { type: 'start', id: 'x', extra: { 'openai-chat': { a: 1 } } },
      { type: 'item-start', candidate: 0, item: 0, meta: { type: 'message', status: 'in_progress' } },
      { type: 'usage', usage },
      { type: 'item-end', candidate: 0, item: 0, meta: { type: 'message', status: 'completed' } },
      { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
      { type: 'usage', usage: { ...usage, output: 9 } },
      { type: 'note', note: { kind: 'dropped', path: 'x', reason: 'because' } },
      { type: 'end', extra: { 'openai-chat': { b: 2 } } },
    )
    expect(folding.ended).toBe(true)
    expect(folding.notes.length).toBe(1)
    expect(folding.reply()).toEqual({
      id: 'x',
      candidates: [
        {
          index: 0,
          parts: [],
          items: [{ type: 'message', status: 'completed' }],
          finish: { reason: 'stop' },
        },
      ],
      usage: { ...usage, output: 9 },
      extra: { 'openai-chat': { a: 1, b: 2 } },
    })
  })

  test('of an answer that failed or was cut keeps what came', () => {
    const fault = createFault('upstream_disconnected', 'The upstream closed the connection.')
    const open: Event = { type: 'part-start', ...at, open: { kind: 'text', text: '' } }
    const text: Event = { type: 'part-delta', ...at, text: 'half' }
    const cut = fold({ type: 'start' }, open, text)
    expect([cut.fault, cut.ended]).toEqual([undefined, false])
    expect(cut.reply().candidates[0]?.finish).toEqual({ reason: 'unknown' })
    const failed = fold({ type: 'start' }, open, text, { type: 'fault', fault })
    expect(failed.fault).toBe(fault)
    expect(failed.reply().candidates[0]).toEqual({
      index: 0,
      parts: [{ kind: 'text', text: 'half' }],
      finish: { reason: 'error' },
    })
    const one = fold(
      { type: 'start' },
      { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
      { type: 'fault', candidate: 1, fault },
    )
    expect(one.fault).toBe(fault)
    expect(one.reply().candidates.map(({ finish }) => finish.reason)).toEqual(['stop', 'error'])
  })

  test('gives snapshots that later events do not change', () => {
    const meta = { type: 'message' }
    const folding = fold(
      { type: 'start' },
      { type: 'item-start', candidate: 0, item: 0, meta },
      { type: 'part-start', ...at, open: { kind: 'text', text: '' } },
    )
    const before = folding.reply()
    const copy = structuredClone(before)
    folding.push({ type: 'part-delta', ...at, text: 'x', logprobs: [{ token: 'x', logprob: 0, top: [] }] })
    folding.push({ type: 'annotation', ...at, annotation: { type: 'url' } })
    folding.push({ type: 'item-end', candidate: 0, item: 0, meta: { ...meta, status: 'completed' } })
    const between = folding.reply()
    const second = structuredClone(between)
    folding.push({ type: 'part-delta', ...at, text: 'y', logprobs: [{ token: 'y', logprob: 0, top: [] }] })
    expect(before).toEqual(copy)
    expect(between).toEqual(second)
  })
})

test('merged extras keep every dialect, and of two values the later', () => {
  expect(mergeExtra({ gemini: { a: 1, b: 1 } }, { gemini: { b: 2 }, cohere: { c: 3 } })).toEqual({
    gemini: { a: 1, b: 2 },
    cohere: { c: 3 },
  })
  expect(mergeExtra(undefined, undefined)).toBeUndefined()
})

describe('the grammar refuses', () => {
  const fault = createFault('upstream_error', 'It failed.')
  const start: Event = { type: 'start' }
  const end: Event = { type: 'end' }
  const open = (part = 0, kind: 'text' | 'thinking' = 'text', item?: number): Event => ({
    type: 'part-start',
    candidate: 0,
    part,
    open: { kind, text: '', ...(item === undefined ? {} : { item }) },
  })
  const delta = (part = 0): Event => ({ type: 'part-delta', candidate: 0, part, text: 'x' })
  const close = (part = 0): Event => ({ type: 'part-end', candidate: 0, part })
  const finish = (candidate = 0): Event => ({ type: 'finish', candidate, finish: { reason: 'stop' } })
  const item = (type: 'item-start' | 'item-end', index = 0): Event => ({
    type,
    candidate: 0,
    item: index,
    meta: { type: 'message' },
  })
  const bad: readonly (readonly [string, readonly Event[]])[] = [
    ['event 0 (finish): the first event is not start', [finish(), end]],
    ['event 1 (start): start is not the first event', [start, start, finish(), end]],
    ['event 1 (part-start): part 1 starts where 0 should', [start, open(1), close(1), finish(), end]],
    ['event 1 (part-delta): part 0 has not started', [start, delta(), finish(), end]],
    ['event 3 (part-delta): part 0 is closed', [start, open(), close(), delta(), finish(), end]],
    ['event 3 (part-end): part 0 is closed', [start, open(), close(), close(), finish(), end]],
    ['event 2 (finish): part 0 is open', [start, open(), finish(), end]],
    ['event 2 (finish): candidate 0 is over', [start, finish(), finish(), end]],
    ['event 2 (part-start): candidate 0 is over', [start, finish(), open(), end]],
    ['event 3 (end): candidate 0 has not finished', [start, open(), close(), end]],
    [
      'event 3 (usage): comes after end',
      [
        start,
        finish(),
        end,
        { type: 'usage', usage: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, source: 'reported' } },
      ],
    ],
    [
      'event 2 (part-start): comes after the fault of the answer',
      [start, { type: 'fault', fault }, open(), end],
    ],
    ['event 2 (finish): candidate 0 is over', [start, { type: 'fault', fault, candidate: 0 }, finish(), end]],
    [
      'event 1 (part-start): item 0 of the part is not open',
      [start, open(0, 'text', 0), close(), finish(), end],
    ],
    ['event 1 (item-start): item 1 starts where 0 should', [start, item('item-start', 1), finish(), end]],
    ['event 1 (item-end): item 0 is not open', [start, item('item-end'), finish(), end]],
    [
      'event 3 (item-end): a part of the item is open',
      [start, item('item-start'), open(0, 'text', 0), item('item-end'), close(), finish(), end],
    ],
    [
      'event 1 (progress): item 0 has not started',
      [start, { type: 'progress', candidate: 0, item: 0, dialect: 'gemini', value: {} }, finish(), end],
    ],
    [
      'event 2 (part-delta): a part of kind thinking takes no logprobs',
      [
        start,
        open(0, 'thinking'),
        { type: 'part-delta', candidate: 0, part: 0, logprobs: [] },
        close(),
        finish(),
        end,
      ],
    ],
    [
      'event 2 (part-delta): the delta is empty',
      [start, open(), { type: 'part-delta', candidate: 0, part: 0 }, close(), finish(), end],
    ],
    [
      'event 2 (annotation): a part of kind thinking has no annotations',
      [
        start,
        open(0, 'thinking'),
        { type: 'annotation', candidate: 0, part: 0, annotation: { type: 'url' } },
        close(),
        finish(),
        end,
      ],
    ],
    [
      'event 2 (part-end): a part of kind text closes as thinking',
      [
        start,
        open(),
        { type: 'part-end', candidate: 0, part: 0, close: { kind: 'thinking', text: '' } },
        finish(),
        end,
      ],
    ],
    [
      'event 2 (part-end): the part closes with text that belongs into deltas',
      [
        start,
        open(),
        { type: 'part-end', candidate: 0, part: 0, close: { kind: 'text', text: 'x' } },
        finish(),
        end,
      ],
    ],
    [
      'event 1 (part-start): the part opens with text',
      [
        start,
        { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: 'x' } },
        close(),
        finish(),
        end,
      ],
    ],
    ['neither end nor fault', [start, finish()]],
  ]

  test.each(bad)('%s', (problem, events) => {
    expect(checkEvents(events)).toEqual([problem])
  })

  test('nothing in events that are good, in an answer that failed, or in a beginning', () => {
    expect(
      checkEvents([start, open(), open(1), delta(1), delta(), close(), close(1), finish(), end]),
    ).toEqual([])
    expect(checkEvents([start, open(), delta(), { type: 'fault', fault }])).toEqual([])
    expect(checkEvents([{ type: 'fault', fault }, end])).toEqual([])
    expect(checkEvents([start, { type: 'fault', fault, candidate: 1 }, finish(), end])).toEqual([])
    expect(checkEvents([start, open(), delta()], { partial: true })).toEqual([])
  })
})
