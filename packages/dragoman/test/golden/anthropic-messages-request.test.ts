import { describe, expect, test } from 'bun:test'
import type Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { arbitraryName, arbitraryObject, arbitraryText } from '../laws/arbitrary-values.ts'

const { decodeRequest, encodeRequest, checkRevision = () => undefined } = anthropicMessages

type Params = Anthropic.MessageCreateParams
type BetaParams = Anthropic.Beta.MessageCreateParams
type Content = Anthropic.MessageParam['content']

const base = { model: 'm', max_tokens: 100 }
const hi = { role: 'user' as const, content: 'Hi' }

function read(wire: unknown): GenerateRequest {
  const request = decodeRequest(wire as JsonObject) // what tests write is JSON
  if (!request.ok) throw new Error(request.fault.message)
  return request.value
}

/** Reading and writing gives what was read, without a note. */
function expectSame(wire: Params | BetaParams | JsonObject): void {
  expect(encodeRequest(read(wire))).toEqual({ value: wire as unknown as JsonObject, notes: [] }) // the same JSON
}

const user = (content: Content): Params => ({ ...base, messages: [{ role: 'user', content }] })
const assistant = (content: Content): Params => ({
  ...base,
  messages: [hi, { role: 'assistant', content }, { role: 'user', content: 'Go on' }],
})

describe('fields of a request come back as they were', () => {
  const requests: { readonly [name: string]: Params | BetaParams | JsonObject } = {
    'the smallest': { ...base, messages: [hi] },
    'a system string': { ...base, system: 'Be brief.', messages: [hi] },
    'system blocks with a cache marker': {
      ...base,
      system: [
        { type: 'text', text: 'One' },
        { type: 'text', text: 'Two', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [hi],
    },
    'sampling and limits': {
      ...base,
      messages: [hi],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END'],
      stream: true,
    },
    'no stop sequences': { ...base, messages: [hi], stop_sequences: [] },
    'the user and the tier': {
      ...base,
      messages: [hi],
      metadata: { user_id: 'u' },
      service_tier: 'standard_only',
    },
    nulls: { ...base, messages: [hi], metadata: { user_id: null }, cache_control: null, container: null },
    'automatic caching': { ...base, messages: [hi], cache_control: { type: 'ephemeral' } },
    'thinking with a budget': {
      ...base,
      max_tokens: 4096,
      messages: [hi],
      thinking: { type: 'enabled', budget_tokens: 2048, display: 'omitted' },
    },
    'adaptive thinking that is shown': {
      ...base,
      messages: [hi],
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: 'xhigh' },
    },
    'no thinking': { ...base, messages: [hi], thinking: { type: 'disabled' } },
    'thinking between tools': { ...base, messages: [hi], thinking: { type: 'between_tools' } },
    'a schema': {
      ...base,
      messages: [hi],
      output_config: {
        effort: 'low',
        format: {
          type: 'json_schema',
          schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
        },
      },
    },
    'nothing configured': { ...base, messages: [hi], output_config: {}, metadata: {} },
    'stable fields without a word in the model': {
      ...base,
      messages: [hi],
      container: 'container_1',
      inference_geo: 'us',
      speed: 'fast',
      diagnostics: { previous_message_id: 'msg_1' },
      user_profile_id: 'p',
    },
    'beta fields': {
      ...base,
      messages: [hi],
      mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'm' }],
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      output_config: { task_budget: { type: 'tokens', total: 5000 } },
      container: { skills: [{ type: 'anthropic', skill_id: 'xlsx' }] },
    },
    'system messages in the list': {
      ...base,
      messages: [
        hi,
        { role: 'system', content: 'Be brief.' },
        { role: 'system', content: 'Be kind.' },
        { role: 'assistant', content: 'Yes' },
        hi,
      ],
    },
    'a system message in the list': {
      ...base,
      messages: [
        hi,
        { role: 'system', content: 'From now on: French.' },
        { role: 'assistant', content: 'Oui' },
        hi,
      ],
    },
  }
  test.each(Object.entries(requests))('%s', (_, wire) => expectSame(wire))
})

