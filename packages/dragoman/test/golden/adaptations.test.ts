import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { applyEdits } from '../../src/core/stream.ts'
import type { Event } from '../../src/ir/event.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import { checkEvents } from '../../src/ir/grammar.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import type { Feature } from '../../src/providers/profile.ts'
import type { AdaptContext } from '../../src/upstream/adapt/adaptation.ts'
import { streamFromWhole } from '../../src/upstream/adapt/defaults.ts'
import { unlimited } from '../../src/upstream/adapt/limits.ts'
import { localStop } from '../../src/upstream/adapt/local-stop.ts'
import { namedBySendingAlone } from '../../src/upstream/adapt/tool-choice.ts'
import { featuresOf } from '../../src/upstream/features.ts'
import {
  ask,
  call,
  claude,
  forms,
  gpt,
  heard,
  host,
  text,
  user,
  weatherSchema,
} from './adaptations-driver.ts'

const anything = (fields: Partial<GenerateRequest>): GenerateRequest => ({
  model: 'm',
  turns: [],
  sampling: {},
  hints: {},
  stream: false,
  ...fields,
})

/** A target that lacks these features, for what no provider of the catalogue lacks. */
const lacking = (request: GenerateRequest, ...features: readonly Feature[]): AdaptContext => ({
  used: featuresOf(request),
  lacks: feature => features.includes(feature),
  facts: {},
  why: feature => `The target has no ${feature}.`,
  isCrossing: true,
  structuredStream: 'buffer',
  emulates: () => true,
  limits: unlimited,
  mustStaySchema: false,
})

describe('local stop', () => {
  const request = { max_tokens: 64, messages: [user('Count.')], stop_sequences: ['END', 'never'] }

  test.each(forms)('the text is cut and the sequence named, %s', async form => {
    const question = { caller: 'anthropic-messages', target: gpt('gpt-4.1'), request, form } as const
    const stopped = await ask({ ...question, parts: [text('One, two. END three.')] })
    expect(stopped.received).not.toContainKey('stop')
    expect(stopped.notes).toEqual(['emulated stop_sequences'])
    expect(heard(stopped)).toEqual({ text: 'One, two. ', ending: 'stop' })
    expect(stopped.body).toContain('"stop_reason":"stop_sequence","stop_sequence":"END"')
    const whole = await ask({ ...question, parts: [text('One, two. EN')] })
    expect(heard(whole)).toEqual({ text: 'One, two. EN', ending: 'stop' })
    expect(whole.body).toContain('"stop_reason":"end_turn","stop_sequence":null')
  })

  /** What a model that writes letter by letter would have said before the first stop it completes. */
  function saidBefore(said: string, stops: readonly string[]): { text: string; stop?: string } {
    for (let length = 1; length <= said.length; length++) {
      const written = said.slice(0, length)
      const complete = stops.filter(stop => written.endsWith(stop)).sort((a, b) => b.length - a.length)
      const [stop] = complete
      if (stop !== undefined) return { text: written.slice(0, length - stop.length), stop }
    }
    return { text: said }
  }

  test('any cut of the deltas gives the same text, the same stop and a stream by the grammar', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 }), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(pieces, fc.array(letters, { minLength: 1, maxLength: 3 }), (deltas, stops) => {
        const request = anything({ sampling: { stop: stops } })
        const edit = localStop(request, lacking(request, 'stop'))?.restore?.()
        if (edit === undefined) throw new Error('the adaptation is needed')
        const at = { candidate: 0, part: 0 }
        const events: Event[] = [
          { type: 'start' },
          { type: 'part-start', ...at, open: { kind: 'text', text: '' } },
          ...deltas.map((piece): Event => ({ type: 'part-delta', ...at, text: piece })),
          { type: 'part-end', ...at },
          { type: 'finish', candidate: 0, finish: { reason: 'length' } },
          { type: 'end' },
        ]
        // Each event on its own, as if each came in a network read of its own.
        const edited = events.flatMap(event => applyEdits([edit], [event]))
        expect(checkEvents(edited)).toEqual([])
        const [candidate] = foldEvents(edited).candidates
        const [part] = candidate?.parts ?? []
        const expected = saidBefore(deltas.join(''), stops)
        expect(part?.kind === 'text' ? part.text : undefined).toBe(expected.text)
        expect(candidate?.finish).toEqual(
          expected.stop === undefined
            ? { reason: 'length' }
            : { reason: 'stop', stopSequence: expected.stop },
        )
      }),
      { numRuns: 500 },
    )
  })

  test('after the stop the upstream may say what it likes, calls included, and its usage still counts', async () => {
    for (const form of forms) {
      const outcome = await ask({
        caller: 'anthropic-messages',
        target: gpt('gpt-4.1'),
        request: { ...request, tools: [{ name: 'f', input_schema: weatherSchema }] },
        form,
        parts: [text('Well. END'), call('f', '{"city":"Oslo"}')],
      })
      expect(heard(outcome)).toEqual({ text: 'Well. ', ending: 'stop' })
      expect(outcome.understood).toMatchObject({ usage: { input: 10, output: 5 } })
    }
  })
})

