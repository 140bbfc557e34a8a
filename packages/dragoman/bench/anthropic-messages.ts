// Prints what a delta and a whole answer cost: `node scripts/bun.mjs packages/dragoman/bench/anthropic-messages.ts`.
import type { Render } from '../src/core/dialect.ts'
import { anthropicMessages } from '../src/dialects/anthropic-messages/index.ts'
import type { Event } from '../src/ir/event.ts'
import type { JsonObject } from '../src/ir/json.ts'
import type { Frame } from '../src/wire/frame.ts'
import { createSseParser, writeSse } from '../src/wire/sse.ts'
import { median } from './numbers.ts'

const { decodeStream, encodeStream, watchStream, decodeReply, encodeReply, decodeRequest, encodeRequest } =
  anthropicMessages

const count = 1000
const rounds = 60

const frame = (wire: JsonObject) => writeSse({ event: String(wire.type), data: JSON.stringify(wire) })
const usage = {
  input_tokens: 25,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 1,
}
const message = {
  id: 'msg_01VdEjxAP5ahtHKrrRdNBteQ',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
}

/** A stream of one block with `count` deltas. */
function streamOf(block: JsonObject, delta: JsonObject): readonly Frame[] {
  const text = [
    frame({ type: 'message_start', message }),
    frame({ type: 'content_block_start', index: 0, content_block: block }),
    frame({ type: 'content_block_delta', index: 0, delta }).repeat(count),
    frame({ type: 'content_block_stop', index: 0 }),
    frame({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage }),
    frame({ type: 'message_stop' }),
  ].join('')
  return createSseParser().push(new TextEncoder().encode(text))
}

const streams: { readonly [name: string]: readonly Frame[] } = {
  text: streamOf({ type: 'text', text: '' }, { type: 'text_delta', text: ' holiday' }),
  thinking: streamOf(
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: ' so' },
  ),
  arguments: streamOf(
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
    { type: 'input_json_delta', partial_json: '{"a":1},' },
  ),
}

const content = [
  { type: 'text', text: 'The quiet river carries every letter past seven old stone bridges. '.repeat(20) },
]
const whole: JsonObject = { ...message, content, stop_reason: 'end_turn' }
const asked: JsonObject = {
  model: 'm',
  max_tokens: 1000,
  system: 'You are terse.',
  messages: Array.from({ length: 11 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: 'Hello.',
  })),
}
const render: Render = {
  id: 'bench',
  created: 1,
  request: { model: 'm', turns: [], sampling: {}, hints: {}, stream: true },
}

/** Nanoseconds for each of `units`, as the median of the rounds. */
function measure(units: number, run: () => void): number {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    run()
    times.push(((performance.now() - begin) * 1e6) / units)
  }
  return median(times)
}

function print(name: string, nanoseconds: number): void {
  console.log(`${name.padEnd(34)} ${nanoseconds.toFixed(0).padStart(8)} ns`)
}

function decodeAll(frames: readonly Frame[]): readonly Event[] {
  const decoder = decodeStream()
  const events: Event[] = []
  for (const each of frames) decoder.push(each, events)
  return events
}

for (const [name, frames] of Object.entries(streams)) {
  const events = decodeAll(frames)
  print(
    `decode a delta of ${name}`,
    measure(count, () => decodeAll(frames)),
  )
  print(
    `encode a delta of ${name}`,
    measure(count, () => {
      const encoder = encodeStream(render)
      for (const event of events) encoder.push(event)
    }),
  )
  print(
    `watch a delta of ${name}`,
    measure(count, () => {
      const watch = watchStream()
      for (const each of frames) watch.push(each)
    }),
  )
}

const reply = decodeReply(whole)
const request = decodeRequest(asked)
if (!reply.ok || !request.ok) throw new Error('the bench has a broken body')
const repeat = (run: () => void) => () => {
  for (let index = 0; index < count; index++) run()
}
print(
  'decode a whole answer',
  measure(
    count,
    repeat(() => decodeReply(whole)),
  ),
)
print(
  'encode a whole answer',
  measure(
    count,
    repeat(() => encodeReply(reply.value, render)),
  ),
)
print(
  'decode a request of 11 messages',
  measure(
    count,
    repeat(() => decodeRequest(asked)),
  ),
)
print(
  'encode a request of 11 messages',
  measure(
    count,
    repeat(() => encodeRequest(request.value)),
  ),
)
