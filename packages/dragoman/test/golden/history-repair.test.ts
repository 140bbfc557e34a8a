import { describe, expect, test } from 'bun:test'
import type { JsonObject } from '@dragoman/fixtures'
import type { Turn } from '../../src/ir/request.ts'
import type { Feature } from '../../src/providers/profile.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { adapt } from '../../src/upstream/adapt/index.ts'
import { unlimited } from '../../src/upstream/adapt/limits.ts'
import { Lacking } from '../../src/upstream/lacking.ts'
import { ask, chatTool, claude, gpt, heard, text, user } from './adaptations-driver.ts'

// Histories that the caller's own provider may have taken and the target would not: what is sent, and what is said.

const call = (id: string, name = 'weather') => ({ id, type: 'function', function: { name, arguments: '{}' } })
const asked = (...ids: readonly string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map(id => call(id)),
})
const result = (id: string, content = `result of ${id}`) => ({ role: 'tool', tool_call_id: id, content })
const said = (content: string) => ({ role: 'assistant', content })

const use = (id: string) => ({ type: 'tool_use', id })
const given = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: `result of ${id}` })

interface Case {
  readonly name: string
  readonly messages: readonly JsonObject[]
  readonly tools?: boolean
  readonly received: readonly object[]
  readonly notes: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'a result without its call is told by the user',
    messages: [user('hi'), result('cut'), user('on')],
    received: [
      {
        role: 'user',
        content: [
          { text: 'hi' },
          { text: 'The result of a tool call that is no longer part of this conversation:' },
          { text: 'result of cut' },
          { text: 'on' },
        ],
      },
    ],
    notes: ['approximated messages[1]', 'renamed messages[1]'],
  },
  {
    name: 'a call without a result gets one that says so',
    messages: [user('hi'), asked('a', 'b'), result('a'), user('on')],
    received: [
      user('hi'),
      { role: 'assistant', content: [use('a'), use('b')] },
      {
        role: 'user',
        content: [
          given('a'),
          {
            type: 'tool_result',
            tool_use_id: 'b',
            content: 'No result was given for this call.',
            is_error: true,
          },
          { type: 'text', text: 'on' },
        ],
      },
    ],
    notes: ['approximated messages[1]'],
  },
  {
    name: 'results that others interrupt are brought together',
    messages: [user('hi'), asked('a', 'b'), result('b'), user('wait'), result('a')],
    received: [
      user('hi'),
      { role: 'assistant', content: [use('a'), use('b')] },
      { role: 'user', content: [given('a'), given('b'), { type: 'text', text: 'wait' }] },
    ],
    notes: ['approximated messages[4]'],
  },
  {
    name: 'a message that says nothing is left out, and the notes behind it name the right ones',
    messages: [
      user('hi'),
      said(''),
      user('on'),
      { role: 'assistant', content: 'x', name: 'bob' },
      user('and'),
    ],
    received: [
      { role: 'user', content: [{ text: 'hi' }, { text: 'on' }] },
      { role: 'assistant', content: 'x' },
      user('and'),
    ],
    notes: ['dropped messages[1]', 'renamed messages[2]', 'dropped messages[3].name'],
  },
  {
    name: 'messages of one role in a row travel as one',
    messages: [user('hi'), user('there'), said('yes?'), said('well?'), user('on')],
    received: [
      { role: 'user', content: [{ text: 'hi' }, { text: 'there' }] },
      { role: 'assistant', content: [{ text: 'yes?' }, { text: 'well?' }] },
      user('on'),
    ],
    notes: ['renamed messages[1]'],
  },
  {
    name: 'a system message in the middle is the user’s',
    messages: [user('hi'), said('yes?'), { role: 'system', content: 'Be brief.' }, user('on')],
    received: [user('hi'), said('yes?'), { role: 'user', content: [{ text: 'Be brief.' }, { text: 'on' }] }],
    notes: ['approximated messages[2]'],
  },
  {
    name: 'a conversation that the assistant begins gets a user before it',
    messages: [{ role: 'system', content: 'Be brief.' }, said('Welcome.'), user('hi')],
    received: [user('(The conversation begins with an answer.)'), said('Welcome.'), user('hi')],
    notes: ['emulated messages[1]'],
  },
  {
    name: 'the beginning of an answer becomes the wish to go on, where models take none',
    messages: [user('Count.'), said('One, two')],
    received: [
      user('Count.'),
      said('One, two'),
      user('Continue your last message exactly where it ends. Do not repeat any of it.'),
    ],
    notes: ['emulated messages[1]'],
  },
]

