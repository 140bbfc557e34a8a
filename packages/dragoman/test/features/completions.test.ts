import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { complaintOf, createScene, front, type Kind, provider, send } from '../support/scene.ts'
import type { SeenRequest } from '../support/upstream.ts'

// Legacy completions on every target: what the official client gets, and what the target was asked.

const scene = createScene()
const path = '/v1/completions'

const sse = (events: readonly object[], named = false) =>
  events.map(
    event =>
      `${named ? `event: ${'type' in event ? event.type : ''}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
  )

interface Target {
  readonly path: string
  whole(text: string): object
  stream(text: string): readonly string[]
  /** What the target was asked, as the text of its last user. */
  asked(request: SeenRequest): unknown
}

const targets: { readonly [K in 'compatible' | 'messages' | 'cohere']: Target } = {
  compatible: {
    path: '/v1/chat/completions',
    whole: text => ({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    }),
    stream: text => [
      ...sse([
        {
          id: 'chatcmpl-1',
          created: 1,
          model: 'm',
          choices: [{ index: 0, delta: { role: 'assistant', content: text } }],
        },
        {
          id: 'chatcmpl-1',
          created: 1,
          model: 'm',
          choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
        },
        { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
      ]),
      'data: [DONE]\n\n',
    ],
    asked: ({ json }) => json.messages,
  },
  messages: {
    path: '/v1/messages',
    whole: text => ({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 2 },
    }),
    stream: text =>
      sse(
        [
          {
            type: 'message_start',
            message: { id: 'msg_1', content: [], model: 'm', usage: { input_tokens: 3, output_tokens: 0 } },
          },
          { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
          { type: 'content_block_stop', index: 0 },
          { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
          { type: 'message_stop' },
        ],
        true,
      ),
    asked: ({ json }) => json.messages,
  },
  cohere: {
    path: '/v2/chat',
    whole: text => ({
      id: 'c1',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      finish_reason: 'COMPLETE',
      usage: { tokens: { input_tokens: 3, output_tokens: 2 } },
    }),
    stream: text =>
      sse(
        [
          {
            type: 'message-start',
            id: 'c1',
            delta: { message: { role: 'assistant', content: [], tool_calls: [] } },
          },
          { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
          { type: 'content-delta', index: 0, delta: { message: { content: { text } } } },
          { type: 'content-end', index: 0 },
          {
            type: 'message-end',
            delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 3, output_tokens: 2 } } },
          },
        ],
        true,
      ),
    asked: ({ json }) => json.messages,
  },
}

const kinds = Object.keys(targets) as readonly (keyof typeof targets)[] // the keys of the table are the type

/** A gateway in front of a target that answers every question with the text it was asked, in upper case. */
function shouting(kind: keyof typeof targets, tokenizer?: 'cl100k_base') {
  const target = targets[kind]
  const upstream = scene.upstream(stream => request => {
    const text = questionOf(target.asked(request)).toUpperCase()
    if (request.path !== target.path) return new Response('no such path', { status: 404 })
    return request.json.stream === true ? stream(target.stream(text)) : Response.json(target.whole(text))
  })
  const { url } = scene.gateway({
    providers: { a: provider(kind, upstream.url) },
    models: {
      m: { targets: [{ provider: 'a', model: 'm', ...(tokenizer === undefined ? {} : { tokenizer }) }] },
    },
    retry: { attempts: 0 },
  })
  const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 })
  return { client, upstream, url }
}

const questionOf = (messages: unknown): string => {
  const [{ content }] = messages as [{ content: unknown }] // every target here is asked by messages
  return typeof content === 'string' ? content : (content as [{ text: string }])[0].text // or by one text block
}

