import { afterAll, afterEach, describe, expect, test } from 'bun:test'
import { asks, type Path, paths, provider, send } from '../support/scene.ts'
import { serve } from '../support/serve.ts'
import { play, startUpstream } from '../support/upstream.ts'
import { chat, messages, responses } from '../support/wire.ts'

// S24: names that every object has, in every place where a peer may put a name or a word.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const poison =
  '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}'

/** A value as JSON with the poison in every object. */
function poisoned(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(poisoned).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${poisoned(member)}`)
  return `{${[poison, ...members].join()}}`
}

const frames = [chat.role(), chat.text('Hello'), chat.finish(), chat.usage(), chat.done]
const events = [
  messages.start,
  messages.open,
  messages.text('Hello'),
  messages.close,
  messages.finish,
  messages.stop,
]

const before = Object.getOwnPropertyNames(Object.prototype)
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined() // no object has it: that is the test
})

type Answer = (request: { readonly path: string; readonly isStream: boolean }) => Response

/** An ordinary answer in the words of the path it was asked on. */
const ordinary: Answer = ({ path, isStream }) => {
  if (path.endsWith('/messages')) return isStream ? play(events) : Response.json(messages.whole('Hello'))
  if (path.endsWith('/responses')) return Response.json(responses.whole('Hello'))
  return isStream ? play(frames) : Response.json(chat.whole('Hello'))
}
let answer: Answer = ordinary
const upstream = startUpstream(({ path, json }) => answer({ path, isStream: json.stream === true }))
const served = serve({
  providers: {
    a: provider('compatible', upstream.url),
    relay: provider('chat', upstream.url),
    modest: provider('modest', upstream.url),
    messages: provider('messages', upstream.url),
  },
  retry: { attempts: 0 },
})
const { url } = served
afterAll(async () => {
  await served.close()
  await upstream.close()
})

const schema = { type: 'object', properties: { city: { type: 'string', enum: ['x'] } }, required: ['city'] }

/** Requests with an object in every place that has one. */
const rich: { readonly [P in Path]: Json } = {
  '/v1/chat/completions': {
    messages: [
      { role: 'system', content: [{ type: 'text', text: 's' }] },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'r' },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: schema } }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
    metadata: { a: 'b' },
    stream_options: { include_usage: true },
    stream: true,
  },
  '/v1/responses': {
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'r' },
    ],
    tools: [{ type: 'function', name: 'f', parameters: schema, strict: false }],
    tool_choice: { type: 'function', name: 'f' },
    text: { format: { type: 'json_schema', name: 'n', schema } },
    reasoning: { effort: 'low' },
    metadata: { a: 'b' },
  },
  '/v1/messages': {
    max_tokens: 50,
    system: [{ type: 'text', text: 's', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: { a: { b: 1 } } }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'r' }] }],
      },
    ],
    tools: [{ name: 'f', input_schema: schema }],
    tool_choice: { type: 'auto' },
    output_config: { format: { type: 'json_schema', schema } },
    metadata: { user_id: 'u' },
    thinking: { type: 'enabled', budget_tokens: 1024 },
  },
}

describe.each(paths)('%s', path => {
  test.each(['a/m', 'relay/m', 'modest/m', 'messages/claude-sonnet-4-5'])(
    'every object of a request to %s may have them, and they go nowhere but on',
    async model => {
      answer = ordinary
      const response = await send(url, path, poisoned({ model, ...(rich[path] as object) })) // an object, see above
      const text = await response.text()
      // A greeting is no answer to a schema, which targets that do not guarantee it are held to.
      if (response.status === 502) expect(text).toMatch(/does not fulfil the schema|did not give valid JSON/)
      else expect(response.status).toBe(200)
      expect(upstream.seen.at(-1)?.body).toContain('"__proto__"')
      expect(text).not.toMatch(/native code|\[object|This is a bug/)
    },
  )

  test('a property of a tool may be called like that, and the upstream hears of it', async () => {
    answer = ordinary
    const parameters = JSON.stringify(schema).replaceAll('"city"', '"__proto__"')
    const tools = {
      '/v1/chat/completions': `[{"type":"function","function":{"name":"f","parameters":${parameters}}}]`,
      '/v1/responses': `[{"type":"function","name":"f","parameters":${parameters}}]`,
      '/v1/messages': `[{"name":"f","input_schema":${parameters}}]`,
    }[path]
    const body = JSON.stringify(asks[path]).replace(/\}$/, `,"tools":${tools}}`)
    expect((await send(url, path, body)).status).toBe(200)
    expect(upstream.seen.at(-1)?.body).toContain(parameters)
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'the word %s is no word of ours anywhere',
    async word => {
      answer = ordinary
      const fields: readonly object[] = [
        { [path === '/v1/responses' ? 'input' : 'messages']: [{ role: word, content: 'hi' }] },
        {
          [path === '/v1/responses' ? 'input' : 'messages']: [
            { role: 'user', content: [{ type: word, [word]: { x: 1 }, text: 'x' }] },
          ],
        },
        { tools: [{ type: word, name: word, function: { name: word }, input_schema: {} }] },
        { tool_choice: word },
        { tool_choice: { type: word } },
        { response_format: { type: word } },
        { text: { format: { type: word } } },
        { output_config: { format: { type: word }, effort: word } },
        { reasoning_effort: word, reasoning: { effort: word }, thinking: { type: word } },
        { service_tier: word, modalities: [word], verbosity: word },
        { metadata: { [word]: word }, logit_bias: { [word]: 1 } },
        { stop: [word], stop_sequences: [word], include: [word], truncation: word },
        { [word]: { x: 1 } },
      ]
      for (const field of fields) {
        for (const model of ['a/m', 'modest/m', 'messages/claude-sonnet-4-5', 'messages/claude-opus-4-6']) {
          const response = await send(url, path, JSON.stringify({ ...asks[path], ...field, model }))
          const text = await response.text()
          const told = [JSON.stringify(field), model, response.status, text]
          expect(response.status === 200 || response.status === 400 ? 'fine' : told).toBe('fine')
          expect(text + response.headers.get('dragoman-notes')).not.toMatch(
            /native code|\[object|function \w*\(/,
          )
          expect(upstream.seen.at(-1)?.body).not.toMatch(/native code|\[object/)
        }
      }
    },
  )

  test.each([true, false])('every object of an answer may have them, streamed: %p', async isStream => {
    answer = request =>
      request.isStream
        ? play(
            frames.map(frame =>
              frame === chat.done ? frame : `data: ${poisoned(JSON.parse(frame.slice(6)))}\n\n`,
            ),
          )
        : new Response(poisoned(chat.whole('Hello')), { headers: { 'content-type': 'application/json' } })
    for (const model of ['a/m', ...(path === '/v1/chat/completions' ? ['relay/m'] : [])]) {
      const body = JSON.stringify({ ...asks[path], model, stream: isStream })
      const response = await send(url, path, body)
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('Hello')
    }
  })

  test.each(['constructor', '__proto__', 'toString'])('an upstream may use the word %s', async word => {
    const wholes: readonly object[] = [
      { ...chat.whole('Hello'), service_tier: word, [word]: { x: 1 } },
      { ...chat.whole('Hello'), choices: [{ ...chat.whole('Hello').choices[0], finish_reason: word }] },
      {
        ...chat.whole('Hello'),
        choices: [{ index: 0, message: { role: word, content: 'Hello', [word]: [] } }],
      },
    ]
    for (const whole of wholes) {
      answer = () => Response.json(whole)
      const response = await send(url, path, JSON.stringify(asks[path]))
      expect(response.status).toBe(200)
      expect(await response.text()).toMatch(/Hello/)
    }
    for (const status of [200, 400, 429, 500]) {
      answer = () =>
        Response.json({ error: { message: 'm', type: word, code: word, param: word } }, { status })
      for (const model of ['a/m', 'messages/claude-sonnet-4-5']) {
        const response = await send(url, path, JSON.stringify({ ...asks[path], model }))
        const text = await response.text()
        expect(response.status).toBeGreaterThanOrEqual(400)
        expect(text).not.toMatch(/native code|\[object|This is a bug/)
        expect(text).toContain('"m"')
      }
    }
  })
})
