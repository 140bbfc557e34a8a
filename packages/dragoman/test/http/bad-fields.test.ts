import { afterAll, describe, expect, test } from 'bun:test'
import { ask, asks, complaintOf, type Path, paths, provider } from '../support/scene.ts'
import { serve } from '../support/serve.ts'
import { startUpstream } from '../support/upstream.ts'
import { chat, messages } from '../support/wire.ts'

const upstream = startUpstream(({ path }) =>
  Response.json(path.endsWith('/messages') ? messages.whole('Hello') : chat.whole('Hello')),
)
const served = serve({
  providers: { a: provider('compatible', upstream.url), b: provider('messages', upstream.url) },
})
const { url } = served
afterAll(async () => {
  await served.close()
  await upstream.close()
})

type Wrong = readonly [fields: Record<string, unknown>, param: string]

const user = (content: unknown) => ({ role: 'user', content })
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }

/** What is wrong, and the field that has to be named for it. */
const wrong: { readonly [P in Path]: readonly Wrong[] } = {
  '/v1/chat/completions': [
    [{ model: undefined }, 'model'],
    [{ model: '' }, 'model'],
    [{ model: 7 }, 'model'],
    [{ model: null }, 'model'],
    [{ model: ['a/m'] }, 'model'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream: 1 }, 'stream'],
    [{ messages: undefined }, 'messages'],
    [{ messages: null }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: ['hi'] }, 'messages[0]'],
    [{ messages: [user('hi'), null] }, 'messages[1]'],
    [{ messages: [{ content: 'hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 7, content: 'hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'robot', content: 'hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [user(7)] }, 'messages[0].content'],
    [{ messages: [user({ text: 'hi' })] }, 'messages[0].content'],
    [{ messages: [user([7])] }, 'messages[0].content[0]'],
    [{ messages: [user([{ type: 'text', text: 7 }])] }, 'messages[0].content[0].text'],
    [{ messages: [user([{ type: 'text' }])] }, 'messages[0].content[0].text'],
    [{ messages: [user([{ type: 'image_url', image_url: 7 }])] }, 'messages[0].content[0].image_url'],
    [{ messages: [user([{ type: 'image_url' }])] }, 'messages[0].content[0].image_url'],
    [{ messages: [{ role: 'user', content: 'hi', name: 7 }] }, 'messages[0].name'],
    [{ messages: [{ role: 'assistant', content: null, tool_calls: {} }] }, 'messages[0].tool_calls'],
    [{ messages: [{ role: 'assistant', tool_calls: ['x'] }] }, 'messages[0].tool_calls[0]'],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ ...call, function: 7 }] }] },
      'messages[0].tool_calls[0].function',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ ...call, function: { name: 7 } }] }] },
      'messages[0].tool_calls[0].function.name',
    ],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'tool', content: 'x', tool_call_id: 7 }] }, 'messages[0].tool_call_id'],
    [{ tools: {} }, 'tools'],
    [{ tools: 'f' }, 'tools'],
    [{ tools: [7] }, 'tools[0]'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ tools: [{ type: 'function', function: { name: 7 } }] }, 'tools[0].function.name'],
    [
      { tools: [{ type: 'function', function: { name: 'f', parameters: 'x' } }] },
      'tools[0].function.parameters',
    ],
    [{ tools: [tool], tool_choice: 7 }, 'tool_choice'],
    [{ tools: [tool], tool_choice: 'sometimes' }, 'tool_choice'],
    [{ tools: [tool], parallel_tool_calls: 'no' }, 'parallel_tool_calls'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_p: [] }, 'top_p'],
    [{ seed: 1.5 }, 'seed'],
    [{ n: 'two' }, 'n'],
    [{ n: 1.5 }, 'n'],
    [{ max_tokens: '50' }, 'max_tokens'],
    [{ max_completion_tokens: 1.5 }, 'max_completion_tokens'],
    [{ stop: 7 }, 'stop'],
    [{ stop: ['x', 7] }, 'stop[1]'],
    [{ response_format: 'json' }, 'response_format'],
    [{ response_format: {} }, 'response_format.type'],
    [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
    [{ logprobs: 'yes' }, 'logprobs'],
    [{ top_logprobs: '3' }, 'top_logprobs'],
    [{ logit_bias: [] }, 'logit_bias'],
    [{ logit_bias: { 50256: 'x' } }, 'logit_bias.50256'],
    [{ metadata: 'x' }, 'metadata'],
    [{ user: 7 }, 'user'],
    [{ reasoning_effort: 3 }, 'reasoning_effort'],
    [{ modalities: 'text' }, 'modalities'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ stream: true, stream_options: 7 }, 'stream_options'],
    [{ stream: true, stream_options: { include_usage: 'yes' } }, 'stream_options.include_usage'],
  ],
  '/v1/responses': [
    [{ model: undefined }, 'model'],
    [{ model: 7 }, 'model'],
    [{ stream: 'yes' }, 'stream'],
    [{ input: undefined }, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: {} }, 'input'],
    [{ input: ['hi'] }, 'input[0]'],
    [{ input: [{ role: 7, content: 'hi' }] }, 'input[0].role'],
    [{ input: [{ role: 'user', content: 7 }] }, 'input[0].content'],
    [{ input: [{ role: 'user', content: [7] }] }, 'input[0].content[0]'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 7 }] }] }, 'input[0].content[0].text'],
    [{ input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }, 'input[0].call_id'],
    [{ input: [{ type: 'function_call_output', output: 'x' }] }, 'input[0].call_id'],
    [{ instructions: 7 }, 'instructions'],
    [{ tools: {} }, 'tools'],
    [{ tools: [7] }, 'tools[0]'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name'],
    [{ tools: [{ type: 'function', name: 'f', parameters: 'x' }] }, 'tools[0].parameters'],
    [{ tool_choice: 7 }, 'tool_choice'],
    [{ tool_choice: 'sometimes' }, 'tool_choice'],
    [{ parallel_tool_calls: 'no' }, 'parallel_tool_calls'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_p: [] }, 'top_p'],
    [{ max_output_tokens: '50' }, 'max_output_tokens'],
    [{ text: 'json' }, 'text'],
    [{ text: { format: 7 } }, 'text.format'],
    [{ reasoning: 'high' }, 'reasoning'],
    [{ reasoning: { effort: 3 } }, 'reasoning.effort'],
    [{ metadata: 'x' }, 'metadata'],
    [{ store: 'yes' }, 'store'],
    [{ background: true }, 'background'],
  ],
  '/v1/messages': [
    [{ model: undefined }, 'model'],
    [{ model: 7 }, 'model'],
    [{ stream: 'yes' }, 'stream'],
    [{ max_tokens: undefined }, 'max_tokens'],
    [{ max_tokens: '50' }, 'max_tokens'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ messages: undefined }, 'messages'],
    [{ messages: 'hi' }, 'messages'],
    [{ messages: {} }, 'messages'],
    [{ messages: ['hi'] }, 'messages'],
    [{ messages: [{ content: 'hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'robot', content: 'hi' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [user(7)] }, 'messages[0].content'],
    [{ messages: [user([7])] }, 'messages[0].content'],
    [{ messages: [user([{ text: 'hi' }])] }, 'messages[0].content[0].type'],
    [{ messages: [user([{ type: 'text', text: 7 }])] }, 'messages[0].content[0].text'],
    [{ messages: [user([{ type: 'image', source: 7 }])] }, 'messages[0].content[0].source'],
    [
      { messages: [{ role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: {} }] }] },
      'messages[0].content[0].id',
    ],
    [{ messages: [user([{ type: 'tool_result', content: 'x' }])] }, 'messages[0].content[0].tool_use_id'],
    [{ system: 7 }, 'system'],
    [{ system: [7] }, 'system'],
    [{ tools: {} }, 'tools'],
    [{ tools: [7] }, 'tools'],
    [{ tools: [{ input_schema: {} }] }, 'tools[0].name'],
    [{ tools: [{ name: 'f', input_schema: 'x' }] }, 'tools[0].input_schema'],
    [{ tool_choice: 'auto' }, 'tool_choice'],
    [{ tool_choice: { type: 7 } }, 'tool_choice.type'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ top_k: 'x' }, 'top_k'],
    [{ stop_sequences: 'x' }, 'stop_sequences'],
    [{ thinking: 'on' }, 'thinking'],
    [{ thinking: { type: 'enabled', budget_tokens: 'x' } }, 'thinking.budget_tokens'],
    [{ metadata: 'x' }, 'metadata'],
    [{ output_config: 7 }, 'output_config'],
  ],
}

