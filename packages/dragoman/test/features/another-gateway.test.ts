import { describe, expect, test } from 'bun:test'
import { ask, canary, complaintOf, createScene, front, paths, send } from '../support/scene.ts'
import { chat } from '../support/wire.ts'
import { finishes, hear } from './callers.ts'

const scene = createScene()

/** Two gateways in a row; the one behind has the provider. */
function chain(answer: () => Response) {
  const upstream = scene.upstream(() => answer)
  const behind = front(scene, 'compatible', upstream.url)
  const { url } = scene.gateway({
    providers: { far: { kind: 'dragoman', base_url: behind.url, api_key: canary.caller } },
    models: { 'a/m': 'far/a/m' },
    retry: { attempts: 0 },
  })
  return { url, upstream }
}

const stream = () =>
  new Response([chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done].join(''), {
    headers: { 'content-type': 'text/event-stream' },
  })

describe.each(paths)('another gateway for %s', path => {
  test.each([false, true])('answers as if it were the only one, streamed: %p', async streamed => {
    const { url, upstream } = chain(() => (streamed ? stream() : Response.json(chat.whole('Hello'))))
    expect(await hear[path](url, streamed)).toMatchObject({ text: 'Hello', finish: finishes[path].stop })
    expect(upstream.seen[0]?.json.model).toBe('m')
    expect(upstream.seen[0]?.headers.get('dragoman-hops')?.split(',')).toHaveLength(2)
    const relayed = await ask(url, path)
    expect(relayed.headers.get('dragoman-mode')).toBe('relay')
  })

  test('hands on an error with its words', async () => {
    const error = { message: 'no such thing', type: 'invalid_request_error', param: null, code: 'nope' }
    const { url } = chain(() => Response.json({ error }, { status: 400 }))
    const response = await ask(url, path)
    expect(response.status).toBe(400)
    expect(complaintOf(path, await response.text()).message).toBe('no such thing')
  })
})

test('a Gemini caller goes through, with the slash of the name in the path', async () => {
  const { url } = chain(() => Response.json(chat.whole('Hello')))
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] })
  const response = await send(url, '/v1beta/models/a/m:generateContent', body)
  expect((await response.json()).candidates[0].content.parts).toEqual([{ text: 'Hello' }])
})
