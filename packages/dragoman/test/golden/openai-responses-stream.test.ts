import { describe, expect, test } from 'bun:test'
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts'
import type { Event } from '../../src/ir/event.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import {
  encode,
  finalOf,
  readPlainly,
  readWithHelper,
  render,
  typesOf,
  wireOf,
} from './openai-responses-driver.ts'

const { decodeRequest, keepAlive } = openaiResponses

const start: Event = { type: 'start', model: 'm-2026', created: 1_700_000_001 }
const open = (part: number, part_: Part): Event => ({ type: 'part-start', candidate: 0, part, open: part_ })
const text = (part: number, words: string): Event => ({ type: 'part-delta', candidate: 0, part, text: words })
const args = (part: number, words: string): Event => ({ type: 'part-delta', candidate: 0, part, args: words })
const close = (part: number): Event => ({ type: 'part-end', candidate: 0, part })
const finish = (reason: 'stop' | 'length' | 'tool-calls'): Event => ({
  type: 'finish',
  candidate: 0,
  finish: { reason },
})
const end: Event = { type: 'end' }
const call = (id: string, name: string): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name,
  arguments: '',
})

/** A Response object with every key that openai-node 7.57.0 requires, before anything was said. */
const blank: JsonObject = {
  id: 'resp_call1',
  object: 'response',
  created_at: 1_700_000_001,
  status: 'in_progress',
  error: null,
  incomplete_details: null,
  model: 'm-2026',
  output: [],
  background: false,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  store: false,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  access_programs: null,
  max_tool_calls: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: null,
  temperature: null,
  top_logprobs: 0,
  top_p: null,
  truncation: 'disabled',
  usage: null,
}

