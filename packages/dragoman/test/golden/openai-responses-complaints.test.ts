import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { Event } from '../../src/ir/event.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Candidate, Reply } from '../../src/ir/reply.ts'
import { unfold } from '../../src/ir/unfold.ts'
import {
  encode,
  finalOf,
  readPlainly,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from './openai-responses-driver.ts'

const { decodeReply, encodeReply } = openaiResponses

function replyOf(...output: readonly JsonObject[]): Reply {
  const reply = decodeReply({ id: 'resp_1', status: 'completed', output })
  if (!reply.ok) throw new Error(reply.fault.message)
  return reply.value
}

function foreignReply(candidate: Partial<Candidate>): Reply {
  const first = { index: 0, parts: [], finish: { reason: 'stop' as const }, ...candidate }
  return { dialect: 'openai-chat', candidates: [first] }
}

/** Complaints of the field (features, section C), as far as this codec can have them. */
describe('complaint', () => {
  const parallel: readonly Part[] = [
    { kind: 'tool-call', type: 'function', id: 'a', name: 'f', arguments: '{"x":1}' },
    { kind: 'tool-call', type: 'function', id: 'b', name: 'g', arguments: '{"y":2}' },
  ]

  test('1: parallel calls keep their places, their names and their arguments', () => {
    const { text } = encode(unfold(foreignReply({ parts: parallel }), { chunk: 2 }))
    const adds = wireOf(text).filter(event => event.type === 'response.output_item.added')
    expect(adds.map(event => [event.output_index, (event.item as JsonObject).name])).toEqual([
      [0, 'f'],
      [1, 'g'],
    ])
    expect(finalOf(text).output).toMatchObject([{ arguments: '{"x":1}' }, { arguments: '{"y":2}' }])
  })

  test('2: an answer with calls is completed here and ends with tool-calls elsewhere', () => {
    const { text } = encode(unfold(foreignReply({ parts: parallel, finish: { reason: 'tool-calls' } })))
    expect(finalOf(text).status).toBe('completed')
    const reply = decodeReply(finalOf(text))
    expect(reply).toMatchObject({
      value: { candidates: [{ finish: { reason: 'tool-calls', raw: 'completed' } }] },
    })
  })

  test('5: fragments of arguments are written as they come', () => {
    const events = unfold(foreignReply({ parts: parallel }), { chunk: 1 })
    const fragments = typesOf(encode(events).text).filter(type => type.endsWith('arguments.delta'))
    expect(fragments).toHaveLength(14)
  })

  test('13: usage is in the last event, asked for or not, and there alone', () => {
    const reply: Reply = {
      ...foreignReply({}),
      usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, source: 'reported' },
    }
    const usages = wireOf(encode(unfold(reply)).text).map(event => (event.response as JsonObject).usage)
    expect(usages).toMatchObject([null, null, { input_tokens: 1, output_tokens: 2, total_tokens: 3 }])
  })

  test('17: the whole life cycle, numbered, and the last object is the fold of the deltas', async () => {
    const parts: readonly Part[] = [
      { kind: 'thinking', text: 'Hm.', summary: ['Short.'] },
      { kind: 'text', text: 'Hello there.' },
      ...parallel,
    ]
    const reply = foreignReply({ parts, finish: { reason: 'tool-calls' } })
    const { text } = encode(unfold(reply, { chunk: 3 }))
    const types = typesOf(text)
    expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress'])
    expect(types.at(-1)).toBe('response.completed')
    for (const type of ['output_item', 'content_part']) {
      const count = (name: string) => types.filter(other => other === `response.${type}.${name}`).length
      expect(count('done')).toBe(count('added'))
    }
    expect(wireOf(text).map(event => event.sequence_number)).toEqual([...types.keys()])
    expect(finalOf(text)).toEqual(encodeReply(reply, render).value)
    expect(await readWithHelper(text)).toEqual(finalOf(text))
    expect(await readPlainly(text)).toEqual(types)
  })

  test('18 and 20: sealed reasoning comes back on its part, and never to another maker', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' }
    const reply = replyOf(item)
    const [thought] = reply.candidates[0]?.parts ?? []
    expect(thought?.opaque).toEqual({ form: 'encrypted', data: 'gAAA', dialect: 'openai-responses' })
    expect(encodeReply(reply, render).value.output).toEqual([item])
    const signed: Part = {
      kind: 'thinking',
      text: 'Hm.',
      opaque: { form: 'signature', data: 'EqQB', dialect: 'anthropic-messages' },
    }
    const { value, notes } = encodeReply(foreignReply({ parts: [signed] }), render)
    expect(JSON.stringify(value)).not.toContain('EqQB')
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'reply.candidates[0].parts[0].opaque' }])
  })

  test('30: cached tokens are counted once', () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 120,
    }
    const reply = decodeReply({ status: 'completed', output: [], usage })
    expect(reply).toMatchObject({
      value: { usage: { input: 10, cacheRead: 60, cacheWrite: 30, output: 20, reasoning: 5 } },
    })
    expect(reply.ok && encodeReply(reply.value, render).value.usage).toEqual(usage)
    const odd = decodeReply({ status: 'completed', output: [], usage: { ...usage, input_tokens: 1 } })
    expect(odd).toMatchObject({ value: { usage: { input: 0 } } })
  })

  test('34: citations of other dialects are shown where this wire has a word for them', () => {
    const part: Part = {
      kind: 'text',
      text: 'abc',
      annotations: [
        { type: 'url', url: 'https://x.test', start: 0, end: 3 },
        { type: 'file', fileId: 'f', filename: 'a.txt' },
        { type: 'document', documentIndex: 1, citedText: 'abc' },
      ],
    }
    const { value, notes } = encodeReply(foreignReply({ parts: [part] }), render)
    expect(value.output).toMatchObject([
      {
        content: [
          {
            annotations: [
              { type: 'url_citation', title: '' },
              { type: 'file_citation', index: 0 },
            ],
          },
        ],
      },
    ])
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[0].annotations[2]'])
  })
})

test('events of a stream that another dialect began keep no ids of its own', () => {
  const start: Event = { type: 'start', dialect: 'openai-chat', id: 'chatcmpl-1', model: 'm' }
  expect(finalOf(encode([start, { type: 'end' }]).text).id).toBe('resp_call1')
})
