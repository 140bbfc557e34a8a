import { describe, expect, test } from 'bun:test'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest } from '../../src/ir/request.ts'
import { assistant, call, result, schemaOf, tool, user, write } from './anthropic-messages-turns.ts'

describe('what other dialects say and this one cannot', () => {
  const cases: { readonly [name: string]: readonly [Partial<GenerateRequest>, readonly string[]] } = {
    'several answers': [{ candidates: 3 }, ['refused candidates']],
    logprobs: [{ logprobs: {} }, ['refused logprobs']],
    'biased tokens': [{ sampling: { logitBias: { '5': 1 } } }, ['refused sampling.logitBias']],
    'a voice': [
      { modalities: ['text', 'audio'], audio: { voice: 'a' } },
      ['refused modalities', 'dropped audio'],
    ],
    'a seed': [{ sampling: { seed: 1 } }, ['dropped sampling.seed']],
    penalties: [
      { sampling: { frequencyPenalty: 1, presencePenalty: -1 } },
      ['dropped sampling.frequencyPenalty', 'dropped sampling.presencePenalty'],
    ],
    hints: [
      { hints: { metadata: {}, promptCacheKey: 'k', verbosity: 'low', prediction: {}, store: true } },
      [
        'dropped hints.metadata',
        'dropped hints.promptCacheKey',
        'dropped hints.verbosity',
        'dropped hints.prediction',
        'dropped hints.store',
      ],
    ],
    'a tier that does not exist': [{ hints: { serviceTier: 'flex' } }, ['dropped hints.serviceTier']],
    'JSON without a schema': [{ output: { kind: 'json' } }, ['refused output']],
    'tools of free text': [{ tools: [{ kind: 'custom', name: 'c' }] }, ['refused tools[0]']],
    'tools of other providers': [
      { tools: [tool('f'), { kind: 'hosted', dialect: 'openai-responses', type: 'file_search', value: {} }] },
      ['refused tools[1]'],
    ],
    'a choice without tools': [{ toolChoice: { mode: 'auto' } }, ['dropped toolChoice']],
    'unsigned thinking': [
      { turns: [user('Hi'), assistant({ kind: 'thinking', text: 'Hm' }, 'x'), user('Go on')] },
      ['dropped turns[1].parts[0]'],
    ],
    'thinking that others signed': [
      {
        turns: [
          user('Hi'),
          assistant(
            { kind: 'thinking', text: 'Hm', opaque: { form: 'signature', data: 's', dialect: 'gemini' } },
            {
              kind: 'thinking',
              text: '',
              opaque: { form: 'encrypted', data: 'e', dialect: 'openai-responses' },
            },
            'x',
          ),
          user('Go on'),
        ],
      },
      ['dropped turns[1].parts[0]', 'dropped turns[1].parts[1]'],
    ],
    'a voice as input': [
      {
        turns: [
          user('Hi', {
            kind: 'media',
            media: 'audio',
            source: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' },
          }),
        ],
      },
      ['refused turns[0].parts[1]'],
    ],
    'a file of a type it does not read': [
      {
        turns: [
          user('Hi', {
            kind: 'media',
            media: 'file',
            source: { type: 'base64', mediaType: 'application/zip', data: 'AA==' },
          }),
        ],
      },
      ['refused turns[0].parts[1]'],
    ],
    'an image by the assistant': [
      {
        turns: [
          user('Hi'),
          assistant('x', { kind: 'media', media: 'image', source: { type: 'url', url: 'https://a' } }),
        ],
      },
      ['refused turns[1].parts[1]'],
    ],
    'a level of detail': [
      {
        turns: [
          user({ kind: 'media', media: 'image', source: { type: 'url', url: 'https://a' }, detail: 'low' }),
        ],
      },
      ['dropped turns[0].parts[0].detail'],
    ],
    'names of participants': [{ turns: [{ ...user('Hi'), name: 'Ann' }] }, ['dropped turns[0].name']],
    'parts nobody knows': [
      { turns: [user('Hi', { kind: 'unknown', dialect: 'gemini', type: 'video_clip', value: {} })] },
      ['refused turns[0].parts[1]'],
    ],
    'fields of other dialects': [
      {
        extra: { 'openai-chat': { top_a: 0.5 } },
        turns: [{ ...user('Hi'), extra: { 'openai-chat': { weight: 1 } } }],
      },
      ['dropped top_a', 'dropped turns[0].weight'],
    ],
    'a free-text call of the past': [
      {
        turns: [
          user('Hi'),
          assistant({ kind: 'tool-call', type: 'custom', id: 'a', name: 'c', arguments: 'ls' }),
        ],
      },
      ['emulated turns[1].parts[0]'],
    ],
    'only system turns': [
      { turns: [{ role: 'system', parts: [{ kind: 'text', text: 'x' }] }] },
      ['refused turns'],
    ],
  }
  test.each(Object.entries(cases))('%s', (_, [fields, notes]) =>
    expect(write(fields).notes).toEqual([...notes]),
  )

  test('defaults are lost without loss', () => {
    const sampling = { frequencyPenalty: 0, presencePenalty: 0, logitBias: {} }
    const { notes } = write({ candidates: 1, sampling, modalities: ['text'], hints: { store: false } })
    expect(notes).toEqual([])
  })
})