const caller = { type: 'code_execution_20260120' as const, tool_id: 'srvtoolu_1' }

describe('blocks come back as they were', () => {
  const blocks: { readonly [name: string]: Params } = {
    'text with a cache marker': user([{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }]),
    'text with null citations': assistant([{ type: 'text', text: 'Hi', citations: null }]),
    'text without citations': assistant([{ type: 'text', text: 'Hi', citations: [] }]),
    'citations of all kinds': assistant([
      {
        type: 'text',
        text: 'So it is.',
        citations: [
          {
            type: 'char_location',
            cited_text: 'c',
            document_index: 0,
            document_title: 'D',
            start_char_index: 0,
            end_char_index: 1,
          },
          {
            type: 'page_location',
            cited_text: 'c',
            document_index: 0,
            document_title: null,
            start_page_number: 1,
            end_page_number: 2,
          },
          {
            type: 'content_block_location',
            cited_text: 'c',
            document_index: 1,
            document_title: null,
            start_block_index: 0,
            end_block_index: 1,
          },
          {
            type: 'web_search_result_location',
            cited_text: 'c',
            encrypted_index: 'e',
            title: 'T',
            url: 'https://a',
          },
          {
            type: 'search_result_location',
            cited_text: 'c',
            search_result_index: 0,
            source: 's',
            title: null,
            start_block_index: 0,
            end_block_index: 1,
          },
        ],
      },
    ]),
    'images of all sources': user([
      { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AA==' } },
      {
        type: 'image',
        source: { type: 'url', url: 'https://a/b.png' },
        cache_control: { type: 'ephemeral' },
      },
      {
        type: 'image',
        source: { type: 'file', file_id: 'f' },
        transformations: { oversized_image: 'error' },
      },
    ]),
    'documents of all sources': user([
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' },
        title: 'P',
      },
      {
        type: 'document',
        source: { type: 'text', media_type: 'text/plain', data: 'T' },
        context: 'why',
        citations: { enabled: true },
      },
      { type: 'document', source: { type: 'url', url: 'https://a/b.pdf' }, title: null, citations: null },
      { type: 'document', source: { type: 'file', file_id: 'f' }, citations: { enabled: false } },
      { type: 'document', source: { type: 'content', content: 'one text' } },
      {
        type: 'document',
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
      {
        type: 'document',
        source: {
          type: 'content',
          content: [{ type: 'image', source: { type: 'url', url: 'https://a/b.png' } }],
        },
      },
    ]),
    'search results': user([
      {
        type: 'search_result',
        source: 's',
        title: 't',
        content: [{ type: 'text', text: 'x' }],
        citations: { enabled: true },
      },
      { type: 'text', text: 'What now?' },
    ]),
    'thinking, signed and redacted': assistant([
      { type: 'thinking', thinking: 'Hm', signature: 'c2ln' },
      { type: 'thinking', thinking: '', signature: 'c2ln' },
      { type: 'redacted_thinking', data: 'cmVk' },
      { type: 'text', text: 'Done' },
    ]),
    'a call and its results': {
      ...base,
      messages: [
        hi,
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'f', input: { z: 1, a: { y: [1, null], b: 'x' } } },
            { type: 'tool_use', id: 'b', name: 'left_click', input: {}, toolset_name: 'computer', caller },
            { type: 'tool_use', id: 'c', name: 'g', input: {}, cache_control: { type: 'ephemeral' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
            {
              type: 'tool_result',
              tool_use_id: 'b',
              is_error: false,
              toolset_name: 'computer',
              content: [
                { type: 'text', text: 'seen' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
                { type: 'tool_reference', tool_name: 'h' },
              ],
            },
            {
              type: 'tool_result',
              tool_use_id: 'c',
              is_error: true,
              content: [],
              cache_control: { type: 'ephemeral' },
            },
            { type: 'tool_result', tool_use_id: 'd' },
            { type: 'tool_result', tool_use_id: 'e', content: '' },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
    },
    'what the provider ran': assistant([
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
      { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      {
        type: 'bash_code_execution_tool_result',
        tool_use_id: 't',
        content: { type: 'bash_code_execution_result', content: [], return_code: 0, stderr: '', stdout: 'x' },
      },
      { type: 'text', text: 'Done' },
    ]),
    'an uploaded file': user([{ type: 'container_upload', file_id: 'f' }]),
  }
  test.each(Object.entries(blocks))('%s', (_, wire) => expectSame(wire))

  test('blocks and fields of tomorrow', () => {
    expectSame({
      ...base,
      messages: [
        { role: 'user', content: [{ type: 'hologram', beam: 1 }], weight: 2 },
        { role: 'assistant', content: [{ type: 'text', text: 'x', shade: 'red' }] },
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A', x: 1 } }],
        },
      ],
      future: { a: 1 },
    })
  })

  test('what the provider ran is hosted, what nobody knows is unknown', () => {
    const { turns } = read(
      user([
        { type: 'container_upload', file_id: 'f' },
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      ]),
    )
    expect(turns[0]?.parts.map(part => part.kind)).toEqual(['unknown', 'hosted-tool'])
  })
})

describe('tools come back as they were', () => {
  const tool: Anthropic.Tool = {
    name: 'f',
    description: 'does',
    input_schema: { type: 'object', properties: { a: { type: 'string' } } },
  }
  const tools: { readonly [name: string]: Partial<Params> } = {
    'with every field': {
      tools: [
        {
          ...tool,
          type: 'custom',
          strict: true,
          cache_control: { type: 'ephemeral' },
          defer_loading: true,
          eager_input_streaming: null,
          input_examples: [{ a: 'x' }],
          allowed_callers: ['direct'],
        },
      ],
    },
    'the provider’s own': {
      tools: [
        tool,
        { type: 'web_search_20260318', name: 'web_search', max_uses: 2 },
        { type: 'computer_toolset_20260801', configs: { zoom: { enabled: false } } },
        { type: 'bash_20250124', name: 'bash', cache_control: { type: 'ephemeral' } },
      ],
    },
    'none at all': { tools: [] },
    auto: { tools: [tool], tool_choice: { type: 'auto' } },
    'auto, one at a time': { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    'any, several': { tools: [tool], tool_choice: { type: 'any', disable_parallel_tool_use: false } },
    none: { tools: [tool], tool_choice: { type: 'none' } },
    named: { tools: [tool], tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } },
  }
  test.each(Object.entries(tools))('%s', (_, fields) => expectSame({ ...base, messages: [hi], ...fields }))

  test('a choice knows what kind of tool it names', () => {
    const search = { type: 'web_search_20260318' as const, name: 'web_search' as const }
    const named = {
      ...base,
      messages: [hi],
      tools: [tool, search],
      tool_choice: { type: 'tool', name: 'web_search' },
    }
    expect(read(named).toolChoice).toEqual({ mode: 'tool', tool: { kind: 'hosted', name: 'web_search' } })
  })
})

describe('normalisations of a request', () => {
  const cases: { readonly [name: string]: readonly [JsonObject, JsonObject] } = {
    'one plain text is a string': [user([{ type: 'text', text: 'Hi' }]), user('Hi')] as never,
    'messages of one role in a row are one': [
      { ...base, messages: [hi, hi] },
      {
        ...base,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hi' },
              { type: 'text', text: 'Hi' },
            ],
          },
        ],
      },
    ],
    'not streaming goes unsaid': [
      { ...base, messages: [hi], stream: false },
      { ...base, messages: [hi] },
    ],
    'the older form of a format': [
      { ...base, messages: [hi], output_format: { type: 'json_schema', schema: { type: 'string' } } },
      {
        ...base,
        messages: [hi],
        output_config: { format: { type: 'json_schema', schema: { type: 'string' } } },
      },
    ],
  }
  test.each(Object.entries(cases))('%s', (_, [wire, normal]) => {
    expect(encodeRequest(read(wire))).toEqual({ value: normal, notes: [] })
  })
})

describe('any conversation of this wire', () => {
  const text = arbitraryText.filter(said => said.trim() !== '' && said === said.trimEnd())
  const block = fc.oneof(
    fc.record({ type: fc.constant('text'), text, mark: arbitraryName }),
    fc.record({
      type: fc.constant('tool_use'),
      id: arbitraryName,
      name: arbitraryName,
      input: arbitraryObject,
    }),
    fc.record({ type: fc.constant('thinking'), thinking: text, signature: arbitraryName }),
    fc.record({ type: fc.constant('server_tool_use'), id: arbitraryName, input: arbitraryObject }),
    arbitraryObject.map(fields => ({ ...fields, type: 'hologram' })),
  )
  const result = fc.record({ type: fc.constant('tool_result'), tool_use_id: arbitraryName, content: text })
  const answer = fc.record({
    role: fc.constant('assistant'),
    content: fc.array(block, { minLength: 1, maxLength: 4 }),
  })
  const reaction = fc
    .tuple(fc.array(result, { maxLength: 2 }), fc.array(block, { minLength: 1, maxLength: 2 }))
    .map(([results, blocks]) => ({ role: 'user', content: [...results, ...blocks] }))
  const wire = fc.record({
    model: arbitraryName,
    max_tokens: fc.nat(),
    system: fc.oneof(
      text,
      fc.array(fc.record({ type: fc.constant('text'), text, mark: text }), { minLength: 2 }),
    ),
    messages: fc.array(fc.tuple(answer, reaction), { maxLength: 3 }).map(pairs => [hi, ...pairs.flat()]),
    future: arbitraryObject,
  })

  test('comes back as it was', () => {
    fc.assert(
      fc.property(wire, said => expectSame(said as JsonObject)), // made of JSON
      { numRuns: 300 },
    )
  })
})

describe('mistakes are named where they are', () => {
  const mistakes: readonly (readonly [string, JsonObject])[] = [
    ['model', { max_tokens: 1, messages: [hi] }],
    ['max_tokens', { model: 'm', messages: [hi] }],
    ['max_tokens', { model: 'm', max_tokens: '1', messages: [hi] }],
    ['max_tokens', { model: 'm', max_tokens: 1.5, messages: [hi] }],
    ['messages', { ...base }],
    ['messages', { ...base, messages: 'Hi' }],
    ['messages[0].role', { ...base, messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { ...base, messages: [{ role: 'user' }] }],
    ['messages[0].content', { ...base, messages: [{ role: 'user', content: ['x'] }] }],
    ['messages[0].content[0].type', { ...base, messages: [{ role: 'user', content: [{ text: 'x' }] }] }],
    [
      'messages[0].content[0].text',
      { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: 1 }] }] },
    ],
    [
      'messages[0].content[0].source.data',
      {
        ...base,
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png' } }] },
        ],
      },
    ],
    [
      'messages[0].content[0].content[0].text',
      {
        ...base,
        messages: [
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text' }] }] },
        ],
      },
    ],
    ['system', { ...base, messages: [hi], system: 1 }],
    ['system[0].text', { ...base, messages: [hi], system: [{ type: 'text' }] }],
    ['tools', { ...base, messages: [hi], tools: {} }],
    ['tools[0].input_schema', { ...base, messages: [hi], tools: [{ name: 'f' }] }],
    ['tool_choice.type', { ...base, messages: [hi], tool_choice: { type: 'some' } }],
    ['tool_choice.name', { ...base, messages: [hi], tool_choice: { type: 'tool' } }],
    ['thinking.budget_tokens', { ...base, messages: [hi], thinking: { type: 'enabled' } }],
    ['output_config.effort', { ...base, messages: [hi], output_config: { effort: 3 } }],
    [
      'output_config.format.schema',
      { ...base, messages: [hi], output_config: { format: { type: 'json_schema' } } },
    ],
    ['temperature', { ...base, messages: [hi], temperature: '0' }],
    ['stop_sequences', { ...base, messages: [hi], stop_sequences: 'END' }],
    ['stream', { ...base, messages: [hi], stream: 'yes' }],
    ['metadata.user_id', { ...base, messages: [hi], metadata: { user_id: 5 } }],
  ]
  test.each(mistakes)('%s', (param, wire) => {
    const request = decodeRequest(wire)
    expect(request).toMatchObject({ ok: false, fault: { code: 'invalid_request', status: 400, param } })
    expect(request.ok ? '' : request.fault.message).toStartWith(`${param}: `)
  })

  test('a prototype in the body stays a field', () => {
    const wire = JSON.parse(
      '{"model":"m","max_tokens":1,"messages":[],"__proto__":{"stream":true},"constructor":1}',
    )
    const request = read(wire)
    expect(request.stream).toBe(false)
    expect(Object.keys(request.extra?.['anthropic-messages'] ?? {})).toEqual(['__proto__', 'constructor'])
  })
})

