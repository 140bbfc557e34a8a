import { describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { expectWhole, framesOf } from '../support/ends.ts'
import { ask, createScene, front, type Path, paths, provider } from '../support/scene.ts'
import { chat, messages, responses } from '../support/wire.ts'
import { block, chunk } from './frames.ts'
import { kindOf, serveKind } from './kind-gateway.ts'
import { chatCall, toolsOf } from './tools.ts'

// Complaints about other gateways (features C18 to C20): state that has to survive a round trip, or must not.
// Signatures through clients that have no field for them come with a later version (ruling 6).

const scene = createScene()

const thoughtful = [
  messages.start,
  block.thinking(0),
  block.thought(0, 'First.'),
  block.signature(0, 'sig-one'),
  block.stop(0),
  block.tool(1, 'toolu_1'),
  block.args(1, '{}'),
  block.stop(1),
  block.thinking(2),
  block.thought(2, 'Second.'),
  block.signature(2, 'sig-two'),
  block.stop(2),
  block.tool(3, 'toolu_2'),
  block.args(3, '{}'),
  block.stop(3),
  block.finish('tool_use'),
  messages.stop,
]
const budget = { thinking: { type: 'enabled', budget_tokens: 1024 }, max_tokens: 2048 }

describe('features C18: signatures', () => {
  test.each(['relay', 'translate'])('come back on the same blocks in the same order (%s)', async mode => {
    const upstream = scene.upstream(
      stream =>
        ({ json }) =>
          json.stream === true ? stream(thoughtful) : Response.json(messages.whole('done')),
    )
    const { url } = front(scene, 'messages', upstream.url)
    const client = new Anthropic({
      baseURL: url,
      apiKey: 'x',
      maxRetries: 0,
      defaultHeaders: { 'dragoman-mode': mode },
    })
    const question = { role: 'user' as const, content: 'hi' }
    const tools = [{ name: 'weather', input_schema: { type: 'object' as const } }]
    const body = {
      model: 'a/claude-sonnet-4-5',
      max_tokens: 2048,
      tools,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    }
    const { content } = await client.messages.stream({ ...body, messages: [question] }).finalMessage()
    expect(content.map(one => (one.type === 'thinking' ? one.signature : one.type))).toEqual([
      'sig-one',
      'tool_use',
      'sig-two',
      'tool_use',
    ])
    const results = ['toolu_1', 'toolu_2'].map(id => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: 'r',
    }))
    await client.messages.create({
      ...body,
      messages: [question, { role: 'assistant', content }, { role: 'user', content: results }],
    })
    const sent = (upstream.seen[1]?.json.messages ?? []) as {
      content: { type: string; signature?: string; thinking?: string }[]
    }[] // as the client just sent it
    expect(sent[1]?.content.map(one => [one.type, one.thinking, one.signature])).toEqual([
      ['thinking', 'First.', 'sig-one'],
      ['tool_use', undefined, undefined],
      ['thinking', 'Second.', 'sig-two'],
      ['tool_use', undefined, undefined],
    ])
  })

  test('encrypted reasoning of Responses comes back as it was, translated too', async () => {
    const reasoning = {
      id: 'rs_1',
      type: 'reasoning',
      summary: [],
      encrypted_content: 'gAAA-secret',
      status: 'completed',
    }
    const upstream = scene.upstream(
      () => () =>
        Response.json({
          ...responses.whole('Hello'),
          output: [reasoning, ...responses.whole('Hello').output],
        }),
    )
    const { url } = front(scene, 'responses', upstream.url)
    for (const mode of ['relay', 'translate']) {
      const first = await (await ask(url, '/v1/responses', {}, { 'dragoman-mode': mode })).json()
      const [item] = first.output
      expect([item.type, item.encrypted_content]).toEqual(['reasoning', 'gAAA-secret'])
      await ask(
        url,
        '/v1/responses',
        { input: [{ role: 'user', content: 'hi' }, ...first.output, { role: 'user', content: 'on' }] },
        { 'dragoman-mode': mode },
      )
      expect(upstream.seen.at(-1)?.body).toContain('"encrypted_content":"gAAA-secret"')
    }
  })
})

const thought = { role: 'assistant', content: 'Hello', reasoning_content: 'Hmm.' }
const calling = { role: 'assistant', content: null, tool_calls: [chatCall], reasoning_content: 'Hmm.' }
const answered = { role: 'tool', tool_call_id: 'call_a', content: 'r' }
const user = { role: 'user', content: 'hi' }

