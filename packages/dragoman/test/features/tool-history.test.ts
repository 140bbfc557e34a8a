import { describe, expect, test } from 'bun:test'
import { ask, createScene, front } from '../support/scene.ts'
import { chat, messages, responses } from '../support/wire.ts'
import { kindOf, serveKind } from './kind-gateway.ts'
import { chatCall, chatWhole, messagesWhole, toolsOf } from './tools.ts'

// Complaints about other gateways (features C8 and C9), each through this one on real sockets.

const scene = createScene()

test('features C8: ids that a target refuses are rewritten in the whole history, and its own come back as they are', async () => {
  const upstream = scene.upstream(() => () => Response.json(messagesWhole('tool_use')))
  const { url } = front(scene, 'messages', upstream.url)
  const ids = ['functions.weather:0', 'x'.repeat(90), 'call/ä b']
  const history = ids.flatMap(id => [
    { role: 'assistant', content: null, tool_calls: [{ ...chatCall, id }] },
    { role: 'tool', tool_call_id: id, content: `r ${id}` },
  ])
  const sentFor = async (turns: readonly object[]) => {
    const response = await ask(url, '/v1/chat/completions', {
      messages: [{ role: 'user', content: 'hi' }, ...turns],
      tools: toolsOf['/v1/chat/completions'],
    })
    expect(response.headers.get('dragoman-notes')).toContain('renamed')
    expect((await response.json()).choices[0].message.tool_calls[0].id).toBe('call_a')
    const sent = upstream.seen.at(-1)?.json.messages as {
      content: { type: string; id?: string; tool_use_id?: string }[]
    }[] // the Messages wire's own shape
    const blocks = sent.flatMap(turn => (Array.isArray(turn.content) ? turn.content : []))
    return {
      calls: blocks.flatMap(one => one.id ?? []),
      results: blocks.flatMap(one => one.tool_use_id ?? []),
    }
  }
  const sent = await sentFor(history)
  expect(sent.results).toEqual(sent.calls)
  expect(new Set(sent.calls).size).toBe(3)
  for (const id of sent.calls) expect(id).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
  // The same history, longer: the same ids, so that a cached prefix stays one.
  expect((await sentFor([...history, ...history.slice(0, 2)])).calls.slice(0, 3)).toEqual(sent.calls)
})

test('features C8: a quirk of a host does the same', async () => {
  const upstream = scene.upstream(() => () => Response.json(chatWhole('tool_calls')))
  const { url } = scene.keep(
    serveKind(kindOf('openai-chat', '/chat/completions', 'short-tool-ids'), upstream.url),
  )
  const id = `call_${'x'.repeat(60)}`
  await ask(url, '/v1/chat/completions', {
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, tool_calls: [{ ...chatCall, id }] },
      { role: 'tool', tool_call_id: id, content: 'rain' },
    ],
  })
  const [, call, result] = (upstream.seen[0]?.json.messages ?? []) as {
    tool_calls?: { id: string }[]
    tool_call_id?: string
  }[] // three messages were sent
  expect(result?.tool_call_id).toBe(call?.tool_calls?.[0]?.id ?? 'none')
  expect(result?.tool_call_id?.length).toBeLessThanOrEqual(40)
})

describe('features C9: a tool’s result', () => {
  const picture = 'iVBORw0KGgo='
  const result = [
    { type: 'text', text: 'a picture' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
  ]
  const asked = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }

  test('becomes the target’s own block of results, never the user’s text', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('Hello')))
    const { url } = front(scene, 'messages', upstream.url)
    await ask(url, '/v1/chat/completions', {
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, tool_calls: [chatCall] },
        { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'rain' }] },
      ],
      tools: toolsOf['/v1/chat/completions'],
    })
    expect(upstream.seen[0]?.json.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_a' }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_a' }] },
    ])
    expect(upstream.seen[0]?.body).toContain('rain')
  })

  test.each(['compatible', 'responses', 'modest'] as const)(
    'with a picture loses nothing without a word, to %s',
    async kind => {
      const upstream = scene.upstream(
        () => () => Response.json(kind === 'responses' ? responses.whole('Hello') : chat.whole('Hello')),
      )
      const { url } = front(scene, kind, upstream.url)
      const response = await ask(url, '/v1/messages', {
        messages: [
          { role: 'user', content: 'hi' },
          { role: 'assistant', content: [asked] },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: result }],
          },
        ],
        tools: toolsOf['/v1/messages'],
      })
      const sent = upstream.seen[0]?.body ?? ''
      const said = `${response.headers.get('dragoman-notes')} ${await response.text()}`
      expect(sent.includes('a picture') || response.status === 400).toBe(true)
      // The picture and the error flag travel, or a note or a refusal names where they stood.
      expect(sent.includes(picture) || /messages\[2\]\.content/.test(said)).toBe(true)
      expect(/error/i.test(sent) || /messages\[2\]\.content|is_error/.test(said)).toBe(true)
    },
  )
})