describe('the version of 2026-10-21', () => {
  const later = '2026-10-21'
  const cited = { type: 'text', text: 'x', citations: [{ type: 'char_location' }] }
  const document = { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }
  const say = (role: string, block: JsonObject) => ({ ...base, messages: [hi, { role, content: [block] }] })
  const refused: readonly (readonly [string, JsonObject])[] = [
    ['temperature', { ...base, messages: [hi], temperature: 1 }],
    ['top_p', { ...base, messages: [hi], top_p: 1 }],
    ['top_k', { ...base, messages: [hi], top_k: 1 }],
    ['messages[1].content[0]', say('assistant', document)],
    ['messages[1].content[0].citations', say('user', cited)],
    ['messages[1].content[0].content[0].citations', say('user', { type: 'search_result', content: [cited] })],
  ]
  test.each(refused)('refuses %s', (param, wire) => {
    expect(checkRevision(wire, later)).toMatchObject({ code: 'invalid_request', param })
    expect(checkRevision(wire, '2023-06-01')).toBeUndefined()
    expect(checkRevision(wire, undefined)).toBeUndefined()
  })
  test.each([
    say('user', document),
    say('user', { type: 'tool_result', tool_use_id: 'a', content: [document] }),
    say('assistant', cited),
    say('user', { ...cited, citations: [] }),
    say('user', { ...document, citations: { enabled: true } }),
  ])('takes %j', wire => expect(checkRevision(wire, later)).toBeUndefined())
})

