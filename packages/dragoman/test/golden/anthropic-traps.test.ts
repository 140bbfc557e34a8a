import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import { framesOf } from '../support/ends.ts'
import { ask, createScene, front } from '../support/scene.ts'
import { messages } from '../support/wire.ts'

// The 60 numbered traps of the reference card, each with its proof or the reason why there is none. A proof is a test
// here, of a chat caller and a target of this wire, or the name of one that stands elsewhere: a row whose test was
// renamed or removed fails.

const scene = createScene()

type Wire = Record<string, unknown>

/** What the target is sent, what the caller gets and what is noted of a chat call; the target answers with `said`. */
async function asking(model: string, fields: Wire, said: Wire = messages.whole('Hi')) {
  const upstream = scene.upstream(() => () => Response.json(said))
  const { url } = front(scene, 'messages', upstream.url)
  const response = await ask(url, '/v1/chat/completions', { model: `a/${model}`, ...fields })
  return {
    status: response.status,
    notes: response.headers.get('dragoman-notes') ?? '',
    body: await response.json(),
    sent: (upstream.seen.at(-1)?.json ?? {}) as Wire,
    headers: upstream.seen.at(-1)?.headers,
  }
}

/** The chunks that a chat caller gets of this stream. */
async function streaming(...steps: readonly string[]) {
  const upstream = scene.upstream(stream => () => stream(steps))
  const { url } = front(scene, 'messages', upstream.url)
  const text = await (await ask(url, '/v1/chat/completions', { stream: true })).text()
  return framesOf(text).flatMap(({ data }) => (data === '[DONE]' ? [] : [JSON.parse(data)]))
}

const named = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`
const started = (index: number, content_block: object) =>
  named('content_block_start', { index, content_block }) + named('content_block_stop', { index })
const ended = (reason: string) =>
  named('message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: 2 } }) + messages.stop

const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }
const png = (data: string) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })

type Proof =
  | (() => void | Promise<void>)
  | { readonly file: string; readonly name: string }
  | { readonly reason: string }

const at = (file: string, name: string): Proof => ({ file, name })
const ofRequests = (number: string): Proof => at('golden/anthropic-messages-traps.test.ts', `'${number}:`)
const ofStreams = (number: string): Proof => at('golden/anthropic-messages-features.test.ts', `'${number}:`)

