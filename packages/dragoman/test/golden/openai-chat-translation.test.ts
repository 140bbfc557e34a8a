import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'

const { encodeRequest, pathOf } = openaiChat

const plain: GenerateRequest = { model: 'm', turns: [], sampling: {}, hints: {}, stream: false }
const withTurns = (...turns: readonly Turn[]): GenerateRequest => ({ ...plain, turns })
const text = (value: string): Part => ({ kind: 'text', text: value })
const image: Part = {
  kind: 'media',
  media: 'image',
  source: { type: 'base64', mediaType: 'image/png', data: 'AA==' },
}

describe('what other dialects say', () => {
  test('instructions become one system message, of several parts where there are several', () => {
    const of = (instructions: readonly Part[]) => encodeRequest({ ...plain, instructions }).value.messages
    expect(of([text('a')])).toEqual([{ role: 'system', content: 'a' }])
    expect(of([text('a'), text('b')])).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ])
    expect(of([])).toEqual([])
  })

  test('features C9: images in tool results follow all results of the turn, and nothing vanishes without a note', () => {
    const result = (callId: string, ...parts: readonly Part[]): Turn => ({
      role: 'tool',
      parts: [{ kind: 'tool-result', type: 'function', callId, parts }],
    })
    const { value, notes } = encodeRequest(
      withTurns(result('a', text('A'), image), result('b', image), { role: 'user', parts: [text('next')] }),
    )
    const url = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
    expect(value.messages).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'The result follows in the next user message.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Result of the tool call a:' },
          url,
          { type: 'text', text: 'Result of the tool call b:' },
          url,
        ],
      },
      { role: 'user', content: 'next' },
    ])
    expect(notes.map(note => [note.kind, note.path])).toEqual([
      ['approximated', 'turns[0].parts[0]'],
      ['approximated', 'turns[1].parts[0]'],
    ])
  })

  const noted: readonly (readonly [string, GenerateRequest, readonly string[]])[] = [
    ['top_k', { ...plain, sampling: { topK: 4 } }, ['dropped sampling.topK']],
    [
      'a thinking budget',
      { ...plain, reasoning: { budget: 2048, mode: 'on' } },
      ['dropped reasoning.mode', 'dropped reasoning.budget'],
    ],
    ['thinking off', { ...plain, reasoning: { mode: 'off' } }, ['renamed reasoning.mode']],
    [
      'a reasoning summary',
      { ...plain, reasoning: { effort: 'low', summary: 'auto' } },
      ['dropped reasoning.summary'],
    ],
    [
      'a cache marker of another wire',
      withTurns({ role: 'user', parts: [{ ...text('x'), cache: { ttl: '1h' } }] }),
      ['dropped turns[0].parts[0].cache'],
    ],
    [
      'a document to cite',
      withTurns({
        role: 'user',
        parts: [{ kind: 'media', media: 'file', source: { type: 'file-id', id: 'f' }, citations: true }],
      }),
      ['dropped turns[0].parts[0].citations'],
    ],
    [
      'a document as text',
      withTurns({
        role: 'user',
        parts: [
          { kind: 'media', media: 'file', source: { type: 'text', mediaType: 'text/plain', text: 'x' } },
        ],
      }),
      ['approximated turns[0].parts[0]'],
    ],
    [
      'file data without a name',
      withTurns({
        role: 'user',
        parts: [
          {
            kind: 'media',
            media: 'file',
            source: { type: 'base64', mediaType: 'application/pdf', data: '' },
          },
        ],
      }),
      ['approximated turns[0].parts[0].filename'],
    ],
    [
      'a video',
      withTurns({
        role: 'user',
        parts: [{ kind: 'media', media: 'video', source: { type: 'url', url: 'https://x.test' } }],
      }),
      ['refused turns[0].parts[0]'],
    ],
    [
      'an error flag',
      withTurns({
        role: 'tool',
        parts: [{ kind: 'tool-result', type: 'function', callId: 'a', parts: [], isError: true }],
      }),
      ['dropped turns[0].parts[0].isError'],
    ],
    [
      'a hosted call of another wire',
      withTurns({
        role: 'assistant',
        parts: [{ kind: 'hosted-tool', dialect: 'anthropic-messages', type: 'server_tool_use', value: {} }],
      }),
      ['dropped turns[0].parts[0]'],
    ],
    [
      'a part nobody knows',
      withTurns({ role: 'user', parts: [{ kind: 'unknown', dialect: 'gemini', type: 'x', value: {} }] }),
      ['refused turns[0].parts[0]'],
    ],
    [
      'text behind a call',
      withTurns({
        role: 'assistant',
        parts: [{ kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '{}' }, text('x')],
      }),
      ['approximated turns[0].parts[1]'],
    ],
    [
      'a hosted tool of another wire',
      { ...plain, tools: [{ kind: 'hosted', dialect: 'openai-responses', type: 'web_search', value: {} }] },
      ['refused tools[0]'],
    ],
    [
      'extras of another wire',
      { ...plain, extra: { 'anthropic-messages': { made_up: 1, $own: 1 } } },
      ['dropped made_up'],
    ],
  ]
  test.each(noted)('%s is noted', (_, request, expected) => {
    expect(encodeRequest(request).notes.map(note => `${note.kind} ${note.path}`)).toEqual([...expected])
  })

  test('a choice and a flag do not outlive the tools that were all left out (trap 35)', () => {
    const { value } = encodeRequest({
      ...plain,
      tools: [{ kind: 'hosted', dialect: 'openai-responses', type: 'web_search', value: {} }],
      toolChoice: { mode: 'required' },
      parallelToolCalls: false,
    })
    expect(Object.keys(value)).toEqual(['model', 'messages'])
  })

  test('features C18, C20: foreign thoughts and signatures stay out of the history, and that is said', () => {
    const { value, notes } = encodeRequest(
      withTurns({
        role: 'assistant',
        parts: [
          {
            kind: 'thinking',
            text: 'hm',
            opaque: { form: 'signature', data: 'sig', dialect: 'anthropic-messages' },
          },
          text('x'),
          {
            kind: 'tool-call',
            type: 'function',
            id: 'a',
            name: 'f',
            arguments: '{}',
            opaque: { form: 'signature', data: 'gsig', dialect: 'gemini' },
          },
        ],
      }),
    )
    expect(JSON.stringify(value)).not.toContain('sig"')
    expect(notes.map(note => note.path)).toEqual(['turns[0].parts[2].opaque', 'turns[0].parts[0]'])
  })
})

test('paths of the model in the words of this wire', () => {
  const words = [
    'turns[2].parts[0]',
    'sampling.topK',
    'sampling.stop',
    'hints.user',
    'maxTokens',
    'candidates',
    'tools[0].parameters',
    'toolChoice.allowed[1]',
    'output.schema',
    'output',
    'reasoning.budget',
    'logprobs.top',
    'turns[1].parts[3].cache',
    'reply.candidates[1].parts[0]',
    'reply.candidates[1].finish',
  ].map(path => pathOf(path))
  expect(words).toEqual([
    'messages[2].content[0]',
    'top_k',
    'stop',
    'user',
    'max_completion_tokens',
    'n',
    'tools[0].function.parameters',
    'tool_choice.allowed[1]',
    'response_format.json_schema.schema',
    'response_format',
    'reasoning_effort',
    'top_logprobs',
    'messages[1].content[3].prompt_cache_breakpoint',
    'choices[1].message.content[0]',
    'choices[1].finish_reason',
  ])
})