describe.each(kinds)('a target that speaks %s', kind => {
  test('completes a prompt, whole', async () => {
    const { client, upstream } = shouting(kind)
    const completion = await client.completions.create({ model: 'm', prompt: 'once', max_tokens: 9 })
    expect(completion).toMatchObject({
      object: 'text_completion',
      choices: [{ text: 'ONCE', index: 0, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    })
    expect(completion.id).toStartWith('cmpl-')
    expect(upstream.seen.map(({ json }) => json.messages)).toEqual([[{ role: 'user', content: 'once' }]])
  })

  test('completes a prompt, streamed, with usage for whoever asks for it', async () => {
    for (const include_usage of [true, false]) {
      const { client } = shouting(kind)
      const stream = await client.completions.create({
        model: 'm',
        prompt: ['once'],
        stream: true,
        stream_options: { include_usage },
      })
      const chunks: OpenAI.Completion[] = []
      for await (const chunk of stream) chunks.push(chunk)
      const choices = chunks.flatMap(chunk => chunk.choices)
      expect(choices.map(choice => choice.text).join('')).toBe('ONCE')
      expect(choices.at(-1)?.finish_reason).toBe('stop')
      expect(chunks.at(-1)?.usage?.total_tokens).toBe(include_usage ? 5 : undefined)
      expect(new Set(chunks.map(chunk => chunk.id)).size).toBe(1)
    }
  })

  test('says 16 tokens where nobody said how many, which is what this wire means', async () => {
    const { client, upstream } = shouting(kind)
    await client.completions.create({ model: 'm', prompt: 'once' })
    const [request] = upstream.seen
    expect(request?.json.max_completion_tokens ?? request?.json.max_tokens).toBe(16)
  })

  test('answers several prompts, each by its own call, in order, n times each', async () => {
    const { client, upstream } = shouting(kind)
    const { data, response } = await client.completions
      .create({ model: 'm', prompt: ['one', 'two'], n: 2 })
      .withResponse()
    expect(data.choices.map(({ index, text }) => [index, text])).toEqual([
      [0, 'ONE'],
      [1, 'ONE'],
      [2, 'TWO'],
      [3, 'TWO'],
    ])
    expect(data.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 8 })
    expect(upstream.seen.length).toBe(4)
    expect(response.headers.get('dragoman-notes')).toContain('emulated;path="prompt"')
  })

  test('streams several prompts side by side', async () => {
    const { client } = shouting(kind)
    const texts = ['', '', '']
    const stream = await client.completions.create({ model: 'm', prompt: ['a', 'b', 'c'], stream: true })
    for await (const { choices } of stream) for (const { index, text } of choices) texts[index] += text
    expect(texts).toEqual(['A', 'B', 'C'])
  })

  test('refuses several prompts where nothing may be emulated, and too many calls', async () => {
    const { url, upstream } = shouting(kind)
    const refuse = async (fields: object, headers = {}) => {
      const response = await send(url, path, JSON.stringify({ model: 'm', ...fields }), headers)
      return [response.status, complaintOf(path, await response.text()).param]
    }
    const prompt = ['a', 'b']
    expect(await refuse({ prompt }, { 'dragoman-policy': 'reject' })).toEqual([400, 'prompt'])
    expect(await refuse({ prompt, n: 9 })).toEqual([400, 'prompt'])
    expect(upstream.seen.length).toBe(0)
  })

  test('gets token ids as the text they are, where their tokenizer is known', async () => {
    const { client, upstream } = shouting(kind, 'cl100k_base')
    const hello = [15339, 1917]
    const one = await client.completions.create({ model: 'm', prompt: hello })
    expect(one.choices[0]?.text).toBe('HELLO WORLD')
    const two = await client.completions.create({ model: 'm', prompt: [hello, hello] })
    expect(two.choices.map(choice => choice.text)).toEqual(['HELLO WORLD', 'HELLO WORLD'])
    expect(upstream.seen.length).toBe(3)
  })

  test.each([
    ['prompt', { prompt: [15339, 1917] }],
    ['echo', { prompt: 'once', echo: true }],
    ['suffix', { prompt: 'once', suffix: 'end' }],
    ['best_of', { prompt: 'once', best_of: 3 }],
    ...(kind === 'compatible'
      ? []
      : ([
          ['logprobs', { prompt: 'once', logprobs: 2 }],
          ['logit_bias', { prompt: 'once', logit_bias: { 50256: -100 } }],
        ] as const)),
  ] as const)('refuses %s by its name', async (param, fields) => {
    const { url, upstream } = shouting(kind)
    const response = await send(url, path, JSON.stringify({ model: 'a/m', ...fields }))
    expect([response.status, complaintOf(path, await response.text()).param]).toEqual([400, param])
    expect(upstream.seen.length).toBe(0)
  })

  test('passes over what asks for nothing', async () => {
    const { url } = shouting(kind)
    const fields = { model: 'm', prompt: 'once', echo: false, suffix: null, best_of: 1, n: 1, logit_bias: {} }
    const response = await send(url, path, JSON.stringify(fields))
    expect([response.status, response.headers.get('dragoman-notes')]).toEqual([200, null])
  })

  test('fails in the words of this wire', async () => {
    const upstream = scene.upstream(() => () => Response.json({ message: 'busy' }, { status: 500 }))
    const { url } = front(scene, kind, upstream.url)
    const response = await send(url, path, JSON.stringify({ model: 'a/m', prompt: 'once' }))
    expect(response.status).toBe(500)
    expect(complaintOf(path, await response.text()).type).toBe('server_error')
  })
})

describe('log probabilities', () => {
  test('of a chat target have the form of this wire', async () => {
    const upstream = scene.upstream(() => ({ json }) => {
      expect([json.logprobs, json.top_logprobs]).toEqual([true, 1])
      const content = [
        {
          token: 'a',
          logprob: -0.5,
          bytes: [97],
          top_logprobs: [{ token: 'a', logprob: -0.5, bytes: [97] }],
        },
        { token: 'b', logprob: -1, bytes: [98], top_logprobs: [{ token: 'b', logprob: -1, bytes: [98] }] },
      ]
      const choice = {
        index: 0,
        message: { role: 'assistant', content: 'ab' },
        logprobs: { content },
        finish_reason: 'stop',
      }
      return Response.json({ id: 'x', created: 1, model: 'm', choices: [choice] })
    })
    const { url } = front(scene, 'compatible', upstream.url)
    const client = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 })
    const completion = await client.completions.create({ model: 'a/m', prompt: 'once', logprobs: 1 })
    expect(completion.choices[0]?.logprobs).toEqual({
      tokens: ['a', 'b'],
      token_logprobs: [-0.5, -1],
      top_logprobs: [{ a: -0.5 }, { b: -1 }],
      text_offset: [4, 5],
    })
  })
})

