import { describe, expect, test } from 'bun:test'
import type { Dialect } from '../../src/core/dialect.ts'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import { cohere } from '../../src/dialects/cohere/index.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { openaiCompletions } from '../../src/dialects/openai-completions/index.ts'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import { createFault } from '../../src/ir/fault.ts'
import type { JsonObject } from '../../src/ir/json.ts'

// What the codecs alone make of whole requests and answers, to this wire and from it; adaptations are the matrix's.

function translate(from: Dialect, to: Dialect, wire: JsonObject) {
  const decoded = from.decodeRequest(wire)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const { value, notes } = to.encodeRequest(decoded.value)
  return { value, notes: notes.map(note => `${note.kind} ${from.pathOf(note.path)}`) }
}

function answer(from: Dialect, to: Dialect, wire: JsonObject) {
  const decoded = from.decodeReply(wire)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const request = { model: 'asked', turns: [], sampling: {}, hints: {}, stream: false }
  const { value, notes } = to.encodeReply(decoded.value, { id: 'call1', created: 1, request })
  return { value, notes: notes.map(note => `${note.kind} ${note.path}`) }
}

const weather = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
}

/** A body with every field there is (cohere-ai 8.1.0 `V2ChatRequest`, and `raw_prompting` of the OpenAPI document). */
const everything: JsonObject = {
  model: 'command-a-03-2025',
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Is it raining there?' },
        { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
    {
      role: 'assistant',
      tool_plan: 'I will look it up.',
      tool_calls: [
        { id: 'w_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      ],
    },
    {
      role: 'tool',
      tool_call_id: 'w_1',
      content: [
        { type: 'document', document: { id: '1', data: { degrees: 7 } } },
        { type: 'text', text: 'as of now' },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'It is 7.' },
        { type: 'text', text: 'It is 7 degrees.' },
      ],
      citations: [
        {
          start: 6,
          end: 15,
          text: '7 degrees',
          sources: [{ type: 'tool', id: 'w_1:0', tool_output: { degrees: 7 } }],
        },
        { start: 0, end: 2, text: 'It', sources: [], type: 'THINKING_CONTENT' },
      ],
    },
    { role: 'user', content: 'And the tides?' },
  ],
  documents: [
    'High tide is at 6.',
    { id: 'low', data: { title: 'Low', snippet: 'Low tide is at 12.', year: 2026 } },
  ],
  citation_options: { mode: 'ACCURATE' },
  tools: [
    { type: 'function', function: { name: 'weather', description: 'The weather.', parameters: weather } },
  ],
  strict_tools: true,
  tool_choice: 'REQUIRED',
  safety_mode: 'STRICT',
  max_tokens: 100,
  stop_sequences: ['END'],
  temperature: 0.3,
  seed: 7,
  frequency_penalty: 0.1,
  k: 5,
  p: 0.9,
  logprobs: true,
  thinking: { type: 'enabled', token_budget: 500 },
  priority: 3,
  raw_prompting: false,
  stream: true,
}

describe('a request of this wire', () => {
  test('with everything comes back as it was', () => {
    const { value, notes } = translate(cohere, cohere, everything)
    expect<unknown>(value).toEqual(everything)
    expect(notes).toEqual([])
  })

  test.each([
    ['json_object', { type: 'json_object' }],
    ['a schema', { type: 'json_object', json_schema: weather }],
    ['text', { type: 'text' }],
  ] as const)('with a format of %s comes back as it was', (_, response_format) => {
    const wire = { model: 'm', messages: [{ role: 'user', content: 'hi' }], response_format }
    expect<unknown>(translate(cohere, cohere, wire).value).toEqual(wire)
  })

  test('says its documents where Messages has them, to be cited', () => {
    const { value } = translate(cohere, anthropicMessages, {
      ...everything,
      tools: [],
      strict_tools: false,
      tool_choice: null,
    })
    const messages = value.messages as readonly { role: string; content: unknown }[] // as written
    expect<unknown>(messages.at(-1)).toEqual({
      role: 'user',
      content: [
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'High tide is at 6.' },
          citations: { enabled: true },
        },
        {
          type: 'document',
          source: { type: 'text', media_type: 'text/plain', data: 'Low tide is at 12.' },
          title: 'Low',
          citations: { enabled: true },
        },
        { type: 'text', text: 'And the tides?' },
      ],
    })
  })

  test.each([
    ['messages[0].role', { messages: [{ role: 'bot', content: 'hi' }] }],
    ['messages', { messages: 'hi' }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'hi' }] }],
    ['tool_choice', { tools: [], tool_choice: 'auto' }],
    ['max_tokens', { max_tokens: 'many' }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['thinking.type', { thinking: {} }],
    ['model', { model: 1 }],
  ] as const)('with a mistake names %s', (param, fields) => {
    const decoded = cohere.decodeRequest({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      ...fields,
    })
    expect(decoded).toMatchObject({ ok: false, fault: { code: 'invalid_request', param } })
  })
})

