// Prints what framing and JSON cost: `node scripts/bun.mjs packages/dragoman/bench/wire.ts`.
import type { Frame } from '../src/wire/frame.ts'
import { parseJson } from '../src/wire/json.ts'
import { createJsonArrayParser } from '../src/wire/json-array.ts'
import { createNdjsonParser } from '../src/wire/ndjson.ts'
import { splice } from '../src/wire/splice.ts'
import { createSseParser, writeSse } from '../src/wire/sse.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)
let sink: unknown

/** The best of several rounds, because another process can only make a round slower. */
function nanoseconds(run: () => unknown, target = 2e7): number {
  let runs = 1
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 25; round++) {
    const begin = performance.now()
    for (let index = 0; index < runs; index++) sink = run()
    const each = ((performance.now() - begin) * 1e6) / runs
    best = Math.min(best, each)
    runs = Math.max(1, Math.ceil(target / Math.max(each, 10)))
  }
  return best
}

const chunk = JSON.stringify({
  id: 'chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0',
  object: 'chat.completion.chunk',
  created: 1770934485,
  model: 'gpt-5.4-2026-03-05',
  service_tier: 'default',
  choices: [{ index: 0, delta: { content: ' holiday' }, logprobs: null, finish_reason: null }],
  usage: null,
})
const named = JSON.stringify({ type: 'response.output_text.delta', delta: ' holiday', sequence_number: 7 })
const count = 200

const parsers = {
  'sse data': { frame: `data: ${chunk}\n\n`, create: createSseParser },
  'sse data crlf': { frame: `data: ${chunk}\r\n\r\n`, create: createSseParser },
  'sse event+data': {
    frame: `event: response.output_text.delta\ndata: ${named}\n\n`,
    create: createSseParser,
  },
  ndjson: { frame: `${chunk}\n`, create: createNdjsonParser },
  'json array': { frame: `,\n${chunk}`, create: createJsonArrayParser },
}
const readers: { readonly [name: string]: (frame: Frame) => unknown } = {
  'ends only': () => undefined,
  raw: frame => frame.raw,
  data: frame => frame.data,
  'data, parsed': frame => frame.data.startsWith('{') && JSON.parse(frame.data),
}

console.log('framing, saturated (200 frames a read) and paced (a frame a read)')
for (const [name, { frame, create }] of Object.entries(parsers)) {
  const one = bytesOf(frame)
  const many = bytesOf(frame.repeat(count))
  for (const [reading, read] of Object.entries(readers)) {
    const saturated = create()
    const paced = create()
    const each =
      nanoseconds(() => {
        for (const parsed of saturated.push(many)) sink = read(parsed)
      }) / count
    const alone = nanoseconds(() => {
      for (const parsed of paced.push(one)) sink = read(parsed)
    })
    const perKib = (each / one.length) * 1024
    console.log(
      `  ${name.padEnd(16)} ${reading.padEnd(14)} ${each.toFixed(0).padStart(6)} ns/frame`,
      `${perKib.toFixed(0).padStart(6)} ns/KiB ${alone.toFixed(0).padStart(6)} ns/frame paced`,
    )
  }
}
console.log(`  writeSse ${nanoseconds(() => writeSse({ data: chunk })).toFixed(0)} ns/frame`)

const body = (content: string) =>
  JSON.stringify({
    model: 'gpt-5.4',
    messages: [
      { role: 'system', content: 'You are a terse assistant. Answer in one sentence.' },
      { role: 'user', content },
    ],
    temperature: 0.2,
    max_tokens: 256,
    stream: true,
    stream_options: { include_usage: true },
  })
const bodies = {
  '500 B': bytesOf(body('x '.repeat(130))),
  '16 KiB': bytesOf(body('A sentence with "quotes" and a line\n'.repeat(420))),
  '20 MB image': bytesOf(body('A'.repeat(20_000_000))),
}
console.log('JSON bodies')
for (const [name, bytes] of Object.entries(bodies)) {
  const native = nanoseconds(() => JSON.parse(new TextDecoder().decode(bytes)))
  const safe = nanoseconds(() => parseJson(bytes))
  const edit = nanoseconds(() => splice(bytes, [{ operation: 'set', path: ['model'], value: 'other' }]))
  const us = (value: number) => `${(value / 1000).toFixed(2)} us`
  console.log(
    `  ${name.padEnd(12)} native ${us(native)}, parseJson ${us(safe)}, splice of one key ${us(edit)}`,
  )
}
if (sink === null) console.log('')
