import { describe, expect, test } from 'bun:test'
import { expectWhole, textOf } from '../support/ends.ts'
import { ask, createScene, front, type Kind, type Path, paths, send } from '../support/scene.ts'
import { chat, messages, responses } from '../support/wire.ts'

// Ruling 10: first-party dialects are relayed by default, unknown upstreams are translated; a mode can be forced, so
// that translating to and fro is proved too. That nobody outside can force one is in http/paths.test.ts.

const scene = createScene()

const own: { readonly [P in Path]: Kind } = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/messages': 'messages',
}
const scripts: { readonly [P in Path]: { readonly whole: object; readonly frames: readonly string[] } } = {
  '/v1/chat/completions': {
    whole: { ...chat.whole('Hello'), x_unknown: { deep: [1, null] }, system_fingerprint: 'fp' },
    frames: [chat.role(), chat.text('Hel'), chat.text('lo'), chat.finish(), chat.usage(), chat.done],
  },
  '/v1/responses': {
    whole: { ...responses.whole('Hello'), x_unknown: { deep: [1, null] } },
    frames: [
      responses.created,
      responses.open,
      responses.text('Hel'),
      responses.text('lo'),
      responses.close('Hello'),
      responses.completed('Hello'),
    ],
  },
  '/v1/messages': {
    whole: { ...messages.whole('Hello'), x_unknown: { deep: [1, null] } },
    frames: [
      messages.start,
      messages.ping,
      messages.open,
      messages.text('Hel'),
      messages.text('lo'),
      messages.close,
      messages.finish,
      messages.stop,
    ],
  },
}

function answering(path: Path, kind: Kind) {
  const { whole, frames } = scripts[path]
  const upstream = scene.upstream(
    stream =>
      ({ json }) =>
        // Written by hand, so that a relay has odd bytes to keep.
        json.stream === true
          ? stream(frames)
          : new Response(JSON.stringify(whole, null, 1), { headers: { 'content-type': 'application/json' } }),
  )
  return { upstream, ...front(scene, kind, upstream.url) }
}

const usageAsked = { stream: true, stream_options: { include_usage: true } }
const streamed = (path: Path) => (path === '/v1/chat/completions' ? usageAsked : { stream: true })

describe.each(paths)('ruling 10, on %s', path => {
  test('a first-party upstream is relayed: every byte of the answer is its own', async () => {
    const { url } = answering(path, own[path])
    const whole = await ask(url, path)
    expect(whole.headers.get('dragoman-mode')).toBe('relay')
    expect(await whole.text()).toBe(JSON.stringify(scripts[path].whole, null, 1))
    const stream = await ask(url, path, streamed(path))
    expect(stream.headers.get('dragoman-mode')).toBe('relay')
    expect(await stream.text()).toBe(scripts[path].frames.join(''))
  })

  test('and every byte of the request is the caller’s, but for the model’s name', async () => {
    const { url, upstream } = answering(path, own[path])
    // What is to be stored is read on its way, so that it is never relayed.
    const store = path === '/v1/responses' ? '"store" :false, ' : ''
    const body = `{ ${store}"x_unknown" : [1.0, 1e2,  {"b":1,"a":{"a":1,"a":2}}],\n\t"model":"a/m", "text\\u0041": "\\/é\\u00e9" }`
    await send(url, path, body)
    expect(upstream.seen[0]?.body).toBe(body.replace('"a/m"', '"m"'))
  })

  test('forced to translate, whole and streamed, it says the same', async () => {
    const { url, upstream } = answering(path, own[path])
    const contentOf = async (mode: string, fields: Record<string, unknown>) => {
      const response = await ask(url, path, fields, { 'dragoman-mode': mode })
      expect(response.headers.get('dragoman-mode')).toBe(mode)
      return response.text()
    }
    const relay = await contentOf('relay', streamed(path))
    const translated = await contentOf('translate', streamed(path))
    expectWhole(path, translated)
    expect(textOf(translated)).toBe(textOf(relay))
    const wholes = [await contentOf('relay', {}), await contentOf('translate', {})].map(text =>
      JSON.parse(text),
    )
    const [one, other] = wholes.map(({ content, choices, output, usage, x_unknown }) => {
      const said = content ?? choices?.[0].message.content ?? output?.[0].content[0].text
      return {
        said: typeof said === 'string' ? said : said?.[0].text,
        unknown: x_unknown,
        input: usage.input_tokens ?? usage.prompt_tokens,
      }
    })
    expect([other]).toEqual([one])
    expect(one).toMatchObject({ said: 'Hello', unknown: { deep: [1, null] } })
    // What the upstream is asked is the same too, but that a bare text is a list of one message now.
    const asked = upstream.seen.map(({ json }) => json)
    const { input: _, ...relayed } = asked[2] ?? {}
    expect(asked[3]).toMatchObject(relayed)
  })

  test('an unknown upstream is translated, with the reason; a forced relay is relayed', async () => {
    if (path !== '/v1/chat/completions') return
    const { url } = answering(path, 'compatible')
    const plain = await ask(url, path, {}, { 'dragoman-explain': '1' })
    expect((await plain.json()).dragoman).toMatchObject({
      mode: 'translate',
      reason: 'nothing proves yet that this target speaks the dialect exactly',
    })
    const forced = await ask(url, path, {}, { 'dragoman-mode': 'relay' })
    expect(await forced.text()).toBe(JSON.stringify(scripts[path].whole, null, 1))
  })
})

test('ruling 10: a caller of another dialect is translated, and a mode that cannot be is not forced', async () => {
  const { url } = answering('/v1/chat/completions', 'compatible')
  const response = await ask(url, '/v1/messages', {}, { 'dragoman-mode': 'relay' })
  expect([response.status, response.headers.get('dragoman-mode')]).toEqual([200, 'translate'])
})