describe('a request to this wire', () => {
  test('from Messages: documents beside the messages, cited where one asks for it', () => {
    const document = (title: string, enabled: boolean) => ({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'High tide is at 6.' },
      title,
      citations: { enabled },
    })
    const ask = (...content: readonly JsonObject[]) =>
      translate(anthropicMessages, cohere, {
        model: 'm',
        max_tokens: 50,
        system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
        messages: [{ role: 'user', content: [...content, { type: 'text', text: 'When?' }] }],
        stop_sequences: ['END'],
        top_k: 5,
        thinking: { type: 'enabled', budget_tokens: 2000 },
      })
    const { value, notes } = ask(document('Tides', true), document('More', false))
    expect<unknown>(value).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'When?' },
      ],
      documents: [
        { id: 'doc:0', data: { title: 'Tides', text: 'High tide is at 6.' } },
        { id: 'doc:1', data: { title: 'More', text: 'High tide is at 6.' } },
      ],
      max_tokens: 50,
      stop_sequences: ['END'],
      k: 5,
      thinking: { type: 'enabled', token_budget: 2000 },
    })
    expect(notes).toEqual([
      'dropped system[0].cache_control',
      'renamed messages[0].content[0]',
      'renamed messages[0].content[1]',
    ])
    expect(ask(document('Tides', false)).value.citation_options).toEqual({ mode: 'DISABLED' })
    expect(ask().value).not.toHaveProperty('documents')
  })

  test('from Messages: PDFs are refused, text in base64 is read', () => {
    const ask = (media_type: string) =>
      translate(anthropicMessages, cohere, {
        model: 'm',
        max_tokens: 50,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'document', source: { type: 'base64', media_type, data: btoa('tides') } },
              { type: 'text', text: 'When?' },
            ],
          },
        ],
      })
    expect(ask('application/pdf').notes).toEqual(['refused messages[0].content[0]'])
    expect<unknown>(ask('text/markdown').value.documents).toEqual([{ id: 'doc:0', data: { text: 'tides' } }])
  })

  test('from Responses: instructions first, calls and their results', () => {
    const { value, notes } = translate(openaiResponses, cohere, {
      model: 'm',
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'user', content: 'Weather?' },
        { type: 'function_call', call_id: 'w_1', name: 'weather', arguments: '{"city":"Oslo"}' },
        { type: 'function_call_output', call_id: 'w_1', output: '7' },
      ],
      tools: [{ type: 'function', name: 'weather', parameters: weather, strict: true }],
      reasoning: { effort: 'none' },
      max_output_tokens: 50,
      store: false,
    })
    expect<unknown>(value).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          tool_calls: [
            { id: 'w_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'w_1', content: '7' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', parameters: weather } }],
      strict_tools: true,
      max_tokens: 50,
      thinking: { type: 'disabled' },
    })
    expect(notes).toEqual(['renamed reasoning.effort'])
  })

  test('from chat: what has no place is told, each by its name', () => {
    const { value, notes } = translate(openaiChat, cohere, {
      model: 'm',
      messages: [{ role: 'user', name: 'ann', content: 'hi' }],
      n: 2,
      user: 'u',
      metadata: { a: 'b' },
      top_logprobs: 3,
      logprobs: true,
      logit_bias: { '5': 1 },
      parallel_tool_calls: false,
      service_tier: 'flex',
      seed: -1,
      stop: ['a', 'b', 'c', 'd', 'e', 'f'],
      vendor: 1,
    })
    expect<unknown>(value).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      logprobs: true,
      stop_sequences: ['a', 'b', 'c', 'd', 'e'],
    })
    expect(notes.toSorted()).toEqual([
      'dropped messages[0].name',
      'dropped metadata',
      'dropped parallel_tool_calls',
      'dropped seed',
      'dropped service_tier',
      'dropped user',
      'dropped vendor',
      'refused logit_bias',
      'refused n',
      'refused stop',
      'refused top_logprobs',
    ])
  })

  test('from completions: the prompt is what the user says', () => {
    const { value } = translate(openaiCompletions, cohere, {
      model: 'm',
      prompt: 'Once',
      max_tokens: 5,
      stop: 'END',
    })
    expect<unknown>(value).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Once' }],
      stop_sequences: ['END'],
      max_tokens: 5,
    })
  })
})