describe('a chat history for Messages', () => {
  test.each(cases)('$name', async ({ messages, received, notes }) => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-opus-4-6'),
      request: { messages, tools: [chatTool('weather')] },
      parts: [text('ok')],
    })
    expect(outcome.received?.messages).toMatchObject([...received])
    expect(outcome.notes.filter(note => note.includes('messages'))).toEqual([...notes])
    expect(heard(outcome).text).toBe('ok')
  })

  test('whose tools are gone declares those it calls, and forbids them', async () => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-opus-4-6'),
      request: { messages: [user('hi'), asked('a'), result('a')] },
      parts: [text('ok')],
    })
    expect(outcome.received).toMatchObject({ tools: [{ name: 'weather' }], tool_choice: { type: 'none' } })
    expect(outcome.notes).toContain('emulated tools')
  })

  test('is refused where the caller wants nothing changed', async () => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-opus-4-6'),
      request: { messages: [user('hi'), asked('a'), user('on')], tools: [chatTool('weather')] },
      headers: { 'dragoman-policy': 'reject' },
    })
    expect(outcome.received).toBeUndefined()
    expect([outcome.status, outcome.body.includes('messages[1]')]).toEqual([400, true])
  })

  test('may end with the beginning of an answer where the model takes one', async () => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: claude('claude-haiku-4-5'),
      request: { messages: [user('Count.'), said('One, two  ')] },
      parts: [text(', three')],
    })
    expect(outcome.received?.messages).toMatchObject([user('Count.'), said('One, two')])
  })
})

describe('a history of Messages', () => {
  test('for Responses: an interrupted call gets its result, a prefill is asked for', async () => {
    const outcome = await ask({
      caller: 'anthropic-messages',
      target: gpt('gpt-4.1'),
      request: {
        max_tokens: 50,
        messages: [
          user('hi'),
          { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'weather', input: {} }] },
          user('never mind'),
          said('Well,'),
        ],
        tools: [{ name: 'weather', input_schema: { type: 'object' } }],
      },
      parts: [text('ok')],
    })
    expect(outcome.received?.input).toMatchObject([
      { role: 'user' },
      { type: 'function_call', call_id: 'a' },
      { type: 'function_call_output', call_id: 'a', output: 'No result was given for this call.' },
      { role: 'user' },
      { role: 'assistant' },
      { role: 'user' },
    ])
    expect(outcome.notes).toEqual(
      expect.arrayContaining(['approximated messages[1]', 'emulated messages[3]']),
    )
  })
})

/** The turns for a target that lacks a feature, for what no provider of the catalogue lacks. */
function mended(turns: readonly Turn[], feature: Feature, isCrossing = false) {
  const provider: Provider = {
    name: 'p',
    kind: {
      kind: 'p',
      title: 'P',
      auth: { type: 'none' },
      bindings: [],
      profile: {
        rules: [
          { feature, level: 'absent', evidence: { rank: 'assumed', source: 'a test', date: '2026-11-23' } },
        ],
        facts: [],
      },
      quirks: {},
    },
    baseUrl: 'http://p',
    credential: undefined,
    headers: {},
    bindings: [],
  }
  const request = { model: 'm', turns, sampling: {}, hints: {}, stream: false }
  const { request: value, notes } = adapt(request, {
    lacking: new Lacking(provider, 'openai-chat', 'm'),
    facts: {},
    structuredStream: 'buffer',
    isCrossing,
    emulates: () => true,
    limits: unlimited,
    mustStaySchema: false,
  })
  return {
    turns: value.turns.map(({ role, parts }) => ({ role, parts })),
    notes: notes.map(({ kind, path }) => `${kind} ${path}`),
    reasons: notes.map(({ reason }) => reason).join(' '),
  }
}

const spoken = (role: Turn['role'], ...texts: readonly string[]): Turn => ({
  role,
  parts: texts.map(one => ({ kind: 'text', text: one })),
})
const image = {
  kind: 'media',
  media: 'image',
  source: { type: 'base64', mediaType: 'image/png', data: 'aGk=' },
} as const
const shown = (callId: string): Turn => ({
  role: 'tool',
  parts: [{ kind: 'tool-result', type: 'function', callId, parts: [image] }],
})

