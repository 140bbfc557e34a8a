import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { expectBroken, expectWhole, framesOf, textOf } from '../support/ends.ts'
import {
  ask,
  complaintOf,
  createScene,
  front,
  type Kind,
  type Path,
  paths,
  provider,
  readUntil,
  recordOf,
} from '../support/scene.ts'
import { gate, type Step } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

// The fault catalogue, C.3: what an upstream can do to a stream. Numbers are its rows.

const scene = createScene()

/** What each wire streams up to the first words, and how it ends. */
const wires = {
  chat: {
    pre: [chat.role()],
    words: [chat.text('Half')],
    end: [chat.finish(), chat.done],
    error: chat.error,
    says: /fell over/,
  },
  messages: {
    pre: [messages.start, messages.ping, messages.open],
    words: [messages.text('Half')],
    end: [messages.close, messages.finish, messages.stop],
    error: messages.error,
    says: /Overloaded/,
  },
  responses: {
    pre: [responses.created, responses.open],
    words: [responses.text('Half')],
    end: [responses.close('Half'), responses.completed('Half')],
    error: responses.failed,
    says: /fell over/,
  },
} as const

type Wire = keyof typeof wires
type Way = readonly [path: Path, kind: Kind, wire: Wire, mode: string]

/** Which wire a kind speaks with a caller of a path, and whether it is relayed. */
const ways: readonly Way[] = [
  ['/v1/chat/completions', 'chat', 'chat', 'relay'],
  ['/v1/responses', 'responses', 'responses', 'relay'],
  ['/v1/messages', 'messages', 'messages', 'relay'],
  ...paths.map(path => [path, 'compatible', 'chat', 'translate'] as const),
  ['/v1/chat/completions', 'messages', 'messages', 'translate'],
  ['/v1/responses', 'messages', 'messages', 'translate'],
  ['/v1/messages', 'responses', 'responses', 'translate'],
]

/** A stream of these steps, asked for in one way. */
async function streamOf([path, kind]: Way, steps: readonly Step[], ports: Parameters<typeof front>[4] = {}) {
  const upstream = scene.upstream(stream => () => stream(steps))
  const { url, gateway } = front(
    scene,
    kind,
    upstream.url,
    { timeouts: { first_token: '50s', idle: '30s', total: '24h' } },
    ports,
  )
  const response = await ask(url, path, { stream: true })
  return { url, gateway, upstream, response }
}

