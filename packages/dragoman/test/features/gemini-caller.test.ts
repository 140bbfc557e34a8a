import { describe, expect, test } from 'bun:test'
import { createClock } from '../support/clock.ts'
import { canary, createScene, front, type Kind, readUntil, send } from '../support/scene.ts'
import { gate } from '../support/upstream.ts'
import { chat, dataOf, messages } from '../support/wire.ts'

const scene = createScene()

const chunk = (text: string, finishReason?: string) => ({
  candidates: [
    { content: { role: 'model', parts: [{ text }] }, index: 0, ...(finishReason && { finishReason }) },
  ],
  ...(finishReason && {
    usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
  }),
  modelVersion: 'm-1',
  responseId: 'r1',
})
const frame = (body: unknown) => `data: ${JSON.stringify(body)}\r\n\r\n`
const asked = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }
const unary = '/v1beta/models/a/m:generateContent'
const streamed = '/v1beta/models/a/m:streamGenerateContent'

/** A gateway in front of an upstream that answers every call so. */
function fronted(kind: Kind, answer: () => Response) {
  const upstream = scene.upstream(() => answer)
  return { upstream, url: front(scene, kind, upstream.url).url }
}
const whole =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status })
const frames = (steps: readonly (string | Promise<unknown>)[]) => {
  const upstream = scene.upstream(stream => () => stream(steps))
  return { upstream, url: front(scene, 'gemini', upstream.url).url }
}