describe('features C31: counting', () => {
  const { count } = anthropicMessages
  test('a prompt needs no limit and gets none', () => {
    const wire = {
      model: 'm',
      messages: [hi],
      system: 'S',
      thinking: { type: 'disabled' },
      cache_control: { type: 'ephemeral' },
    }
    const request = count?.decodeRequest(wire)
    if (!request?.ok) throw new Error('not read')
    expect(count?.encodeRequest(request.value)).toEqual({ value: wire, notes: [] })
  })
  test('what only steers the answer is left out unsaid', () => {
    const wire = {
      ...base,
      messages: [hi],
      stream: true,
      temperature: 1,
      metadata: { user_id: 'u' },
      speed: 'fast',
    }
    expect(count?.encodeRequest(read({ ...wire, container: 'c' }))).toEqual({
      value: { model: 'm', messages: [hi], speed: 'fast' },
      notes: [],
    })
  })
  test('the answer is a number', () => {
    expect(count?.decodeReply({ input_tokens: 7 })).toEqual({ ok: true, value: 7 })
    expect(count?.encodeReply(7)).toEqual({ input_tokens: 7 })
    expect(count?.decodeReply({ tokens: 7 })).toMatchObject({
      ok: false,
      fault: { code: 'upstream_invalid' },
    })
  })
})