describe('a stream', () => {
  test('of one word, event for event', () => {
    const events: readonly Event[] = [start, open(0, { kind: 'text', text: '' }), text(0, 'Hi'), close(0)]
    const usage: Event = {
      type: 'usage',
      usage: { input: 5, cacheRead: 3, cacheWrite: 2, output: 4, reasoning: 1, source: 'reported' },
    }
    const { text: written, notes } = encode([...events, usage, finish('stop'), end])
    const place = { item_id: 'msg_call1_0', output_index: 0 }
    const part = { type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }
    const item = {
      type: 'message',
      id: 'msg_call1_0',
      status: 'completed',
      role: 'assistant',
      content: [part],
    }
    expect(notes).toEqual([])
    expect(wireOf(written)).toEqual([
      { type: 'response.created', sequence_number: 0, response: blank },
      { type: 'response.in_progress', sequence_number: 1, response: blank },
      {
        type: 'response.output_item.added',
        sequence_number: 2,
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
      },
      {
        type: 'response.content_part.added',
        sequence_number: 3,
        ...place,
        content_index: 0,
        part: { ...part, text: '' },
      },
      {
        type: 'response.output_text.delta',
        sequence_number: 4,
        ...place,
        content_index: 0,
        delta: 'Hi',
        logprobs: [],
      },
      {
        type: 'response.output_text.done',
        sequence_number: 5,
        ...place,
        content_index: 0,
        text: 'Hi',
        logprobs: [],
      },
      { type: 'response.content_part.done', sequence_number: 6, ...place, content_index: 0, part },
      { type: 'response.output_item.done', sequence_number: 7, output_index: 0, item },
      {
        type: 'response.completed',
        sequence_number: 8,
        response: {
          ...blank,
          status: 'completed',
          output: [item],
          usage: {
            input_tokens: 10,
            input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
            output_tokens: 4,
            output_tokens_details: { reasoning_tokens: 1 },
            total_tokens: 14,
          },
        },
      },
    ])
    // Each frame is named after its type, and nothing follows the last one.
    const frames = written.split('\n\n')
    expect(frames.pop()).toBe('')
    expect(frames.map(frame => frame.split('\n')[0])).toEqual(typesOf(written).map(type => `event: ${type}`))
  })

  test('with parallel calls sends every fragment as it comes', () => {
    const { text: written } = encode([
      start,
      open(0, call('call_a', 'f')),
      open(1, call('call_b', 'g')),
      args(0, '{"x"'),
      args(1, '{"y"'),
      args(0, ':1}'),
      args(1, ':2}'),
      close(1),
      close(0),
      finish('tool-calls'),
      end,
    ])
    const seen = wireOf(written).map(event => [
      event.type,
      event.output_index,
      event.delta ?? event.arguments,
    ])
    expect(seen.filter(([type]) => String(type).includes('arguments'))).toEqual([
      ['response.function_call_arguments.delta', 0, '{"x"'],
      ['response.function_call_arguments.delta', 1, '{"y"'],
      ['response.function_call_arguments.delta', 0, ':1}'],
      ['response.function_call_arguments.delta', 1, ':2}'],
      ['response.function_call_arguments.done', 1, '{"y":2}'],
      ['response.function_call_arguments.done', 0, '{"x":1}'],
    ])
    expect(finalOf(written)).toMatchObject({
      status: 'completed',
      output: [
        { type: 'function_call', id: 'fc_call1_0', call_id: 'call_a', name: 'f', arguments: '{"x":1}' },
        { type: 'function_call', id: 'fc_call1_1', call_id: 'call_b', name: 'g', arguments: '{"y":2}' },
      ],
    })
  })

  test('groups parts into items: texts that follow each other are one message, thoughts stand alone', async () => {
    const { text: written } = encode([
      start,
      open(0, { kind: 'thinking', text: '' }),
      { type: 'part-delta', candidate: 0, part: 0, summary: { index: 0, text: 'First' } },
      { type: 'part-delta', candidate: 0, part: 0, summary: { index: 1, text: 'Then' } },
      text(0, 'Hm.'),
      close(0),
      open(1, { kind: 'text', text: '' }),
      text(1, 'See '),
      close(1),
      open(2, { kind: 'refusal', text: '' }),
      text(2, 'No.'),
      close(2),
      open(3, { kind: 'tool-call', type: 'custom', id: 'call_a', name: 'sql', arguments: '' }),
      args(3, 'SELECT 1'),
      close(3),
      open(4, { kind: 'text', text: '' }),
      text(4, 'Done.'),
      {
        type: 'annotation',
        candidate: 0,
        part: 4,
        annotation: { type: 'url', url: 'https://x.test', start: 0, end: 4 },
      },
      close(4),
      finish('tool-calls'),
      end,
    ])
    expect(finalOf(written).output).toEqual([
      {
        type: 'reasoning',
        id: 'rs_call1_0',
        summary: [
          { type: 'summary_text', text: 'First' },
          { type: 'summary_text', text: 'Then' },
        ],
        content: [{ type: 'reasoning_text', text: 'Hm.' }],
      },
      {
        type: 'message',
        id: 'msg_call1_1',
        status: 'completed',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'See ', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      {
        type: 'custom_tool_call',
        id: 'ctc_call1_2',
        status: 'completed',
        call_id: 'call_a',
        name: 'sql',
        input: 'SELECT 1',
      },
      {
        type: 'message',
        id: 'msg_call1_3',
        status: 'completed',
        role: 'assistant',
        content: [
          {
            type: 'output_text',
            text: 'Done.',
            annotations: [
              { type: 'url_citation', url: 'https://x.test', title: '', start_index: 0, end_index: 4 },
            ],
            logprobs: [],
          },
        ],
      },
    ])
    expect(typesOf(written).filter(type => type.includes('reasoning') || type.includes('item'))).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.reasoning_text.delta',
      'response.reasoning_text.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
      'response.output_item.added',
      'response.output_item.done',
    ])
    expect(await readWithHelper(written)).toEqual(finalOf(written))
  })

  test('that ran out of tokens is incomplete, and so is its last message', () => {
    const { text: written } = encode([
      start,
      open(0, { kind: 'text', text: '' }),
      text(0, 'Hel'),
      close(0),
      finish('length'),
      end,
    ])
    expect(typesOf(written).at(-1)).toBe('response.incomplete')
    expect(finalOf(written)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    })
  })

  test('without a finish ends as completed', () => {
    const { text: written } = encode([start, open(0, call('call_a', 'f')), end])
    expect(finalOf(written)).toMatchObject({ status: 'completed', output: [{ arguments: '{}' }] })
  })

  test('carries notes as comments, which clients do not see', async () => {
    const note: Event = { type: 'note', note: { kind: 'dropped', path: 'reply.x', reason: 'why' } }
    const { text: written } = encode([
      note,
      start,
      note,
      open(0, { kind: 'text', text: '' }),
      close(0),
      note,
      end,
    ])
    expect(written.split('\n').filter(line => line.startsWith(':'))).toEqual(
      Array(3).fill(': dragoman-notes dropped;path="reply.x";reason="why"'),
    )
    expect(await readWithHelper(written)).toMatchObject({ status: 'completed' })
  })

  test('says one candidate of several, and says so', () => {
    const other: Event = { type: 'part-start', candidate: 1, part: 0, open: { kind: 'text', text: '' } }
    const { text: written, notes } = encode([start, other, other, finish('stop'), end])
    expect(finalOf(written).output).toEqual([])
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'reply.candidates[1]' }])
  })

  test('gives every call an id of its own', () => {
    const { text: written, notes } = encode([
      start,
      open(0, call('call_a', 'f')),
      close(0),
      open(1, call('call_a', 'f')),
      close(1),
      open(2, call('', 'f')),
      close(2),
      end,
    ])
    const output = finalOf(written).output as readonly JsonObject[] // a list of items
    expect(output.map(item => item.call_id)).toEqual(['call_a', 'call_call1_1', 'call_call1_2'])
    expect(notes.map(note => note.kind)).toEqual(['renamed', 'renamed'])
  })

  test('repeats the request in the words of this wire', () => {
    const wire = {
      instructions: 'Be kind.',
      tools: [{ type: 'function', name: 'f', parameters: {}, strict: true }],
      tool_choice: { type: 'function', name: 'f' },
      text: { format: { type: 'json_schema', name: 'n', schema: {} }, verbosity: 'low' },
      reasoning: { effort: 'low' },
      max_output_tokens: 100,
      temperature: 0.5,
      truncation: 'auto',
      user: 'u',
      metadata: { a: 'b' },
      store: true,
      parallel_tool_calls: false,
    }
    const request = decodeRequest({
      model: 'm',
      input: 'hi',
      include: ['a'],
      stream_options: {},
      stream: true,
      ...wire,
    })
    if (!request.ok) throw new Error(request.fault.message)
    const { text: written } = encode([start, end], { ...render, request: request.value })
    expect(finalOf(written)).toEqual({
      ...blank,
      ...wire,
      reasoning: { effort: 'low', summary: null },
      status: 'completed',
    })
  })
})

test('a keep-alive is a comment before the start and after it', async () => {
  const { text: written } = encode([start, open(0, { kind: 'text', text: '' }), text(0, 'Hel'), end])
  const kept = `${keepAlive(false)}${written.replaceAll('\n\n', `\n\n${keepAlive(true)}`)}`
  expect(keepAlive(true)).toMatch(/^: .*\n\n$/)
  expect(await readWithHelper(kept)).toEqual(finalOf(written))
  expect(await readPlainly(kept)).toEqual(typesOf(written))
})
