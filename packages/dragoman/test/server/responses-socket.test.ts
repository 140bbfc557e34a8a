import { afterEach, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { ResponsesWS } from 'openai/resources/responses/ws'
import { createGateway } from '../../src/gateway.ts'
import { listen } from '../../src/server/listen.ts'
import { heard, twoTenants } from '../resources/stage.ts'
import { createScene, provider } from '../support/scene.ts'
import { gate, type SeenRequest, type Step } from '../support/upstream.ts'
import { chat } from '../support/wire.ts'

// Responses over a WebSocket: the official SDK's client against the real server.

const scene = createScene()
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface ServerEvent {
  readonly type: string
  readonly sequence_number?: number
  readonly stream_id?: string
  readonly status?: number
  readonly error?: { readonly code: string | null; readonly message: string; readonly param: string | null }
  readonly response?: { readonly id: string; readonly previous_response_id: string | null }
}

/** A server before an upstream that says this. */
function serve(say: (request: SeenRequest, index: number) => readonly Step[], keys = false) {
  const upstream = scene.upstream(stream => (request, index) => stream(say(request, index)))
  const gateway = createGateway(
    { sandbox: false, providers: { a: provider('compatible', upstream.url) }, retry: { attempts: 0 } },
    keys ? { keys: twoTenants } : {},
  )
  const listening = listen(gateway, { host: '127.0.0.1', port: 0, maxBody: 1024 * 1024 })
  if (!listening.ok) throw new Error(listening.message)
  const { server } = listening
  closing.push(
    () => gateway.close(),
    () => server.stop(),
  )
  return { upstream, url: server.url, server }
}

function connect(url: string, apiKey = 'any') {
  const socket = new ResponsesWS(new OpenAI({ baseURL: `${url}/v1`, apiKey }))
  const events: ServerEvent[] = []
  const waiting: { isThere: (events: readonly ServerEvent[]) => boolean; resolve: () => void }[] = []
  const look = () => {
    for (const one of waiting) if (one.isThere(events)) one.resolve()
  }
  socket.on('event', event => {
    events.push(event as never) // the SDK's union, read loosely
    look()
  })
  socket.on('error', () => {})
  closing.push(() => socket.close())
  return {
    socket,
    events,
    send: (event: object) => socket.send(event as never), // also what the SDK's types do not allow
    until: (isThere: (events: readonly ServerEvent[]) => boolean) =>
      new Promise<void>(resolve => {
        waiting.push({ isThere, resolve })
        look()
      }),
  }
}

const isDone = (event: ServerEvent) => event.type === 'response.completed' || event.type === 'error'
const done = (count: number) => (events: readonly ServerEvent[]) => events.filter(isDone).length >= count
const words = (text: string) => [chat.role(), chat.text(text), chat.finish(), chat.done]
const create = (fields: object) => ({ type: 'response.create', model: 'a/m', input: 'Hi', ...fields })

describe('responses over a WebSocket', () => {
  test('one call each `response.create`, its events in order, one a message', async () => {
    const { url, upstream } = serve((_, index) => words(`Answer ${index}.`))
    const { send, until, events } = connect(url)
    send(create({ store: true }))
    send(create({ input: 'Again.' }))
    await until(done(2))
    const first = events.slice(0, events.findIndex(isDone) + 1)
    expect(first.map(event => event.sequence_number)).toEqual(first.map((_, index) => index))
    expect(first[0]?.type).toBe('response.created')
    // The second began after the first had ended.
    expect(events[first.length]?.type).toBe('response.created')
    expect(upstream.seen.map(heard)).toEqual([['user: Hi'], ['user: Again.']])
  })

  test('continues what is stored, and within the connection what is not', async () => {
    const { url, upstream } = serve((_, index) => words(`Answer ${index}.`))
    const { send, until, events } = connect(url)
    const lastId = () => events.findLast(isDone)?.response?.id
    for (const store of [true, false]) {
      const before = events.filter(isDone).length
      send(create({ store }))
      await until(done(before + 1))
      const id = lastId()
      send(create({ store, input: 'On.', previous_response_id: id }))
      await until(done(before + 2))
      expect(events.findLast(isDone)?.response?.previous_response_id).toBe(id as string)
      send(create({ store, input: 'And on.', previous_response_id: lastId() }))
      await until(done(before + 3))
      expect(heard(upstream.seen.at(-1)).map(turn => turn.replace(/\d/, 'N'))).toEqual([
        'user: Hi',
        'assistant: Answer N.',
        'user: On.',
        'assistant: Answer N.',
        'user: And on.',
      ])
    }
    // Another connection knows nothing of what was not stored.
    const other = connect(url)
    other.send(create({ store: false, previous_response_id: lastId() }))
    await other.until(done(1))
    expect(other.events[0]).toMatchObject({ status: 400, error: { code: 'previous_response_not_found' } })
  })

  test('lanes run side by side, and their events say which', async () => {
    const hold = gate()
    const { url } = serve(request =>
      heard(request)[0]?.includes('slow')
        ? [chat.role(), chat.text('a'), hold.wait, ...words('b').slice(1)]
        : words('c'),
    )
    const { send, until, events } = connect(url)
    send(create({ input: 'slow', stream_id: 'one' }))
    await until(all => all.some(event => event.type === 'response.output_text.delta'))
    send(create({ input: 'quick', stream_id: 'two' }))
    await until(done(1))
    expect(events.find(isDone)?.stream_id).toBe('two')
    hold.open()
    await until(done(2))
    expect(new Set(events.map(event => event.stream_id))).toEqual(new Set(['one', 'two']))
  })

  test('errors are messages, and the connection goes on', async () => {
    const { url } = serve(() => words('Fine.'))
    const { send, socket, until, events } = connect(url)
    send(create({ previous_response_id: 'resp_none' }))
    send(create({ model: 'nowhere/m' }))
    send({ type: 'response.steer', previous_response_id: 'x', input: [] })
    send(create({ generate: false, stream_id: 'lane' }))
    socket.sendRaw('{')
    await until(all => all.filter(event => event.type === 'error').length >= 5)
    const errors = events.map(({ status, error }) => [status, error?.code ?? null, error?.param ?? null])
    expect(errors).toContainEqual([400, 'previous_response_not_found', 'previous_response_id'])
    expect(errors).toContainEqual([404, 'model_not_found', 'model'])
    expect(errors).toContainEqual([400, null, 'type'])
    expect(errors).toContainEqual([400, null, 'generate'])
    expect(errors).toContainEqual([400, null, null])
    expect(events.find(event => event.error?.param === 'generate')?.stream_id).toBe('lane')
    send(create({}))
    await until(all => all.some(event => event.type === 'response.completed'))
  })

  test('a client that leaves ends its calls', async () => {
    const { url, upstream } = serve(() => [chat.role(), chat.text('a'), new Promise(() => {})])
    const { send, socket, until } = connect(url)
    send(create({}))
    await until(all => all.some(event => event.type === 'response.output_text.delta'))
    expect(upstream.open).toBe(1)
    socket.close()
    await upstream.idle()
  })

  test('a wrong key is refused before there is a connection; tenants stay apart', async () => {
    const { url } = serve(() => words('Fine.'), true)
    const handshake = (key: string, path = '/v1/responses') =>
      fetch(url + path, {
        headers: {
          authorization: `Bearer ${key}`,
          connection: 'upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        },
      })
    expect((await handshake('three')).status).toBe(401)
    expect((await handshake('one', '/v1/models')).status).toBe(200)
    const one = connect(url, 'one')
    one.send(create({}))
    await one.until(done(1))
    const two = connect(url, 'two')
    two.send(create({ previous_response_id: one.events.at(-1)?.response?.id }))
    await two.until(done(1))
    expect(two.events[0]).toMatchObject({ type: 'error', error: { code: 'previous_response_not_found' } })
  })
})
