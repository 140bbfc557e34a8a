import { afterEach, expect, test } from 'bun:test'
import { createAmbient } from '../../src/core/ambient.ts'
import type { Answer } from '../../src/core/answer.ts'
import type { Aimed, Received } from '../../src/core/call.ts'
import { type Layer, Stack } from '../../src/core/handler.ts'
import { Attempts } from '../../src/core/signals.ts'
import { Custody } from '../../src/custody/custody.ts'
import { findDialect } from '../../src/dialects/registry.ts'
import { receive } from '../../src/edge/receive.ts'
import { render } from '../../src/edge/render.ts'
import { findCallRoute } from '../../src/edge/routes.ts'
import { kinds } from '../../src/providers/catalog.ts'
import { Credential, type Provider } from '../../src/providers/provider.ts'
import { createUpstream } from '../../src/upstream/attempt.ts'
import { createFetchTransport } from '../../src/upstream/fetch-transport.ts'
import { type Answering, gate, startUpstream } from '../support/upstream.ts'
import { chat, post } from '../support/wire.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Stream = ReturnType<typeof startUpstream>

function upstream(answer: (stream: Stream['stream']) => Answering): Stream {
  const started: Stream = startUpstream((request, index) => answer(started.stream)(request, index))
  closers.push(() => started.close())
  return started
}

const ambient = createAmbient()
const timeouts = { connect: 1000, firstToken: 5000, idle: 5000, total: 10_000 }

/** Aims every call at the one upstream: what `authenticate`, `route` and `fallback` do in the gateway. */
const aim: Layer<Received, Aimed> = next => call => {
  const target = { provider: 'a', model: 'm', timeouts }
  const route = { name: 'a/m', targets: [target], policies: { default: 'emulate' as const, fields: {} } }
  return next({ ...call, principal: { id: 'p', name: 'p', tenant: 't' }, route, target })
}

const options = {
  ambient,
  keepAlive: 60_000,
  statusAfter: 60_000,
}

/** A call through one layer of the test's own, rendered as the edge does. */
async function carry(url: string, layer: Layer<Aimed>, change: (call: Received) => Received = call => call) {
  const kind = kinds.openai
  if (kind === undefined) throw new Error('the catalogue has no such kind')
  const provider: Provider = {
    name: 'a',
    kind,
    baseUrl: url,
    credential: new Credential('secret'),
    headers: {},
    bindings: kind.bindings,
  }
  const handler = Stack.of<Received>()
    .with(aim)
    .with(layer)
    .over(
      createUpstream({
        provider: () => provider,
        embedded: () => undefined,
        instance: 'here',
        attempts: new Attempts(),
        custody: new Custody({ ambient, log: () => {} }),
        structuredStream: 'buffer',
        ambient,
        log: () => {},
        transport: createFetchTransport(undefined),
        dial: undefined,
      }),
    )
  const path = '/v1/chat/completions'
  const route = findCallRoute(path, '')
  const dialect = findDialect('openai-chat')
  if (route === undefined || dialect === undefined) throw new Error('the route is not there')
  const request = post(path, { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] })
  const received = await receive(request, route, '', 'call1', {
    maxBody: 1e6,
    ambient,
    instance: 'here',
    trustModeHeader: false,
    identify: () => ({ ok: true, value: { id: 'p', name: 'p', tenant: 't' } }) as const,
  })
  if (!received.ok) throw new Error(received.fault.message)
  const call = change(received.value)
  const answer = await handler(call)
  return { call, answer, response: () => render(call, dialect, answer, options) }
}

const frames = [chat.role(), chat.text('Hel'), chat.text('lo'), chat.finish(), chat.done]

/** A layer that looks at the stream on its way out. */
const onStream =
  (look: (call: Aimed, stream: (Answer & { kind: 'stream' })['stream']) => void): Layer<Aimed> =>
  next =>
  async call => {
    const answer = await next(call)
    if (answer.kind === 'stream') look(call, answer.stream)
    return answer
  }

