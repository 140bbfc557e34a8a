import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { JsonObject, JsonValue } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { encode, finalOf, render, wireOf } from './openai-responses-driver.ts'
import { problemsOfEvent, problemsOfResponse } from './openai-responses-schema.ts'
import { fieldsOf, typesOfUnion, wordsOf } from './openai-responses-sdk.ts'

const { decodeRequest, encodeReply, encodeRequest, pathOf } = openaiResponses

interface Fate {
  readonly value: JsonValue
  /** What a target of another dialect is sent for it; nothing where it is not in here. */
  readonly chat?: JsonObject
  /** What its caller is told there, as `kind path`; nothing where it is carried, or true without a word. */
  readonly told?: readonly string[]
  /** What the answer repeats of it. Absent: the answer says nothing of it. */
  readonly echo?: JsonValue
}

const format = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true }
const weather = { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true }

/** Every field of `ResponseCreateParams`, and what becomes of it. */
const fates: { readonly [field: string]: Fate } = {
  model: { value: 'asked', chat: { model: 'asked' }, echo: 'asked' },
  input: {
    value: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
    chat: { messages: [{ role: 'user' }] },
  },
  instructions: {
    value: 'Be brief.',
    chat: {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
    },
    echo: 'Be brief.',
  },
  max_output_tokens: { value: 99, chat: { max_completion_tokens: 99 }, echo: 99 },
  metadata: { value: { a: 'b' }, chat: { metadata: { a: 'b' } }, echo: { a: 'b' } },
  parallel_tool_calls: { value: false, chat: { parallel_tool_calls: false }, echo: false },
  prompt_cache_key: { value: 'k', chat: { prompt_cache_key: 'k' }, echo: 'k' },
  reasoning: {
    value: { effort: 'low' },
    chat: { reasoning_effort: 'low' },
    echo: { effort: 'low', summary: null },
  },
  safety_identifier: { value: 's', chat: { safety_identifier: 's' }, echo: 's' },
  // Which tier it was, the answer says when it knows.
  service_tier: { value: 'flex', chat: { service_tier: 'flex' }, echo: null },
  stream: { value: true, chat: { stream: true } },
  temperature: { value: 0.5, chat: { temperature: 0.5 }, echo: 0.5 },
  text: {
    value: { format, verbosity: 'low' },
    chat: { verbosity: 'low' },
    echo: { format, verbosity: 'low' },
  },
  tool_choice: { value: 'required', chat: { tool_choice: 'required' }, echo: 'required' },
  tools: { value: [weather], chat: {}, echo: [weather] },
  top_p: { value: 0.5, chat: { top_p: 0.5 }, echo: 0.5 },
  user: { value: 'u', chat: { user: 'u' }, echo: 'u' },

  // Asked for by both together; what one asks for alone is not there to be shown.
  include: { value: ['message.output_text.logprobs'], chat: { logprobs: true } },
  top_logprobs: { value: 2, told: ['dropped top_logprobs'], echo: 2 },

  // True of every answer of another dialect.
  max_tool_calls: { value: 3, echo: 3 },

  // Hints of how to serve it.
  access_programs: {
    value: { cyber: 'standard' },
    told: ['dropped access_programs'],
    echo: { cyber: 'standard' },
  },
  context_management: { value: [{ type: 'compaction' }], told: ['dropped context_management'] },
  image: { value: { context_compression: 'enabled' }, told: ['dropped image'] },
  prompt_cache_options: { value: { mode: 'explicit' }, told: ['dropped prompt_cache_options'] },
  prompt_cache_retention: { value: '24h', told: ['dropped prompt_cache_retention'], echo: '24h' },
  stream_options: { value: { include_obfuscation: true }, told: ['dropped stream_options'] },
  // The context is not cut to fit: an input that is too long is an error there.
  truncation: { value: 'auto', told: ['dropped truncation'], echo: 'auto' },

  // The answer would be about something else.
  moderation: { value: { model: 'omni-moderation-latest' }, told: ['refused moderation'] },
  prompt: { value: { id: 'pmpt_1' }, told: ['refused prompt'], echo: { id: 'pmpt_1' } },

  // Taken out by who keeps stored responses; what nobody took out cannot be left out in silence.
  background: { value: true, told: ['refused background'], echo: true },
  conversation: { value: 'conv_1', told: ['refused conversation'], echo: { id: 'conv_1' } },
  previous_response_id: { value: 'resp_1', told: ['refused previous_response_id'], echo: 'resp_1' },
  store: { value: true, chat: { store: true }, echo: true },
}

function decoded(wire: JsonObject): GenerateRequest {
  const request = decodeRequest({ model: 'asked', input: 'hi', ...wire })
  if (!request.ok) throw new Error(request.fault.message)
  return request.value
}