describe('an answer', () => {
  const cited: JsonObject = {
    id: 'c1',
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: 'High tide is at 6.' }],
      citations: [
        {
          start: 0,
          end: 9,
          text: 'High tide',
          sources: [
            {
              type: 'document',
              id: 'doc:0',
              document: { id: 'doc:0', title: 'Tides', url: 'https://t.example/' },
            },
            { type: 'tool', id: 'w_1:0', tool_output: { at: 6 } },
          ],
        },
      ],
    },
    finish_reason: 'STOP_SEQUENCE',
    usage: { tokens: { input_tokens: 9, output_tokens: 6 } },
    logprobs: [
      { text: 'High', token_ids: [1], logprobs: [-0.5] },
      { text: ' tide is at 6.', token_ids: [2, 3], logprobs: [-0.25, -0.5] },
    ],
  }

  test('of this wire comes back as it was', () => {
    expect(answer(cohere, cohere, cited)).toEqual({ value: cited, notes: [] })
  })

  test('to chat: citations of addresses, probabilities of pieces, and what is lost of them', () => {
    const { value, notes } = answer(cohere, openaiChat, cited)
    const [choice] = value.choices as readonly JsonObject[] // as written
    expect(choice).toMatchObject({
      message: {
        content: 'High tide is at 6.',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://t.example/', title: 'Tides', start_index: 0, end_index: 9 },
          },
        ],
      },
      logprobs: {
        content: [
          { token: 'High', logprob: -0.5 },
          { token: ' tide is at 6.', logprob: -0.75 },
        ],
      },
      finish_reason: 'stop',
    })
    expect(notes.some(note => note.startsWith('dropped') && note.includes('annotations[1]'))).toBe(true)
  })

  test('of chat and of Messages to this wire', () => {
    const chat = answer(openaiChat, cohere, {
      id: 'x',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: '🌊 tide',
            annotations: [
              {
                type: 'url_citation',
                url_citation: { url: 'https://t.example/', title: 'T', start_index: 3, end_index: 7 },
              },
            ],
          },
          finish_reason: 'length',
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    })
    expect<unknown>(chat.value).toEqual({
      id: 'call1',
      message: {
        role: 'assistant',
        content: [{ type: 'text', text: '🌊 tide' }],
        citations: [
          {
            start: 2,
            end: 6,
            text: 'tide',
            sources: [
              {
                type: 'document',
                id: 'https://t.example/',
                document: { id: 'https://t.example/', title: 'T', url: 'https://t.example/' },
              },
            ],
            content_index: 0,
            type: 'TEXT_CONTENT',
          },
        ],
      },
      finish_reason: 'MAX_TOKENS',
      usage: {
        billed_units: { input_tokens: 3, output_tokens: 2 },
        tokens: { input_tokens: 3, output_tokens: 2 },
      },
    })
    const messages = answer(anthropicMessages, cohere, {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'sealed' },
        { type: 'tool_use', id: 't_1', name: 'f', input: { a: 1 } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 4 },
    })
    expect(messages.value).toMatchObject({
      message: {
        content: [{ type: 'thinking', thinking: 'Hm.' }],
        tool_calls: [{ id: 't_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      finish_reason: 'TOOL_CALL',
      usage: { tokens: { input_tokens: 7, output_tokens: 2 }, cached_tokens: 4 },
    })
    expect(messages.notes).toEqual(['dropped candidates[0].parts[0].opaque'])
  })

  test('that failed, in this wire’s words', () => {
    const fault = createFault('rate_limited', 'Slow down.', { retryAfterMs: 1500 })
    expect(cohere.encodeError(fault, 'r1')).toEqual({
      status: 429,
      headers: { 'x-request-id': 'r1', 'retry-after': '2' },
      body: { message: 'Slow down.', id: 'r1' },
    })
    expect(cohere.writeFault(fault)).toBe(
      'event: message-end\ndata: {"type":"message-end","delta":{"error":"Slow down.","finish_reason":"ERROR"}}\n\n',
    )
  })
})

describe('embeddings', () => {
  const codec = cohere.embed
  if (codec === undefined) throw new Error('no embeddings')

  test('come back as they were', () => {
    const request: JsonObject = {
      model: 'embed-v4.0',
      texts: ['a', 'b'],
      input_type: 'classification',
      embedding_types: ['float', 'int8'],
      output_dimension: 256,
      truncate: 'END',
      max_tokens: 10,
      priority: 1,
    }
    const decoded = codec.decodeRequest(request)
    if (!decoded.ok) throw new Error(decoded.fault.message)
    expect(codec.encodeRequest(decoded.value)).toEqual({ value: request, notes: [] })
    const reply: JsonObject = {
      id: 'e1',
      response_type: 'embeddings_by_type',
      embeddings: { float: [[0.5], [1]], int8: [[1], [2]] },
      texts: ['a', 'b'],
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 2 } },
    }
    const read = codec.decodeReply(reply)
    if (!read.ok) throw new Error(read.fault.message)
    expect(read.value.usage?.input).toBe(2)
    expect(codec.encodeReply(read.value, decoded.value)).toEqual({ value: reply, notes: [] })
  })

  test('of a host that answers with a bare list, or with none', () => {
    expect(codec.decodeReply({ id: 'e', embeddings: [[1, 2]] })).toMatchObject({
      ok: true,
      value: { vectors: [[1, 2]] },
    })
    expect(codec.decodeReply({ id: 'e', embeddings: { float: ['no'] } })).toMatchObject({ ok: false })
    expect(codec.decodeReply({ message: 'invalid request' })).toMatchObject({ ok: false })
  })

  test('are refused as tokens', () => {
    const { notes } = codec.encodeRequest({ model: 'm', input: [[1, 2]], single: true })
    expect(notes.map(note => `${note.kind} ${note.path}`)).toContain('refused input')
  })
})
