import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Candidate, Reply } from '../../src/ir/reply.ts'
import { clientOf, render, renderOf } from './openai-chat-driver.ts'

const { decodeReply, encodeReply, glance } = openaiChat

const body = (message: JsonObject, more: JsonObject = {}, top: JsonObject = {}): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: null, refusal: null, ...message },
      logprobs: null,
      finish_reason: 'stop',
      ...more,
    },
  ],
  ...top,
})

function decoded(wire: JsonObject): Reply {
  const reply = decodeReply(wire)
  if (!reply.ok) throw new Error(reply.fault.message)
  return reply.value
}

const token = {
  token: 'a',
  logprob: -0.1,
  bytes: [97],
  top_logprobs: [{ token: 'b', logprob: -2, bytes: null }],
}

/** Bodies that are written exactly as they were read. */
const kept: { readonly [name: string]: JsonObject } = {
  text: body({ content: 'a' }),
  'an empty text': body({ content: '' }),
  'no text at all': body({}),
  'a refusal': body({ refusal: 'No.' }),
  annotations: body({
    content: 'abc',
    annotations: [
      {
        type: 'url_citation',
        url_citation: { url: 'https://x.test', title: 't', start_index: 0, end_index: 3, x: 1 },
      },
    ],
  }),
  'no annotations': body({ content: 'a', annotations: [] }),
  'annotations of a kind nobody knows': body({
    content: 'a',
    annotations: [{ type: 'file', file: { id: 'f' } }],
  }),
  audio: body({ audio: { id: 'a', data: 'AAAA', expires_at: 2, transcript: 'hey' } }),
  'parallel calls': body(
    {
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{bad' }, index: 0 },
        { id: 'b', type: 'custom', custom: { name: 'c', input: 'x' } },
      ],
    },
    { finish_reason: 'tool_calls' },
  ),
  'a call beside an empty text': body(
    { content: '', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] },
    { finish_reason: 'tool_calls' },
  ),
  function_call: body({ function_call: { name: 'f', arguments: '{}' } }, { finish_reason: 'function_call' }),
  reasoning: body({ content: 'a', reasoning_content: 'r' }),
  'reasoning by its other name, with details': body({
    content: 'a',
    reasoning: 'r',
    reasoning_details: [{ type: 'reasoning.text', text: 'r', signature: 's' }],
  }),
  'reasoning that is not there': body({ content: 'a', reasoning_content: null, reasoning: '' }),
  'log probabilities': body({ content: 'a' }, { logprobs: { content: [token], refusal: null } }),
  'log probabilities of a refusal': body({ refusal: 'a' }, { logprobs: { content: null, refusal: [token] } }),
  'log probabilities of nothing': body({}, { logprobs: { content: [token], refusal: null } }),
  'an identified token': body(
    { content: 'a' },
    {
      logprobs: {
        content: [{ ...token, id: 7, top_logprobs: [{ token: 'b', logprob: -2, bytes: [98], id: 8 }] }],
        refusal: null,
      },
    },
  ),
  'every finish': body({ content: 'a' }, { finish_reason: 'content_filter' }),
  'a finish of a host': body({ content: 'a' }, { finish_reason: 'load' }),
  'a finish that every object has': body({ content: 'a' }, { finish_reason: 'constructor' }),
  'fields nobody knows': body(
    { content: 'a', images: [1] },
    { stop_reason: 7, content_filter_results: {} },
    { timings: { a: 1 }, provider: 'x' },
  ),
  'tier and fingerprint': body({ content: 'a' }, {}, { service_tier: 'default', system_fingerprint: 'fp' }),
  'tier and fingerprint that are null': body(
    { content: 'a' },
    {},
    { service_tier: null, system_fingerprint: null },
  ),
  usage: body(
    { content: 'a' },
    {},
    {
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 1, audio_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 1 },
        cost: 0.1,
      },
    },
  ),
}

