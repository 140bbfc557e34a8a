import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Render } from '../../src/core/dialect.ts'
import { bedrockConverse } from '../../src/dialects/bedrock-converse/index.ts'
import { openaiChat } from '../../src/dialects/openai-chat/index.ts'
import type { Event } from '../../src/ir/event.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { Part } from '../../src/ir/part.ts'
import type { GenerateRequest, Turn } from '../../src/ir/request.ts'
import { kinds } from '../../src/providers/catalog.ts'
import { factsOf, levelOf } from '../../src/providers/profile.ts'
import { createAwsEventStreamParser } from '../../src/wire/aws-event-stream.ts'
import { callOf, converse, joined } from '../support/converse.ts'

const { decodeReply, decodeRequest, encodeRequest } = bedrockConverse

const said = (text: string): Part => ({ kind: 'text', text })
const user = (...parts: readonly Part[]): Turn => ({ role: 'user', parts })
const assistant = (...parts: readonly Part[]): Turn => ({ role: 'assistant', parts })
const results = (...parts: readonly Part[]): Turn => ({ role: 'tool', parts })
const call = (id: string, args = '{}'): Part => ({
  kind: 'tool-call',
  type: 'function',
  id,
  name: 'weather',
  arguments: args,
})
const result = (callId: string): Part => ({
  kind: 'tool-result',
  type: 'function',
  callId,
  parts: [said('20')],
})
const file = (filename: string): Part => ({
  kind: 'media',
  media: 'file',
  source: { type: 'base64', mediaType: 'application/pdf', data: 'aGk=' },
  filename,
})

const asked = (turns: readonly Turn[], more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  model: 'm',
  turns,
  sampling: {},
  hints: {},
  stream: false,
  ...more,
})

/** A body as far as a row looks at it. */
interface Body {
  readonly messages: readonly { readonly role: string; readonly content: readonly JsonObject[] }[]
  readonly toolConfig?: { readonly tools: readonly JsonObject[]; readonly toolChoice?: JsonObject }
  readonly [field: string]: unknown
}

function encode(turns: readonly Turn[], more: Partial<GenerateRequest> = {}) {
  const { value, notes } = encodeRequest(asked(turns, more))
  return { body: value as unknown as Body, notes } // a body as written
}

function decode(...pieces: readonly Uint8Array[]): readonly Event[] {
  const parser = createAwsEventStreamParser()
  const decoder = bedrockConverse.decodeStream()
  const events: Event[] = []
  for (const piece of pieces) for (const frame of parser.push(piece)) decoder.push(frame, events)
  decoder.end(events)
  return events
}

const render: Render = { id: 'c1', created: 1, request: asked([], { stream: true }) }

/** What a chat client gets of a stream. */
function toChat(events: readonly Event[]): readonly { readonly choices: readonly JsonObject[] }[] {
  const encoder = openaiChat.encodeStream(render)
  const text = events.map(event => encoder.push(event)).join('')
  return [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json]) => JSON.parse(json ?? ''))
}

const wholeOf = (content: readonly JsonObject[], stopReason: string): JsonObject => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
  usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
})

function replyOf(content: readonly JsonObject[], stopReason: string) {
  const decoded = decodeReply(wholeOf(content, stopReason))
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return decoded.value
}

const chatOf = (content: readonly JsonObject[], stopReason: string) =>
  openaiChat.encodeReply(replyOf(content, stopReason), render).value as {
    choices: readonly [{ message: Record<string, unknown>; finish_reason: string }]
  } // a chat answer as written

const argsOf = (events: readonly Event[]): string =>
  events.map(event => (event.type === 'part-delta' ? (event.args ?? '') : '')).join('')

const tool = { kind: 'function' as const, name: 'weather', parameters: { type: 'object' } } // a kind is a literal

/** A trap is proved here, in a named file of the tests, or has a reason why it cannot be met. */
type Row = (() => void) | { readonly seenIn: string } | { readonly because: string }

const features = { seenIn: 'features/converse.test.ts' }
const signing = { seenIn: 'golden/sigv4.test.ts' }