describe('a target with the path itself', () => {
  const answer = {
    id: 'cmpl-1',
    object: 'text_completion',
    created: 1,
    model: 'gpt-3.5-turbo-instruct:20230824-v2',
    choices: [
      { text: 'once upon', index: 0, logprobs: null, finish_reason: 'length' },
      { text: 'twice', index: 1, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
  }

  test.each([
    ['chat', 'gpt-3.5-turbo-instruct'],
    ['engine', 'm'],
  ] as const)('gets everything as it came (%s)', async (kind: Kind, model) => {
    const upstream = scene.upstream(() => () => Response.json(answer))
    const { url } = front(scene, kind, upstream.url)
    const body = {
      model: `a/${model}`,
      prompt: ['once', [1, 2]],
      echo: true,
      suffix: 's',
      best_of: 4,
      logprobs: 3,
      unheard_of: { of: 1 },
    }
    const response = await send(url, path, JSON.stringify(body))
    expect([response.status, await response.json()]).toEqual([200, answer])
    expect(response.headers.get('dragoman-mode')).toBe('relay')
    expect(upstream.seen[0]).toMatchObject({ path, json: { ...body, model } })
  })

  test('is metered in silence: nobody sees usage who did not ask for it', async () => {
    const chunk = (fields: object) =>
      `data: ${JSON.stringify({ id: 'cmpl-1', object: 'text_completion', created: 1, ...fields })}\n\n`
    const upstream = scene.upstream(
      stream => () =>
        stream([
          chunk({ choices: [{ text: 'a', index: 0, logprobs: null, finish_reason: null }], usage: null }),
          chunk({ choices: [{ text: 'b', index: 0, logprobs: null, finish_reason: 'stop' }], usage: null }),
          chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }),
          'data: [DONE]\n\n',
        ]),
    )
    const { url } = front(scene, 'engine', upstream.url)
    const response = await send(url, path, JSON.stringify({ model: 'a/m', prompt: 'x', stream: true }))
    const text = await response.text()
    expect(upstream.seen[0]?.json.stream_options).toEqual({ include_usage: true })
    expect(text).not.toContain('usage')
    expect(text.match(/"text":"."/g)).toEqual(['"text":"a"', '"text":"b"'])
    expect(text).toEndWith('data: [DONE]\n\n')
  })

  test('is not asked for models of conversations there: those have one', async () => {
    const upstream = scene.upstream(() => () => Response.json({ error: { message: 'no' } }, { status: 400 }))
    const { url } = front(scene, 'chat', upstream.url)
    await send(url, path, JSON.stringify({ model: 'a/gpt-4o', prompt: 'x' }))
    expect(upstream.seen[0]?.path).toBe('/v1/responses')
  })

  test('and answers of another form is mended, and not believed to do what it ignores', async () => {
    const content = [{ token: 'a', logprob: -0.5, bytes: [97], top_logprobs: [] }]
    const upstream = scene.upstream(
      () => () =>
        Response.json({
          choices: [{ text: 'a', index: 0, logprobs: { content }, finish_reason: 'stop' }],
          id: 'chatcmpl-1',
          object: 'text_completion',
          created: 1,
          model: 'm',
        }),
    )
    const { url } = front(scene, 'llama', upstream.url)
    const ask = (fields: object) => send(url, path, JSON.stringify({ model: 'a/m', prompt: 'x', ...fields }))
    const [choice] = ((await (await ask({ logprobs: 0 })).json()) as OpenAI.Completion).choices // the body of a completion
    expect<unknown>(choice?.logprobs).toEqual({
      tokens: ['a'],
      token_logprobs: [-0.5],
      top_logprobs: null,
      text_offset: [1],
    })
    const refused = await ask({ echo: true })
    expect([refused.status, complaintOf(path, await refused.text()).param]).toEqual([400, 'echo'])
    const prompts = await ask({ prompt: ['x', 'y'] })
    expect([prompts.status, upstream.seen.at(-1)?.json.prompt]).toEqual([200, ['x', 'y']])
  })

  test('is in the gateway, too', async () => {
    const { gateway } = front(scene, 'chat', 'http://127.0.0.1:9', {
      providers: { sandbox: { kind: 'sandbox' } },
    })
    const client = new OpenAI({ apiKey: 'none', baseURL: 'http://x/v1', fetch: gateway.fetch, maxRetries: 0 })
    const { choices } = await client.completions.create({
      model: 'sandbox/sandbox',
      prompt: ['Say hello', 'Count to 3'],
      echo: true,
      max_tokens: 4,
    })
    expect(choices.map(choice => choice.index)).toEqual([0, 1])
    expect(choices[1]?.text).toStartWith('Count to 3')
  })
})
