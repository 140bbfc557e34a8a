import { describe, expect, test } from 'bun:test'
import { discoverEnvironment } from '../../src/config/discover.ts'
import { hosted } from '../../src/providers/catalog/hosted.ts'
import { kinds } from '../../src/providers/catalog.ts'
import { createScene, type Path, paths, send } from '../support/scene.ts'

// Hosts that speak OpenAI's chat: what is sent to each, from a caller who says nearly everything.

const scene = createScene()

type Json = Record<string, unknown>

const answer = {
  id: 'i',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

const id = 'call_abcdefghijklmnop'
const parameters = { type: 'object', properties: { city: { type: 'string' } } }

/** One conversation with a tool loop in the three dialects; what a dialect has no word for it does not say. */
const conversations: { readonly [P in Path]: Json } = {
  '/v1/chat/completions': {
    messages: [
      { role: 'developer', content: 'be brief' },
      { role: 'user', content: 'hi', name: 'Ann' },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'hm',
        tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: id, content: '7' },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters } }],
    tool_choice: 'required',
    ...{ max_completion_tokens: 50, seed: 3, user: 'u', store: true, metadata: { k: 'v' }, stop: 'x' },
    ...{ logprobs: true, top_logprobs: 7, frequency_penalty: 0, presence_penalty: 0.5, temperature: 1.8 },
    ...{ top_p: 1, service_tier: 'default', verbosity: 'low', prompt_cache_key: 'c', n: 1 },
    ...{ reasoning_effort: 'medium', parallel_tool_calls: false },
  },
  '/v1/responses': {
    input: [
      { role: 'developer', content: 'be brief' },
      { role: 'user', content: 'hi' },
      { type: 'function_call', call_id: id, name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: id, output: '7' },
    ],
    tools: [{ type: 'function', name: 'f', parameters, strict: false }],
    tool_choice: 'required',
    ...{ max_output_tokens: 50, user: 'u', store: false, metadata: { k: 'v' }, temperature: 1.8 },
    ...{ top_p: 1, parallel_tool_calls: false, reasoning: { effort: 'medium' } },
  },
  '/v1/messages': {
    max_tokens: 50,
    system: 'be brief',
    messages: [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '7' }] },
    ],
    tools: [{ name: 'f', input_schema: parameters }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    ...{ temperature: 0.9, top_p: 1, stop_sequences: ['x'], metadata: { user_id: 'u' } },
  },
}

/** What a host is never sent, and what it is sent where the caller said something of the kind. */
interface Row {
  readonly never: readonly string[]
  readonly sends?: Json
  /** Fields of messages that it is never sent. */
  readonly inMessages?: readonly string[]
}

const oldName = ['max_completion_tokens']
const limit = { max_tokens: 50 }

const rows: { readonly [kind: string]: Row } = {
  mistral: {
    never: [
      ...oldName,
      ...['seed', 'user', 'store', 'stream_options', 'logprobs', 'top_logprobs', 'verbosity', 'service_tier'],
    ],
    sends: { ...limit, random_seed: 3, tool_choice: 'any', temperature: 1.5, reasoning_effort: 'high' },
    inMessages: ['name', 'reasoning_content'],
  },
  groq: {
    never: [
      ...['logprobs', 'top_logprobs', 'frequency_penalty', 'presence_penalty', 'store', 'metadata'],
      ...['prompt_cache_key', 'verbosity', 'reasoning_effort'],
    ],
    sends: { max_completion_tokens: 50, service_tier: 'on_demand', tool_choice: 'required' },
    inMessages: ['name', 'reasoning_content'],
  },
  together: {
    never: [...oldName, 'top_logprobs', 'parallel_tool_calls', 'user', 'store', 'metadata', 'service_tier'],
    sends: { ...limit, logprobs: 7, tool_choice: 'auto', stop: ['x'] },
    inMessages: ['reasoning_content'],
  },
  fireworks: {
    never: ['max_tokens', 'store', 'verbosity'],
    sends: {
      ...{ max_completion_tokens: 50, logprobs: true, top_logprobs: 5 },
      context_length_exceeded_behavior: 'error',
    },
    inMessages: ['reasoning'],
  },
  openrouter: {
    never: ['store', 'max_tokens'],
    sends: { max_completion_tokens: 50, top_logprobs: 7, metadata: { k: 'v' } },
  },
  deepseek: {
    never: [...oldName, 'seed', 'user', 'frequency_penalty', 'presence_penalty', 'reasoning_effort'],
    sends: { ...limit, user_id: 'u', thinking: { type: 'disabled' }, tool_choice: 'required' },
  },
  xai: {
    never: ['frequency_penalty', 'presence_penalty', 'stop', 'reasoning_effort', 'metadata', 'store'],
    sends: { max_completion_tokens: 50, seed: 3 },
  },
  perplexity: {
    never: [
      ...[...oldName, 'tools', 'tool_choice', 'parallel_tool_calls', 'stop', 'logprobs', 'seed'],
      ...['frequency_penalty', 'user', 'store', 'metadata'],
    ],
    sends: { ...limit, presence_penalty: 0.5 },
    inMessages: ['reasoning_content'],
  },
  cerebras: {
    never: ['max_tokens', 'metadata', 'store', 'verbosity'],
    sends: { max_completion_tokens: 50, reasoning_effort: 'medium' },
    inMessages: ['reasoning_content'],
  },
  moonshot: {
    never: [
      ...['tool_choice', 'parallel_tool_calls', 'logprobs', 'top_logprobs', 'seed', 'user'],
      ...['frequency_penalty', 'reasoning_effort', 'store', 'metadata'],
    ],
    sends: {
      max_completion_tokens: 50,
      safety_identifier: 'u',
      temperature: 1,
      thinking: { type: 'enabled' },
    },
  },
  zhipu: {
    never: [
      ...[...oldName, 'n', 'logprobs', 'top_logprobs', 'frequency_penalty', 'presence_penalty', 'user'],
      ...['parallel_tool_calls', 'reasoning_effort'],
    ],
    sends: { ...limit, user_id: 'u', temperature: 0.99, top_p: 0.99, tool_choice: 'auto' },
  },
  dashscope: {
    never: [...oldName, 'frequency_penalty', 'reasoning_effort', 'store', 'metadata', 'service_tier'],
    sends: { ...limit, presence_penalty: 0.5, seed: 3, enable_thinking: false, tool_choice: 'required' },
  },
  sambanova: {
    never: [
      'frequency_penalty',
      'presence_penalty',
      'user',
      'metadata',
      'store',
      'service_tier',
      'verbosity',
    ],
    sends: { max_completion_tokens: 50, top_logprobs: 7, reasoning_effort: 'medium' },
    inMessages: ['reasoning_content'],
  },
  nvidia: {
    never: [...oldName, 'user', 'metadata', 'store', 'service_tier', 'verbosity', 'prompt_cache_key'],
    sends: limit,
    inMessages: ['reasoning_content'],
  },
  huggingface: {
    never: [...oldName, 'user', 'metadata', 'store', 'service_tier', 'verbosity', 'prompt_cache_key'],
    sends: { ...limit, top_logprobs: 5 },
    inMessages: ['reasoning_content'],
  },
  cloudflare: {
    never: [...oldName, 'user', 'metadata', 'store', 'service_tier', 'verbosity'],
    sends: limit,
    inMessages: ['reasoning_content'],
  },
  anyscale: { never: [], sends: { max_completion_tokens: 50 }, inMessages: ['reasoning_content'] },
}