const toldOf = (request: GenerateRequest) =>
  openaiChat.encodeRequest(request).notes.map(note => `${note.kind} ${pathOf(note.path)}`)

const silent = {
  dialect: 'openai-responses',
  candidates: [{ index: 0, parts: [], finish: { reason: 'stop' } }],
} as const

describe('a field of a request', () => {
  test('of every name has its fate', () => {
    expect(Object.keys(fates).sort()).toEqual([...fieldsOf('ResponseCreateParamsBase').keys()].sort())
  })

  const rows = Object.entries(fates)

  test.each(rows)('%s goes on to a target of this wire', (field, { value }) => {
    expect(encodeRequest(decoded({ [field]: value })).value[field]).toEqual(value)
  })

  test.each(rows)(
    '%s goes on to a target of another, or its caller is told',
    (field, { value, chat, told }) => {
      const request = decoded({ [field]: value })
      const { tools: _, response_format: __, ...sent } = openaiChat.encodeRequest(request).value
      expect(sent).toMatchObject(chat ?? {})
      expect(toldOf(request)).toEqual([...(told ?? [])])
    },
  )

  test.each(rows)('%s is repeated in the answer as first party does', (field, { value, echo }) => {
    const how = { ...render, request: decoded({ [field]: value }) }
    const answer = encodeReply(silent, how).value
    if (echo === undefined && field !== 'input') expect(answer[field]).toBeUndefined()
    else if (echo !== undefined) expect(answer).toMatchObject({ [field]: echo })
    expect(problemsOfResponse(answer)).toEqual([])
  })

  test.each([
    ['truncation', 'disabled'],
    ['reasoning', { context: 'auto', mode: 'standard' }],
    ['stream_options', { include_obfuscation: false }],
    ['image', { context_compression: 'auto' }],
    ['background', false],
    ['conversation', null],
    ['previous_response_id', null],
    ...wordsOf('ResponseIncludable').map(word => ['include', [word]] as const),
  ] as const)('%s: %p says nothing that another dialect would have to be told', (field, value) => {
    expect(toldOf(decoded({ [field]: value as JsonValue }))).toEqual([]) // literals are JSON
  })
})

test('a wish that nobody knows is told', () => {
  expect(toldOf(decoded({ include: ['reasoning.encrypted_content', 'the.future'] }))).toEqual([
    'dropped include',
  ])
})

describe('a tool', () => {
  const client = ['function', 'custom']
  const hosted = typesOfUnion('Tool').filter(type => !client.includes(type))

  test.each(hosted)('%s goes to a target of this wire as it came, and is refused elsewhere', type => {
    const tools = [{ type, kept: { a: 1 } }]
    expect(encodeRequest(decoded({ tools }))).toMatchObject({ value: { tools }, notes: [] })
    expect(toldOf(decoded({ tools }))).toEqual(['refused tools[0]'])
  })

  test.each([
    ['a hosted tool', { type: 'web_search' }],
    ['a server', { type: 'mcp', server_label: 'x', name: 'y' }],
    ['a shell', { type: 'shell' }],
    ['a patch', { type: 'apply_patch' }],
    ['programs', { type: 'programmatic_tool_calling' }],
    ['a function', { type: 'function', name: 'f' }],
    ['a custom tool', { type: 'custom', name: 'c' }],
    [
      'a subset',
      {
        type: 'allowed_tools',
        mode: 'auto',
        tools: [
          { type: 'mcp', server_label: 'x' },
          { type: 'function', name: 'f' },
        ],
      },
    ],
  ] as const)('may be forced: %s', (_, tool_choice) => {
    const choice = JSON.parse(JSON.stringify(tool_choice))
    expect(encodeRequest(decoded({ tool_choice: choice })).value.tool_choice).toEqual(choice)
    const answer = encodeReply(silent, { ...render, request: decoded({ tool_choice: choice }) }).value
    expect(answer.tool_choice).toEqual(choice)
  })
})

describe('a Response', () => {
  /** Made by the SDK, not by the server. */
  const made = ['output_text']
  const required = [...fieldsOf('Response')].filter(
    ([name, { isOptional }]) => !isOptional && !made.includes(name),
  )

  test.each(required)('always has %s', name => {
    expect(encodeReply(silent, render).value).toHaveProperty(name)
    const failure = {
      type: 'fault',
      fault: { code: 'overloaded', origin: 'upstream', status: 503, message: 'Full.', retryable: true },
    } as const
    for (const events of [[{ type: 'start' }, { type: 'end' }] as const, [failure]]) {
      const { text } = encode(events)
      for (const { response } of wireOf(text)) expect(response).toHaveProperty(name)
      expect(wireOf(text).flatMap(problemsOfEvent)).toEqual([])
      expect(finalOf(text)).toHaveProperty(name)
    }
  })
})
