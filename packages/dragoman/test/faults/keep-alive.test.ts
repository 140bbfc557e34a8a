import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { createClock } from '../support/clock.ts'
import { expectWhole, textOf } from '../support/ends.ts'
import { ask, createScene, front, type Kind, type Path, paths, readUntil } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

// Ruling 4 and features C16: a silent upstream is not a dead connection, in each dialect's own way. Responses gets a
// comment, not the `keepalive` event that its official client passes over: an event of that wire needs a number of its
// own, and numbers are what a stream is resumed by.

const scene = createScene()

const signs: { readonly [P in Path]: string } = {
  '/v1/chat/completions': ': keep-alive\n\n',
  '/v1/responses': ': keep-alive\n\n',
  '/v1/messages': 'event: ping\ndata: {"type": "ping"}\n\n',
}

const scripts = {
  chat: [
    [chat.role(), chat.text('Half')],
    [chat.text('Whole'), chat.finish(), chat.usage(), chat.done],
  ],
  messages: [
    [messages.start, messages.open, messages.text('Half')],
    [messages.text('Whole'), messages.close, messages.finish, messages.stop],
  ],
  responses: [
    [responses.created, responses.open, responses.text('Half')],
    [responses.text('Whole'), responses.close('HalfWhole'), responses.completed('HalfWhole')],
  ],
} as const

const ways: readonly (readonly [Path, Kind, keyof typeof scripts])[] = [
  ['/v1/chat/completions', 'chat', 'chat'],
  ['/v1/responses', 'responses', 'responses'],
  ['/v1/messages', 'messages', 'messages'],
  ...paths.map(path => [path, 'compatible', 'chat'] as const),
]

/** An upstream that is silent twice, before its first word and in the middle, each time until the gate opens. */
function silent(kind: Kind, wire: keyof typeof scripts) {
  const clock = createClock()
  const gates = [gate(), gate()] as const
  const [first, second] = scripts[wire]
  const upstream = scene.upstream(stream => () => stream([gates[0].wait, ...first, gates[1].wait, ...second]))
  const { url } = front(
    scene,
    kind,
    upstream.url,
    {
      server: { status_after: '5s', keep_alive: '15s' },
      timeouts: { first_token: '1h', idle: '1h', total: '24h' },
    },
    { ambient: clock },
  )
  return { clock, gates, url }
}

const count = (text: string, sign: string) => text.split(sign).length - 1

describe.each(ways)('features C16: to %s by %s', (path, kind, wire) => {
  test('signs of life come before the first word and between words, and change nothing', async () => {
    const { clock, gates, url } = silent(kind, wire)
    const response = await clock.until(ask(url, path, { stream: true }))
    expect(response.status).toBe(200)
    const reading = readUntil(response, signs[path])
    await clock.until(reading.seen(signs[path].repeat(3)))
    gates[0].open()
    const early = await reading.seen('Half')
    const before = count(early, signs[path])
    await clock.until(reading.seen(`${early}${signs[path].repeat(3)}`))
    gates[1].open()
    const text = await reading.rest()
    expect(before).toBeGreaterThanOrEqual(3)
    expect(count(text, signs[path])).toBeGreaterThanOrEqual(before + 3)
    expectWhole(path, text)
    expect(textOf(text)).toBe('HalfWhole')
    expect(clock.pending).toBe(0)
  })

  test('a stream that flows has none', async () => {
    const clock = createClock()
    const upstream = scene.upstream(stream => () => stream(scripts[wire].flat()))
    const { url } = front(scene, kind, upstream.url, {}, { ambient: clock })
    const text = await (await ask(url, path, { stream: true })).text()
    expect(count(text, signs[path])).toBe(0)
  })
})

describe('features C16: official clients do not mind 90 silent seconds:', () => {
  const question = [{ role: 'user' as const, content: 'hi' }]

  test('openai, chat', async () => {
    const { clock, gates, url } = silent('compatible', 'chat')
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const opened = await clock.until(
      client.chat.completions.create({ model: 'a/m', messages: question, stream: true }).asResponse(),
    )
    expect(opened.status).toBe(200)
    const stream = await clock.until(
      client.chat.completions.create({ model: 'a/m', messages: question, stream: true }),
    )
    clock.advance(90_000)
    gates[0].open()
    let text = ''
    for await (const part of stream) {
      text += part.choices[0]?.delta.content ?? ''
      if (text === 'Half') {
        clock.advance(90_000)
        gates[1].open()
      }
    }
    expect(text).toBe('HalfWhole')
  })

  test('openai, responses', async () => {
    const { clock, gates, url } = silent('compatible', 'chat')
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const stream = client.responses.stream({ model: 'a/m', input: 'hi' })
    const started = new Promise<void>(resolve => stream.on('response.created', () => resolve()))
    const silentFor = new Promise<void>(resolve => setTimeout(resolve, 20))
    await clock.until(silentFor)
    gates[0].open()
    await clock.until(started)
    clock.advance(90_000)
    gates[1].open()
    expect((await stream.finalResponse()).output_text).toBe('HalfWhole')
  })

  test('anthropic', async () => {
    const { clock, gates, url } = silent('compatible', 'chat')
    const client = new Anthropic({ baseURL: url, apiKey: 'x', maxRetries: 0 })
    const stream = client.messages.stream({ model: 'a/m', max_tokens: 50, messages: question })
    const half = new Promise<void>(resolve => stream.on('text', () => resolve()))
    const silentFor = new Promise<void>(resolve => setTimeout(resolve, 20))
    await clock.until(silentFor)
    gates[0].open()
    await clock.until(half)
    clock.advance(90_000)
    gates[1].open()
    expect(await stream.finalText()).toBe('HalfWhole')
  })
})