describe('what other dialects say in other words', () => {
  const cases: {
    readonly [name: string]: readonly [Partial<GenerateRequest>, JsonObject, readonly string[]]
  } = {
    'no effort': [
      { reasoning: { effort: 'none' } },
      { thinking: { type: 'disabled' } },
      ['renamed reasoning.effort'],
    ],
    'the least effort': [
      { reasoning: { effort: 'minimal' } },
      { output_config: { effort: 'low' } },
      ['approximated reasoning.effort'],
    ],
    'thinking without a number': [
      { reasoning: { mode: 'on', summary: 'detailed' } },
      { thinking: { type: 'adaptive', display: 'summarized' } },
      ['approximated reasoning.mode', 'approximated reasoning.summary'],
    ],
    'a budget too small': [
      { reasoning: { budget: 5 }, maxTokens: 2000 },
      { thinking: { type: 'enabled', budget_tokens: 1024 } },
      ['clamped reasoning.budget'],
    ],
    'who is asking': [
      { hints: { user: 'u', safetyIdentifier: 's' } },
      { metadata: { user_id: 's' } },
      ['renamed hints.safetyIdentifier', 'dropped hints.user'],
    ],
    'the usual tier': [{ hints: { serviceTier: 'default' } }, { service_tier: 'standard_only' }, []],
    'a better tier': [
      { hints: { serviceTier: 'priority' } },
      { service_tier: 'auto' },
      ['approximated hints.serviceTier'],
    ],
    'a schema with a name': [
      {
        output: {
          kind: 'json-schema',
          name: 'city',
          description: 'One.',
          strict: false,
          schema: { type: 'object', properties: {}, additionalProperties: false },
        },
      },
      {
        output_config: {
          format: {
            type: 'json_schema',
            schema: {
              title: 'city',
              description: 'One.',
              type: 'object',
              properties: {},
              additionalProperties: false,
            },
          },
        },
      },
      ['approximated output.strict', 'renamed output.name', 'renamed output.description'],
    ],
    'any tool': [
      { tools: [tool('f')], toolChoice: { mode: 'required' } },
      { tool_choice: { type: 'any' } },
      [],
    ],
    'some of the tools': [
      {
        tools: [tool('f'), tool('g')],
        toolChoice: { mode: 'required', allowed: [{ kind: 'function', name: 'g' }] },
      },
      { tools: [schemaOf('g')], tool_choice: { type: 'any' } },
      ['approximated toolChoice.allowed'],
    ],
    'a refusal of the past': [
      { turns: [user('Hi'), assistant({ kind: 'refusal', text: 'No.' }), user('Please')] },
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'No.' },
          { role: 'user', content: 'Please' },
        ],
      },
      ['renamed turns[1].parts[0]'],
    ],
    'a text file': [
      {
        turns: [
          user({
            kind: 'media',
            media: 'file',
            filename: 'a.csv',
            source: { type: 'base64', mediaType: 'text/csv', data: Buffer.from('é;1').toString('base64') },
          }),
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                title: 'a.csv',
                source: { type: 'text', media_type: 'text/plain', data: 'é;1' },
              },
            ],
          },
        ],
      },
      ['approximated turns[0].parts[0]'],
    ],
    'a longer cache': [
      { turns: [user({ kind: 'text', text: 'x', cache: { ttl: '30m' } })] },
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
          },
        ],
      },
      ['approximated turns[0].parts[0].cache.ttl'],
    ],
    'a failed tool that shows an image': [
      {
        turns: [
          user('Hi'),
          {
            role: 'tool',
            parts: [
              {
                kind: 'tool-result',
                type: 'function',
                callId: 'a',
                isError: true,
                parts: [{ kind: 'media', media: 'image', source: { type: 'file-id', id: 'f' } }],
              },
            ],
          },
        ],
      },
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'a',
                is_error: true,
                content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }],
              },
              { type: 'text', text: 'Hi' },
            ],
          },
        ],
      },
      ['approximated turns[1]'],
    ],
  }
  test.each(Object.entries(cases))('%s', (_, [fields, wire, notes]) => {
    const written = write(fields)
    for (const [key, value] of Object.entries(wire))
      expect({ [key]: written.value[key] }).toEqual({ [key]: value })
    expect(written.notes).toEqual([...notes])
  })
})