describe('stream from whole', () => {
  test('a target that cannot stream is asked for a whole answer', () => {
    const request = anything({ stream: true })
    const adapted = streamFromWhole(request, lacking(request, 'stream'))?.request(request)
    expect(adapted?.value.stream).toBe(false)
    expect(adapted?.notes.map(({ kind, path }) => `${kind} ${path}`)).toEqual(['emulated stream'])
    expect(streamFromWhole(request, lacking(request))).toBeUndefined()
    const whole = anything({})
    expect(streamFromWhole(whole, lacking(whole, 'stream'))).toBeUndefined()
  })
})

describe('an answer in the other form', () => {
  const request = {
    max_tokens: 64,
    messages: [user('Hi')],
    tools: [{ name: 'f', input_schema: weatherSchema }],
  }
  const parts = [text('Well, then.'), call('f', '{"city":"Oslo"}')]
  const expected = { text: 'Well, then.', calls: [{ name: 'f', input: { city: 'Oslo' } }], ending: 'calls' }

  test.each([
    ['stream', 'whole'],
    ['whole', 'stream'],
  ] as const)('a %s that was asked for and came %s is played as what was asked', async (form, answered) => {
    for (const target of [host('openai-compatible'), gpt('gpt-4.1')]) {
      const outcome = await ask({ caller: 'anthropic-messages', target, request, form, answered, parts })
      expect(heard(outcome) as unknown).toEqual(expected)
      expect(outcome.body.startsWith('event: ')).toBe(form === 'stream')
    }
  })
})

describe('limits a wire demands', () => {
  const request = { messages: [user('Hi')] }

  test.each([
    ['claude-sonnet-4-5', 64_000],
    ['claude-opus-4-1', 32_000],
    ['claude-3-haiku-20240307', 4096],
    ['claude-opus-4-6', 128_000],
  ])('%s: the model’s own maximum where the caller named none', async (model, maxTokens) => {
    const outcome = await ask({ caller: 'openai-chat', target: claude(model), request, parts: [text('Hi')] })
    expect(outcome.received?.max_tokens).toBe(maxTokens)
    expect(outcome.notes).toEqual([])
  })

  test('the caller’s own limit stands', async () => {
    const own = { ...request, max_completion_tokens: 7 }
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-sonnet-4-5'),
      request: own,
      parts: [text('Hi')],
    })
    expect(outcome.received?.max_tokens).toBe(7)
  })
})

describe('a named tool', () => {
  test('where only "any" is known: sent alone and required', () => {
    const asked = anything({
      tools: [
        { kind: 'function', name: 'f' },
        { kind: 'function', name: 'g' },
      ],
      toolChoice: { mode: 'tool', tool: { kind: 'function', name: 'g' } },
    })
    const adapted = namedBySendingAlone(asked, lacking(asked, 'tool-choice.named'))?.request(asked)
    expect(adapted?.value).toMatchObject({ tools: [{ name: 'g' }], toolChoice: { mode: 'required' } })
    expect(adapted?.notes).toMatchObject([{ kind: 'emulated', path: 'toolChoice' }])
  })
})