describe('a body is written as it was read', () => {
  test.each(Object.entries(kept))('%s', (_, wire) => {
    const { value, notes } = encodeReply(decoded(wire), render)
    expect(value).toEqual(wire)
    expect(notes).toEqual([])
    expect(glance(wire).usage).toEqual(decoded(wire).usage)
  })

  test('n choices, each with its own', () => {
    const wire = {
      ...body({ content: 'a' }),
      choices: [
        ...(body({ content: 'a' }).choices as JsonObject[]),
        { ...(body({ content: 'b' }).choices as JsonObject[])[0], index: 1 },
      ],
    }
    expect(encodeReply(decoded(wire), render).value).toEqual(wire)
  })

  test('and the official client reads it', async () => {
    const wire = kept['parallel calls'] ?? {}
    const text = JSON.stringify(encodeReply(decoded(wire), render).value)
    const completion = await clientOf(text, 'application/json').chat.completions.create({
      model: 'm',
      messages: [],
    })
    expect(completion.choices[0]?.message.tool_calls).toHaveLength(2)
  })
})

describe('a body means', () => {
  test('features C30: the ledger counts cached tokens once, wherever a host puts them', () => {
    const of = (usage: JsonObject) => decoded(body({ content: 'a' }, {}, { usage })).usage
    const counts = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const expected = { input: 6, cacheRead: 4, cacheWrite: 0, output: 5 }
    expect(
      of({
        ...counts,
        prompt_tokens_details: { cached_tokens: 4 },
        prompt_token_details: { cached_tokens: 4 },
      }),
    ).toMatchObject(expected)
    expect(of({ ...counts, cached_tokens: 4 })).toMatchObject(expected)
    expect(of({ ...counts, num_cached_tokens: 4 })).toMatchObject(expected)
    expect(of({ ...counts, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 })).toMatchObject(expected)
    expect(of({ ...counts, prompt_tokens_details: { cached_tokens: 40 } })?.input).toBe(0)
  })

  test('the whole ledger becomes counts that add up', () => {
    const usage = {
      input: 6,
      cacheRead: 3,
      cacheWrite: 1,
      output: 5,
      reasoning: 2,
      source: 'reported',
    } as const
    const finish = { reason: 'stop' } as const
    const { value } = encodeReply({ candidates: [{ index: 0, parts: [], finish }], usage }, render)
    expect(value.usage).toEqual({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2 },
    })
  })

  test('chunks of content as thoughts and texts, which the caller gets as strings', () => {
    const wire = body({
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
        { type: 'reference', reference_ids: [1] },
        { type: 'text', text: 'b' },
      ],
    })
    const reply = decoded(wire)
    expect(reply.candidates[0]?.parts.map(part => part.kind)).toEqual(['thinking', 'text', 'unknown', 'text'])
    const { value, notes } = encodeReply(reply, render)
    expect(value.choices).toMatchObject([{ message: { content: 'ab', reasoning_content: 'hm' } }])
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[2]'])
  })

  test('finish reasons of hosts in the words of OpenAI', () => {
    const of = (word: string) => {
      const choices = encodeReply(decoded(body({ content: 'a' }, { finish_reason: word })), render).value
        .choices
      return (choices as JsonObject[])[0]?.finish_reason
    }
    const words = [
      'model_length',
      'max_tokens',
      'eos',
      'end_turn',
      'sensitive',
      'model_context_window_exceeded',
      'STOP',
    ]
    expect(words.map(of)).toEqual(['length', 'length', 'stop', 'stop', 'content_filter', 'length', 'stop'])
  })

  test('missing ids of calls are derived, the same each time and apart from one another', () => {
    const wire = body({
      tool_calls: [{ function: { name: 'f', arguments: '1' } }, { function: { name: 'f', arguments: '1' } }],
    })
    const ids = () =>
      decoded(wire).candidates[0]?.parts.map(part => (part.kind === 'tool-call' ? part.id : ''))
    expect(new Set(ids()).size).toBe(2)
    expect(ids()).toEqual(ids())
  })
})

/** Bodies that are no answers, whatever their status was. */
const failures: readonly (readonly [string, JsonObject, object])[] = [
  [
    'an error in a 200',
    { error: { message: 'boom', type: 'server_error' } },
    { code: 'upstream_error', message: 'boom' },
  ],
  ['a string', { error: 'Unexpected endpoint or method.' }, { message: 'Unexpected endpoint or method.' }],
  ['a sentence as code', { code: 'Client specified an invalid argument', error: 'bad' }, { message: 'bad' }],
  [
    'an error without envelope',
    { object: 'error', message: 'boom', type: 'x', code: 429 },
    { code: 'rate_limited' },
  ],
  ['a detail', { detail: 'Model not found' }, { message: 'Model not found' }],
  ['no choices', { id: 'x', choices: [] }, { code: 'upstream_invalid' }],
  ['choices that are null', { id: 'x', choices: null }, { code: 'upstream_invalid' }],
  ['an empty object', {}, { code: 'upstream_invalid' }],
  [
    'a choice that failed',
    { choices: [{ message: {}, finish_reason: 'error', error: { code: 502, message: 'boom' } }] },
    { message: 'boom' },
  ],
]