test('a note that arises late in a relayed stream reaches the caller before the terminator', async () => {
  const up = upstream(stream => () => stream(frames))
  const late = onStream((call, stream) => {
    if (stream.form !== 'wire') throw new Error('expected a relayed stream')
    stream.edit((frame, role, out) => {
      if (role === 'content')
        call.journal.note({ kind: 'approximated', path: 'late', reason: 'It arose mid-stream.' })
      out.push(frame)
    })
  })
  const { response } = await carry(up.url, late)
  const rendered = response()
  expect(rendered.headers.get('dragoman-notes')).toBeNull()
  const text = await rendered.text()
  const note = text.indexOf(': dragoman-notes approximated;path="late"')
  expect(note).toBeGreaterThan(text.indexOf('"lo"'))
  expect(note).toBeLessThan(text.indexOf('[DONE]'))
})

test('a stream edited in wire form keeps, drops and inserts frames whole', async () => {
  const up = upstream(stream => () => stream(frames))
  const edited = onStream((_, stream) => {
    if (stream.form !== 'wire') throw new Error('expected a relayed stream')
    stream.edit((frame, role, out) => {
      if (frame.data.includes('"Hel"')) return
      out.push(frame)
      if (role === 'pre') out.push({ ...frame, raw: new TextEncoder().encode(': inserted\n\n') })
    })
  })
  const { response } = await carry(up.url, edited)
  const text = await response().text()
  expect(text).toContain(': inserted')
  expect(text).not.toContain('"Hel"')
  expect(text).toContain('"lo"')
})

test('a stream edited in events form is decoded because a layer said so before the plan', async () => {
  const up = upstream(stream => () => stream(frames))
  const edited: Layer<Aimed> = next => async call => {
    const answer = await next({ ...call, needs: { ...call.needs, edit: true } })
    if (answer.kind !== 'stream' || answer.stream.form !== 'events') throw new Error('expected events')
    answer.stream.edit((event, out) => {
      out.push(event.type === 'part-delta' ? { ...event, text: event.text?.toUpperCase() ?? '' } : event)
    })
    return answer
  }
  const { response } = await carry(up.url, edited)
  const rendered = response()
  expect(rendered.headers.get('dragoman-mode')).toBe('translate')
  const text = await rendered.text()
  expect(text).toContain('HEL')
  expect(text).toContain('[DONE]')
})

test('a call owned by a job survives its client, and ends with the job', async () => {
  const hold = [gate(), gate()] as const
  const up = upstream(
    stream => (_, index) =>
      stream([chat.role(), chat.text('Hel'), hold[index === 0 ? 0 : 1].wait, chat.finish(), chat.done]),
  )
  const job = new AbortController()
  const { answer } = await carry(
    up.url,
    next => next,
    call => ({ ...call, owner: job.signal }),
  )
  if (answer.kind !== 'stream') throw new Error('expected a stream')
  // Nobody renders it: the job itself reads.
  hold[0].open()
  while ((await answer.stream.pull()) !== null);
  expect((await answer.stream.done).end).toBe('completed')

  const second = await carry(
    up.url,
    next => next,
    call => ({ ...call, owner: job.signal }),
  )
  if (second.answer.kind !== 'stream') throw new Error('expected a stream')
  job.abort()
  expect((await second.answer.stream.done).end).toBe('cancelled')
  hold[1].open()
  await up.idle()
})

test('a discarded stream settles once, also unread', async () => {
  const up = upstream(stream => () => stream([chat.role(), chat.text('Hel'), gate().wait]))
  const { answer } = await carry(up.url, next => next)
  if (answer.kind !== 'stream') throw new Error('expected a stream')
  answer.stream.dispose('discarded')
  answer.stream.dispose('cancelled')
  expect((await answer.stream.done).end).toBe('discarded')
  expect(await answer.stream.pull()).toBeNull()
  await up.idle()
})