describe('a Gemini caller of a Gemini target', () => {
  test('is relayed, with model and stream in the path and the key in its header', async () => {
    const { upstream, url } = fronted('gemini', whole(chunk('Hello', 'STOP')))
    const response = await send(url, unary, JSON.stringify({ ...asked, x: 1 }), { 'x-goog-api-key': 'k' })
    expect(response.headers.get('dragoman-mode')).toBe('relay')
    expect(await response.json()).toEqual(chunk('Hello', 'STOP'))
    const [seen] = upstream.seen
    expect(seen?.path).toBe('/v1beta/models/m:generateContent')
    expect(seen?.body).toBe(JSON.stringify({ ...asked, x: 1 }))
    expect(seen?.headers.get('x-goog-api-key')).toBe(canary.provider)
  })

  test.each(['/v1', '/v1beta'])('streams SSE under %s, frame by frame as received (trap 61)', async root => {
    const sent = frame(chunk('Hel')) + frame(chunk('lo', 'STOP'))
    const { upstream, url } = frames([sent])
    const path = `${root}/models/a/m:streamGenerateContent?alt=sse`
    const response = await send(url, path, JSON.stringify(asked))
    expect(response.headers.get('content-type')).toStartWith('text/event-stream')
    expect(await response.text()).toBe(sent)
    expect(upstream.seen[0]?.path + (upstream.seen[0]?.query ?? '')).toBe(
      '/v1beta/models/m:streamGenerateContent?alt=sse',
    )
  })

  test('gets a JSON array without alt=sse, of the same elements (trap 33)', async () => {
    const { upstream, url } = frames([frame(chunk('Hel')), frame(chunk('lo', 'STOP'))])
    const response = await send(url, streamed, JSON.stringify(asked))
    expect(response.headers.get('content-type')).toBe('application/json')
    const text = await response.text()
    expect(text).toStartWith('[{"candidates"')
    expect(text).toContain('},\r\n{')
    expect(JSON.parse(text)).toEqual([chunk('Hel'), chunk('lo', 'STOP')])
    expect(upstream.seen[0]?.query).toBe('?alt=sse')
  })

  test('whose array is cut gets valid JSON with the error last', async () => {
    const { url } = frames([frame(chunk('Hel'))])
    const elements = await (await send(url, streamed, JSON.stringify(asked))).json()
    expect(elements).toMatchObject([chunk('Hel'), { error: { code: 502, status: 'INTERNAL' } }])
  })

  test('whose upstream fails in band gets that as it came, last (trap 34)', async () => {
    const error = { error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }
    const { url } = frames([frame(chunk('Hel')), frame(error)])
    const elements = await (await send(url, streamed, JSON.stringify(asked))).json()
    expect(elements).toEqual([chunk('Hel'), error])
  })

  test('waits for an array with white space, before the first element and between them', async () => {
    const clock = createClock()
    const gates = [gate(), gate()] as const
    const upstream = scene.upstream(
      stream => () => stream([gates[0].wait, frame(chunk('Hel')), gates[1].wait, frame(chunk('lo', 'STOP'))]),
    )
    const config = {
      server: { status_after: '5s', keep_alive: '15s' },
      timeouts: { first_token: '1h', idle: '1h', total: '24h' },
    }
    const { url } = front(scene, 'gemini', upstream.url, config, { ambient: clock })
    const response = await clock.until(send(url, streamed, JSON.stringify(asked)))
    expect(response.headers.get('content-type')).toBe('application/json')
    const reading = readUntil(response, '\n')
    await clock.until(reading.seen('\n\n\n'))
    gates[0].open()
    await clock.until(reading.seen('Hel'))
    await clock.until(reading.seen('}\n\n'))
    gates[1].open()
    const text = await clock.until(reading.rest())
    expect(text).toMatch(/^\n\n\n\n*\[\{[^\n]*\}\n\n+,\r\n\{/)
    expect(JSON.parse(text)).toEqual([chunk('Hel'), chunk('lo', 'STOP')])
  })

  test('is told errors in its own envelope, with the wait in the header (traps 37 and 62)', async () => {
    const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '33.2s' }
    const error = { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED', details: [retry] }
    const { url } = fronted('gemini', whole({ error }, 429))
    const response = await send(url, unary, JSON.stringify(asked))
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '34'])
    const body = await response.json()
    expect(body.error).toMatchObject({ code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' })
    expect(body.error.details).toContainEqual({ ...retry, retryDelay: '33.2s' })
  })

  test('counts tokens of a whole request', async () => {
    const { upstream, url } = fronted('gemini', whole({ totalTokens: 7 }))
    const body = {
      generateContentRequest: {
        model: 'models/a/m',
        ...asked,
        systemInstruction: { parts: [{ text: 'S' }] },
      },
    }
    const response = await send(url, '/v1beta/models/a/m:countTokens', JSON.stringify(body))
    expect(await response.json()).toEqual({ totalTokens: 7 })
    const inner = { ...body.generateContentRequest, model: 'models/m' }
    expect(upstream.seen[0]?.json).toEqual({ generateContentRequest: inner })
  })

  test('embeds one text and several, with the path that both have', async () => {
    const { upstream, url } = fronted('gemini', whole({ embeddings: [{ values: [1, 2] }] }))
    const content = { parts: [{ text: 'x' }] }
    const one = await send(url, '/v1beta/models/a/m:embedContent', JSON.stringify({ content }))
    expect(await one.json()).toEqual({ embedding: { values: [1, 2] } })
    const batch = { requests: [{ model: 'models/a/m', content, taskType: 'CLUSTERING' }] }
    const all = await send(url, '/v1/models/a/m:batchEmbedContents', JSON.stringify(batch))
    expect(await all.json()).toEqual({ embeddings: [{ values: [1, 2] }] })
    expect(upstream.seen.map(({ path }) => path)).toEqual(
      Array(2).fill('/v1beta/models/m:batchEmbedContents'),
    )
    expect(upstream.seen[1]?.json).toEqual({
      requests: [
        { model: 'models/m', content: { role: 'user', parts: [{ text: 'x' }] }, taskType: 'CLUSTERING' },
      ],
    })
  })
})

describe('a Gemini caller of other targets', () => {
  test('hears a chat target in its own words', async () => {
    const { upstream, url } = fronted('compatible', whole(chat.whole('Hello')))
    const response = await send(
      url,
      unary,
      JSON.stringify({ ...asked, generationConfig: { maxOutputTokens: 9 } }),
    )
    expect(await response.json()).toMatchObject({
      candidates: [
        { content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'STOP', index: 0 },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
      modelVersion: 'm',
    })
    expect(upstream.seen[0]?.json).toMatchObject({ model: 'm', messages: [{ role: 'user', content: 'hi' }] })
  })

  test('hears a stream of Messages, as SSE and as an array', async () => {
    const steps = [
      ...[messages.start, messages.open, messages.text('Hel'), messages.text('lo')],
      ...[messages.close, messages.finish, messages.stop],
    ]
    const upstream = scene.upstream(stream => () => stream(steps))
    const { url } = front(scene, 'messages', upstream.url)
    const sse = await (await send(url, `${streamed}?alt=sse`, JSON.stringify(asked))).text()
    expect(sse).not.toContain('[DONE]')
    const elements: unknown = await (await send(url, streamed, JSON.stringify(asked))).json()
    const words = ['Hel', 'lo', ''].map(text => ({ candidates: [{ content: { parts: [{ text }] } }] }))
    expect(elements).toMatchObject(words)
    expect(dataOf(sse) as unknown).toMatchObject(words)
    expect(elements).toMatchObject([{}, {}, { candidates: [{ finishReason: 'STOP' }], usageMetadata: {} }])
  })
})

describe('other callers of a Gemini target', () => {
  test('chat: tools there and back, with the ids that the wire has none for', async () => {
    const call = { functionCall: { name: 'f', args: { x: 1 } } }
    const answer = {
      ...chunk('', 'STOP'),
      candidates: [{ content: { role: 'model', parts: [call] }, finishReason: 'STOP' }],
    }
    const { upstream, url } = fronted('gemini', whole(answer))
    const tools = [
      { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ]
    const first = [{ role: 'user', content: 'hi' }]
    const ask = async (said: unknown) => {
      const body = JSON.stringify({ model: 'a/m', messages: said, tools })
      return (await send(url, '/v1/chat/completions', body)).json()
    }
    const { choices } = await ask(first)
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls' })
    const { message } = choices[0]
    const [made] = message.tool_calls
    expect(made).toMatchObject({ function: { name: 'f', arguments: '{"x":1}' } })
    await ask([...first, message, { role: 'tool', tool_call_id: made.id, content: '[1]' }])
    expect(upstream.seen[1]?.json.contents).toMatchObject([
      { role: 'user', parts: [{ text: 'hi' }] },
      { role: 'model', parts: [call] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: '[1]' } } }] },
    ])
    expect(upstream.seen[1]?.body).not.toContain(made.id)
  })

  test('chat: a stream ends properly although the target’s has no end of its own (trap 32)', async () => {
    const { url } = frames([frame(chunk('Hel')), frame(chunk('lo', 'STOP'))])
    const body = JSON.stringify({ model: 'a/m', messages: [{ role: 'user', content: 'hi' }], stream: true })
    const text = await (await send(url, '/v1/chat/completions', body)).text()
    expect(text).toEndWith('data: [DONE]\n\n')
  })
})

test('the models of a Gemini caller are listed as its client reads them', async () => {
  const { url } = fronted('gemini', whole({ models: [{ name: 'models/gemini-x' }] }))
  const list = await (await fetch(`${url}/v1beta/models`)).json()
  expect(list.models).toContainEqual(
    expect.objectContaining({ name: 'models/gemini-x', supportedGenerationMethods: expect.any(Array) }),
  )
  const one = await (await fetch(`${url}/v1beta/models/gemini-x`)).json()
  expect(one).toMatchObject({ name: 'models/gemini-x' })
})
