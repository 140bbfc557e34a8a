import { describe, expect, test } from 'bun:test'
import { ask, createScene, front, provider, recordOf } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// Ruling 11: a coding agent's Messages traffic in front of a local engine. Pings are in faults/keep-alive.test.ts.

const scene = createScene()

const billing = 'x-anthropic-billing-header: cc_version=2.0.1; cch=4f2a1;\n'
const prompt = 'You are a coding agent.'
const cached = { cache_control: { type: 'ephemeral' } }

const request = (line: string) => ({
  system: [
    { type: 'text', text: `${line}${prompt}` },
    { type: 'text', text: 'Be brief.', ...cached },
  ],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', ...cached }] }],
  tools: [{ name: 'Bash', description: 'Runs a command.', input_schema: { type: 'object' }, ...cached }],
})

describe('ruling 11', () => {
  test('the billing line, which differs in each request, is taken out, with a note', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = front(scene, 'engine', upstream.url)
    const response = await ask(url, '/v1/messages', request(billing))
    expect(response.headers.get('dragoman-notes')).toMatch(
      /dropped;path="system[^"]*";reason="A billing line/,
    )
    const other = await ask(url, '/v1/messages', request(billing.replace('4f2a1', '99999')))
    expect(other.status).toBe(200)
    const plain = await ask(url, '/v1/messages', request(''))
    expect(plain.headers.get('dragoman-notes') ?? '').not.toContain('billing')
    const bodies = upstream.seen.map(seen => seen.body)
    expect(bodies[0]).not.toContain('billing')
    // The prefix cache of the engine sees one prompt.
    expect(new Set(bodies).size).toBe(1)
  })

  test('first-party, it stays: it is meant for them', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('Hello')))
    const { url } = front(scene, 'messages', upstream.url)
    await ask(url, '/v1/messages', request(billing))
    expect(upstream.seen[0]?.json.system).toMatchObject([{ text: billing + prompt }, {}])
  })

  test('a line like it anywhere else is the user’s own text', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = front(scene, 'engine', upstream.url)
    await ask(url, '/v1/messages', {
      system: `${prompt}\nexplain: ${billing}`,
      messages: [{ role: 'user', content: billing }],
    })
    expect(upstream.seen[0]?.body.split('billing').length).toBe(3)
  })

  test('cache markers mean nothing to the engine: they are noted, and none is sent', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = front(scene, 'engine', upstream.url)
    const response = await ask(url, '/v1/messages', request(''))
    const record = await recordOf(url, response)
    const paths = record.notes
      .filter((note: { reason: string }) => /cache/i.test(note.reason))
      .map((note: { path: string }) => note.path)
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) expect(path).toMatch(/^(system|messages|tools)/)
    expect(upstream.seen[0]?.body).not.toContain('cache_control')
  })

  test('tokens are counted by the engine, of the prompt that would be sent', async () => {
    const upstream = scene.upstream(
      () =>
        ({ path }) =>
          path.endsWith('/input_tokens')
            ? Response.json({ input_tokens: 321 })
            : Response.json(chat.whole('x')),
    )
    const { url } = scene.gateway({
      providers: { a: { ...provider('engine', upstream.url), kind: 'llamacpp' } },
    })
    const count = await fetch(`${url}/v1/messages/count_tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'a/m', ...request(billing) }),
    })
    expect(await count.json()).toEqual({ input_tokens: 321 })
    expect(upstream.seen[0]?.path).toBe('/v1/chat/completions/input_tokens')
    expect(upstream.seen[0]?.body).toContain(prompt)
    expect(upstream.seen[0]?.body).not.toContain('billing')
  })

  test('where nobody counts, it is an estimate that says so (features C31)', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('x')))
    const { url } = front(scene, 'engine', upstream.url)
    const countOf = async (text: string) => {
      const response = await fetch(`${url}/v1/messages/count_tokens`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'a/m', messages: [{ role: 'user', content: text }] }),
      })
      expect(response.headers.get('dragoman-notes')).toMatch(/approximated;path="input_tokens".*estimate/)
      return (await response.json()).input_tokens
    }
    const [short, long] = [await countOf('hi'), await countOf('one two three four '.repeat(100))]
    expect(short).toBeWithin(3, 20)
    expect(long).toBeWithin(350, 500)
    expect(upstream.seen.length).toBe(0)
  })
})