const rows: { readonly [trap: number]: Row } = {
  1: signing,
  2: signing,
  3: signing,
  4: signing,
  5: signing,
  6: features,
  7: () => {
    const bytes = callOf('{}')
    const whole = decode(bytes)
    for (let at = 0; at <= bytes.length; at++) {
      expect(decode(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
    }
  },
  8: () => {
    const two = joined(converse.text('a'), converse.text('b'))
    expect(createAwsEventStreamParser().push(two).length).toBe(2)
  },
  9: features,
  10: features,
  11: features,
  12: () => expect(JSON.stringify(decode(converse.start(), converse.text('x')))).not.toContain('"p"'),
  13: () => expect(decode(converse.text('x'))).toContainEqual(expect.objectContaining({ text: 'x' })),
  14: features,
  15: features,
  16: () => {
    expect(argsOf(decode(callOf()))).toBe('{}')
    expect(argsOf(decode(callOf('')))).toBe('{}')
  },
  17: () => {
    const thought = converse.event('contentBlockDelta', {
      contentBlockIndex: 0,
      delta: { reasoningContent: { text: 'Hm.' } },
    })
    const events = decode(
      thought,
      converse.close(),
      converse.text('Well', 1),
      converse.call(2),
      converse.stop(),
    )
    const calls = toChat(events).flatMap(chunk =>
      chunk.choices.flatMap(({ delta }) => (delta as { tool_calls?: { index: number }[] }).tool_calls ?? []),
    ) // a chat chunk as written
    expect(calls[0]?.index).toBe(0)
  },
  18: () => {
    const { message } = chatOf(
      [{ toolUse: { toolUseId: 'a', name: 'f', input: { x: '{"y":1}' } } }],
      'tool_use',
    ).choices[0]
    expect(message.tool_calls).toMatchObject([{ function: { arguments: '{"x":"{\\"y\\":1}"}' } }])
  },
  19: () => {
    const { notes } = encode([
      user(said('hi')),
      assistant(call('call_9', '{"city":')),
      results(result('call_9')),
    ])
    expect(notes).toContainEqual(
      expect.objectContaining({ kind: 'refused', reason: expect.stringContaining('call_9') }),
    )
  },
  20: () => {
    const history = [user(said('hi')), assistant(call('a')), results(result('a'))]
    const none = encode(history, { tools: [tool], toolChoice: { mode: 'none' } })
    expect(none.body.toolConfig?.tools.length).toBe(1)
    expect(none.body.toolConfig).not.toHaveProperty('toolChoice')
    expect(JSON.stringify(none.body.system)).toContain('Do not call any tool')
    const undeclared = encode(history)
    expect(JSON.stringify(undeclared.body.toolConfig)).toContain('"name":"weather"')
    expect(undeclared.notes).toMatchObject([{ kind: 'emulated', path: 'tools' }])
    const fresh = encode([user(said('hi'))], { tools: [tool], toolChoice: { mode: 'none' } })
    expect(fresh.body).not.toHaveProperty('toolConfig')
  },
  21: () => {
    const { body } = encode([user(said('hi'))], { tools: [{ ...tool, description: '' }] })
    expect(body.toolConfig?.tools[0]?.toolSpec).not.toHaveProperty('description')
  },
  22: features,
  23: () => {
    const { callIds } = factsOf(bedrockProfile, 'mistral.mistral-large-2402-v1:0')
    expect(callIds?.pattern.test('abcDEF123')).toBe(true)
    expect(callIds?.pattern.test('call_abc')).toBe(false)
  },
  24: () => {
    const turns = [
      user(said('hi')),
      assistant(call('a'), call('b')),
      results(result('a'), result('b')),
      user(said('so?')),
    ]
    const { body } = encode(turns, { tools: [tool] })
    expect(body.messages.at(-1)?.content.map(block => Object.keys(block)[0])).toEqual([
      'toolResult',
      'toolResult',
      'text',
    ])
  },
  25: () => {
    const { body } = encode([user(said('hi')), assistant(said('a')), assistant(said('b')), user(said('c'))])
    expect(body.messages.map(message => message.role)).toEqual(['user', 'assistant', 'user'])
  },
  26: () => {
    const { body } = encode([user(said('hi')), assistant(said(' ')), user(said('\n'), said('so?'))])
    expect(body.messages).toEqual([{ role: 'user', content: [{ text: 'hi' }, { text: 'so?' }] }])
  },
  27: () => {
    const { body } = encode([user(said('hi')), assistant(said('It is \n'))])
    expect(body.messages.at(-1)?.content).toEqual([{ text: 'It is' }])
  },
  28: () => {
    const { body, notes } = encode([user(file('report_v1.2.pdf'), file('report_v1.2.pdf'), said('read'))])
    const names = body.messages[0]?.content.flatMap(
      ({ document }) => (document as JsonObject | undefined)?.name ?? [],
    ) // a block
    expect(names).toEqual(['report-v1-2-pdf', 'report-v1-2-pdf (2)'])
    expect(notes.map(note => note.kind)).toEqual(['emulated', 'emulated', 'emulated'])
  },
  29: () => {
    const { body, notes } = encode([user(file('report'))])
    expect(body.messages[0]?.content.some(block => typeof block.text === 'string')).toBe(true)
    expect(notes).toMatchObject([{ kind: 'emulated', path: 'turns' }])
  },
  30: () => {
    const image = (source: object) => ({ kind: 'media', media: 'image', source }) as Part // a source of each kind
    const refused = (source: object) => encode([user(image(source), said('?'))]).notes
    expect(refused({ type: 'url', url: 'https://x/y.png' })).toMatchObject([{ kind: 'refused' }])
    expect(refused({ type: 'base64', mediaType: 'image/svg+xml', data: 'aGk=' })).toMatchObject([
      { kind: 'refused' },
    ])
    expect(refused({ type: 'url', url: 's3://bucket/y.png' })).toEqual([])
  },
  31: () => {
    const { body, notes } = encode([user(said('hi'))], { sampling: { temperature: 1.5 } })
    expect(body.inferenceConfig).toEqual({ temperature: 1 })
    expect(notes).toMatchObject([{ kind: 'clamped' }])
  },
  32: features,
  33: features,
  34: features,
  35: () => {
    const { choices } = chatOf([{ text: 'Sorry, no.' }], 'guardrail_intervened')
    expect(choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: 'Sorry, no.' } })
  },
  36: () => {
    const call = { toolUse: { toolUseId: 'a', name: 'f', input: {} } }
    expect(replyOf([call], 'malformed_tool_use').candidates[0]?.finish.reason).toBe('error')
    expect(chatOf([call], 'malformed_tool_use').choices[0].finish_reason).not.toBe('stop')
  },
  37: features,
  38: features,
  39: features,
  40: features,
  41: features,
  42: features,
  43: features,
  44: features,
  45: features,
  46: () => {
    const output = { kind: 'json-schema' as const, schema: { type: 'object', properties: {} } } // a kind is a literal
    const { body } = encode([user(said('hi'))], { output })
    expect(body.outputConfig).toMatchObject({
      textFormat: { structure: { jsonSchema: { schema: expect.any(String) } } },
    })
  },
  47: () => {
    const level = (model: string) => levelOf(bedrockProfile, model, 'tools.strict', new Set())?.level
    expect(level('us.anthropic.claude-opus-4-7-v1:0')).toBe('absent')
    expect(level('us.anthropic.claude-haiku-4-5-v1:0')).toBeUndefined()
  },
  48: () => {
    const marked = { ...said(''), cache: {} }
    const { body, notes } = encode([user(marked, said('hi'))])
    expect(body.messages[0]?.content).toEqual([{ text: 'hi' }])
    expect(notes).toMatchObject([{ kind: 'dropped', path: 'turns[0].parts[0].cache' }])
  },
  49: { seenIn: 'config/account.test.ts' },
  50: features,
  51: { because: 'the newer host (mantle) is reached as openai-compatible, with its own base URL' },
  52: features,
  53: () => {
    const rule = levelOf(bedrockProfile, 'openai.gpt-oss-120b-1:0', 'stop', new Set())
    expect(rule?.level).toBe('absent')
  },
  54: { because: 'this version has no embeddings by InvokeModel' },
  55: { because: 'this version has no embeddings by InvokeModel' },
  56: () => {
    const { body, notes } = encode([user(said('hi'))], { hints: { metadata: { team: 'a', count: 3 } } })
    expect(body.requestMetadata).toEqual({ team: 'a', count: '3' })
    expect(notes).toMatchObject([{ kind: 'approximated', path: 'hints.metadata.count' }])
  },
  57: features,
  58: () => {
    const thought: Part = { kind: 'thinking', text: 'Hm.' }
    const { body, notes } = encode([user(said('hi')), assistant(thought, said('ok')), user(said('so?'))])
    expect(JSON.stringify(body)).not.toContain('reasoningContent')
    expect(notes).toMatchObject([{ kind: 'dropped' }])
    // Of a model that signs nothing the wire's own reasoning goes back; a model that signs takes only what it signed.
    const own = decodeRequest({
      messages: [{ role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'Hm.' } } }] }],
    })
    if (!own.ok) throw new Error(own.fault.message)
    expect(JSON.stringify(encodeRequest(own.value).value)).toContain('Hm.')
    const claude = encodeRequest({ ...own.value, vocabulary: 'thinking' })
    expect(JSON.stringify(claude.value)).not.toContain('Hm.')
  },
  59: features,
  60: () => {
    const hosted = { toolUse: { toolUseId: 'a', name: 'grounding', input: {}, type: 'server_tool_use' } }
    expect(replyOf([hosted, { text: 'x' }], 'end_turn').candidates[0]).toMatchObject({
      parts: [{ kind: 'hosted-tool', value: hosted }, { kind: 'text' }],
      finish: { reason: 'stop' },
    })
  },
  61: () => {
    const cited = { citationsContent: { content: [{ text: 'It is so.' }], citations: [{ title: 'T' }] } }
    expect(chatOf([cited], 'end_turn').choices[0].message.content).toBe('It is so.')
  },
  62: features,
  63: features,
}

const bedrockProfile = kinds.bedrock?.profile ?? { rules: [], facts: [] }

describe('the traps of Bedrock', () => {
  test.each(Array.from({ length: 63 }, (_, index) => index + 1))('%d', trap => {
    const row = rows[trap]
    if (row === undefined) throw new Error('no row')
    if (typeof row === 'function') row()
    else if ('seenIn' in row) {
      const text = readFileSync(fileURLToPath(new URL(`../${row.seenIn}`, import.meta.url)), 'utf8')
      const named = [...text.matchAll(/\(traps? ([^)]*)\)/g)].flatMap(([, list = '']) => {
        const range = /(\d+) to (\d+)/.exec(list)
        if (range === null) return list.split(/\D+/).map(Number)
        const [from, to] = [Number(range[1]), Number(range[2])]
        return Array.from({ length: to - from + 1 }, (_, index) => from + index)
      })
      expect(named).toContain(trap)
    } else expect(row.because.length).toBeGreaterThan(20)
  })
})
