import { describe, expect, test } from 'bun:test'
import {
  ask,
  call,
  chatTool,
  claude,
  forms,
  heard,
  host,
  text,
  user,
  weatherSchema,
} from './adaptations-driver.ts'

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
