import { describe, expect, test } from 'bun:test'
import { framesOf } from '../support/ends.ts'
import { ask, createScene, front, recordOf } from '../support/scene.ts'
import { chat } from '../support/wire.ts'

// Ruling 1: metering a relayed stream whose caller did not ask for usage. That usage is asked for and taken out again,
// and that nothing is touched where the caller asked, is in skeleton/stream.test.ts.

const scene = createScene()
const path = '/v1/chat/completions'

async function relayed(frames: readonly string[], fields: Record<string, unknown> = {}) {
  const upstream = scene.upstream(stream => () => stream(frames))
  const { url } = front(scene, 'chat', upstream.url)
  const response = await ask(url, path, { stream: true, ...fields })
  expect(response.headers.get('dragoman-mode')).toBe('relay')
  const text = await response.text()
  const record = await recordOf(url, response)
  return { text, usage: record.attempts[0].usage, sent: upstream.seen[0] }
}

const withUsage = (frame: string, usage: unknown) => {
  const chunk = JSON.parse(frame.slice(6))
  return `data: ${JSON.stringify({ ...chunk, usage })}\n\n`
}
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

describe('ruling 1', () => {
  test('usage on the finish frame is taken from it, and the finish stays', async () => {
    const { text, usage: metered } = await relayed([
      chat.role(),
      chat.text('Hello'),
      withUsage(chat.finish(), usage),
      chat.done,
    ])
    expect(text).not.toContain('usage')
    expect(text).toContain('"finish_reason":"stop"')
    expect(metered).toMatchObject({ input: 3, output: 2, source: 'reported' })
  })

  test('however the frame is written: members in any order, several lines, other line ends', async () => {
    const spread = `data: {"usage": ${JSON.stringify(usage)},\ndata:  "id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}\n\n`
    const middle = `data: {"id":"chatcmpl-1", "usage" : null, "object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"a \\"usage\\": b"},"finish_reason":null}]}\r\n\r\n`
    const { text, usage: metered } = await relayed([chat.role(), middle, chat.finish(), spread, chat.done])
    const frames = framesOf(text.replaceAll('\r\n', '\n')).filter(({ data }) => data !== '[DONE]')
    for (const { data } of frames) expect(JSON.parse(data)).not.toHaveProperty('usage')
    expect(text).toContain('a \\"usage\\": b')
    expect(frames.length).toBe(3)
    expect(metered).toMatchObject({ input: 3, output: 2 })
  })

  test('other options of the stream stay, and a false one is answered as if it were kept', async () => {
    const fields = { stream_options: { include_obfuscation: false, include_usage: false } }
    const {
      text,
      sent,
      usage: metered,
    } = await relayed([chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done], fields)
    expect(sent?.json.stream_options).toEqual({ include_obfuscation: false, include_usage: true })
    expect(text).not.toContain('usage')
    expect(metered).toMatchObject({ input: 3 })
  })

  test('but for the model and that option, the upstream gets the caller’s own bytes', async () => {
    const { sent } = await relayed([chat.role(), chat.text('Hello'), chat.finish(), chat.done])
    expect(sent?.body).toBe(
      '{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}',
    )
  })

  test('an upstream that tells nothing is no failure, and the meter says so', async () => {
    const { text, usage: metered } = await relayed([
      chat.role(),
      chat.text('Hello'),
      chat.finish(),
      chat.done,
    ])
    expect(text).toEndWith(chat.done)
    expect(metered).toBeNull()
  })

  test('usage behind the end is metered as well (features C14)', async () => {
    const { text, usage: metered } = await relayed([
      chat.role(),
      chat.text('Hello'),
      chat.finish(),
      chat.done + chat.usage(9, 4),
    ])
    expect(text).toEndWith(chat.done)
    expect(metered).toMatchObject({ input: 9, output: 4 })
  })
})
