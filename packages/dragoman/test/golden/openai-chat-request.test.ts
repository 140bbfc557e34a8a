import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'

const { decodeRequest, encodeRequest } = openaiChat

const user = { role: 'user', content: 'hi' }
const base = { model: 'm', messages: [user] }
const lookup = { type: 'function', function: { name: 'lookup', parameters: { type: 'object' } } }

function decoded(wire: JsonObject): GenerateRequest {
  const request = decodeRequest(wire)
  if (!request.ok) throw new Error(`${request.fault.param}: ${request.fault.message}`)
  return request.value
}

/** What the model says of one message, as its parts. */
const partsOf = (message: JsonObject): readonly Part[] =>
  decoded({ model: 'm', messages: [message] }).turns[0]?.parts ?? []

/** Requests that are written exactly as they were read, with nothing to note. */
const kept: { readonly [name: string]: JsonObject } = {
  'the least': base,
  'all sampling': {
    ...base,
    ...{ temperature: 0, top_p: 0.5, n: 2, seed: -3, frequency_penalty: -1, presence_penalty: 1 },
    ...{ stop: ['a', 'b'], logit_bias: { '50256': -100 }, max_completion_tokens: 5 },
  },
  'both names of the limit': { ...base, max_completion_tokens: 5, max_tokens: 7 },
  'log probabilities': { ...base, logprobs: true, top_logprobs: 0 },
  'log probabilities without alternatives': { ...base, logprobs: true },
  'alternatives that nobody asked log probabilities for': { ...base, top_logprobs: 3 },
  'reasoning and verbosity': { ...base, reasoning_effort: 'xhigh', verbosity: 'low' },
  hints: {
    ...base,
    ...{ user: 'u', safety_identifier: 's', metadata: { a: 'b' }, store: false, service_tier: 'flex' },
    ...{ prompt_cache_key: 'k', prediction: { type: 'content', content: [{ type: 'text', text: 'x' }] } },
  },
  'audio out': { ...base, modalities: ['text', 'audio'], audio: { voice: 'ash', format: 'pcm16' } },
  'a voice of the account': {
    ...base,
    modalities: ['text', 'audio'],
    audio: { voice: { id: 'voice_1' }, format: 'wav' },
  },
  streaming: { ...base, stream: true },
  'streaming with usage': { ...base, stream: true, stream_options: { include_usage: true } },
  'streaming without usage, said aloud': {
    ...base,
    stream: true,
    stream_options: { include_usage: false, include_obfuscation: false },
  },
  'streaming options of a host': { ...base, stream: true, stream_options: { continuous_usage_stats: true } },
  'text output': { ...base, response_format: { type: 'text' } },
  'JSON output': { ...base, response_format: { type: 'json_object', schema: { type: 'object' } } },
  'a schema': {
    ...base,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true, x: 1 },
    },
  },
  'an output format of a host': { ...base, response_format: { type: 'structural_tag', structures: [] } },
  'tools of every kind': {
    ...base,
    tools: [
      {
        type: 'function',
        function: { name: 'a', description: 'd', parameters: { type: 'object' }, strict: true },
      },
      { type: 'function', function: { name: 'b', x: 1 }, cache_control: { type: 'ephemeral' } },
      { type: 'custom', custom: { name: 'c', description: 'd', format: { type: 'text' } } },
      {
        type: 'custom',
        custom: { name: 'd', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'x' } } },
      },
      { type: 'web_search', engine: 'fast' },
    ],
    tool_choice: 'required',
    parallel_tool_calls: false,
  },
  'an empty list of tools': { ...base, tools: [] },
  'no tool': { ...base, tools: [lookup], tool_choice: 'none' },
  'one function': {
    ...base,
    tools: [lookup],
    tool_choice: { type: 'function', function: { name: 'lookup' } },
  },
  'one custom tool': { ...base, tools: [lookup], tool_choice: { type: 'custom', custom: { name: 'c' } } },
  'a tool of the host': { ...base, tools: [lookup], tool_choice: { type: 'web_search', mode: 'live' } },
  'allowed tools': {
    ...base,
    tools: [lookup],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'lookup' } }] },
    },
  },
  'deprecated functions': {
    model: 'm',
    messages: [
      user,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: '1' },
    ],
    functions: [{ name: 'f', description: 'd', parameters: { type: 'object' } }],
    function_call: { name: 'f' },
  },
  'deprecated function_call auto': { ...base, functions: [{ name: 'f' }], function_call: 'auto' },
  'fields of later versions and of hosts': {
    ...base,
    ...{ web_search_options: { search_context_size: 'low' }, prompt_cache_options: { mode: 'explicit' } },
    ...{ moderation: { model: 'x' }, top_k: 40, chat_template_kwargs: { enable_thinking: false } },
  },
  'system and developer messages with names': {
    model: 'm',
    messages: [
      { role: 'system', content: 'a', name: 'boss' },
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'b' },
          { type: 'text', text: 'c' },
        ],
      },
      { role: 'user', content: 'hi', name: 'ann', x: 1 },
    ],
  },
  'every part of a user': {
    model: 'm',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
          { type: 'image_url', image_url: { url: 'https://x.test/a.png', detail: 'original' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'data:text/plain,hello', format: 'x' }, y: 1 },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
          {
            type: 'input_audio',
            input_audio: { data: 'AAAA', format: 'mp3' },
            prompt_cache_breakpoint: { mode: 'explicit' },
          },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'flac' } },
          { type: 'input_audio', input_audio: { data: 'AAAA', format: 'constructor' } },
          { type: 'constructor' },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
          { type: 'file', file: { file_id: 'file-1', filename: 'b' } },
          { type: 'file', file: { file_data: 'not a data URL' } },
          { type: 'video_url', video_url: { url: 'https://x.test/v.mp4' } },
        ],
      },
    ],
  },
  'every part of an assistant': {
    model: 'm',
    messages: [
      user,
      { role: 'assistant', content: 'a', name: 'bot', annotations: [] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
      { role: 'assistant', content: null, refusal: 'no' },
      { role: 'assistant', content: null, audio: { id: 'audio_1' } },
      { role: 'assistant', content: '' },
      { role: 'assistant', content: null },
      { role: 'assistant', content: 'b', reasoning_content: 'because' },
      { role: 'assistant', content: 'b', reasoning: 'because' },
      {
        role: 'assistant',
        content: 'b',
        reasoning: 'because',
        reasoning_details: [{ type: 'reasoning.text', text: 'because', signature: 's', index: 0 }],
      },
      { role: 'assistant', content: 'b', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] },
    ],
  },
  'a parallel tool turn': {
    model: 'm',
    messages: [
      user,
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'call_a', type: 'function', function: { name: 'f', arguments: '{"x":1' } },
          { id: 'call_b', type: 'custom', custom: { name: 'g', input: 'free text' } },
          { id: 'call_c', type: 'builtin_function', function: { name: '$web_search', arguments: '' } },
          {
            id: 'call_d',
            type: 'function',
            function: { name: 'f', arguments: '{}' },
            extra_content: { s: 'sig' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: 'A' },
      {
        role: 'tool',
        tool_call_id: 'call_b',
        content: [
          { type: 'text', text: 'B' },
          { type: 'text', text: 'C' },
        ],
      },
      { role: 'tool', tool_call_id: 'call_c', content: '', name: '$web_search' },
      { role: 'tool', tool_call_id: 'call_d', content: '{}' },
    ],
    tools: [lookup],
  },
}

