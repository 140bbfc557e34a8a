import { describe, expect, test } from 'bun:test'
import {
  anthropicMessages,
  unwrapCustomInput,
  wrapCustomInput,
  wrapCustomTool,
} from '../../src/dialects/anthropic-messages/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Note } from '../../src/ir/note.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import type { FunctionTool } from '../../src/ir/tool.ts'

// The traps of the reference card that a codec can fall into, by their numbers there. Of the others, facts about a
// model or a request's shape are left to adaptations and profiles (3, 4, 10, 12, 13, 28, 30, 33, 34, 37, 39, 40, 41,
// 44, 45, 46), the rest to the edge (2), other dialects' encoders (14, 15, 18, 19, 42, 52), retries (24), batches (49)
// and the suite (56). Streams and errors have their own files (16, 17, 20 to 23, 25, 50, 51, 57 to 60).

const { encodeRequest, decodeRequest, decodeReply } = anthropicMessages

const user = (...parts: readonly (string | Part)[]): Turn => ({ role: 'user', parts: parts.map(asPart) })
const assistant = (...parts: readonly (string | Part)[]): Turn => ({
  role: 'assistant',
  parts: parts.map(asPart),
})
const asPart = (part: string | Part): Part => (typeof part === 'string' ? { kind: 'text', text: part } : part)
const result = (callId: string, ...parts: readonly (string | Part)[]): Turn => ({
  role: 'tool',
  parts: [{ kind: 'tool-result', type: 'function', callId, parts: parts.map(asPart) }],
})
const call = (id: string, text: string): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name: 'f',
  arguments: text,
})
const tool = (name: string): FunctionTool => ({ kind: 'function', name })

function requestOf(fields: Partial<GenerateRequest>): GenerateRequest {
  return {
    model: 'm',
    maxTokens: 100,
    turns: [user('Hi')],
    sampling: {},
    hints: {},
    stream: false,
    ...fields,
  }
}

/** What is written for a request with these fields beyond the smallest one, and what is said about it. */
function write(fields: Partial<GenerateRequest>): {
  readonly value: JsonObject
  readonly notes: readonly string[]
} {
  const { value, notes } = encodeRequest(requestOf(fields))
  return { value, notes: notes.map((note: Note) => `${note.kind} ${note.path}`) }
}

const schemaOf = (name: string) => ({ name, input_schema: { type: 'object', properties: {} } })