describe('features C19: reasoning in the history of a tool loop', () => {
  const historyFor = async (quirks: readonly string[], history: readonly object[]) => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('Hello')))
    const { url } = scene.keep(serveKind(kindOf('openai-chat', '/chat/completions', ...quirks), upstream.url))
    const response = await ask(url, '/v1/chat/completions', {
      messages: history,
      tools: toolsOf['/v1/chat/completions'],
    })
    expect(response.status).toBe(200)
    return {
      sent: (upstream.seen[0]?.json.messages ?? []) as Record<string, unknown>[], // as it was just sent
      notes: response.headers.get('dragoman-notes') ?? '',
    }
  }

  test('is replayed to a host that wants it, on the turns that called tools only', async () => {
    const { sent } = await historyFor(['reasoning-replay'], [user, thought, user, calling, answered])
    expect(sent.map(message => message.reasoning_content)).toEqual([
      undefined,
      undefined,
      undefined,
      'Hmm.',
      undefined,
    ])
  })

  test('is taken out, with a note, for a host that refuses it', async () => {
    const { sent, notes } = await historyFor(['no-reasoning-history'], [user, calling, answered])
    expect(JSON.stringify(sent)).not.toContain('Hmm.')
    expect(notes).toContain('dropped;path="messages[1]"')
  })

  test('goes under the name that a host reads', async () => {
    const { sent, notes } = await historyFor(['reasoning-as-reasoning'], [user, calling, answered])
    expect([sent[1]?.reasoning, sent[1]?.reasoning_content]).toEqual(['Hmm.', undefined])
    expect(notes).toContain('renamed')
  })

  test('stays as it is where nothing is known of the host', async () => {
    const { sent } = await historyFor([], [user, calling, answered])
    expect(sent[1]?.reasoning_content).toBe('Hmm.')
  })

  test('reaches the caller in the field its dialect has for it', async () => {
    const upstream = scene.upstream(
      stream => () =>
        stream([
          chat.role(),
          chunk({ reasoning_content: 'Hm' }),
          chunk({ reasoning_content: 'm.' }),
          chat.text('Hi'),
          chat.finish(),
          chat.done,
        ]),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    const joined: { readonly [P in Path]: (frame: Record<string, never>) => unknown } = {
      '/v1/chat/completions': frame =>
        (frame.choices as unknown as { delta: { reasoning_content?: string } }[])?.[0]?.delta
          .reasoning_content, // a chunk's own shape
      '/v1/responses': frame =>
        /^response\.reasoning(_summary)?_text\.delta$/.test(String(frame.type)) ? frame.delta : undefined,
      '/v1/messages': frame => (frame.delta as unknown as { thinking?: string })?.thinking, // a delta's own shape
    }
    for (const path of paths) {
      const text = await (
        await ask(url, path, { stream: true, ...(path === '/v1/messages' ? budget : {}) })
      ).text()
      expectWhole(path, text)
      const said = framesOf(text).flatMap(({ data }) =>
        data === '[DONE]' ? [] : [joined[path](JSON.parse(data)) ?? ''],
      )
      expect([path, said.join('')]).toEqual([path, 'Hmm.'])
    }
  })
})

describe('features C20: another provider’s signature', () => {
  const signed = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'Hmm.', signature: 'sig-of-one' },
      { type: 'redacted_thinking', data: 'data-of-one' },
      { type: 'text', text: 'Hello' },
    ],
  }
  const history = { messages: [user, signed, user], ...budget }

  test('is never sent to it, with a note', async () => {
    for (const kind of ['compatible', 'responses'] as const) {
      const upstream = scene.upstream(
        () => () => Response.json(kind === 'responses' ? responses.whole('Hi') : chat.whole('Hi')),
      )
      const { url } = front(scene, kind, upstream.url)
      const response = await ask(url, '/v1/messages', history)
      expect(response.status).toBe(200)
      const body = upstream.seen[0]?.body ?? ''
      expect([body.includes('sig-of-one'), body.includes('data-of-one')]).toEqual([false, false])
      expect(body).toContain('Hello')
      expect(response.headers.get('dragoman-notes')).toMatch(/dropped;path="messages\[1\]\.content/)
    }
  })

  test('encrypted reasoning is not sent to a Messages upstream, and no signature is made up for it', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('Hi')))
    const { url } = front(scene, 'messages', upstream.url)
    const input = [
      user,
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Hmm.' }],
        encrypted_content: 'gAAA',
      },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hello', annotations: [] }],
      },
      user,
    ]
    const response = await ask(url, '/v1/responses', { input, model: 'a/claude-sonnet-4-5' })
    expect(response.status).toBe(200)
    const body = upstream.seen[0]?.body ?? ''
    expect(body).not.toMatch(/gAAA|signature|"thinking"/)
    expect(response.headers.get('dragoman-notes')).toContain('dropped')
  })

  test('a thought without one is shown, with a signature that nobody can mistake, and not sent back as signed', async () => {
    const upstream = scene.upstream(
      () => () =>
        Response.json({
          ...chat.whole('Hi'),
          choices: [
            {
              index: 0,
              message: { role: 'assistant', content: 'Hi', reasoning_content: 'Hmm.' },
              finish_reason: 'stop',
            },
          ],
        }),
    )
    const { url } = front(scene, 'compatible', upstream.url)
    const answer = await (await ask(url, '/v1/messages', budget)).json()
    expect(answer.content).toMatchObject([
      { type: 'thinking', thinking: 'Hmm.', signature: '' },
      { type: 'text' },
    ])
    const real = scene.upstream(() => () => Response.json(messages.whole('Hi')))
    const { url: other } = front(scene, 'messages', real.url)
    const turns = [user, { role: 'assistant', content: answer.content }, user]
    // Translated, because bytes that are relayed are the caller’s own business.
    await ask(other, '/v1/messages', { messages: turns, ...budget }, { 'dragoman-mode': 'translate' })
    expect(real.seen[0]?.body).not.toContain('"signature"')
  })

  test('a route that changes its provider takes it out for one and keeps it for the other', async () => {
    const first = scene.upstream(() => () => Response.json({ error: { message: 'busy' } }, { status: 503 }))
    const second = scene.upstream(() => () => Response.json(chat.whole('Hi')))
    const { url } = scene.gateway({
      providers: { a: provider('messages', first.url), b: provider('compatible', second.url) },
      models: { m: { targets: [{ provider: 'a' }, { provider: 'b' }] } },
      retry: { attempts: 0 },
    })
    expect((await ask(url, '/v1/messages', { ...history, model: 'm' })).status).toBe(200)
    expect(first.seen[0]?.body).toContain('sig-of-one')
    expect(second.seen[0]?.body).not.toContain('sig-of-one')
  })
})