describe('a request is written as it was read', () => {
  test.each(Object.entries(kept))('%s', (_, wire) => {
    const { value, notes } = encodeRequest(decoded(wire))
    expect(value).toEqual(wire)
    expect(notes).toEqual([])
  })
})

/** What reading and writing changes: the short list of normalisations. */
const normalised: { readonly [name: string]: readonly [JsonObject, JsonObject] } = {
  'null is absent': [{ ...base, temperature: null, tools: null, stop: null, stream: null }, base],
  'the older limit takes the newer name': [
    { ...base, max_tokens: 5 },
    { ...base, max_completion_tokens: 5 },
  ],
  'one stop string is a list of one': [
    { ...base, stop: 'x' },
    { ...base, stop: ['x'] },
  ],
  'a lone text part is a string': [
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] },
    base,
  ],
  'false is what the absence of a flag means': [{ ...base, stream: false, logprobs: false }, base],
  'an assistant that only calls has content null': [
    {
      model: 'm',
      messages: [
        user,
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
        },
      ],
    },
    {
      model: 'm',
      messages: [
        user,
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
        },
      ],
    },
  ],
  'a schema without a name gets one': [
    { ...base, response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    { ...base, response_format: { type: 'json_schema', json_schema: { name: 'response', schema: {} } } },
  ],
  'a repeated reasoning field is one': [
    {
      model: 'm',
      messages: [user, { role: 'assistant', content: 'b', reasoning_content: 'r', reasoning: 'r' }],
    },
    { model: 'm', messages: [user, { role: 'assistant', content: 'b', reasoning_content: 'r' }] },
  ],
}