for (const path of paths) {
  describe(`${path}, translated, names what is wrong:`, () => {
    test.each(wrong[path].map(([fields, param]) => [param, JSON.stringify(fields), fields] as const))(
      '%s in %s',
      async (param, _, fields) => {
        const before = upstream.seen.length
        const response = await ask(url, path, fields)
        const complaint = complaintOf(path, await response.text())
        expect([response.status, complaint.param]).toEqual([400, param])
        expect(complaint.type).toBe('invalid_request_error')
        // OpenAI's own sentence about a value that is not in its list leaves the name to `param`.
        expect(complaint.message).toMatch(/^Invalid value: '/.test(complaint.message) ? /Supported/ : param)
        expect(upstream.seen.length).toBe(before)
      },
    )

    test('a field nobody knows is no error: the same dialect gets it, another is told of it', async () => {
      const fields = { x_unknown: { deep: [1, null, 'x'] }, x_nothing: null }
      for (const model of ['a/m', 'b/m']) {
        const before = upstream.seen.length
        const response = await ask(url, path, { ...fields, model })
        expect(response.status).toBe(200)
        const isSame = (model === 'a/m') === (path === '/v1/chat/completions') && path !== '/v1/responses'
        const kept = upstream.seen[before]?.json ?? {}
        const notes = response.headers.get('dragoman-notes') ?? ''
        if (isSame) expect(kept).toMatchObject(fields)
        else expect(kept).not.toHaveProperty('x_unknown')
        expect(notes.includes('dropped;path="x_unknown"')).toBe(!isSame)
        expect(notes).not.toContain('x_nothing')
      }
    })

    test('null is as good as absent for what is optional', async () => {
      const optional = Object.fromEntries(
        ['temperature', 'top_p', 'tools', 'tool_choice', 'metadata', 'stream', 'system', 'user', 'stop'].map(
          name => [name, null],
        ),
      )
      const response = await ask(url, path, optional)
      expect(response.status).toBe(200)
    })
  })
}

describe('a model that is not there', () => {
  const aliased = serve({
    providers: { lab: provider('compatible', upstream.url) },
    models: { 'fast-model': 'lab/m', 'claude-*': { targets: [{ provider: 'lab' }] } },
  })
  afterAll(() => aliased.close())

  test.each(paths)('is a 404 that says what was meant, on %s', async path => {
    for (const [model, meant] of [
      ['fast-modle', 'fast-model'],
      ['FAST-MODEL', 'fast-model'],
    ]) {
      const response = await ask(aliased.url, path, { model })
      const complaint = complaintOf(path, await response.text())
      expect([response.status, complaint.code, complaint.param]).toEqual([404, 'model_not_found', 'model'])
      expect(complaint.message).toContain(`Did you mean "${meant}"?`)
    }
    const response = await ask(aliased.url, path, { model: 'something-quite-different' })
    const { type, message } = complaintOf(path, await response.text())
    expect(message).not.toContain('Did you mean')
    expect(message).toContain('GET /v1/models')
    expect(type).toBe(path === '/v1/messages' ? 'not_found_error' : 'invalid_request_error')
  })

  const odd: readonly (readonly [string, string, number])[] = [
    ['100,000 letters', 'x'.repeat(100_000), 400],
    ['line breaks', 'a\r\nset-cookie: x=1\r\n\r\n', 400],
    ['a NUL', 'a\u0000b', 400],
    ['an escape sequence', '\u001b[2J', 400],
    ['900 letters', 'x'.repeat(900), 404],
    ['other scripts', 'модель-\u202e', 404],
    ['a path', '../../etc/passwd', 404],
    ['only a slash', '/', 404],
    ['a provider and nothing', 'lab', 404],
    ['__proto__', '__proto__', 404],
    ['constructor', 'constructor', 404],
    ['the name of a method', 'toString', 404],
    ['__proto__ as provider', '__proto__/x', 404],
  ]
  test.each(odd)('may be called %s: it is said back in part, and in no header', async (_, model, status) => {
    for (const path of paths) {
      const response = await ask(aliased.url, path, { model })
      const complaint = complaintOf(path, await response.text())
      expect([response.status, complaint.param]).toEqual([status, 'model'])
      expect(complaint.message.length).toBeLessThan(600)
      expectPlainHeaders(response)
    }
  })

  test.each([
    ['line breaks', 'lab/a\r\nset-cookie: x=1'],
    ['a NUL', 'lab/a\u0000b'],
    ['line breaks under a pattern', 'claude-\r\nx-injected: 1'],
  ])('behind a provider may not have %s', async (_, model) => {
    const before = upstream.seen.length
    for (const path of paths) {
      const response = await ask(aliased.url, path, { model })
      expect([response.status, complaintOf(path, await response.text()).param]).toEqual([400, 'model'])
      expectPlainHeaders(response)
    }
    expect(upstream.seen.length).toBe(before)
  })

  test.each([
    ['other scripts', 'lab/модель 7B', 'lab/%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C%207B'],
    ['900 letters', `lab/${'x'.repeat(900)}`, `lab/${'x'.repeat(196)}`],
    ['a slash more', 'lab/org/model:tag@1', 'lab/org/model:tag@1'],
  ])('behind a provider may have %s: the header says it in ASCII', async (_, model, shown) => {
    const response = await ask(aliased.url, '/v1/chat/completions', { model })
    expect([response.status, response.headers.get('dragoman-target')]).toEqual([200, shown])
    expectPlainHeaders(response)
    expect(upstream.seen.at(-1)?.json.model).toBe(model.replace('lab/', ''))
  })
})

function expectPlainHeaders(response: Response): void {
  for (const [, value] of response.headers) expect(value).toMatch(/^[\x20-\x7e]{0,2048}$/)
  expect(response.headers.get('set-cookie') ?? response.headers.get('x-injected')).toBeNull()
}

test('the least request of each path is right: what fails above fails for its own reason', async () => {
  for (const path of paths) {
    expect(Object.keys(asks[path]).length).toBeGreaterThan(1)
    expect((await ask(url, path)).status).toBe(200)
  }
})