describe('what features.md asks of requests', () => {
  test('features C9: what a tool answered is its result, text, failure and image, and nothing vanishes unsaid', () => {
    const image: Part = { kind: 'media', media: 'image', source: { type: 'url', url: 'https://a/b.png' } }
    const voice: Part = { kind: 'media', media: 'audio', source: { type: 'url', url: 'https://a/b.wav' } }
    const { value, notes } = write({
      turns: [user('Hi'), assistant(call('a', '{}')), result('a', 'seen', image, voice)],
    })
    expect(value.messages).toMatchObject([
      {},
      {},
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [
              { type: 'text', text: 'seen' },
              { type: 'image', source: { type: 'url', url: 'https://a/b.png' } },
            ],
          },
        ],
      },
    ])
    expect(notes).toEqual(['refused turns[2].parts[0].parts[2]'])
  })

  test('features C29: a conversation that goes on begins with the same bytes, its markers untouched', () => {
    const marked: Part = { kind: 'text', text: 'Long.', cache: { ttl: '1h' } }
    const begun = [
      user(marked),
      assistant('x', call('a', '{"z":1,"a":2}')),
      result('a', 'ok'),
      assistant('y'),
    ]
    const instructions: readonly Part[] = [{ kind: 'text', text: 'S', cache: {} }]
    const before = JSON.stringify(write({ instructions, turns: begun }).value)
    const after = JSON.stringify(write({ instructions, turns: [...begun, user('And?')] }).value)
    const shared = before.slice(0, before.indexOf('"y"'))
    expect(shared.match(/cache_control/g)).toHaveLength(2)
    expect(after.startsWith(shared)).toBe(true)
  })
})

test('paths of the model read in the words of this wire', () => {
  const { pathOf } = anthropicMessages
  const paths: { readonly [path: string]: string } = {
    'turns[2].parts[0].arguments': 'messages[2].content[0].input',
    'instructions[0].cache.ttl': 'system[0].cache_control.ttl',
    'sampling.topK': 'top_k',
    'sampling.stop[1]': 'stop_sequences[1]',
    maxTokens: 'max_tokens',
    'hints.user': 'metadata.user_id',
    'reasoning.effort': 'output_config.effort',
    'output.schema.properties.a': 'output_config.format.schema.properties.a',
    output: 'output_config.format',
    'candidates[0].parts[1].annotations[0]': 'content[1].citations[0]',
    'candidates[0].finish.reason': 'stop_reason',
    'tools[0].parameters': 'tools[0].input_schema',
  }
  for (const [path, wire] of Object.entries(paths)) expect(pathOf(path)).toBe(wire)
})
