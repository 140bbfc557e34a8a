import { describe, expect, test } from 'bun:test'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Event } from '../../src/ir/event.ts'
import { createFault } from '../../src/ir/fault.ts'
import { foldEvents } from '../../src/ir/fold.ts'
import type { Part } from '../../src/ir/part.ts'
import { unfold } from '../../src/ir/unfold.ts'
import {
  accept,
  chunk,
  chunksOf,
  decode,
  decodeChunks,
  done,
  encode,
  encodeText,
  renderOf,
  stop,
  usage,
} from './openai-chat-driver.ts'

describe('what the caller of a stream gets', () => {
  const events = decodeChunks([chunk({ content: 'a' }), stop, { choices: [], usage }, done])

  test('features C13, traps 2, 3: usage once, last, and null before, where it was asked for; else none at all', () => {
    const asked = chunksOf(encode(events, renderOf({ streamUsage: true })).text)
    expect(asked.map(one => one.usage)).toEqual([null, null, null, usage])
    expect(asked.at(-1)?.choices).toEqual([])
    const plain = chunksOf(encode(events).text)
    expect(plain.some(one => 'usage' in one)).toBe(false)
    expect(plain).toHaveLength(3)
  })

  test('usage that nobody reported is a note', () => {
    const { text, notes } = encode(
      decodeChunks([chunk({ content: 'a' }), stop, done]),
      renderOf({ streamUsage: true }),
    )
    expect(notes.map(note => note.path)).toEqual(['reply.usage'])
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('the exact frames of text', () => {
    const head = '"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m"'
    const rest = '"logprobs":null,"finish_reason"'
    expect(encode(events).text).toBe(
      [
        `data: {${head},"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},${rest}:null}]}`,
        `data: {${head},"choices":[{"index":0,"delta":{"content":"a"},${rest}:null}]}`,
        `data: {${head},"choices":[{"index":0,"delta":{},${rest}:"stop"}]}`,
        'data: [DONE]',
        '',
      ].join('\n\n'),
    )
  })

  test('ids, names and times of another dialect are the gateway’s', () => {
    const foreign = unfold({
      dialect: 'anthropic-messages',
      id: 'msg_1',
      model: 'claude',
      candidates: [{ index: 0, parts: [], finish: { reason: 'stop' } }],
    })
    const [first] = chunksOf(encode(foreign).text)
    expect(first).toMatchObject({ id: 'chatcmpl-call1', model: 'claude', created: 1_700_000_000 })
    const [nameless] = chunksOf(encode([{ type: 'start' }, { type: 'end' }]).text)
    expect(nameless).toMatchObject({ model: 'asked' })
  })

  test('an answer without a candidate still has one choice', async () => {
    const completion = await accept(encode([{ type: 'start' }, { type: 'end' }]).text)
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: '' },
    })
  })

  test('notes go out as comments that the official client ignores', async () => {
    const noted: Event[] = [
      ...events.slice(0, -1),
      { type: 'note', note: { kind: 'dropped', path: 'seed', reason: 'a "reason"' } },
      { type: 'end' },
    ]
    const { text } = encode(noted)
    expect(text).toContain(': dragoman-notes dropped;path="seed";reason="a \\"reason\\""\n\n')
    expect((await accept(text)).choices[0]?.message.content).toBe('a')
  })

  test('where one candidate of several fails, the others end, then comes the error and no [DONE] (ruling 2)', () => {
    const fault = createFault('upstream_disconnected', 'gone')
    const { text } = encode(
      [
        { type: 'start' },
        { type: 'part-start', candidate: 0, part: 0, open: { kind: 'text', text: '' } },
        { type: 'part-delta', candidate: 0, part: 0, text: 'a' },
        { type: 'part-start', candidate: 1, part: 0, open: { kind: 'text', text: '' } },
        { type: 'fault', candidate: 1, fault },
        { type: 'part-delta', candidate: 0, part: 0, text: 'b' },
        { type: 'part-end', candidate: 0, part: 0 },
        { type: 'finish', candidate: 0, finish: { reason: 'stop' } },
        { type: 'usage', usage: { input: 1, cacheRead: 0, cacheWrite: 0, output: 2, source: 'reported' } },
        { type: 'end' },
      ],
      renderOf({ streamUsage: true }),
    )
    const chunks = chunksOf(text)
    expect(text.match(/"finish_reason":"/g)).toHaveLength(1)
    expect(chunks.at(-2)?.usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 })
    expect(chunks.at(-1)).toMatchObject({ error: { message: 'gone' } })
    expect(text).not.toContain('[DONE]')
  })

  test('features C20: a signature of another maker is left out with a note, once', () => {
    const thought: Part = {
      kind: 'thinking',
      text: 'hm',
      opaque: { form: 'signature', data: 'SIG', dialect: 'anthropic-messages' },
    }
    const { text, notes } = encode(
      unfold({ candidates: [{ index: 0, parts: [thought], finish: { reason: 'stop' } }] }),
    )
    expect(text).not.toContain('SIG')
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[0].opaque'])
    expect(text).toContain('"reasoning_content":"hm"')
  })

  test('summaries of thoughts are reasoning text, paragraph by paragraph', () => {
    const thought: Part = { kind: 'thinking', text: '', summary: ['one', 'two'] }
    const { text, notes } = encode(
      unfold({ candidates: [{ index: 0, parts: [thought], finish: { reason: 'stop' } }] }),
    )
    const [part] = foldEvents(decode([encodeText(text)])).candidates[0]?.parts ?? []
    expect(part).toMatchObject({ kind: 'thinking', text: 'one\n\ntwo' })
    expect(notes).toEqual([])
  })

  test('a caller of the deprecated functions gets function_call', () => {
    const tools = [{ kind: 'function', name: 'f', extra: { 'openai-chat': { $form: 'functions' } } }] as const
    const called = (name: string): Part => ({
      kind: 'tool-call',
      type: 'function',
      id: name,
      name,
      arguments: '{}',
    })
    const { text, notes } = encode(
      unfold({
        candidates: [{ index: 0, parts: [called('f'), called('g')], finish: { reason: 'tool-calls' } }],
      }),
      renderOf({ tools }),
    )
    expect(text).toContain('"function_call":{"name":"f","arguments":""}')
    expect(text).toContain('"finish_reason":"function_call"')
    expect(text).not.toContain('tool_calls')
    expect(notes.map(note => note.path)).toEqual(['reply.candidates[0].parts[1]'])
  })

  test('keep-alives are comments, which the official client ignores', async () => {
    const alive = openaiChat.keepAlive(false)
    expect(alive).toBe(': keep-alive\n\n')
    expect(
      (await accept(alive + encode(events).text + openaiChat.keepAlive(true))).choices[0]?.message.content,
    ).toBe('a')
  })
})
