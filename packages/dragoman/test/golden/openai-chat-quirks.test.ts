import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { chatQuirks } from '../../src/dialects/openai-chat/quirks/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import { kinds } from '../../src/providers/catalog.ts'

const user = { role: 'user', content: 'hi' }
const tool = (name: string) => ({ type: 'function', function: { name } })
const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
const turn = (...messages: readonly JsonObject[]) => ({ model: 'm', messages })

/** Quirk, the request, what becomes of it, and the notes. */
const cases: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  // features C28: the name of the limit
  ['max-tokens-old-name', { max_completion_tokens: 5, n: 1 }, { n: 1, max_tokens: 5 }, ['renamed maxTokens']],
  [
    'max-tokens-old-name',
    { max_completion_tokens: 5, max_tokens: 9 },
    { max_tokens: 5 },
    ['renamed maxTokens'],
  ],
  // features C14: a field that is known to be refused
  [
    'no-stream-options',
    { stream: true, stream_options: { include_usage: true } },
    { stream: true },
    ['dropped streamUsage'],
  ],
  [
    'json-object-as-schema',
    { response_format: { type: 'json_object' } },
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'json_object', schema: { type: 'object' } },
      },
    },
    ['emulated output'],
  ],
  [
    'named-tool-as-required',
    { tools: [tool('a'), tool('b')], tool_choice: tool('b') },
    { tools: [tool('b')], tool_choice: 'required' },
    ['emulated toolChoice'],
  ],
  [
    'named-tool-as-required',
    {
      tools: [tool('a'), tool('b'), tool('c')],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [tool('c'), tool('a')] } },
    },
    { tools: [tool('a'), tool('c')], tool_choice: 'auto' },
    ['emulated toolChoice'],
  ],
  [
    'no-tool-choice-none',
    { tools: [tool('a')], tool_choice: 'none', parallel_tool_calls: false, n: 1 },
    { n: 1 },
    ['emulated toolChoice'],
  ],
  ['no-tool-choice', { tools: [tool('a')], tool_choice: 'auto' }, { tools: [tool('a')] }, []],
  ['no-tool-choice', { tools: [tool('a')], tool_choice: 'none' }, {}, ['emulated toolChoice']],
  [
    'no-tool-choice',
    { tools: [tool('a')], tool_choice: 'required' },
    { tools: [tool('a')] },
    ['refused toolChoice'],
  ],
  ['no-parallel-flag', { parallel_tool_calls: true }, {}, []],
  ['no-parallel-flag', { parallel_tool_calls: false }, {}, ['dropped parallelToolCalls']],
  [
    'logprobs-need-top',
    { logprobs: true, top_logprobs: 0 },
    { logprobs: true, top_logprobs: 1 },
    ['approximated logprobs.top'],
  ],
  [
    'logprobs-need-top',
    { logprobs: true },
    { logprobs: true, top_logprobs: 1 },
    ['approximated logprobs.top'],
  ],
  [
    'developer-as-system',
    turn(user, { role: 'developer', content: 'x' }),
    turn(user, { role: 'system', content: 'x' }),
    ['renamed turns[1].role'],
  ],
  [
    'reasoning-as-reasoning',
    turn({ role: 'assistant', content: 'a', reasoning_content: 'r' }),
    turn({ role: 'assistant', content: 'a', reasoning: 'r' }),
    ['renamed turns[0]'],
  ],
  // features C19: the rule for replaying reasoning, in both directions
  [
    'reasoning-replay',
    turn(
      { role: 'assistant', content: 'a', reasoning_content: 'r' },
      { role: 'assistant', content: null, reasoning: 's', tool_calls: [call] },
    ),
    turn(
      { role: 'assistant', content: 'a' },
      { role: 'assistant', content: null, tool_calls: [call], reasoning_content: 's' },
    ),
    ['dropped turns[0]'],
  ],
  [
    'reasoning-replay',
    turn({ role: 'assistant', content: null, tool_calls: [call] }),
    turn({ role: 'assistant', content: null, tool_calls: [call], reasoning_content: '' }),
    ['approximated turns[0]'],
  ],
  [
    'no-reasoning-history',
    turn({ role: 'assistant', content: 'a', reasoning_content: 'r', reasoning_details: [] }),
    turn({ role: 'assistant', content: 'a' }),
    ['dropped turns[0]'],
  ],
  // text-generation-inference, traps 1, 2, 4, 5 and 21
  ['stop-as-list', { stop: 'x' }, { stop: ['x'] }, []],
  ['no-full-top-p', { top_p: 1, n: 1 }, { n: 1 }, []],
  [
    'format-as-value',
    { response_format: { type: 'json_object' } },
    { response_format: { type: 'json_object', value: { type: 'object' } } },
    [],
  ],
  [
    'format-as-value',
    { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'object' } } } },
    { response_format: { type: 'json_schema', value: { name: 'a', schema: { type: 'object' } } } },
    [],
  ],
  [
    'no-text-beside-calls',
    turn({ role: 'assistant', content: '', tool_calls: [call] }),
    turn({ role: 'assistant', tool_calls: [call] }),
    [],
  ],
  [
    'no-text-beside-calls',
    turn({ role: 'assistant', content: 'Let me look.', tool_calls: [call] }),
    turn({ role: 'assistant', tool_calls: [call] }),
    ['dropped turns[0]'],
  ],
]

