import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Candidate, Finish, Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import { encode, finalOf, render } from './openai-responses-driver.ts'

const { decodeReply, encodeReply } = openaiResponses

/** An answer of another dialect. */
function foreign(candidate: Partial<Candidate>, more: Partial<Reply> = {}): Reply {
  const first = { index: 0, parts: [], finish: { reason: 'stop' as const }, ...candidate }
  return { dialect: 'openai-chat', candidates: [first], ...more }
}

const text: Part = { kind: 'text', text: 'a' }
const image: Part = {
  kind: 'media',
  media: 'image',
  source: { type: 'base64', mediaType: 'image/png', data: '' },
}
const logprobs = [{ token: 'a', logprob: -1, top: [] }]
const second = { index: 1, parts: [text], finish: { reason: 'stop' as const } }

/** What an answer of another dialect can hold that this wire has no word for. */
const losses: readonly (readonly [string, Reply, string, string])[] = [
  ['a second candidate', { candidates: [{ ...second, index: 0 }, second] }, 'dropped', 'reply.candidates[1]'],
  ['a picture', foreign({ parts: [image] }), 'dropped', 'reply.candidates[0].parts[0]'],
  [
    'a hosted tool of another provider',
    foreign({ parts: [{ kind: 'hosted-tool', dialect: 'gemini', type: 't', value: {} }] }),
    'dropped',
    'reply.candidates[0].parts[0]',
  ],
  [
    'log probabilities of a refusal',
    foreign({ parts: [{ kind: 'refusal', text: 'No.', logprobs }] }),
    'dropped',
    'reply.candidates[0].parts[0].logprobs',
  ],
  [
    'a signature',
    foreign({ parts: [{ ...text, opaque: { form: 'signature', data: 'x', dialect: 'gemini' } }] }),
    'dropped',
    'reply.candidates[0].parts[0].opaque',
  ],
  [
    'a call without an id',
    foreign({ parts: [{ kind: 'tool-call', type: 'function', id: '', name: 'f', arguments: '' }] }),
    'renamed',
    'reply.candidates[0].parts[0].id',
  ],
  [
    'a field of the answer',
    foreign({}, { extra: { 'openai-chat': { moderation: 'x' } } }),
    'dropped',
    'reply.moderation',
  ],
  [
    'a field of its end',
    foreign({ finish: { reason: 'stop', extra: { gemini: { kindOfEnd: 'x' } } } }),
    'dropped',
    'reply.candidates[0].finish.kindOfEnd',
  ],
]

describe('an answer of another dialect', () => {
  test.each(losses)('loses %s, aloud', (_, reply, kind, path) => {
    const { value, notes } = encodeReply(reply, render)
    expect(notes.map(note => `${note.kind} ${note.path}`)).toEqual([`${kind} ${path}`])
    const stream = encode(unfold(reply))
    expect(stream.notes.map(note => `${note.kind} ${note.path}`)).toEqual([`${kind} ${path}`])
    expect(finalOf(stream.text)).toEqual(value)
  })

  test('cites on text alone', () => {
    const annotation = { type: 'url' as const, url: 'https://x.test' }
    const { notes } = encode([
      { type: 'start' },
      { type: 'part-start', candidate: 0, part: 0, open: { kind: 'refusal', text: '' } },
      { type: 'annotation', candidate: 0, part: 0, annotation },
    ])
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'reply.candidates[0].parts[0].annotations' }])
  })

  test('shows steps of other providers to nobody, and says so once', () => {
    const step = { type: 'progress' as const, candidate: 0, dialect: 'gemini' as const, value: { type: 'x' } }
    const { text: written, notes } = encode([{ type: 'start' }, step, step, { type: 'end' }])
    expect(written).not.toContain('"x"')
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'reply.progress' }])
  })

  const ends: readonly (readonly [Finish, JsonObject])[] = [
    [{ reason: 'stop' }, { status: 'completed', incomplete_details: null }],
    [{ reason: 'tool-calls' }, { status: 'completed', incomplete_details: null }],
    [{ reason: 'pause' }, { status: 'completed', incomplete_details: null }],
    [{ reason: 'unknown' }, { status: 'completed', incomplete_details: null }],
    [{ reason: 'length' }, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    [
      { reason: 'content-filter' },
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
    ],
    [
      { reason: 'error', explanation: 'Why.' },
      { status: 'failed', error: { code: 'server_error', message: 'Why.' } },
    ],
  ]

  test.each(ends)('that ends with %p', (finish, wire) => {
    expect(encodeReply(foreign({ finish }), render).value).toMatchObject(wire)
    expect(finalOf(encode(unfold(foreign({ finish }))).text)).toMatchObject(wire)
  })

  test('has log probabilities with the bytes of each token', () => {
    const part: Part = {
      ...text,
      logprobs: [{ token: 'é', logprob: -1, top: [{ token: 'e', logprob: -2, bytes: null }] }],
    }
    expect(encodeReply(foreign({ parts: [part] }), render).value.output).toMatchObject([
      {
        content: [
          {
            logprobs: [
              {
                token: 'é',
                bytes: [195, 169],
                logprob: -1,
                top_logprobs: [{ token: 'e', bytes: [], logprob: -2 }],
              },
            ],
          },
        ],
      },
    ])
  })
})

describe('an answer of this wire', () => {
  const ends: readonly (readonly [JsonObject, Partial<Finish>])[] = [
    [{ status: 'completed' }, { reason: 'stop', raw: 'completed' }],
    [{}, { reason: 'stop', raw: 'completed' }],
    [
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      { reason: 'length', raw: 'max_output_tokens' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'max_messages' } },
      { reason: 'length', raw: 'max_messages' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      { reason: 'content-filter', raw: 'content_filter' },
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'steered' } },
      { reason: 'unknown', raw: 'steered' },
    ],
    [
      { status: 'incomplete', incomplete_details: null },
      { reason: 'unknown', raw: 'incomplete' },
    ],
    [
      { status: 'cancelled', incomplete_details: null },
      { reason: 'unknown', raw: 'cancelled' },
    ],
  ]

  test.each(ends)('that ends with %p', (wire, finish) => {
    const reply = decodeReply({ output: [], ...wire })
    if (!reply.ok) throw new Error(reply.fault.message)
    expect(reply.value.candidates[0]?.finish).toMatchObject(finish)
    expect(encodeReply(reply.value, render).value).toMatchObject({ status: 'completed', ...wire })
  })

  test('may hold log probabilities and calls that are not whole', () => {
    const content = [
      { type: 'output_text', text: 'a', logprobs: [{ logprob: -1 }, { token: 'a', logprob: -1 }] },
    ]
    const output = [
      { type: 'message', id: 'm', role: 'assistant', content },
      { type: 'function_call', id: 'fc_1', name: 'f' },
      { type: 'function_call', id: 'fc_2' },
    ]
    const reply = decodeReply({ status: 'completed', output })
    expect(reply).toMatchObject({
      value: {
        candidates: [
          {
            parts: [
              { logprobs: [{ token: 'a', logprob: -1, top: [] }] },
              { kind: 'tool-call', id: 'fc_1', arguments: '' },
              { kind: 'unknown', type: 'function_call' },
            ],
          },
        ],
      },
    })
  })
})