describe('a target that lacks', () => {
  test('system turns between others gets them from the user, also in its own dialect', () => {
    const turns = [spoken('system', 'a'), spoken('user', 'b'), spoken('developer', 'c')]
    const { turns: sent, notes, reasons } = mended(turns, 'turns.system-inside')
    expect(sent.map(({ role }) => role)).toEqual(['system', 'user', 'user'])
    expect(notes).toEqual(['approximated turns[2]'])
    expect(reasons).toContain('P does not take turns.system-inside (assumed: a test)')
  })

  test('a user right behind results gets an assistant between', () => {
    const turns = [shown('a'), spoken('user', 'b')]
    const { turns: sent, notes } = mended(turns, 'turns.user-after-results')
    expect(sent.map(({ role }) => role)).toEqual(['tool', 'assistant', 'user'])
    expect(notes).toEqual(['emulated turns[1]'])
  })

  test('pictures in results gets them from the user, behind the last of the results', () => {
    const turns = [shown('a'), shown('b'), spoken('assistant', 'c')]
    const { turns: sent, notes } = mended(turns, 'tool-results.media')
    expect(sent.map(({ role }) => role)).toEqual(['tool', 'tool', 'user', 'assistant'])
    expect(sent[2]?.parts).toEqual([
      { kind: 'text', text: 'Result of the tool call a:' },
      image,
      { kind: 'text', text: 'Result of the tool call b:' },
      image,
    ])
    expect(notes).toEqual(['approximated turns[0]'])
  })

  test('empty turns gets none, but keeps what carries state', () => {
    const kept: Turn = {
      role: 'assistant',
      parts: [{ kind: 'text', text: '', opaque: { form: 'signature', data: 's', dialect: 'gemini' } }],
    }
    const { turns: sent, notes } = mended(
      [spoken('user', 'a'), spoken('user', ''), spoken('user'), kept],
      'turns.empty',
    )
    expect(sent).toEqual([{ role: 'user', parts: [{ kind: 'text', text: 'a' }] }, kept])
    expect(notes).toEqual(['dropped turns[1]'])
  })

  test('two turns of one role in a row gets them as one, with the items of both', () => {
    const one: Turn = {
      role: 'assistant',
      parts: [{ kind: 'text', text: 'a', item: 0 }],
      items: [{ type: 'message', id: '1' }],
    }
    const two: Turn = {
      role: 'assistant',
      parts: [{ kind: 'text', text: 'b', item: 0 }],
      items: [{ type: 'message', id: '2' }],
    }
    const { turns: sent } = mended([one, two], 'turns.same-role')
    expect(sent).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'text', text: 'a', item: 0 },
          { kind: 'text', text: 'b', item: 1 },
        ],
      },
    ])
  })
})

describe('calls of another model, for a target that signs its own', () => {
  const genai = (model: string) => ({ kind: 'google', dialect: 'gemini', model }) as const
  const history = [user('hi'), asked('a', 'b'), result('a'), result('b'), asked('c'), result('c')]
  const sentFor = async (model: string) => {
    const outcome = await ask({
      caller: 'openai-chat',
      target: genai(model),
      request: { messages: history, tools: [chatTool('weather')] },
      parts: [text('ok')],
    })
    const contents = outcome.received?.contents as readonly { readonly parts: readonly JsonObject[] }[] // the wire's own shape
    const calls = contents.flatMap(({ parts }) => parts.filter(part => part.functionCall !== undefined))
    return { outcome, signatures: calls.map(call => call.thoughtSignature) }
  }

  test('carry the documented placeholder on the first of each turn', async () => {
    const { outcome, signatures } = await sentFor('gemini-3-pro')
    const placeholder = 'skip_thought_signature_validator'
    expect(signatures).toEqual([placeholder, undefined, placeholder])
    expect(outcome.notes).toContain('emulated messages[1]')
  })

  test('carry nothing where nothing is demanded', async () => {
    const { outcome, signatures } = await sentFor('gemini-2.5-flash')
    expect(signatures).toEqual([undefined, undefined, undefined])
    expect(outcome.notes).not.toContain('emulated messages[1]')
  })
})