describe('a quirk edits what deviates', () => {
  test.each(cases)('%s: %j', (id, wire, expected, notes) => {
    const edited = chatQuirks[id]?.request?.(wire)
    expect(edited?.value).toEqual(expected)
    expect(edited?.notes.map(note => `${note.kind} ${note.path}`)).toEqual([...notes])
  })

  test('trap 7: ids longer than 40 characters become shorter, the same for the call and its result', () => {
    const long = `chatcmpl-tool-${'0'.repeat(32)}`
    const wire = turn(
      user,
      { role: 'assistant', content: null, tool_calls: [{ ...call, id: long }, call] },
      { role: 'tool', tool_call_id: long, content: '' },
      { role: 'tool', tool_call_id: 'a', content: '' },
    )
    const edited = chatQuirks['short-tool-ids']?.request?.(wire)
    const messages = edited?.value.messages as JsonObject[]
    const [first, second] = (messages[1]?.tool_calls ?? []) as readonly JsonObject[]
    expect(String(first?.id).length).toBeLessThanOrEqual(40)
    expect(messages[2]?.tool_call_id).toBe(first?.id)
    expect([second?.id, messages[3]?.tool_call_id]).toEqual(['a', 'a'])
    expect(edited?.notes).toHaveLength(2)
  })
})

/** A request that has nothing a quirk could be about. */
const plain = turn({ role: 'system', content: 'x' }, user, { role: 'assistant', content: 'a' }, user)

describe.each(Object.entries(chatQuirks))('%s', (id, quirk) => {
  test('leaves a request alone, the very object, that does not concern it', () => {
    expect(quirk.id).toBe(id)
    expect(quirk.request?.(plain).value).toBe(plain)
    expect(
      quirk.request?.({ messages: 'x', tools: 3, tool_choice: 4 }).notes.some(note => note.reason === ''),
    ).toBe(false)
  })

  test('tells its evidence', () => {
    expect(quirk.reason.length).toBeGreaterThan(30)
  })

  test('is done after once', () => {
    for (const [name, wire] of cases) {
      if (name !== id) continue
      const once = quirk.request?.(wire).value ?? {}
      expect(quirk.request?.(once).value).toEqual(once)
    }
  })
})

test('every quirk that a provider lists exists', () => {
  const listed = Object.values(kinds).flatMap(kind => kind.quirks[openaiChat.id] ?? [])
  expect(listed.length).toBeGreaterThan(5)
  expect(listed.filter(id => chatQuirks[id] === undefined)).toEqual([])
})