describe('a request is normalised', () => {
  test.each(Object.entries(normalised))('%s', (_, [wire, expected]) => {
    expect(encodeRequest(decoded(wire)).value).toEqual(expected)
  })
})

describe('a request means', () => {
  test('data URLs are bytes and other URLs are URLs', () => {
    const image = (url: string) =>
      partsOf({ role: 'user', content: [{ type: 'image_url', image_url: { url } }] })
    expect(image('data:image/png;base64,AA==')).toEqual([
      { kind: 'media', media: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
    ])
    expect(image('https://x.test')).toEqual([
      { kind: 'media', media: 'image', source: { type: 'url', url: 'https://x.test' } },
    ])
  })

  test('a cache marker by what it marks', () => {
    const [part] = partsOf({
      role: 'user',
      content: [{ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }],
    })
    expect(part?.cache).toEqual({ ttl: '12h', extra: { 'openai-chat': { mode: 'explicit' } } })
  })

  test('tool results of the call they answer, custom or not', () => {
    const { turns } = decoded({
      model: 'm',
      messages: [
        user,
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'x', type: 'custom', custom: { name: 'c', input: 'i' } }],
        },
        { role: 'tool', tool_call_id: 'x', content: 'ok' },
      ],
    })
    expect(turns[2]?.parts).toEqual([
      { kind: 'tool-result', type: 'custom', callId: 'x', parts: [{ kind: 'text', text: 'ok' }] },
    ])
  })

  test('ruling 9: missing ids are derived, the same each time, and results find their calls in order', () => {
    const call = (city: string) => ({
      type: 'function',
      function: { name: 'f', arguments: `{"city":"${city}"}` },
    })
    const history = [
      user,
      { role: 'assistant', content: null, tool_calls: [call('Rome'), call('Oslo')] },
      { role: 'tool', content: 'hot' },
      { role: 'tool', content: 'cold' },
    ]
    const ids = (messages: readonly JsonObject[]) =>
      decoded({ model: 'm', messages }).turns.flatMap(({ parts }) =>
        parts.map(part =>
          part.kind === 'tool-call' ? part.id : part.kind === 'tool-result' ? part.callId : '',
        ),
      )
    const [, rome, oslo, first, second] = ids(history)
    expect([first, second]).toEqual([rome, oslo])
    expect(rome).not.toBe(oslo)
    expect(rome).toMatch(/^call_[0-9a-f]{16}$/)
    expect(ids([...history, { role: 'assistant', content: 'done' }]).slice(0, 5)).toEqual(ids(history))
  })

  test('features C18: a signature in a field of the host comes back on the same call', () => {
    const call = {
      id: 'a',
      type: 'function',
      function: { name: 'f', arguments: '{}' },
      extra_content: { google: { thought_signature: 'S' } },
    }
    const wire = { model: 'm', messages: [user, { role: 'assistant', content: null, tool_calls: [call] }] }
    expect(encodeRequest(decoded(wire)).value).toEqual(wire)
  })
})
