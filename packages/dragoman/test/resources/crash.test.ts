import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import { Place, patience, type Running } from '../cli/process.ts'
import { startUpstream } from '../support/upstream.ts'
import { clientOf, listOf, settled } from './stage.ts'

// A real process, killed while it works: what it stored is there for the next one, nothing hangs, nothing lies.

setDefaultTimeout(patience)
const place = new Place()
afterAll(() => place.clear())

const key = 'test-key-0123456789'
/** Takes every request and answers none. */
const silent = startUpstream(() => new Promise<Response>(() => {}))
afterAll(() => silent.close())
place.write(
  'with-silent.yaml',
  `version: 1\nproviders: { silent: { kind: openai-compatible, base_url: "${silent.url}/v1" } }\n`,
)
const start = () => place.start(['--config', 'with-silent.yaml', '--port', '0'], { DRAGOMAN_KEY: key })
const client = (running: Running) => clientOf(running.url, key)
/** Goes on for a minute. */
const long = { model: 'sandbox', input: 'Count from 1 to 3000' } as const

/** Reads a stream until some text came, and goes on reading until it breaks. */
async function readSome(stream: AsyncIterable<ResponseStreamEvent>, wanted: number) {
  const events: ResponseStreamEvent[] = []
  const enough = Promise.withResolvers<void>()
  const ended = (async () => {
    try {
      for await (const event of stream) {
        events.push(event)
        if (events.length >= wanted) enough.resolve()
      }
    } catch {
      // The process is gone.
    }
  })()
  await enough.promise
  return { events, ended }
}

const idOf = (events: readonly ResponseStreamEvent[]): string => {
  const [first] = events
  return first?.type === 'response.created' ? first.response.id : ''
}

async function kill(running: Running): Promise<void> {
  running.signal('SIGKILL')
  await running.exited
}

describe('after kill -9', () => {
  test('a stored stream and a background response end, a finished one is whole', async () => {
    const first = await start()
    const done = await client(first).responses.create({ model: 'sandbox', input: 'My name is Ada.' })
    const quiet = await client(first).responses.create({ model: 'silent/m', input: 'Hi', background: true })
    const [streamed, background] = await Promise.all([
      readSome(await client(first).responses.create({ ...long, stream: true }), 150),
      readSome(await client(first).responses.create({ ...long, background: true, stream: true }), 150),
    ])
    expect((await client(first).responses.retrieve(quiet.id)).status).toBe('in_progress')
    await kill(first)
    await Promise.all([streamed.ended, background.ended])

    const second = await start()
    const api = client(second).responses
    expect(await api.retrieve(done.id)).toEqual(done)
    const next = await api.create({
      model: 'sandbox',
      input: 'What is my name?',
      previous_response_id: done.id,
    })
    expect(next.output_text).toContain('Ada')

    for (const [{ events: held }, status, reason] of [
      [streamed, 'incomplete', 'gateway_interrupted'],
      [background, 'failed', undefined],
    ] as const) {
      const id = idOf(held)
      const most = held.at(-1)?.sequence_number ?? 0
      // Coming back right where it broke: nothing again, and an end.
      const rest = await listOf(await api.retrieve(id, { stream: true, starting_after: most }))
      expect(rest.map(event => event.type).at(-1)).toBe(`response.${status}`)
      expect(rest.every(event => event.sequence_number > most)).toBe(true)
      const events = await listOf(await api.retrieve(id, { stream: true }))
      const kept = events.filter(event => event.sequence_number <= most)
      // What it stored is the beginning of what the client had, and most of it.
      expect(kept).toEqual(held.slice(0, kept.length))
      expect(kept.length).toBeGreaterThan(20)
      const whole = await api.retrieve(id)
      expect(whole.status).toBe(status)
      expect(whole.incomplete_details?.reason as string | undefined).toBe(reason as string) // an open set
      const text = held
        .flatMap(event => (event.type === 'response.output_text.delta' ? [event.delta] : []))
        .join('')
      expect(text.startsWith(whole.output_text) && whole.output_text.length > 0).toBe(true)
    }
    const lost = await settled(client(second), quiet.id)
    expect([lost.status, lost.error?.code]).toEqual(['failed', 'server_error'])
    expect(lost.error?.message).toContain('stopped while it worked')
    // An ended one stays as it ended.
    expect(await api.retrieve(quiet.id)).toEqual(lost)
    second.signal('SIGTERM')
    expect(await second.exited).toBe(0)
  })
})

test('SIGTERM lets background work end, and everything is there after a restart', async () => {
  const first = await start()
  const api = client(first)
  const conversation = await api.conversations.create({ metadata: { a: 'b' } })
  const said = await api.responses.create({
    model: 'sandbox',
    input: 'My name is Ada.',
    conversation: conversation.id,
  })
  const background = await api.responses.create({
    model: 'sandbox',
    input: 'Count from 1 to 100',
    background: true,
  })
  first.signal('SIGTERM')
  expect(await first.exited).toBe(0)
  const second = await start()
  const again = client(second)
  const done = await again.responses.retrieve(background.id)
  expect([done.status, done.output_text.endsWith('100')]).toEqual(['completed', true])
  expect(await again.responses.retrieve(said.id)).toEqual(said)
  const next = await again.responses.create({
    model: 'sandbox',
    input: 'What is my name?',
    conversation: conversation.id,
  })
  expect(next.output_text).toContain('Ada')
  expect((await listOf(again.conversations.items.list(conversation.id))).length).toBe(4)
  second.signal('SIGTERM')
  await second.exited
})
