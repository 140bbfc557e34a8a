import { describe, expect, test } from 'bun:test'
import type { ProviderKind } from '../../src/providers/provider.ts'
import { kindOf, serveKind } from '../features/kind-gateway.ts'
import { createScene } from '../support/scene.ts'
import { chat } from '../support/wire.ts'
import { type Client, chatClient, forgetfulChatClient, messagesClient, responsesClient } from './loop.ts'

// A host whose thoughts nobody signs, but which wants them back with the calls they led to (features C19). Its callers
// may speak its own dialect and drop the field all the same.

const scene = createScene()

const replaying: ProviderKind = {
  ...kindOf('openai-chat', '/chat/completions', 'reasoning-replay'),
  profile: {
    rules: [
      {
        feature: 'reasoning.replay',
        level: 'native',
        evidence: { rank: 'assumed', source: 'a test', date: '2026-11-23' },
      },
    ],
    facts: [],
  },
}

const thought = 'Two cities,\n so two calls.'
const calls = ['Paris', 'Oslo'].map((city, index) => ({
  id: `call_0${index}`,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
}))

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

const upstream = () =>
  scene.upstream(stream => ({ json }, index) => {
    if (index > 0) return Response.json(chat.whole('Rain.'))
    const message = { role: 'assistant', content: '', reasoning_content: thought, tool_calls: calls }
    if (json.stream !== true) {
      const choices = [{ index: 0, message, finish_reason: 'tool_calls' }]
      return Response.json({ ...chat.whole(''), choices })
    }
    return stream([
      chat.role(),
      chunk({ reasoning_content: thought.slice(0, 5) }),
      chunk({ reasoning_content: thought.slice(5) }),
      ...calls.map((call, position) => chunk({ tool_calls: [{ index: position, ...call }] })),
      chunk({}, 'tool_calls'),
      chat.done,
    ])
  })

interface Message {
  readonly role: string
  readonly reasoning_content?: string
  readonly tool_calls?: readonly { readonly id: string }[]
  readonly tool_call_id?: string
}

const clients: readonly (readonly [string, Client])[] = [
  ['chat, the message sent back as it came', chatClient],
  ['chat, a client that drops the field', forgetfulChatClient],
  ['Responses', responsesClient],
  ['Messages', messagesClient],
]

describe.each([
  ['whole', false],
  ['streamed', true],
])('unsigned reasoning, %s', (_, stream) => {
  test.each(clients)('comes back word for word by %s', async (_, client) => {
    const host = upstream()
    const { url } = scene.keep(serveKind(replaying, host.url))
    await client(url, { stream })
    const sent = (host.seen[1]?.json.messages ?? []) as readonly Message[] // the wire's own shape
    const assistant = sent.find(({ role }) => role === 'assistant')
    expect(assistant?.reasoning_content).toBe(thought)
    expect(assistant?.tool_calls?.map(({ id }) => id)).toEqual(['call_00', 'call_01'])
    expect(sent.flatMap(message => message.tool_call_id ?? [])).toEqual(['call_00', 'call_01'])
  })
})
