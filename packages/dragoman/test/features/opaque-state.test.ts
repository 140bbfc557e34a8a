import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { answerMessages, type Block, said } from '../custody/loop.ts'
import { ask, createScene, front, provider, recordOf } from '../support/scene.ts'
import { responses } from '../support/wire.ts'

const scene = createScene()

describe('features C21: encrypted reasoning at another deployment', () => {
  const reasoning = {
    id: 'rs_1',
    type: 'reasoning',
    summary: [],
    encrypted_content: 'gAAA-of-another-deployment',
  }
  const input = [
    { role: 'user', content: 'hi' },
    reasoning,
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_1', output: 'r' },
  ]
  const refusal = {
    error: {
      message: 'The encrypted content gAAA could not be verified.',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_encrypted_content',
    },
  }

  /** A deployment that cannot read what another one wrote. */
  const deployment = () =>
    scene.upstream(
      () =>
        ({ body }) =>
          body.includes('encrypted_content')
            ? Response.json(refusal, { status: 400 })
            : Response.json(responses.whole('Hello')),
    )

  test('is left out with a note, and the conversation goes on', async () => {
    const upstream = deployment()
    const { url } = front(scene, 'responses', upstream.url)
    const response = await ask(url, '/v1/responses', { input })
    expect(response.status).toBe(200)
    expect(response.headers.get('dragoman-notes')).toMatch(
      /dropped;path="input\[1\]".*could not read the opaque state/,
    )
    expect(response.headers.get('dragoman-attempts')).toBe('2')
    expect(upstream.seen.map(({ body }) => body.includes('rs_1'))).toEqual([true, false])
    expect(upstream.seen[1]?.json.input).toMatchObject([
      { role: 'user' },
      { type: 'function_call', call_id: 'call_1' },
      { type: 'function_call_output', call_id: 'call_1' },
    ])
    const { attempts } = await recordOf(url, response)
    expect(attempts).toHaveLength(2)
  })

  test('is the caller’s to hear where nothing may be left out', async () => {
    const upstream = deployment()
    const { url } = front(scene, 'responses', upstream.url)
    const response = await ask(url, '/v1/responses', { input }, { 'dragoman-policy': 'reject' })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_encrypted_content' } })
    expect(upstream.seen).toHaveLength(1)
  })

  test('other refusals are not asked again', async () => {
    const upstream = scene.upstream(
      () => () => Response.json({ error: { ...refusal.error, code: 'invalid_value' } }, { status: 400 }),
    )
    const { url } = front(scene, 'responses', upstream.url)
    expect((await ask(url, '/v1/responses', { input })).status).toBe(400)
    expect(upstream.seen).toHaveLength(1)
  })

  test('of callers of another dialect never gets there', async () => {
    const first = scene.upstream(play => request => answerMessages(request, said, play))
    const second = scene.upstream(() => () => Response.json(responses.whole('Hello')))
    const { url } = scene.gateway({
      providers: { a: provider('messages', first.url), b: provider('responses', second.url) },
      models: { m: 'a/claude-opus-4-6', n: 'b/gpt-5' },
      retry: { attempts: 0 },
    })
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const question = { role: 'user' as const, content: 'hi' }
    const tools = [{ type: 'function' as const, name: 'weather', parameters: {}, strict: false }]
    const body = { input: [question], store: false, include: ['reasoning.encrypted_content' as const], tools }
    const { output } = await client.responses.create({ model: 'm', ...body })
    const results = output.flatMap(item =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'r' }]
        : [],
    )
    // Items of an answer are items of a question: the SDK's guide sends them back so.
    const history = [question, ...(output as OpenAI.Responses.ResponseInputItem[]), ...results]
    const { response } = await client.responses.create({ model: 'n', ...body, input: history }).withResponse()
    expect(response.headers.get('dragoman-notes')).toContain('belongs to another provider, account or model')
    expect(second.seen[0]?.body).not.toContain('encrypted_content":"dragoman')
  })
})

describe('features C29: the prompt cache', () => {
  const weather = { type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }

  test('finds the same bytes before each new turn, thoughts and ids included', async () => {
    const answer = (index: number): readonly Block[] =>
      said.map(block =>
        block.type === 'tool_use' ? { ...block, id: `${String(block.id)}_${index}` } : block,
      )
    const upstream = scene.upstream(play => (request, index) => answerMessages(request, answer(index), play))
    const { url } = front(scene, 'messages', upstream.url)
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'hi' }]
    for (let turn = 0; turn < 4; turn++) {
      const { choices } = await client.chat.completions.create({
        model: 'a/claude-opus-4-6',
        messages,
        tools: [weather],
      })
      const [choice] = choices
      if (choice === undefined) throw new Error('no answer')
      messages.push(choice.message)
      for (const call of choice.message.tool_calls ?? [])
        messages.push({ role: 'tool', tool_call_id: call.id, content: 'rain' })
    }
    const sent = upstream.seen.map(({ json }) => JSON.stringify(json.messages).slice(0, -1))
    for (const [index, prefix] of sent.entries()) {
      const next = sent[index + 1]
      if (next !== undefined) expect(next.startsWith(prefix)).toBe(true)
    }
    expect(sent.at(-1)?.split('"thinking"').length).toBeGreaterThan(3 * 4)
  })

  test('gets the caller’s markers where they were, and no others', async () => {
    const upstream = scene.upstream(
      play => request => answerMessages(request, [{ type: 'text', text: 'ok' }], play),
    )
    const { url } = front(scene, 'messages', upstream.url, {}, { trustModeHeader: true })
    const cache_control = { type: 'ephemeral' }
    const marked = (text: string) => ({ type: 'text', text, cache_control })
    const body = {
      model: 'a/claude-opus-4-6',
      system: [marked('s')],
      messages: [
        { role: 'user', content: [marked('a'), { type: 'text', text: 'b' }] },
        { role: 'assistant', content: [marked('c')] },
        { role: 'user', content: [marked('d')] },
      ],
    }
    for (const mode of ['relay', 'translate']) await ask(url, '/v1/messages', body, { 'dragoman-mode': mode })
    for (const { json } of upstream.seen) {
      expect([json.system, json.messages]).toEqual([body.system, body.messages])
      expect(JSON.stringify(json).split('cache_control').length - 1).toBe(4)
    }
  })
})