describe('features C32: a 200 that is an error is a fault', () => {
  test.each(failures)('%s', (_, wire, fault) => {
    const reply = decodeReply(wire)
    expect(reply.ok).toBe(false)
    expect(reply.ok ? {} : reply.fault).toMatchObject(fault)
    expect(glance(wire).fault).toEqual(reply.ok ? undefined : reply.fault)
  })
})

describe('what other dialects answer', () => {
  const of = (candidate: Partial<Candidate>, more: Partial<Reply> = {}) =>
    encodeReply(
      { candidates: [{ index: 0, parts: [], finish: { reason: 'stop' }, ...candidate }], ...more },
      render,
    )

  test('texts are joined, and positions of citations moved along', () => {
    const { value } = of({
      parts: [
        { kind: 'text', text: 'ab' },
        {
          kind: 'text',
          text: 'cd',
          annotations: [
            { type: 'url', url: 'https://x.test', start: 0, end: 1 },
            { type: 'document', url: 'https://y.test' },
          ],
        },
      ],
    })
    expect(value.choices).toMatchObject([
      {
        message: {
          content: 'abcd',
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://x.test', title: '', start_index: 2, end_index: 3 },
            },
            { url_citation: { url: 'https://y.test', start_index: 2, end_index: 4 } },
          ],
        },
      },
    ])
  })

  test('a citation of a document is left out with a note', () => {
    const { notes } = of({
      parts: [{ kind: 'text', text: 'a', annotations: [{ type: 'document', documentIndex: 0 }] }],
    })
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[0].annotations[0]'])
  })

  test('an answer without a candidate still has one choice', () => {
    const { value } = encodeReply({ candidates: [] }, render)
    expect(value.choices).toMatchObject([
      { index: 0, message: { role: 'assistant', content: '' }, finish_reason: 'stop' },
    ])
  })

  test('ids, time and model', () => {
    const { value } = of({}, { dialect: 'anthropic-messages', id: 'msg_1', model: 'claude' })
    expect(value).toMatchObject({
      id: 'chatcmpl-call1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude',
    })
  })

  test('a paused turn, a stop sequence and an explanation are noted', () => {
    const { value, notes } = of({ finish: { reason: 'pause', stopSequence: 'x', explanation: 'y' } })
    expect(value.choices).toMatchObject([{ finish_reason: 'stop' }])
    expect(notes.map(note => `${note.kind} ${note.path}`)).toEqual([
      'dropped reply.candidates[0].finish.stopSequence',
      'dropped reply.candidates[0].finish.explanation',
      'approximated reply.candidates[0].finish',
    ])
  })

  test('images and hosted tools have no place, and that is said', () => {
    const { notes } = of({
      parts: [
        { kind: 'media', media: 'image', source: { type: 'base64', mediaType: 'image/png', data: '' } },
        { kind: 'hosted-tool', dialect: 'openai-responses', type: 'web_search_call', value: {} },
      ],
    })
    expect(notes.map(note => note.path)).toEqual([
      'reply.candidates[0].parts[0]',
      'reply.candidates[0].parts[1]',
    ])
  })

  test('a caller of functions gets function_call', () => {
    const tools = [{ kind: 'function', name: 'f', extra: { 'openai-chat': { $form: 'functions' } } }] as const
    const reply: Reply = {
      candidates: [
        {
          index: 0,
          parts: [{ kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '{}' }],
          finish: { reason: 'tool-calls' },
        },
      ],
    }
    const { choices } = encodeReply(reply, renderOf({ tools })).value
    expect(choices).toMatchObject([
      {
        message: { content: null, function_call: { name: 'f', arguments: '{}' } },
        finish_reason: 'function_call',
      },
    ])
  })
})
