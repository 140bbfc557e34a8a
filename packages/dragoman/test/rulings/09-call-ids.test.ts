import { describe, expect, test } from 'bun:test'
import { ask, createScene, front, type Path } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// Ruling 9: missing tool-call ids are derived, so that a resent history is stable.

const scene = createScene()

interface Block {
  readonly type: string
  readonly id?: string
  readonly tool_use_id?: string
}

const user = (content: string) => ({ role: 'user', content })
const asked = (name: string, args: string) => ({
  role: 'assistant',
  content: null,
  function_call: { name, arguments: args },
})
const answered = (name: string, content: string) => ({ role: 'function', name, content })

describe('ruling 9', () => {
  test('a history without ids gets the same ones each time it is sent again, and each result finds its call', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('Hello')))
    const { url } = front(scene, 'messages', upstream.url)
    const turns = [
      user('weather?'),
      asked('weather', '{"city":"Paris"}'),
      answered('weather', 'rain'),
      asked('weather', '{"city":"Paris"}'),
      answered('weather', 'sun'),
    ]
    const functions = [{ name: 'weather', parameters: { type: 'object' } }]
    const idsOf = async (history: readonly object[]) => {
      const response = await ask(url, '/v1/chat/completions', { messages: history, functions })
      expect(response.status).toBe(200)
      const sent = upstream.seen.at(-1)?.json.messages as { content: string | Block[] }[] // the Messages wire's own shape
      const blocks = sent.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
      return {
        calls: blocks.flatMap(block => (block.type === 'tool_use' ? [block.id] : [])),
        results: blocks.flatMap(block => (block.type === 'tool_result' ? [block.tool_use_id] : [])),
      }
    }
    const short = await idsOf(turns.slice(0, 3))
    const long = await idsOf(turns)
    expect(short.results).toEqual(short.calls)
    expect(long.results).toEqual(long.calls)
    expect(long.calls[0]).toBe(short.calls[0])
    // The same call in another place is another call.
    expect(new Set(long.calls).size).toBe(2)
    expect(await idsOf([...turns, user('thanks')])).toEqual(long)
    for (const id of long.calls) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
  })

  test.each(['/v1/chat/completions', '/v1/responses', '/v1/messages'] as const)(
    'a call that an upstream gave no id has one for a caller of %s, the same streamed and whole',
    async (path: Path) => {
      const call = { function: { name: 'weather', arguments: '{"city":"Paris"}' } }
      const chunk = (delta: object, finish: string | null) =>
        `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
      const upstream = scene.upstream(
        stream =>
          ({ json }) =>
            json.stream === true
              ? stream([
                  chat.role(),
                  chunk({ tool_calls: [call, call] }, null),
                  chunk({}, 'tool_calls'),
                  chat.done,
                ])
              : Response.json({
                  ...chat.whole(''),
                  choices: [
                    {
                      index: 0,
                      message: { role: 'assistant', content: null, tool_calls: [call, call] },
                      finish_reason: 'tool_calls',
                    },
                  ],
                }),
      )
      const { url } = front(scene, 'compatible', upstream.url)
      const tool = { name: 'weather', parameters: { type: 'object' } }
      const tools = {
        '/v1/chat/completions': [{ type: 'function', function: tool }],
        '/v1/responses': [{ type: 'function', ...tool, strict: false }],
        '/v1/messages': [{ name: 'weather', input_schema: { type: 'object' } }],
      }[path]
      const idsOf = async (stream: boolean) => {
        const text = await (await ask(url, path, { stream, tools })).text()
        return [...new Set([...text.matchAll(/"(call_[0-9a-f]{16})"/g)].map(([, id]) => id))]
      }
      const whole = await idsOf(false)
      expect(whole.length).toBe(2)
      expect(await idsOf(true)).toEqual(whole)
      expect(await idsOf(false)).toEqual(whole)
    },
  )
})