const traps: { readonly [number: number]: Proof } = {
  1: ofRequests('1'),
  2: async () => {
    const { sent, headers } = await asking('claude-sonnet-4-5', { temperature: 1 })
    expect([sent.temperature, headers?.get('anthropic-version')]).toEqual([1, '2023-06-01'])
    expect(anthropicMessages.checkRevision?.({ temperature: 1 }, '2026-10-21')).toMatchObject({
      code: 'invalid_request',
      param: 'temperature',
    })
  },
  3: async () => {
    const { sent, notes } = await asking('claude-opus-4-7', { temperature: 0.2 })
    expect(sent).not.toContainKey('temperature')
    expect(notes).toContain('dropped;path="temperature"')
  },
  4: at('golden/adaptations-parameters.test.ts', '(card trap 4)'),
  5: ofRequests('5'),
  6: ofRequests('6 and 7'),
  7: ofRequests('6 and 7'),
  8: ofRequests('8'),
  9: ofRequests('9'),
  10: async () => {
    for (const model of ['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-fable-5-1']) {
      const { sent } = await asking(model, { tools: [weather], tool_choice: 'required' })
      expect(JSON.stringify(sent.tool_choice ?? {})).not.toContain('any')
    }
  },
  11: ofRequests('11'),
  12: at('golden/history-repair.test.ts', 'whose tools are gone declares those it calls'),
  13: ofRequests('13'),
  14: at('rulings/06-opaque-state.test.ts', 'signed and redacted thinking comes back byte for byte'),
  15: async () => {
    const chunks = await streaming(
      messages.start,
      started(0, { type: 'text', text: 'So.' }),
      started(1, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      ended('tool_use'),
    )
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])
    expect(new Set(calls.map(call => call.index))).toEqual(new Set([0]))
    expect(calls[0]).toMatchObject({ id: 'a', function: { name: 'f' } })
  },
  16: ofStreams('16'),
  17: ofStreams('17 and 60'),
  18: async () => {
    const usage = {
      input_tokens: 3,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 100,
      output_tokens: 9,
    }
    const { body } = await asking('claude-sonnet-4-5', {}, { ...messages.whole('Hi'), usage })
    expect(body.usage).toMatchObject({
      prompt_tokens: 123,
      completion_tokens: 9,
      total_tokens: 132,
      prompt_tokens_details: { cached_tokens: 100 },
    })
  },
  19: async () => {
    const rest = [messages.start, started(0, { type: 'text', text: 'Hi' }), ended('end_turn')]
    const quiet = await streaming(...rest)
    const pinged = await streaming(messages.ping, ...rest.flatMap(step => [step, messages.ping]))
    const choicesOf = (chunks: readonly { choices: unknown }[]) => chunks.map(chunk => chunk.choices)
    expect(choicesOf(pinged)).toEqual(choicesOf(quiet))
  },
  20: at('features/endings.test.ts', 'after the first words is an error'),
  21: ofStreams('21'),
  22: () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })
    const fault = anthropicMessages.decodeError({ status: 529, headers: new Headers(), body })
    expect(fault.retryable).toBe(true)
    expect(openaiChat.encodeError(fault, 'r').status).toBe(503)
  },
  23: ofStreams('23'),
  24: at('golden/openai-chat-reply.test.ts', 'a paused turn, a stop sequence and an explanation are noted'),
  25: ofStreams('25'),
  26: ofRequests('26'),
  27: ofRequests('27'),
  28: async () => {
    const turns = [
      { role: 'user', content: 'Go.' },
      { role: 'assistant', content: 'So' },
    ]
    const { sent, notes } = await asking('claude-opus-4-6', { messages: turns })
    expect(sent.messages).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }])
    expect(notes).toContain('path="messages[1]"')
  },
  29: ofRequests('29'),
  30: async () => {
    const turns = [
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'Go.' },
    ]
    const { sent } = await asking('claude-sonnet-4-5', { messages: turns })
    expect(sent.messages).toMatchObject([{ role: 'user' }, { role: 'assistant' }, { role: 'user' }])
  },
  31: ofRequests('31'),
  32: ofRequests('32'),
  33: async () => {
    for (const name of ['get.weather', 'x'.repeat(65)]) {
      const tool = { type: 'function', function: { name, parameters: { type: 'object' } } }
      const upstream = scene.upstream(() => ({ json }) => {
        const [made] = json.tools as { name: string }[] // the wire's own shape
        const call = { type: 'tool_use', id: 'a', name: made?.name, input: {} }
        return Response.json({ ...messages.whole(''), content: [call], stop_reason: 'tool_use' })
      })
      const { url } = front(scene, 'messages', upstream.url)
      const response = await ask(url, '/v1/chat/completions', { tools: [tool] })
      expect(JSON.parse(upstream.seen[0]?.body ?? '').tools[0].name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
      expect((await response.json()).choices[0].message.tool_calls[0].function.name).toBe(name)
    }
  },
  34: at('features/tool-history.test.ts', 'features C8: ids that a target refuses'),
  35: ofRequests('35'),
  36: ofRequests('36'),
  37: async () => {
    const error = { type: 'image_dimensions_too_large', message: 'image_dimensions_too_large: 2000' }
    const upstream = scene.upstream(() => () => Response.json({ type: 'error', error }, { status: 400 }))
    const { url } = front(scene, 'messages', upstream.url)
    const response = await ask(url, '/v1/chat/completions', {
      messages: [{ role: 'user', content: [png('AA=='), png('AA==')] }],
    })
    expect(response.status).toBe(400)
    expect((await response.json()).error.message).toContain('image_dimensions_too_large')
  },
  38: ofRequests('38'),
  39: async () => {
    const map = { type: 'object', additionalProperties: { type: 'number' } }
    for (const inner of [map, { $ref: '#' }]) {
      const schema = { type: 'object', properties: { inner } }
      const format = { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } }
      const call = { type: 'tool_use', id: 'a', name: 'json_answer', input: { inner: {} } }
      const said = { ...messages.whole(''), content: [call], stop_reason: 'tool_use' }
      const { body, sent } = await asking('claude-sonnet-4-5', { response_format: format }, said)
      expect(sent.tools).toMatchObject([{ input_schema: schema }])
      expect(body.choices[0].message.content).toBe('{"inner":{}}')
    }
  },
  40: {
    reason:
      'the compiler’s limit is its own and moves: its 400 says so and is passed on, no number is guessed here',
  },
  41: { reason: 'no other wire asks for both, and a Messages caller hears its provider’s own 400' },
  42: async () => {
    const cut = { ...messages.whole('{"a":'), stop_reason: 'max_tokens' }
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const format = { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } }
    const { body } = await asking('claude-sonnet-4-5', { response_format: format }, cut)
    expect(body.choices[0].finish_reason).toBe('length')
  },
  43: ofRequests('43'),
  44: async () => {
    const { sent } = await asking('claude-sonnet-4-5', { reasoning_effort: 'low' })
    expect(sent.thinking).toMatchObject({ type: 'enabled' })
    expect(JSON.stringify(sent)).not.toContain('effort')
  },
  45: async () => {
    for (const effort of ['none', 'xhigh', 'max']) {
      const { sent } = await asking('claude-opus-5', { reasoning_effort: effort })
      const { thinking, output_config: config } = sent as {
        thinking?: { type: string }
        output_config?: { effort?: string }
      } // the wire's own shape
      expect(thinking?.type === 'disabled' && /max|xhigh/.test(config?.effort ?? '')).toBe(false)
    }
  },
  46: async () => {
    const usage = { input_tokens: 3, output_tokens: 20, output_tokens_details: { thinking_tokens: 12 } }
    const content = [
      { type: 'thinking', thinking: '', signature: 'c2ln' },
      { type: 'text', text: 'Hi' },
    ]
    const { body, sent } = await asking('claude-sonnet-5', {}, { ...messages.whole(''), content, usage })
    expect(sent).not.toContainKey('thinking')
    expect(body.choices[0].message.content).toBe('Hi')
    expect(body.usage.completion_tokens_details.reasoning_tokens).toBe(12)
  },
  47: ofRequests('47'),
  48: ofRequests('48'),
  49: { reason: 'batches are routes of a later version' },
  50: at('golden/anthropic-messages-error.test.ts', 'trap 50'),
  51: at('golden/anthropic-messages-error.test.ts', 'trap 51'),
  52: async () => {
    const content = [
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
      { type: 'text', text: 'Found.' },
    ]
    const { body, notes } = await asking('claude-sonnet-4-5', {}, { ...messages.whole(''), content })
    expect(body.choices[0]).toMatchObject({ message: { content: 'Found.' }, finish_reason: 'stop' })
    expect(body.choices[0].message).not.toContainKey('tool_calls')
    expect(notes).toContain('dropped')
    const chunks = await streaming(
      messages.start,
      ...content.map((block, index) => started(index, block)),
      ended('end_turn'),
    )
    expect(JSON.stringify(chunks)).not.toContain('tool_calls')
  },
  53: ofRequests('53'),
  54: ofRequests('54'),
  55: ofRequests('55'),
  56: { reason: 'for the conformance suite: how this provider’s other endpoint answers chat' },
  57: ofStreams('57'),
  58: ofStreams('58'),
  59: ofStreams('59'),
  60: ofStreams('17 and 60'),
}

describe('the traps of the card', () => {
  test('all have a row', () => {
    expect(Object.keys(traps).map(Number)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  })

  test.each(Object.entries(traps))('%s', (_, proof) => {
    if (typeof proof === 'function') return proof()
    if ('reason' in proof) return expect(proof.reason).not.toBe('')
    expect(readFileSync(`${import.meta.dir}/../${proof.file}`, 'utf8')).toContain(proof.name)
  })
})
