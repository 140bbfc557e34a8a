import { expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { Response as ResponseObject, ResponseStreamEvent } from 'openai/resources/responses/responses'
import { listOf } from '../resources/stage.ts'
import { ask, createScene, front, type Kind } from '../support/scene.ts'
import { chat, dataOf, messages } from '../support/wire.ts'
import { block, chunk, piece } from './frames.ts'
import { toolsOf } from './tools.ts'

// Complaints about other gateways (features C17), through this one on real sockets: the grammar of a Responses stream,
// whatever wire it was made from.

const scene = createScene()

const args = ['{"city":', '"Paris"}'] as const
const called = { id: 'call_a', name: 'weather' }

const data = (value: object) => `data: ${JSON.stringify(value)}\r\n\r\n`
const named = (type: string, value: object) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...value })}\n\n`
const candidate = (parts: readonly object[], more: object = {}) =>
  data({ candidates: [{ index: 0, content: { role: 'model', parts }, ...more }], responseId: 'r' })

/** A thought, a text in two pieces and a call, as each wire streams them. */
const scripts: readonly (readonly [Kind, string, readonly string[]])[] = [
  [
    'compatible',
    'a/m',
    [
      chat.role(),
      chunk({ reasoning_content: 'Hm' }),
      chunk({ reasoning_content: 'm.' }),
      chat.text('Let me '),
      chat.text('look.'),
      piece(0, called.id, called.name, args[0]),
      piece(0, undefined, undefined, args[1]),
      chat.finish('tool_calls'),
      chat.usage(),
      chat.done,
    ],
  ],
  [
    'messages',
    'a/claude-sonnet-4-5',
    [
      messages.start,
      block.thinking(0),
      block.thought(0, 'Hmm.'),
      block.signature(0, 'c2ln'),
      block.stop(0),
      block.text(1),
      block.words(1, 'Let me '),
      block.words(1, 'look.'),
      block.stop(1),
      block.tool(2, called.id),
      block.args(2, args[0]),
      block.args(2, args[1]),
      block.stop(2),
      block.finish('tool_use'),
      messages.stop,
    ],
  ],
  [
    'gemini',
    'a/gemini-2.5-flash',
    [
      candidate([{ text: 'Hmm.', thought: true }]),
      candidate([{ text: 'Let me ' }]),
      candidate([{ text: 'look.' }]),
      candidate([{ functionCall: { id: called.id, name: called.name, args: { city: 'Paris' } } }], {
        finishReason: 'STOP',
      }),
    ],
  ],
  [
    'cohere',
    'a/command-a-reasoning-08-2025',
    [
      named('message-start', { id: 'i', delta: { message: { role: 'assistant' } } }),
      named('content-start', {
        index: 0,
        delta: { message: { content: { type: 'thinking', thinking: '' } } },
      }),
      named('content-delta', { index: 0, delta: { message: { content: { thinking: 'Hmm.' } } } }),
      named('content-end', { index: 0 }),
      named('content-start', { index: 1, delta: { message: { content: { type: 'text', text: '' } } } }),
      named('content-delta', { index: 1, delta: { message: { content: { text: 'Let me ' } } } }),
      named('content-delta', { index: 1, delta: { message: { content: { text: 'look.' } } } }),
      named('content-end', { index: 1 }),
      named('tool-call-start', {
        index: 0,
        delta: {
          message: { tool_calls: { ...called, type: 'function', function: { ...called, arguments: '' } } },
        },
      }),
      ...args.map(piece =>
        named('tool-call-delta', {
          index: 0,
          delta: { message: { tool_calls: { function: { arguments: piece } } } },
        }),
      ),
      named('tool-call-end', { index: 0 }),
      named('message-end', {
        delta: { finish_reason: 'TOOL_CALL', usage: { tokens: { input_tokens: 3, output_tokens: 2 } } },
      }),
    ],
  ],
]

/** What may stand between the beginning and the end of an item, by its type. */
const insides: { readonly [type: string]: RegExp } = {
  message: /^(content_part\.added (output_text\.delta )*output_text\.done content_part\.done )+$/,
  function_call: /^(function_call_arguments\.delta )*function_call_arguments\.done $/,
  reasoning:
    /^((reasoning_summary_part\.added (reasoning_summary_text\.delta )*reasoning_summary_text\.done reasoning_summary_part\.done )|(content_part\.added (reasoning_text\.delta )*reasoning_text\.done content_part\.done ))*$/,
}

interface Seen {
  readonly type: string
  readonly deltas: Map<string, string>
  inside: string
  done?: object
}

/** Reads a stream strictly: what comes when, and what it adds up to. */
function readStrictly(events: readonly ResponseStreamEvent[]) {
  const items = new Map<number, Seen>()
  for (const event of events) {
    const name = event.type.replace('response.', '')
    if (!('output_index' in event)) continue
    if (event.type === 'response.output_item.added') {
      expect(items.has(event.output_index)).toBe(false)
      items.set(event.output_index, { type: event.item.type, deltas: new Map(), inside: '' })
      continue
    }
    const item = items.get(event.output_index)
    if (item === undefined) throw new Error(`${name} of an item that never began`)
    expect(item.done).toBeUndefined()
    if (event.type === 'response.output_item.done') {
      item.done = event.item
      continue
    }
    item.inside += `${name} `
    if (!('delta' in event) || typeof event.delta !== 'string') continue
    const place = 'content_index' in event ? `content ${event.content_index}` : name
    item.deltas.set(place, (item.deltas.get(place) ?? '') + event.delta)
  }
  for (const { type, inside } of items.values()) expect(inside).toMatch(insides[type] ?? /^$/)
  return [...items.entries()].sort(([one], [other]) => one - other).map(([, item]) => item)
}

/** The strings that an item's deltas have to add up to. */
function wordsOf(item: ResponseObject['output'][number]): readonly string[] {
  if (item.type === 'function_call') return [item.arguments]
  if (item.type === 'reasoning') return [...item.summary, ...(item.content ?? [])].map(part => part.text)
  if (item.type === 'message')
    return item.content.map(part => (part.type === 'output_text' ? part.text : part.refusal))
  return []
}

test.each(scripts)(
  'features C17: from %s comes the whole life cycle, numbered, and its end is what the pieces add up to',
  async (kind, model, steps) => {
    const upstream = scene.upstream(stream => () => stream(steps))
    const { url } = front(scene, kind, upstream.url)
    const tools = toolsOf['/v1/responses']
    const fields = { model, stream: true, tools, reasoning: { effort: 'low' } }
    for (const store of [false, true]) {
      const text = await (await ask(url, '/v1/responses', { ...fields, store })).text()
      const events = dataOf(text) as unknown as ResponseStreamEvent[] // what this wire streams
      expect(events.map(event => event.sequence_number)).toEqual([...events.keys()])
      const types = events.map(event => event.type)
      expect(types.slice(0, 2)).toEqual(['response.created', 'response.in_progress'])
      expect(
        types.filter(type => /^response\.(created|in_progress|completed|incomplete|failed)$/.test(type)),
      ).toEqual(['response.created', 'response.in_progress', 'response.completed'])
      const last = events.at(-1)
      if (last?.type !== 'response.completed') throw new Error(`ended with ${last?.type}`)
      const { output } = last.response
      const read = readStrictly(events)
      expect(read.map(item => item.done)).toEqual([...output])
      expect(read.map(item => [...item.deltas.values()].join('|'))).toEqual(
        output.map(item => wordsOf(item).join('|')),
      )
      expect(output.map(item => [item.type, wordsOf(item).join('')])).toEqual([
        ['reasoning', 'Hmm.'],
        ['message', 'Let me look.'],
        ['function_call', expect.stringContaining('Paris')],
      ])
      // Every event of one stream speaks of one response.
      const ids = events.flatMap(event => ('response' in event ? event.response.id : []))
      expect(new Set(ids).size).toBe(1)
    }
  },
)

test.each(scripts)(
  'features C17: the official client makes the same of it, from %s',
  async (kind, model, steps) => {
    const upstream = scene.upstream(stream => () => stream(steps))
    const { url } = front(scene, kind, upstream.url)
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const stream = client.responses.stream({ model, input: 'hi', reasoning: { effort: 'low' } })
    const events = await listOf(stream)
    const folded = await stream.finalResponse()
    const last = events.at(-1)
    if (last?.type !== 'response.completed') throw new Error(`ended with ${last?.type}`)
    expect(JSON.parse(JSON.stringify(folded.output))).toMatchObject(
      JSON.parse(JSON.stringify(last.response.output)),
    )
    expect(folded.output_text).toBe('Let me look.')
  },
)
