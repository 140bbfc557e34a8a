import { describe, expect, test } from 'bun:test'
import { expectWhole, textOf } from '../support/ends.ts'
import { response as rawResponse, startRawUpstream } from '../support/raw-upstream.ts'
import { ask, complaintOf, createScene, front, paths } from '../support/scene.ts'
import { chat } from '../support/wire.ts'

// The fault catalogue, C.3: bodies that are not what they are said to be, or too much. Numbers are its rows.

const scene = createScene()

describe('49: the content type', () => {
  const types = ['text/event-stream', 'application/json', 'text/plain', 'application/octet-stream', '']
  const head = (type: string) => (type === '' ? 'X: y' : `Content-Type: ${type}`)
  const frames = [chat.role(), chat.text('Half'), chat.finish(), chat.usage(), chat.done].join('')

  test.each(types)('%p may stand on a stream, asked for as one or not', async type => {
    const bytes = rawResponse(frames, head(type)).replace('Content-Type: application/json\r\nX: y\r\n', '')
    const upstream = scene.keep(await startRawUpstream({ asked: socket => socket.end(bytes) }))
    for (const kind of ['compatible', 'chat'] as const) {
      const { url } = front(scene, kind, upstream.url)
      const streamed = await ask(url, '/v1/chat/completions', { stream: true })
      expect(textOf(await streamed.text())).toBe('Half')
      const whole = await ask(url, '/v1/chat/completions')
      expect((await whole.json()).choices[0].message.content).toBe('Half')
    }
  })

  test.each(types)('%p may stand on a whole answer, asked for as one or not', async type => {
    const body = `\n ${JSON.stringify(chat.whole('Half'))}`
    const bytes = rawResponse(body, head(type)).replace('Content-Type: application/json\r\nX: y\r\n', '')
    const upstream = scene.keep(await startRawUpstream({ asked: socket => socket.end(bytes) }))
    for (const path of paths) {
      const { url } = front(scene, 'compatible', upstream.url)
      const streamed = await ask(url, path, { stream: true })
      const text = await streamed.text()
      expectWhole(path, text)
      expect(textOf(text)).toBe('Half')
      expect((await ask(url, path)).status).toBe(200)
    }
    const relay = front(scene, 'chat', upstream.url)
    const relayed = await ask(relay.url, '/v1/chat/completions', { stream: true })
    expect(relayed.headers.get('dragoman-notes')).toContain('emulated;path="stream"')
    expect(textOf(await relayed.text())).toBe('Half')
  })

  test.each(types)('%p on a page: 502, and the page is not shown', async type => {
    const bytes = rawResponse('<!doctype html><title>Sign in</title>', head(type))
    const upstream = scene.keep(await startRawUpstream({ asked: socket => socket.end(bytes) }))
    for (const stream of [true, false]) {
      for (const kind of ['compatible', 'chat'] as const) {
        const { url } = front(scene, kind, upstream.url)
        const response = await ask(url, '/v1/chat/completions', { stream })
        const { message } = complaintOf('/v1/chat/completions', await response.text())
        expect(response.status).toBe(502)
        expect(message).toContain('HTML page')
        expect(message).not.toContain('Sign in')
      }
    }
  })
})

test.each(['chat', 'compatible'] as const)(
  '44: one event without an end is given up, with bounded memory, by %s',
  async kind => {
    const path = '/v1/chat/completions'
    let sent = 0
    const endless = new TextEncoder().encode('x'.repeat(256 * 1024))
    const upstream = scene.upstream(() => () => {
      const body = new ReadableStream({
        start: controller => controller.enqueue(new TextEncoder().encode(`${chat.role()}data: `)),
        pull(controller) {
          sent += endless.length
          controller.enqueue(endless)
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    })
    const { url, gateway } = front(scene, kind, upstream.url)
    const response = await ask(url, path, { stream: true })
    expect([response.status, gateway.live]).toEqual([502, 0])
    expect(complaintOf(path, await response.text()).message).toContain('one event of more than')
    expect(sent).toBeLessThan(64 * 1024 * 1024)
  },
)

describe('50, 51: a body that is too large', () => {
  const huge = 80 * 1024 * 1024

  test('is given up, announced or not', async () => {
    for (const announced of [true, false]) {
      let sent = 0
      const piece = new TextEncoder().encode(' '.repeat(1024 * 1024))
      const upstream = scene.upstream(() => () => {
        const body = new ReadableStream({
          pull(controller) {
            if (sent >= huge) controller.close()
            else {
              controller.enqueue(piece)
              sent += piece.length
            }
          },
        })
        return new Response(body, announced ? { headers: { 'content-length': String(huge) } } : {})
      })
      const { url } = front(scene, 'compatible', upstream.url)
      const response = await ask(url, '/v1/chat/completions')
      expect(response.status).toBe(502)
      expect(complaintOf('/v1/chat/completions', await response.text()).message).toContain('larger than')
    }
  })

  test('is given up when it is small only until it is unpacked', async () => {
    const packed = Bun.gzipSync(new Uint8Array(huge).fill(0x20))
    const upstream = scene.upstream(
      () => () =>
        new Response(packed, { headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } }),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    const response = await ask(url, '/v1/chat/completions')
    expect(response.status).toBe(502)
    expect(complaintOf('/v1/chat/completions', await response.text()).message).toContain('larger than')
  })

  test('50: packed although nobody asked, but small, it is read', async () => {
    const packed = Bun.gzipSync(new TextEncoder().encode(JSON.stringify(chat.whole('Hello'))))
    const upstream = scene.upstream(
      () => () =>
        new Response(packed, { headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } }),
    )
    for (const kind of ['compatible', 'chat'] as const) {
      const { url } = front(scene, kind, upstream.url)
      const response = await ask(url, '/v1/chat/completions')
      expect(await response.text()).toContain('Hello')
      expect(response.headers.get('content-encoding')).toBeNull()
      expect(upstream.seen[0]?.headers.get('accept-encoding')).toBe('identity')
    }
  })
})
