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
  chatTool,
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

describe('custom tools', () => {
  const grammar = { type: 'grammar', grammar: { syntax: 'regex', definition: '[a-z]+' } }
  const request = {
    messages: [
      user('Patch it.'),
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_0', type: 'custom', custom: { name: 'patch', input: 'first "line"' } }],
      },
      { role: 'tool', tool_call_id: 'call_0', content: 'done' },
    ],
    tools: [
      { type: 'custom', custom: { name: 'patch', description: 'Patches.', format: grammar } },
      chatTool('f'),
    ],
    tool_choice: { type: 'custom', custom: { name: 'patch' } },
  }
  const question = { caller: 'openai-chat', target: claude('claude-sonnet-4-5'), request } as const

  test.each(forms)(
    'go out as functions of one string, and their calls come back as free text, %s',
    async form => {
      const outcome = await ask({ ...question, form, parts: [call('patch', '{"input": "second\\nline"}')] })
      expect(outcome.notes).toEqual(['emulated tools'])
      expect(outcome.received).toMatchObject({
        tool_choice: { type: 'tool', name: 'patch' },
        tools: [
          { name: 'patch', input_schema: { required: ['input'], properties: { input: { type: 'string' } } } },
          { name: 'f', input_schema: weatherSchema },
        ],
      })
      // The grammar is described, because it cannot be enforced.
      expect(JSON.stringify(outcome.received)).toContain('regex grammar: [a-z]+')
      expect(JSON.stringify(outcome.received?.messages)).toContain('"input":{"input":"first \\"line\\""}')
      expect(outcome.body).toContain('"type":"custom"')
      expect(heard(outcome)).toEqual({
        text: '',
        calls: [{ name: 'patch', input: 'second\nline' }],
        ending: 'calls',
      })
    },
  )

  test.each(forms)(
    'what is not wrapped as asked is taken as it is; other calls are left alone, %s',
    async form => {
      const loose = await ask({
        ...question,
        form,
        parts: [call('patch', '{"text":"x"}'), call('f', '{"city":"A"}', 'b')],
      })
      expect(heard(loose).calls).toEqual([
        { name: 'patch', input: '{"text":"x"}' },
        { name: 'f', input: { city: 'A' } },
      ])
    },
  )
})