describe('traps', () => {
  test('1: max_tokens is always written', () => {
    const { maxTokens: _, ...unlimited } = requestOf({})
    const { value, notes } = encodeRequest(unlimited)
    expect(value.max_tokens).toBe(8192)
    expect(notes).toMatchObject([{ kind: 'approximated', path: 'maxTokens' }])
  })

  test('5: a temperature above 1 is clamped', () => {
    expect(write({ sampling: { temperature: 1.7 } })).toMatchObject({
      value: { temperature: 1 },
      notes: ['clamped sampling.temperature'],
    })
  })

  test('6 and 7: tool results and what the user says are one message, results first', () => {
    const turns = [
      assistant(call('a', '{}'), call('b', '{}')),
      result('a', '1'),
      result('b', '2'),
      user('So?'),
    ]
    expect(write({ turns: [user('Hi'), ...turns] }).value.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: '1' },
          { type: 'tool_result', tool_use_id: 'b', content: '2' },
          { type: 'text', text: 'So?' },
        ],
      },
    ])
    const late = write({ turns: [user('Hi'), assistant(call('a', '{}')), user('Wait'), result('a', '1')] })
    expect(late.value.messages).toMatchObject([
      {},
      {},
      { content: [{ type: 'tool_result' }, { type: 'text' }] },
    ])
    expect(late.notes).toEqual(['approximated turns[3]'])
  })

  test('8: sequential calls without a choice make one', () => {
    const { value, notes } = write({ tools: [tool('f')], parallelToolCalls: false })
    expect(value.tool_choice).toEqual({ type: 'auto', disable_parallel_tool_use: true })
    expect(notes).toEqual([])
  })

  test('9: no switch for parallel calls where none are allowed', () => {
    const { value } = write({ tools: [tool('f')], toolChoice: { mode: 'none' }, parallelToolCalls: false })
    expect(value).toMatchObject({ tools: [schemaOf('f')], tool_choice: { type: 'none' } })
    expect(Object.keys(value.tool_choice ?? {})).toEqual(['type'])
  })

  test('11: a forced tool gives way to thinking with a budget', () => {
    const reasoning = { mode: 'on', budget: 2048 } as const
    const tools = [tool('f'), tool('g')]
    const any = write({ tools, reasoning, maxTokens: 9000, toolChoice: { mode: 'required' } })
    expect(any).toMatchObject({
      value: { tool_choice: { type: 'auto' } },
      notes: ['approximated toolChoice'],
    })
    const named = { mode: 'tool', tool: { kind: 'function', name: 'g' } } as const
    const one = write({ tools, reasoning, maxTokens: 9000, toolChoice: named })
    expect(one.value).toMatchObject({ tool_choice: { type: 'auto' }, tools: [schemaOf('g')] })
    expect(one.value.tools).toHaveLength(1)
  })

  test('13: signed thinking goes out as it came in, to the byte and in its place', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm ', signature: 'EqQB+/=' },
      { type: 'redacted_thinking', data: 'EmwK' },
      { type: 'tool_use', id: 'a', name: 'f', input: {} },
    ]
    const wire = { model: 'm', max_tokens: 1, messages: [{ role: 'assistant', content }] }
    const read = decodeRequest(wire)
    if (!read.ok) throw new Error(read.fault.message)
    expect(encodeRequest(read.value).value.messages).toEqual(wire.messages)
  })

  test('26: white space cannot stop', () => {
    expect(write({ sampling: { stop: ['\n', 'END', ' '] } })).toMatchObject({
      value: { stop_sequences: ['END'] },
      notes: ['dropped sampling.stop[0]', 'dropped sampling.stop[2]'],
    })
    expect(write({ sampling: { stop: [' '] } }).value.stop_sequences).toBeUndefined()
  })

  test('27: empty texts are not sent, messages of nothing else neither', () => {
    const turns = [user('', 'Hi', ''), assistant(''), assistant('', call('a', '')), result('a', '')]
    const { value, notes } = write({ turns, instructions: [{ kind: 'text', text: '' }] })
    expect(value.system).toBeUndefined()
    expect(value.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: '' }] },
    ])
    expect(notes).toEqual(['dropped turns[1]'])
  })

  test('29: a final assistant message ends without white space', () => {
    const { value, notes } = write({ turns: [user('Hi'), assistant('So: \n')] })
    expect(value.messages).toMatchObject([{}, { role: 'assistant', content: 'So:' }])
    expect(notes).toEqual(['approximated turns'])
  })

  test('31: a system turn between others is said as the user', () => {
    const turns: Turn[] = [user('Hi'), { role: 'developer', parts: [{ kind: 'text', text: 'French!' }] }]
    const { value, notes } = write({ turns })
    expect(value.messages).toMatchObject([{ role: 'user', content: [{ text: 'Hi' }, { text: 'French!' }] }])
    expect(notes).toEqual(['approximated turns[1]'])
  })

  test('32: leading system turns keep their order, a block each', () => {
    const system = (text: string, cache?: { ttl: string }): Turn => ({
      role: 'system',
      parts: [{ kind: 'text', text, ...(cache && { cache }) }],
    })
    const turns = [system('One'), system('Two', { ttl: '5m' }), user('Hi')]
    const { value, notes } = write({ turns, instructions: [{ kind: 'text', text: 'Zero' }] })
    expect(value.system).toEqual([
      { type: 'text', text: 'Zero' },
      { type: 'text', text: 'One' },
      { type: 'text', text: 'Two', cache_control: { type: 'ephemeral', ttl: '5m' } },
    ])
    expect(notes).toEqual([])
  })

  test('35: arguments that are no object are refused by the name of their call', () => {
    for (const text of ['[1]', '{"city":"Zür', 'null']) {
      const { value } = write({ turns: [user('Hi'), assistant(call('call_7', text))] })
      expect(value.messages).toMatchObject([{}, { content: [{ input: { INVALID_JSON: text } }] }])
    }
    const { notes } = encodeRequest(requestOf({ turns: [user('Hi'), assistant(call('call_7', '[1]'))] }))
    expect(notes).toMatchObject([{ kind: 'refused', path: 'turns[1].parts[0].arguments' }])
    expect(notes[0]?.reason).toContain('call_7')
  })

  test('36: images of other types are refused', () => {
    const image = (mediaType: string): Part => ({
      kind: 'media',
      media: 'image',
      source: { type: 'base64', mediaType, data: 'AA==' },
    })
    expect(write({ turns: [user('Hi', image('image/bmp'))] }).notes).toEqual(['refused turns[0].parts[1]'])
    for (const type of ['jpeg', 'png', 'gif', 'webp']) {
      expect(write({ turns: [user('Hi', image(`image/${type}`))] }).notes).toEqual([])
    }
  })

  test('38: every object of a schema is closed', () => {
    const leaf = { type: 'object', properties: { x: { type: 'number' } } }
    const schema = {
      type: 'object',
      properties: {
        a: leaf,
        b: { type: 'array', items: leaf },
        c: { anyOf: [leaf, { type: 'null' }] },
        d: { $ref: '#/$defs/D' },
      },
      $defs: { D: leaf },
      additionalProperties: false,
    }
    const closed = { ...leaf, additionalProperties: false }
    const { value, notes } = write({ output: { kind: 'json-schema', schema, strict: true } })
    expect(value.output_config).toEqual({
      format: {
        type: 'json_schema',
        schema: {
          ...schema,
          properties: {
            a: closed,
            b: { type: 'array', items: closed },
            c: { anyOf: [closed, { type: 'null' }] },
            d: { $ref: '#/$defs/D' },
          },
          $defs: { D: closed },
        },
      },
    })
    expect(notes).toEqual([])
  })

  test('39: closing an object that is open on purpose is said', () => {
    const schema = {
      type: 'object',
      properties: { map: { type: 'object', additionalProperties: { type: 'string' } } },
    }
    const { value, notes } = write({ output: { kind: 'json-schema', schema } })
    expect(value).toMatchObject({
      output_config: { format: { schema: { properties: { map: { additionalProperties: false } } } } },
    })
    expect(notes).toEqual(['approximated output.schema.properties.map.additionalProperties'])
  })

  test('43: a limit that leaves nothing beside the thinking is raised by it', () => {
    const { value, notes } = write({ maxTokens: 1000, reasoning: { budget: 4000 } })
    expect(value).toMatchObject({ max_tokens: 5000, thinking: { type: 'enabled', budget_tokens: 4000 } })
    expect(notes).toEqual(['approximated maxTokens'])
  })

  test('47: markers are neither added nor taken away', () => {
    const marked: Part = { kind: 'text', text: 'x', cache: {} }
    const { value, notes } = write({ turns: [user(marked, marked, marked, marked, marked)] })
    expect(JSON.stringify(value).match(/cache_control/g)).toHaveLength(5)
    expect(notes).toEqual([])
  })

  test('48: tiers are the words of the model', () => {
    const tierOf = (tier: string) => {
      const usage = { input_tokens: 1, output_tokens: 1, service_tier: tier }
      const reply = decodeReply({ type: 'message', content: [], stop_reason: 'end_turn', usage })
      return reply.ok ? reply.value.serviceTier : 'unread'
    }
    expect([tierOf('standard'), tierOf('priority'), tierOf('batch')]).toEqual([
      'default',
      'priority',
      undefined,
    ])
  })

  test('53: a compaction pass counts', () => {
    const pass = (type: string, tokens: number) => ({ type, input_tokens: tokens, output_tokens: tokens })
    const iterations = [pass('compaction', 1000), pass('message', 20), pass('advisor_message', 5)]
    const usage = { input_tokens: 20, output_tokens: 20, iterations }
    const reply = decodeReply({ content: [], stop_reason: 'end_turn', usage })
    expect(reply).toMatchObject({
      ok: true,
      value: { usage: { input: 1020, output: 1020, raw: { value: usage } } },
    })
    const fallback = {
      input_tokens: 20,
      output_tokens: 20,
      iterations: [pass('message', 7), pass('fallback_message', 20)],
    }
    const other = decodeReply({ content: [], stop_reason: 'end_turn', usage: fallback })
    expect(other).toMatchObject({ ok: true, value: { usage: { input: 20, output: 20 } } })
  })

  test('54: a call of a toolset and its result keep its name', () => {
    const wire = {
      model: 'm',
      max_tokens: 1,
      messages: [
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'a', name: 'zoom', input: {}, toolset_name: 'computer' }],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', toolset_name: 'computer' }] },
      ],
    }
    const read = decodeRequest(wire)
    if (!read.ok) throw new Error(read.fault.message)
    expect(encodeRequest(read.value).value).toEqual(wire)
  })

  test('55: citations of another dialect do not reach a request', () => {
    const cited: Part = {
      kind: 'text',
      text: 'x',
      annotations: [{ type: 'url', url: 'https://a', start: 0, end: 1 }],
    }
    const { value, notes } = write({ turns: [user('Hi'), assistant(cited), user('Go on')] })
    expect(value.messages).toMatchObject([{}, { content: 'x' }, {}])
    expect(notes).toEqual(['dropped turns[1].parts[0].annotations[0]'])
  })
})

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
        extra: { 'openai-chat': { web_search_options: {} } },
        turns: [{ ...user('Hi'), extra: { 'openai-chat': { weight: 1 } } }],
      },
      ['dropped web_search_options', 'dropped turns[0].weight'],
    ],
    'longer caches': [
      { turns: [user({ kind: 'text', text: 'x', cache: { ttl: '12h' } })] },
      ['approximated turns[0].parts[0].cache.ttl'],
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

describe('free-text tools for those who adapt them', () => {
  test('a tool becomes a function with one string, and its calls become text again', () => {
    const custom = {
      kind: 'custom',
      name: 'sh',
      description: 'Runs.',
      grammar: { syntax: 'lark', definition: 'start: "ls"' },
    } as const
    const wrapped = wrapCustomTool(custom)
    expect(wrapped).toMatchObject({ kind: 'function', name: 'sh', description: 'Runs.' })
    expect(wrapped.parameters).toMatchObject({ required: ['input'], additionalProperties: false })
    expect(JSON.stringify(wrapped.parameters)).toContain('lark')
    for (const text of ['', 'ls -l\n"x"', '{"input":1}']) {
      expect(unwrapCustomInput(JSON.stringify(wrapCustomInput(text)))).toBe(text)
    }
    expect(unwrapCustomInput('not JSON')).toBe('not JSON')
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
