// Prints what a chunk and a whole answer cost: `node scripts/bun.mjs packages/dragoman/bench/openai-chat.ts`.
import type { Render } from '../src/core/dialect.ts'
import { openaiChat } from '../src/dialects/openai-chat/index.ts'
import type { Event } from '../src/ir/event.ts'
import type { JsonObject } from '../src/ir/json.ts'
import type { Frame } from '../src/wire/frame.ts'
import { createSseParser, writeSse } from '../src/wire/sse.ts'
import { median } from './numbers.ts'

const {
  decodeStream,
  encodeStream,
  watchStream,
  quietUsage,
  decodeReply,
  encodeReply,
  decodeRequest,
  encodeRequest,
} = openaiChat

const count = 1000
const rounds = 60

const usage = { prompt_tokens: 25, completion_tokens: count, total_tokens: 25 + count }

/** A chunk as the service sends it to a caller who asked for usage. */
function chunk(delta: JsonObject, finish: string | null = null): string {
  const choice = { index: 0, delta, logprobs: null, finish_reason: finish }
  return writeSse({
    data: JSON.stringify({
      id: 'chatcmpl-CYPS1lijGoK8gd9lYzY3r9Sx50nbt',
      object: 'chat.completion.chunk',
      created: 1762317021,
      model: 'm-2025-08-07',
      service_tier: 'default',
      system_fingerprint: 'fp_eaab8d114b',
      choices: [choice],
      usage: null,
    }),
  })
}

/** A stream of `count` chunks like `delta`, after a first one. */
function streamOf(first: JsonObject, delta: JsonObject): readonly Frame[] {
  const text = [
    chunk({ role: 'assistant', content: '', refusal: null }),
    chunk(first),
    chunk(delta).repeat(count),
    chunk({}, 'stop'),
    writeSse({ data: JSON.stringify({ id: 'x', choices: [], usage }) }),
    writeSse({ data: '[DONE]' }),
  ].join('')
  return createSseParser().push(new TextEncoder().encode(text))
}

const call = { index: 0, id: 'call_a', type: 'function', function: { name: 'f', arguments: '' } }
const streams: { readonly [name: string]: readonly Frame[] } = {
  text: streamOf({ content: 'The' }, { content: ' holiday' }),
  reasoning: streamOf({ reasoning_content: 'We' }, { content: null, reasoning_content: ' need' }),
  arguments: streamOf(
    { tool_calls: [call] },
    { tool_calls: [{ index: 0, function: { arguments: '{"a":1},' } }] },
  ),
}

const content = 'The quiet river carries every letter past seven old stone bridges. '.repeat(20)
const whole: JsonObject = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
}
const asked: JsonObject = {
  model: 'm',
  max_completion_tokens: 1000,
  messages: Array.from({ length: 11 }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: 'Hello.',
  })),
}
const render: Render = {
  id: 'bench',
  created: 1,
  request: { model: 'm', turns: [], sampling: {}, hints: {}, stream: true, streamUsage: true },
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
  for (const frame of frames) decoder.push(frame, events)
  return events
}

for (const [name, frames] of Object.entries(streams)) {
  const events = decodeAll(frames)
  const tasks: { readonly [verb: string]: () => void } = {
    decode: () => decodeAll(frames),
    encode: () => {
      const encoder = encodeStream(render)
      for (const event of events) encoder.push(event)
    },
    watch: () => {
      const watch = watchStream()
      for (const frame of frames) watch.push(frame)
    },
    'hide the usage of': () => {
      for (const frame of frames) quietUsage?.hide(frame)
    },
  }
  for (const [verb, run] of Object.entries(tasks)) print(`${verb} a chunk of ${name}`, measure(count, run))
}

const reply = decodeReply(whole)
const request = decodeRequest(asked)
const many = (run: () => void) => () => {
  for (let index = 0; index < count; index++) run()
}
if (reply.ok && request.ok) {
  print(
    'decode a whole answer',
    measure(
      count,
      many(() => decodeReply(whole)),
    ),
  )
  print(
    'encode a whole answer',
    measure(
      count,
      many(() => encodeReply(reply.value, render)),
    ),
  )
  print(
    'decode a request of 11 turns',
    measure(
      count,
      many(() => decodeRequest(asked)),
    ),
  )
  print(
    'encode a request of 11 turns',
    measure(
      count,
      many(() => encodeRequest(request.value)),
    ),
  )
}
