import { describe, expect, test } from 'bun:test'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import type { Part } from '../../src/ir/part.ts'
import type { Turn } from '../../src/ir/request.ts'
import {
  assistant,
  call,
  requestOf,
  result,
  schemaOf,
  tool,
  user,
  write,
} from './anthropic-messages-turns.ts'

// The traps of the reference card that a codec can fall into, by their numbers there. Of the others, facts about a
// model or a request's shape are left to adaptations and profiles (3, 4, 10, 12, 13, 28, 30, 33, 34, 37, 39, 40, 41,
// 44, 45, 46), the rest to the edge (2), other dialects' encoders (14, 15, 18, 19, 42, 52), retries (24), batches (49)
// and the suite (56). Streams and errors have their own files (16, 17, 20 to 23, 25, 50, 51, 57 to 60).

const { encodeRequest, decodeRequest, decodeReply } = anthropicMessages

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

  test('13: a tool turn whose thought cannot be sent back goes on without thinking', () => {
    const reasoning = { budget: 2048 } as const
    const maxTokens = 4096
    const foreign: Part = { kind: 'thinking', text: 'Hm' }
    const opaque = { form: 'signature', data: 'EqQB', dialect: 'anthropic-messages' } as const
    const running = (thought: Part): Turn[] => [
      user('Go'),
      { role: 'assistant', parts: [thought, call('a', '{}')] },
      result('a', 'done'),
    ]
    const lost = write({ reasoning, maxTokens, turns: running(foreign) })
    expect(lost.value.thinking).toBeUndefined()
    expect(lost.notes).toEqual(['dropped turns[1].parts[0]', 'dropped reasoning'])
    const kept = write({ reasoning, maxTokens, turns: running({ ...foreign, opaque }) })
    expect(kept).toMatchObject({ value: { thinking: { type: 'enabled', budget_tokens: 2048 } }, notes: [] })
    // A new question begins a new turn, and adaptive thinking demands nothing.
    const asked = write({ reasoning, turns: [...running(foreign), assistant('Done.'), user('And now?')] })
    expect(asked.value.thinking).toMatchObject({ type: 'enabled' })
    const adaptive = write({ reasoning: { mode: 'adaptive' }, turns: running(foreign) })
    expect(adaptive.value.thinking).toEqual({ type: 'adaptive' })
  })

  test('section 7: thinking with a budget goes with the temperature of 1 only, and without top_k', () => {
    const sampling = { temperature: 0.2, topP: 0.97, topK: 5 }
    const [reasoning, maxTokens] = [{ budget: 2048 }, 4096]
    const thinking = write({ reasoning, maxTokens, sampling })
    expect(thinking.value).toMatchObject({ top_p: 0.97 })
    expect(thinking.value).not.toContainKeys(['temperature', 'top_k'])
    expect(thinking.notes).toEqual(['dropped sampling.temperature', 'dropped sampling.topK'])
    expect(write({ reasoning, maxTokens, sampling: { temperature: 1 } })).toMatchObject({
      value: { temperature: 1 },
      notes: [],
    })
    expect(write({ sampling }).value).toMatchObject({ temperature: 0.2, top_k: 5 })
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
    expect(write({ maxTokens: 4000, reasoning: { budget: 4000 } }).value.max_tokens).toBe(8000)
    expect(write({ maxTokens: 4001, reasoning: { budget: 4000 } })).toMatchObject({
      value: { max_tokens: 4001 },
      notes: [],
    })
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
