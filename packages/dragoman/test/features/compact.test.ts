import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { createScene, front, type Kind } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// A conversation that grew too long, and what it weighs: on targets that have the routes, and on all others.

const scene = createScene()

const clientOf = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })

const conversation: ResponseInputItem[] = [
  { type: 'message', role: 'user', content: 'What is in a.txt?' },
  { type: 'function_call', call_id: 'call_1', name: 'read_file', arguments: '{"path":"a.txt"}' },
  { type: 'function_call_output', call_id: 'call_1', output: 'The harbour opens at six.' },
  { type: 'message', role: 'assistant', content: 'It says when the harbour opens.' },
  { type: 'message', role: 'user', content: 'Thanks.' },
]

const compaction = {
  id: 'resp_up',
  object: 'response.compaction',
  created_at: 1,
  output: [
    { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'Thanks.' }] },
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAA' },
  ],
  usage: {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 12,
  },
}

const whole: { readonly [K in Kind]?: (text: string) => object } = {
  messages: messages.whole,
  compatible: chat.whole,
}

describe('a compaction', () => {
  test('goes to a target that has it, and comes back as it was', async () => {
    const upstream = scene.upstream(() => () => Response.json(compaction))
    const { url } = front(scene, 'responses', upstream.url)
    const made = await clientOf(url).responses.compact({ model: 'a/gpt-5.1', input: conversation })
    expect(upstream.seen[0]).toMatchObject({
      path: '/v1/responses/compact',
      json: { model: 'gpt-5.1', input: conversation },
    })
    expect(JSON.parse(JSON.stringify(made))).toEqual(compaction)
  })

  test('that is translated says the same', async () => {
    const upstream = scene.upstream(() => () => Response.json(compaction))
    const { url } = front(scene, 'responses', upstream.url, {}, { trustModeHeader: true })
    const translate = { headers: { 'dragoman-mode': 'translate' } }
    const made = await clientOf(url).responses.compact(
      { model: 'a/gpt-5.1', input: conversation, instructions: 'Be brief.', prompt_cache_key: 'k' },
      translate,
    )
    expect(upstream.seen[0]?.json).toMatchObject({ instructions: 'Be brief.', prompt_cache_key: 'k' })
    expect(upstream.seen[0]?.json).not.toHaveProperty('store')
    expect(made).toMatchObject(compaction)
  })

  test.each(['messages', 'compatible'] as const)(
    'on a target without it (%s) is a summary, which is read where it is sent back',
    async kind => {
      const upstream = scene.upstream(() => () => Response.json(whole[kind]?.('They opened a file.')))
      const { url } = front(scene, kind, upstream.url)
      const client = clientOf(url)
      const model = kind === 'messages' ? 'a/claude-sonnet-4-5' : 'a/m'
      const { data: made, response } = await client.responses
        .compact({ model, input: conversation })
        .withResponse()
      expect(response.headers.get('dragoman-notes')).toContain('emulated')
      const asked = JSON.stringify(upstream.seen[0]?.json)
      expect(asked).toContain('Write a summary')
      expect(asked).toContain('[Called read_file with {')
      expect(asked).toContain('The harbour opens at six.')
      expect(made).toMatchObject({
        object: 'response.compaction',
        usage: { input_tokens: 3, output_tokens: 2 },
      })
      expect(made.output).toMatchObject([
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is in a.txt?' }] },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Thanks.' }] },
        { type: 'compaction' },
      ])

      const next: ResponseInputItem = { type: 'message', role: 'user', content: 'And when does it close?' }
      const input = [...(made.output as ResponseInputItem[]), next] // what comes out of it goes in again
      await client.responses.create({ model, input, store: false })
      const continued = JSON.stringify(upstream.seen[1]?.json)
      expect(continued).toContain('They opened a file.')
      expect(continued).toContain('What is in a.txt?')
      expect(continued).not.toContain('encrypted_content')
    },
  )

  test('of ours is read before it goes to a target that could not, also where bytes are relayed', async () => {
    const upstream = scene.upstream(() => ({ path }) => {
      return path.endsWith('/messages')
        ? Response.json(messages.whole('They opened a file.'))
        : Response.json({ id: 'resp_2', object: 'response', status: 'completed', output: [] })
    })
    const elsewhere = front(scene, 'messages', upstream.url)
    const made = await clientOf(elsewhere.url).responses.compact({
      model: 'a/claude-sonnet-4-5',
      input: conversation,
    })
    const { url } = front(scene, 'responses', upstream.url)
    const input = made.output as ResponseInputItem[] // as above
    await clientOf(url).responses.create({ model: 'a/gpt-5.1', input, store: false })
    const sent = JSON.stringify(upstream.seen[1]?.json)
    expect(sent).toContain('They opened a file.')
    expect(sent).not.toContain('compaction')
  })

  test('made by another provider is refused where nobody can read it', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('x')))
    const { url } = front(scene, 'messages', upstream.url)
    const input = compaction.output as ResponseInputItem[] // a recorded shape
    const asking = clientOf(url).responses.create({ model: 'a/claude-sonnet-4-5', input, store: false })
    expect(await asking.catch(error => error)).toMatchObject({ status: 400, param: 'input[1]' })
    expect(upstream.seen).toHaveLength(0)
  })

  test('of a model that says nothing is an error, not an empty conversation', async () => {
    const upstream = scene.upstream(() => () => Response.json(messages.whole('')))
    const { url } = front(scene, 'messages', upstream.url)
    const asking = clientOf(url).responses.compact({ model: 'a/claude-sonnet-4-5', input: conversation })
    expect(await asking.catch(error => error)).toMatchObject({ status: 502, code: 'upstream_invalid' })
  })
})

describe('the tokens of an input', () => {
  test('are counted by a target that counts', async () => {
    const upstream = scene.upstream(() => () => Response.json({ input_tokens: 41 }))
    const { url } = front(scene, 'messages', upstream.url)
    const counted = await clientOf(url).responses.inputTokens.count({
      model: 'a/claude-sonnet-4-5',
      input: 'Hi',
      instructions: 'Be brief.',
    })
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: 41 })
    expect(upstream.seen[0]).toMatchObject({
      path: '/v1/messages/count_tokens',
      json: { system: expect.anything(), messages: [{ role: 'user' }] },
    })
  })

  test('are estimated for one that does not, and said to be', async () => {
    const upstream = scene.upstream(() => () => Response.json(chat.whole('x')))
    const { url } = front(scene, 'compatible', upstream.url)
    const { data, response } = await clientOf(url)
      .responses.inputTokens.count({ model: 'a/m', input: 'Hi there' })
      .withResponse()
    expect(data).toMatchObject({ object: 'response.input_tokens', input_tokens: expect.any(Number) })
    expect(response.headers.get('dragoman-notes')).toContain('estimate')
    expect(upstream.seen).toHaveLength(0)
  })

  test('are asked for in the words of a target of the same wire', async () => {
    const upstream = scene.upstream(
      () => () => Response.json({ object: 'response.input_tokens', input_tokens: 7 }),
    )
    const { url } = front(scene, 'responses', upstream.url)
    const counted = await clientOf(url).responses.inputTokens.count({ model: 'a/gpt-5.1', input: 'Hi' })
    expect(counted.input_tokens).toBe(7)
    expect(upstream.seen[0]?.path).toBe('/v1/responses/input_tokens')
  })
})
