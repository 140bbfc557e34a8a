import { describe, expect, test } from 'bun:test'
import { answer, type Wire } from '../resources/stage.ts'
import { ask, createScene, front, type Kind, paths } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'
import { toolsOf } from './tools.ts'

// Complaints about other gateways (features C24), through this one on real sockets. The table of translations says of
// every field and pair what becomes of it (test/translation); here is what its cells must not be: silence.

const scene = createScene()

const kinds: readonly (readonly [Kind, Wire, model: string])[] = [
  ['chat', 'compatible', 'a/m'],
  ['compatible', 'compatible', 'a/m'],
  ['modest', 'compatible', 'a/m'],
  ['engine', 'compatible', 'a/m'],
  ['llama', 'compatible', 'a/m'],
  ['messages', 'messages', 'a/claude-sonnet-4-5'],
  ['messages', 'messages', 'a/claude-3-haiku-20240307'],
  ['messages', 'messages', 'a/claude-opus-4-7'],
  ['gemini', 'gemini', 'a/gemini-2.5-flash'],
  ['cohere', 'cohere', 'a/command-a-03-2025'],
]

const weather = { tools: toolsOf['/v1/chat/completions'] }

/** A field with a value that nobody writes by himself, and how it looks wherever it arrives. */
const fields: readonly (readonly [field: string, fields: Record<string, unknown>, arrives: RegExp])[] = [
  ['temperature', { temperature: 0.371 }, /0\.371/],
  ['top_p', { top_p: 0.4711 }, /0\.4711/],
  ['stop', { stop: ['S-T-O-P'] }, /S-T-O-P/],
  ['max_completion_tokens', { max_completion_tokens: 1237 }, /1237/],
  ['max_tokens', { max_tokens: 1237 }, /1237/],
  ['presence_penalty', { presence_penalty: 0.671 }, /0\.671/],
  ['frequency_penalty', { frequency_penalty: 0.771 }, /0\.771/],
  ['seed', { seed: 77123 }, /77123/],
  ['logit_bias', { logit_bias: { 50256: -7 } }, /"50256":-7/],
  ['logprobs', { logprobs: true, top_logprobs: 3 }, /logprobs"?:(true|3)|top_logprobs|responseLogprobs/],
  ['user', { user: 'sentinel-user' }, /sentinel-user/],
  ['metadata', { metadata: { k: 'sentinel-metadata' } }, /sentinel-metadata/],
  ['service_tier', { service_tier: 'flex' }, /flex/],
  ['reasoning_effort', { reasoning_effort: 'low' }, /effort|budget|thinkingLevel|"thinking"/],
  ['verbosity', { verbosity: 'low' }, /verbosity|"low"/],
  ['prediction', { prediction: { type: 'content', content: 'sentinel-said' } }, /sentinel-said/],
  ['prompt_cache_key', { prompt_cache_key: 'sentinel-cache' }, /sentinel-cache/],
  ['safety_identifier', { safety_identifier: 'sentinel-safe' }, /sentinel-safe/],
  // An empty object is how the official guide asks for a search.
  ['web_search_options', { web_search_options: {} }, /web_?search/i],
  ['web_search_options', { web_search_options: { search_context_size: 'low' } }, /web_?search/i],
  ['audio', { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'mp3' } }, /alloy|modalities/i],
  ['tools', weather, /weather/],
  ['tool_choice', { ...weather, tool_choice: 'required' }, /required|"any"|"ANY"/i],
  ['parallel_tool_calls', { ...weather, parallel_tool_calls: false }, /parallel/],
  [
    'response_format',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'n', schema: { type: 'object', properties: { sentinel: { type: 'string' } } } },
      },
    },
    /sentinel/,
  ],
  ['a_field_of_next_year', { a_field_of_next_year: 'sentinel-new' }, /sentinel-new/],
]

/** Models that are made to call a tool with their answer do. */
const called = (said: string) => {
  const input = JSON.parse(said)
  return {
    ...messages.whole(''),
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'json_answer', input }],
    stop_reason: 'tool_use',
  }
}

/** A gateway in front of an upstream of this kind that says what it is told to. */
function before(kind: Kind, wire: Wire, said: string) {
  const upstream = scene.upstream(
    stream => request =>
      JSON.stringify(request.json.tool_choice ?? '').includes('json_answer') && said.startsWith('{')
        ? Response.json(called(said))
        : answer(wire, stream, request.json.stream === true, [said]),
  )
  return { upstream, url: front(scene, kind, upstream.url).url }
}

describe.each(kinds)('features C24: a chat caller’s fields on %s (%s, %s)', (kind, wire, model) => {
  test.each(fields)('`%s` arrives, is noted, or is refused by name', async (field, values, arrives) => {
    const { url, upstream } = before(kind, wire, '{"sentinel":"x"}')
    const response = await ask(url, '/v1/chat/completions', { model, ...values })
    const notes = response.headers.get('dragoman-notes') ?? ''
    const body = await response.json()
    if (response.status === 400) {
      expect(Object.keys(values)).toContain(String(body.error.param).split(/[.[]/)[0] ?? '')
      expect(upstream.seen).toEqual([])
      return
    }
    expect(response.status).toBe(200)
    const sent = upstream.seen.at(-1)?.body ?? ''
    if (!arrives.test(sent)) expect(notes).toContain(`path="${field}`)
  })

  test('`n` gives as many choices as were asked for', async () => {
    const { url, upstream } = before(kind, wire, 'Hi')
    const response = await ask(url, '/v1/chat/completions', { model, n: 2 })
    const body = await response.json()
    expect(response.status).toBe(200)
    // An upstream that takes `n` itself answers here with what it always says.
    if (/"n":2|"candidateCount":2/.test(upstream.seen[0]?.body ?? '')) return
    expect(body.choices.map((choice: { index: number }) => choice.index)).toEqual([0, 1])
    expect(upstream.seen).toHaveLength(2)
  })

  test('`json_object` gives an object, and prose is no answer to it', async () => {
    const asked = { model, response_format: { type: 'json_object' } }
    const messages = [{ role: 'user', content: 'Say it in JSON.' }]
    const good = before(kind, wire, '{"a":1}')
    const response = await ask(good.url, '/v1/chat/completions', { ...asked, messages })
    const notes = response.headers.get('dragoman-notes') ?? ''
    const body = await response.json()
    if (response.status === 400) return expect(body.error.param).toContain('response_format')
    expect(JSON.parse(body.choices[0].message.content)).toEqual({ a: 1 })
    const sent = good.upstream.seen.at(-1)?.body ?? ''
    if (/json_object|application\/json/.test(sent)) return
    expect(notes).toContain('path="response_format')
    const bad = before(kind, wire, 'Well.')
    expect((await ask(bad.url, '/v1/chat/completions', { ...asked, messages })).status).toBe(502)
  })
})

test.each(paths)('features C24: an answer without choices is none, to %s', async path => {
  for (const choices of [null, []]) {
    const upstream = scene.upstream(() => () => Response.json({ ...chat.whole(''), choices }))
    for (const kind of ['compatible', 'chat'] as const) {
      if (kind === 'chat' && path === '/v1/responses') continue
      const { url } = front(scene, kind, upstream.url)
      const response = await ask(url, path)
      expect([kind, response.status]).toEqual([kind, 502])
    }
  }
})