/** Kinds that take the role developer; OpenAI's own SDKs send it. */
const takesDeveloper: readonly string[] = ['groq', 'openrouter', 'xai', 'cerebras']

async function sentTo(kind: string, path: Path, fields: Json = {}): Promise<Json> {
  const upstream = scene.upstream(() => () => Response.json(answer))
  const provider = { kind, base_url: `${upstream.url}/base`, api_key: 'canary' }
  const { url } = scene.gateway({ providers: { a: provider }, retry: { attempts: 0 } })
  const body = JSON.stringify({ model: 'a/org/m', ...conversations[path], ...fields })
  const response = await send(url, path, body, { 'dragoman-policy': 'drop' })
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('ok')])
  const [seen] = upstream.seen
  expect(seen?.path).toBe('/base/chat/completions')
  expect(seen?.headers.get('authorization')).toBe('Bearer canary')
  return seen?.json ?? {}
}

describe('every hosted kind', () => {
  test('has its row', () => {
    expect(hosted.map(({ kind }) => kind).sort()).toEqual(Object.keys(rows).sort())
    expect(hosted.filter(({ kind }) => kinds[kind] === undefined)).toEqual([])
  })

  test.each(hosted.flatMap(({ kind }) => paths.map(path => [kind, path] as const)))(
    '%s by callers of %s',
    async (kind, path) => {
      const { never, sends = {}, inMessages = [] } = rows[kind] ?? { never: [] }
      const sent = await sentTo(kind, path)
      expect(never.filter(field => field in sent)).toEqual([])
      expect(sent.model).toBe('org/m')
      const messages = sent.messages as readonly Json[] // as the encoder writes them
      expect(messages.flatMap(message => inMessages.filter(field => field in message))).toEqual([])
      const roles = messages.map(({ role }) => role)
      if (!takesDeveloper.includes(kind)) expect(roles).not.toContain('developer')
      // The call and its result keep finding each other.
      const [call] = messages.flatMap(message => (message.tool_calls ?? []) as readonly Json[]) // a list of calls
      expect(messages.find(({ role }) => role === 'tool')?.tool_call_id).toBe(call?.id)
      if (path === '/v1/chat/completions') expect(sent).toMatchObject(sends)
    },
  )

  test('is found by its key, where its address is known', () => {
    for (const { kind, env = [], baseUrl } of hosted) {
      expect(env.length > 0).toBe(baseUrl !== undefined)
      for (const variable of env) {
        const { providers } = discoverEnvironment({ [variable]: 'k' }, kinds)
        expect(providers).toMatchObject([{ name: kind, kind, variable }])
      }
    }
  })

  test('has an address without a slash at its end, and evidence for all that is said of it', () => {
    for (const { baseUrl, profile } of hosted) {
      if (baseUrl !== undefined) expect(baseUrl).toMatch(/^https:\/\/.*[^/]$/)
      for (const { evidence } of [...profile.rules, ...profile.facts]) {
        expect(evidence.source.length).toBeGreaterThan(10)
        expect(evidence.date).toMatch(/^2026-\d\d-\d\d$/)
      }
    }
  })
})