describe.each(ways)('to %s by %s, from %s, %s', (...way) => {
  const [path, , wire, mode] = way
  const { pre, words, end, error, says } = wires[wire]

  test('the script is a whole answer', async () => {
    const { response } = await streamOf(way, [...pre, ...words, ...end])
    expect(response.headers.get('dragoman-mode')).toBe(mode)
    const text = await response.text()
    expectWhole(path, text)
    expect(textOf(text)).toBe('Half')
  })

  test('34: an error before content is an HTTP error', async () => {
    const { response, upstream, gateway } = await streamOf(way, [...pre, error, gate().wait])
    expect(response.status).toBeGreaterThanOrEqual(500)
    expect(complaintOf(path, await response.text()).message).toMatch(says)
    await upstream.idle()
    expect(gateway.live).toBe(0)
  })

  test('34: an error before content goes to the next target', async () => {
    const first = scene.upstream(stream => () => stream([...pre, error]))
    const second = scene.upstream(stream => () => stream([...pre, ...words, ...end]))
    const { url } = scene.gateway({
      providers: { a: provider(way[1], first.url), b: provider(way[1], second.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
      retry: { attempts: 0 },
    })
    const response = await ask(url, path, { model: 'm', stream: true })
    expect(response.headers.get('dragoman-target')).toBe('b/m')
    expectWhole(path, await response.text())
  })

  test('after content an error is told in band', async () => {
    const { response, url } = await streamOf(way, [...pre, ...words, error])
    const text = await response.text()
    expectBroken(path, text, says)
    expect(textOf(text)).toBe('Half')
    expect((await recordOf(url, response)).attempts[0].end).toBe('fault')
  })

  test('what follows an error is relayed, and never translated into a good end', async () => {
    const steps = [...pre, ...words, error, ...words, ...end]
    const { response, url } = await streamOf(way, steps)
    const text = await response.text()
    // Chat relays ask for usage behind the caller’s back, and take its traces away.
    if (mode === 'relay') expect(text).toBe(steps.join('').replaceAll(',"usage":null', ''))
    else expectBroken(path, text, says)
    expect((await recordOf(url, response)).attempts[0].end).toBe('fault')
  })

  test('an upstream that hangs after an error is let go, and the error told once', async () => {
    const clock = createClock()
    const { response, upstream } = await streamOf(way, [...pre, ...words, error, gate().wait], {
      ambient: clock,
    })
    const signs = /(: keep-alive\n\n|event: ping\ndata: [^\n]*\n\n)+$/
    const text = (await clock.until(response.text())).replace(signs, '')
    expectBroken(path, text, says)
    expect(framesOf(text).filter(({ data }) => /"error":\{|"type":"error"/.test(data)).length).toBe(1)
    await upstream.idle()
    expect(clock.pending).toBe(0)
  })

  test('35: a stall after content ends in band, and the upstream is let go', async () => {
    const clock = createClock()
    const { response, upstream, gateway, url } = await streamOf(way, [...pre, ...words, gate().wait], {
      ambient: clock,
    })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    const text = await clock.until(reading.rest())
    expectBroken(path, text, /sent nothing for 30 s/)
    await upstream.idle()
    expect([gateway.live, clock.pending]).toEqual([0, 0])
    expect((await recordOf(url, response)).attempts[0].fault).toBe('upstream_stalled')
  })

  test('33: no first token in time is 504, however much was said before it', async () => {
    const clock = createClock()
    const upstream = scene.upstream(stream => () => stream([...pre, gate().wait]))
    const { url } = front(
      scene,
      way[1],
      upstream.url,
      // Silence before the first token is the first token's own; the status waits for it here.
      { timeouts: { first_token: '8s', idle: '1h' }, server: { status_after: '1h' } },
      { ambient: clock },
    )
    const response = await clock.until(ask(url, path, { stream: true }))
    expect(response.status).toBe(504)
    expect(complaintOf(path, await response.text()).message).toContain('8 s for the first token')
    await upstream.idle()
  })

  test('the whole call has an end, also while words flow', async () => {
    const clock = createClock()
    const steps = Array.from({ length: 200 }, (_, index) => (index === 0 ? pre.join('') : words.join('')))
    const upstream = scene.upstream(stream => () => stream([...steps, gate().wait]))
    const { url } = front(
      scene,
      way[1],
      upstream.url,
      { timeouts: { total: '20s', idle: '1h' } },
      { ambient: clock },
    )
    const response = await ask(url, path, { stream: true })
    const reading = readUntil(response, 'Half')
    await reading.seen()
    const text = await clock.until(reading.rest())
    expectBroken(path, text, /20 s for the whole answer/)
    await upstream.idle()
  })

  test('36, 37: an end without an end is an error', async () => {
    for (const steps of [
      [...pre, ...words],
      [...pre, ...words, end[0] === chat.finish() ? '' : end[0]],
    ]) {
      const { response } = await streamOf(way, steps)
      expectBroken(path, await response.text())
    }
  })

  test('38: what comes after the end is ignored, and does not hold the caller', async () => {
    const more = gate()
    const { response, upstream } = await streamOf(way, [...pre, ...words, ...end, ...words, error, more.wait])
    const text = await response.text()
    expectWhole(path, text)
    expect(textOf(text)).toBe('Half')
    more.open()
    await upstream.idle()
  })

  test('39, 40: however the bytes are cut, the answer is the same', async () => {
    const whole = [...pre, ...words, ...words, ...end].join('').replaceAll('Half', 'Hälf 😀')
    const bytes = new TextEncoder().encode(whole)
    const singles = Array.from(bytes, byte => Uint8Array.of(byte))
    const thirds = [bytes.slice(0, bytes.length / 3), bytes.slice(bytes.length / 3)]
    const texts: string[] = []
    for (const steps of [[bytes], singles, thirds]) {
      const { response } = await streamOf(way, steps)
      const text = await response.text()
      expectWhole(path, text)
      expect(textOf(text)).toBe('Hälf 😀Hälf 😀')
      // Ids of calls and times differ; everything else is the same.
      texts.push(text.replaceAll(/_?[A-Za-z0-9]{24}(_\d+)?/g, 'ID').replaceAll(/"created(_at)?":\d+/g, ''))
    }
    expect(new Set(texts).size).toBe(1)
  })

  test('41: text that is no UTF-8 becomes replacement characters, never bad JSON', async () => {
    const broken = words.map(frame => {
      const [before = '', after = ''] = frame.split('Half')
      return Buffer.concat([Buffer.from(before), Buffer.from([0x48, 0xff, 0xe2, 0x82]), Buffer.from(after)])
    })
    const { response } = await streamOf(way, [...pre, ...broken, ...end])
    const text = await response.text()
    expectWhole(path, text)
    expect(textOf(text)).toMatch(/^H\ufffd+$/)
  })

  test.each([
    ['cut', '{"choices":[{"ind'],
    ['no JSON', 'choices'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['nested 10,000 deep', `{"choices":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ])('42: an event that is %s is an error unless it is relayed', async (_, data) => {
    const name =
      wire === 'chat'
        ? ''
        : `event: ${wire === 'messages' ? 'content_block_delta' : 'response.output_text.delta'}\n`
    const bad = `${name}data: ${data}\n\n`
    const before = await streamOf(way, [...pre, bad, ...words, ...end])
    const early = await before.response.text()
    const after = await streamOf(way, [...pre, ...words, bad, ...words, ...end])
    const late = await after.response.text()
    if (mode === 'translate') {
      expect(before.response.status).toBe(502)
      complaintOf(path, early)
      expect(textOf(late)).toBe('Half')
      expectBroken(path, late)
    } else {
      // A relay passes on what it does not have to understand, byte for byte.
      if (before.response.status === 200) expect(early).toContain(bad)
      else complaintOf(path, early)
      expect(late).toContain(bad)
      expect(late).toEndWith(end.at(-1) ?? '')
    }
    await Promise.all([before.upstream.idle(), after.upstream.idle()])
    expect([before.gateway.live, after.gateway.live]).toEqual([0, 0])
  })

  test('43: comments, fields nobody knows, and line ends of all kinds are understood', async () => {
    const odd = [...pre, ...words, ...end]
      .join('')
      .replaceAll('\n\n', '\n: a comment\nid: 7\nretry: 10\nfoo: bar\n\n')
      .replaceAll('data: ', 'data:')
    for (const text of [odd, odd.replaceAll('\n', '\r\n'), odd.replaceAll('\n', '\r'), `\ufeff${odd}`]) {
      const { response } = await streamOf(way, [text])
      const got = (await response.text())
        .replaceAll(/\r\n?/g, '\n')
        .replaceAll('data:', 'data: ')
        .replaceAll('data:  ', 'data: ')
      expect(textOf(got)).toBe('Half')
    }
  })
})

test('a cut inside a tool call is an error, and the call does not look complete', async () => {
  const call = (args: string, first: boolean) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              first
                ? { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: args } }
                : { index: 0, function: { arguments: args } },
            ],
          },
          finish_reason: null,
        },
      ],
    })}\n\n`
  for (const path of paths) {
    const upstream = scene.upstream(
      stream => () => stream([chat.role(), call('{"city":', true), call('"Par', false)]),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    const response = await ask(url, path, {
      stream: true,
      tools:
        path === '/v1/messages'
          ? [{ name: 'weather', input_schema: { type: 'object' } }]
          : path === '/v1/responses'
            ? [{ type: 'function', name: 'weather', parameters: { type: 'object' }, strict: false }]
            : [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
    })
    const text = await response.text()
    expectBroken(path, text)
    expect(text).toContain('weather')
    const types = framesOf(text).map(({ data }) => JSON.parse(data).type)
    for (const done of [
      'content_block_stop',
      'response.function_call_arguments.done',
      'response.output_item.done',
    ])
      expect(types).not.toContain(done)
  }
})