describe('tool names and ids', () => {
  const long = 'a.very.long.name/'.repeat(6)
  const request = {
    messages: [
      user('Go.'),
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'functions.weather:0',
            type: 'function',
            function: { name: 'weather.get', arguments: '{"city":"A"}' },
          },
          {
            id: 'functions.weather:1',
            type: 'function',
            function: { name: long, arguments: '{"city":"B"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'functions.weather:0', content: 'a' },
      { role: 'tool', tool_call_id: 'functions.weather:1', content: 'b' },
    ],
    tools: [chatTool('weather.get'), chatTool('weather_get'), chatTool(long)],
    tool_choice: { type: 'function', function: { name: 'weather.get' } },
  }

  test.each(forms)(
    'are replaced the same way everywhere, kept apart, and names come back, %s',
    async form => {
      const question = { caller: 'openai-chat', target: claude('claude-sonnet-4-5'), request, form } as const
      const first = await ask({ ...question, parts: [text('Hm.')] })
      // The oracle of the driver already found names and ids legal, and each result beside its call.
      const tools = first.received?.tools as { name: string }[] // a list in every request of this wire
      const [short, own, other] = tools.map(tool => tool.name)
      expect(own).toBe('weather_get')
      expect(new Set([short, own, other]).size).toBe(3)
      expect(first.received?.tool_choice).toMatchObject({ type: 'tool', name: short })
      expect(JSON.stringify(first.received?.messages)).toContain(`"name":"${short}"`)
      expect(first.notes).toEqual(['renamed tools', 'renamed tools', 'renamed messages'])
      const parts = [
        call(short ?? '', '{"city":"C"}', 'a'),
        call('weather_get', '{"city":"D"}', 'b'),
        call(other ?? '', '{"city":"E"}', 'c'),
      ]
      const names = heard(await ask({ ...question, parts })).calls?.map(({ name }) => name)
      expect(names).toEqual(['weather.get', 'weather_get', long])
    },
  )

  test('a resent history gets the same names again', async () => {
    const question = { caller: 'openai-chat', target: claude('claude-sonnet-4-5'), request } as const
    const [one, two] = [await ask(question), await ask(question)]
    expect(one.received).toEqual(two.received ?? {})
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

describe('tool choice', () => {
  const request = { messages: [user('Go.')], tools: [chatTool('f'), chatTool('g')] }
  const named = { type: 'function', function: { name: 'g' } }
  const answer = { parts: [call('g', '{"city":"A"}')] }
  const toolsOf = (received: unknown) =>
    (received as { tools?: { name?: string; function?: { name: string } }[] }).tools?.map(
      tool => tool.name ?? tool.function?.name,
    ) // as the two wires write them

  test.each(forms)('none where the target does not know it: no tools, %s', async form => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: host('ollama'),
      request: { ...request, tool_choice: 'none', parallel_tool_calls: false },
      form,
      parts: [text('Fine.')],
    })
    expect(outcome.received).not.toContainAnyKeys(['tools', 'tool_choice', 'parallel_tool_calls'])
    expect(outcome.notes).toEqual(['emulated tool_choice'])
    expect(heard(outcome)).toEqual({ text: 'Fine.', ending: 'stop' })
  })

  test('none where the target knows it: the tools stay, because the history may need them', async () => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-sonnet-4-5'),
      request: { ...request, tool_choice: 'none' },
      parts: [text('Fine.')],
    })
    expect(outcome.received).toMatchObject({ tool_choice: { type: 'none' } })
    expect(toolsOf(outcome.received)).toEqual(['f', 'g'])
    expect(outcome.notes).toEqual([])
  })

  test.each([
    ['ollama', host('ollama')],
    ['a Claude that cannot be forced', claude('claude-sonnet-5-5')],
  ] as const)('required of %s: asked, not made, and that is said', async (_, target) => {
    const outcome = await ask({
      caller: 'openai-chat',
      target,
      request: { ...request, tool_choice: 'required' },
      ...answer,
    })
    expect(JSON.stringify(outcome.received?.tool_choice ?? 'auto')).toContain('auto')
    expect(outcome.notes).toContain('approximated tool_choice')
  })

  test('required of a Claude that can be forced: any', async () => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-sonnet-4-5'),
      request: { ...request, tool_choice: 'required' },
      ...answer,
    })
    expect(outcome.received?.tool_choice).toEqual({ type: 'any' })
    expect(outcome.notes).toEqual([])
  })

  test.each([
    ['ollama', host('ollama')],
    ['a Claude that cannot be forced', claude('claude-opus-5-5')],
  ] as const)('a named tool of %s: sent alone, and that is said', async (_, target) => {
    const outcome = await ask({
      caller: 'openai-chat',
      target,
      request: { ...request, tool_choice: named },
      ...answer,
    })
    expect(toolsOf(outcome.received)).toEqual(['g'])
    expect(outcome.notes).toContain('approximated tool_choice')
    expect(heard(outcome).calls).toEqual([{ name: 'g', input: { city: 'A' } }])
  })

  test('a named tool where only "any" is known: sent alone and required', () => {
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

  test.each([
    ['claude-sonnet-4-5', claude('claude-sonnet-4-5'), { type: 'any' }],
    ['vllm', host('vllm'), 'required'],
  ] as const)('an allowed subset of %s: only the subset is sent', async (_, target, choice) => {
    const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [named] } }
    const outcome = await ask({
      caller: 'openai-chat',
      target,
      request: { ...request, tool_choice: allowed },
      ...answer,
    })
    expect(toolsOf(outcome.received)).toEqual(['g'])
    expect(outcome.received?.tool_choice as unknown).toEqual(choice)
    expect(outcome.notes).toEqual(['emulated tool_choice'])
  })

  test('an allowed subset where the wire has a word for it stays as it is', async () => {
    const allowed = { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'g' }] }
    const tool = (name: string) => ({ type: 'function', name, parameters: weatherSchema, strict: false })
    const outcome = await ask({
      caller: 'openai-responses',
      target: host('openai-compatible'),
      request: { input: 'Go.', store: false, tools: [tool('f'), tool('g')], tool_choice: allowed },
      ...answer,
    })
    expect(outcome.received?.tool_choice).toEqual({
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [named] },
    })
    expect(outcome.notes).toEqual([])
  })
})
