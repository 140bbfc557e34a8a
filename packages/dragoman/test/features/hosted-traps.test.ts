import { describe, expect, test } from 'bun:test'
import { complaintOf, createScene, send } from '../support/scene.ts'

// The numbered traps of the cards of hosted systems, by callers of chat through the whole gateway.

const scene = createScene()
const chat = '/v1/chat/completions'

type Json = Record<string, unknown>

const choice = (message: object, more: object = {}) => ({
  index: 0,
  message: { role: 'assistant', content: 'ok', ...message },
  finish_reason: 'stop',
  ...more,
})
const whole = (one: object = choice({}), more: object = {}) => ({
  ...{ id: 'i', object: 'chat.completion', created: 1, model: 'm', choices: [one] },
  usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 },
  ...more,
})
const chunk = (delta: object, more: object = {}, top: object = {}) =>
  `data: ${JSON.stringify({
    ...{ id: 'i', object: 'chat.completion.chunk', created: 1, model: 'm' },
    choices: [{ index: 0, delta, ...more }],
    ...top,
  })}\n\n`
const done = 'data: [DONE]\n\n'

const front = (kind: string, url: string): string =>
  scene.gateway({
    providers: { a: { kind, base_url: url, api_key: 'canary' } },
    retry: { attempts: 0 },
  }).url

async function ask(kind: string, fields: Json, given: () => Response, headers: Record<string, string> = {}) {
  const upstream = scene.upstream(() => given)
  const { model = 'm', ...rest } = fields
  const messages = [{ role: 'user', content: 'hi' }]
  const body = JSON.stringify({ messages, ...rest, model: `a/${model}` })
  const response = await send(front(kind, upstream.url), chat, body, headers)
  const notes = response.headers.get('dragoman-notes') ?? ''
  return {
    sent: upstream.seen[0]?.json ?? {},
    calls: upstream.seen.length,
    status: response.status,
    notes,
    text: await response.text(),
  }
}

const history = (assistant: Json, id = 'call_abc123') => [
  { role: 'user', content: 'hi' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
    ...assistant,
  },
  { role: 'tool', tool_call_id: id, content: '7' },
]
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
const schema = { type: 'object', properties: { a: { type: 'string' } } }
const byShape = { type: 'json_schema', json_schema: { name: 'n', schema } }

/** Trap, kind, what the caller says, what is sent, and what is not. */
const sent: readonly (readonly [trap: string, kind: string, says: Json, sends: Json, never: string[]])[] = [
  [
    'FW-03 both names of the limit',
    'fireworks',
    { max_completion_tokens: 5, max_tokens: 9 },
    { max_completion_tokens: 5 },
    ['max_tokens'],
  ],
  [
    'MIS-01 fields of a closed schema',
    'mistral',
    { max_completion_tokens: 5, seed: 7, user: 'u', store: true },
    { max_tokens: 5, random_seed: 7 },
    ['max_completion_tokens', 'seed', 'user', 'store', 'stream_options'],
  ],
  [
    'MIS-09 reasoning of the history',
    'mistral',
    { messages: history({ reasoning_content: 'r' }, 'abcdefghi') },
    { messages: history({}, 'abcdefghi') },
    [],
  ],
  [
    'MIS-12 a name of the user',
    'mistral',
    { messages: [{ role: 'user', content: 'hi', name: 'Ann' }] },
    { messages: [{ role: 'user', content: 'hi' }] },
    [],
  ],
  ['MIS-13 an empty list of tools', 'mistral', { tools: [] }, {}, ['tools']],
  [
    'MIS-13 a tool without parameters',
    'mistral',
    { tools: [{ type: 'function', function: { name: 'f' } }] },
    { tools },
    [],
  ],
  [
    'MIS-14 a named tool',
    'mistral',
    { tools, tool_choice: { type: 'function', function: { name: 'f' } } },
    { tools, tool_choice: 'any' },
    [],
  ],
  [
    'MIS-19 an effort it does not know',
    'mistral',
    { reasoning_effort: 'medium' },
    { reasoning_effort: 'high' },
    [],
  ],
  [
    'MIS-20 a recording',
    'mistral',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'input_audio', input_audio: { data: 'QUFB', format: 'wav' } }],
        },
      ],
    },
    { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: 'QUFB' }] }] },
    [],
  ],
  [
    'MIS-21 the developer',
    'mistral',
    {
      messages: [
        { role: 'developer', content: 'x' },
        { role: 'user', content: 'hi' },
      ],
    },
    {
      messages: [
        { role: 'system', content: 'x' },
        { role: 'user', content: 'hi' },
      ],
    },
    [],
  ],
  [
    'GRQ-06 what its schema does not have',
    'groq',
    {
      prompt_cache_key: 'c',
      metadata: { a: 'b' },
      store: true,
      messages: history({ reasoning_content: 'r' }),
    },
    { messages: history({}) },
    ['prompt_cache_key', 'metadata', 'store'],
  ],
  ['GRQ-09 penalties without effect', 'groq', { presence_penalty: 1 }, {}, ['presence_penalty']],
  ['GRQ-16 temperature 0', 'groq', { temperature: 0 }, { temperature: 0 }, []],
  [
    'GRQ-17 an effort of qwen3',
    'groq',
    { model: 'qwen/qwen3-32b', reasoning_effort: 'medium' },
    { reasoning_effort: 'default' },
    [],
  ],
  [
    'GRQ-17 no effort of gpt-oss',
    'groq',
    { model: 'openai/gpt-oss-120b', reasoning_effort: 'none' },
    { reasoning_effort: 'low' },
    [],
  ],
  [
    'GRQ-19 an empty thought',
    'groq',
    { messages: history({ reasoning: '' }) },
    { messages: history({}) },
    [],
  ],
  [
    'TOG-01 log probabilities',
    'together',
    { logprobs: true, top_logprobs: 5 },
    { logprobs: 5 },
    ['top_logprobs'],
  ],
  ['TOG-01 none of them', 'together', { logprobs: false }, {}, ['logprobs', 'top_logprobs']],
  ['TOG-04 one stop sequence', 'together', { stop: 'x' }, { stop: ['x'] }, []],
  [
    'TOG-11 no tool may be called',
    'together',
    { tools, tool_choice: 'none' },
    {},
    ['tools', 'tool_choice', 'parallel_tool_calls'],
  ],
  [
    'TOG-12 a turn with an empty list of calls',
    'together',
    {
      messages: [
        { role: 'assistant', content: 'a', tool_calls: [] },
        { role: 'user', content: 'hi' },
      ],
    },
    {
      messages: [
        { role: 'assistant', content: 'a' },
        { role: 'user', content: 'hi' },
      ],
    },
    [],
  ],
  [
    'FW-01 a limit that may not fit',
    'fireworks',
    { max_completion_tokens: 9 },
    { context_length_exceeded_behavior: 'error' },
    [],
  ],
  [
    'FW-02 fields of a closed schema',
    'fireworks',
    { store: true, verbosity: 'low' },
    {},
    ['store', 'verbosity'],
  ],
  [
    'FW-04 and FW-05 log probabilities',
    'fireworks',
    { logprobs: true, top_logprobs: 20 },
    { logprobs: true, top_logprobs: 5 },
    [],
  ],
  [
    'FW-09 the format text',
    'fireworks',
    { tools, response_format: { type: 'text' } },
    {},
    ['response_format'],
  ],
  [
    'FW-10 reasoning of the history',
    'fireworks',
    { messages: history({ reasoning: 'r' }) },
    { messages: history({ reasoning_content: 'r' }) },
    [],
  ],
  [
    'FW-11 no effort of gpt-oss',
    'fireworks',
    { model: 'accounts/fireworks/models/gpt-oss-120b', reasoning_effort: 'none' },
    { reasoning_effort: 'low' },
    [],
  ],
  [
    'FW-18 a name with slashes and a fragment',
    'fireworks',
    { model: 'accounts/b/models/c#accounts/b/deployments/d' },
    { model: 'accounts/b/models/c#accounts/b/deployments/d' },
    [],
  ],
  [
    'OR-10 pieces of reasoning go back as they came',
    'openrouter',
    { messages: history({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x+/=', index: 0 }] }) },
    { messages: history({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x+/=', index: 0 }] }) },
    [],
  ],
  ['OR-11 results and tools go together', 'openrouter', { messages: history({}), tools }, { tools }, []],
  [
    'OR-20 its own fields pass',
    'openrouter',
    { provider: { only: ['x'], allow_fallbacks: false } },
    { provider: { only: ['x'], allow_fallbacks: false } },
    [],
  ],
  [
    'DS-03 a turn with calls whose thought was lost',
    'deepseek',
    { messages: history({}) },
    { messages: history({ reasoning_content: '' }) },
    [],
  ],
  ['DS-05 the user', 'deepseek', { user: 'u' }, { user_id: 'u' }, ['user']],
  [
    'DS-08 a forced tool',
    'deepseek',
    { tools, tool_choice: 'required' },
    { tool_choice: 'required', thinking: { type: 'disabled' } },
    [],
  ],
]

describe('what is sent', () => {
  test.each(sent)('%s', async (_, kind, says, sends, never) => {
    const asked = await ask(kind, says, () => Response.json(whole()))
    expect([asked.status, asked.calls]).toEqual([200, 1])
    expect(asked.sent).toMatchObject(sends)
    expect(never.filter(field => field in asked.sent)).toEqual([])
    if (sends.messages !== undefined) expect(asked.sent.messages).toEqual(sends.messages)
  })

  test('MIS-04 ids of calls fit, and different ones stay different', async () => {
    const two = ['call_abc123', 'call_abc124'].flatMap(id => history({}, id))
    const { sent } = await ask('mistral', { messages: two }, () => Response.json(whole()))
    const messages = sent.messages as readonly { tool_calls?: { id: string }[]; tool_call_id?: string }[] // as sent
    const calls = messages.flatMap(message => message.tool_calls?.map(({ id }) => id) ?? [])
    expect(calls).toEqual(messages.flatMap(message => message.tool_call_id ?? []))
    expect(new Set(calls).size).toBe(2)
    for (const id of calls) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/)
  })

  test('MIS-10 a user right after results has an answer before', async () => {
    const messages = [...history({}, 'abcdefghi'), { role: 'user', content: 'and?' }]
    const { sent } = await ask('mistral', { messages }, () => Response.json(whole()))
    const roles = (sent.messages as readonly { role: string }[]).map(({ role }) => role) // as sent
    expect(roles).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
  })

  test('MIS-11 a prefill is asked for in words, since the answer would repeat it', async () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'I' },
    ]
    const { sent, notes } = await ask('mistral', { messages }, () => Response.json(whole()))
    expect((sent.messages as readonly { role: string }[]).at(-1)?.role).toBe('user') // as sent
    expect(notes).toContain('emulated;path="messages[1]"')
  })

  test('DS-04 a schema is kept without the format that is not there', async () => {
    const { sent } = await ask('deepseek', { response_format: byShape }, () => Response.json(whole()))
    expect(JSON.stringify(sent.response_format ?? {})).not.toContain('json_schema')
    expect(JSON.stringify(sent)).toContain('"a"')
  })

  test.each([
    ['GRQ-10', 'groq'],
    ['TOG-10', 'together'],
  ])('%s a schema beside tools is asked for without the format', async (_, kind) => {
    const { sent } = await ask(kind, { tools, response_format: byShape }, () => Response.json(whole()))
    expect(sent.response_format).toBeUndefined()
    expect((sent.tools as readonly unknown[]).length).toBe(2) // the caller's and the answer's
  })

  test.each([
    ['GRQ-07', 'groq', { logprobs: true }, 'logprobs'],
    ['TOG-03', 'together', { logprobs: true, stream: true }, 'logprobs'],
  ] as const)('%s log probabilities that cannot come are refused here', async (_, kind, says, param) => {
    const { status, calls, text } = await ask(kind, says, () => Response.json(whole()))
    expect([status, calls, complaintOf(chat, text).param]).toEqual([400, 0, param])
  })

  test.each([
    ['GRQ-08', 'groq'],
    ['OR n', 'openrouter'],
  ])('%s several answers are several calls, none of which says n', async (_, kind) => {
    const { calls, sent, text } = await ask(kind, { n: 2 }, () => Response.json(whole()))
    expect([calls, sent.n, JSON.parse(text).choices.length]).toEqual([2, undefined, 2])
  })
})

const parts = [
  { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
  { type: 'text', text: 'ok' },
]

/** Trap, kind, the answer, and what the caller reads of it. */
const read: readonly (readonly [trap: string, kind: string, given: object, reads: object])[] = [
  [
    'MIS-18 two spellings of one count',
    'mistral',
    whole(choice({}), {
      usage: {
        ...{ prompt_tokens: 9, completion_tokens: 5, total_tokens: 14, num_cached_tokens: 4 },
        ...{ prompt_tokens_details: { cached_tokens: 4 }, prompt_token_details: { cached_tokens: 4 } },
      },
    }),
    { usage: { prompt_tokens: 9, total_tokens: 14, prompt_tokens_details: { cached_tokens: 4 } } },
  ],
  [
    'MIS-07 arguments as an object',
    'mistral',
    whole(
      choice({
        content: '',
        tool_calls: [{ id: 'abcdefghi', function: { name: 'f', arguments: { a: 1 } } }],
      }),
    ),
    { choices: [{ message: { tool_calls: [{ type: 'function', function: { arguments: '{"a":1}' } }] } }] },
  ],
  [
    'MIS-08 content in pieces',
    'mistral',
    whole(choice({ content: parts })),
    { choices: [{ message: { content: 'ok', reasoning_content: 'hm' } }] },
  ],
  [
    'MIS-17 model_length',
    'mistral',
    whole(choice({}, { finish_reason: 'model_length' })),
    { choices: [{ finish_reason: 'length' }] },
  ],
  [
    'GRQ-03 its own tier',
    'groq',
    whole(choice({}), { service_tier: 'on_demand' }),
    { service_tier: 'default' },
  ],
  [
    'GRQ-12 calls without content',
    'groq',
    whole({
      index: 0,
      message: {
        role: 'assistant',
        tool_calls: [{ id: '2zvvry1t5', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      finish_reason: 'tool_calls',
    }),
    { choices: [{ message: { content: null } }] },
  ],
  [
    'TOG-05 eos',
    'together',
    whole(choice({}, { finish_reason: 'eos' }), { prompt: [] }),
    { choices: [{ finish_reason: 'stop' }] },
  ],
  [
    'TOG-02 parallel lists',
    'together',
    whole(choice({}, { logprobs: { tokens: ['ok'], token_logprobs: [-0.5] } })),
    { choices: [{ logprobs: { content: [{ token: 'ok', logprob: -0.5 }] } }] },
  ],
  [
    'OR-16 the model that served',
    'openrouter',
    whole(choice({}), { provider: 'X' }),
    { choices: [{ message: { content: 'ok' } }] },
  ],
]

/** Trap, kind, how it fails, and what the caller is told. */
const failures: readonly (readonly [
  trap: string,
  kind: string,
  status: number,
  body: unknown,
  told: Json,
])[] = [
  [
    'MIS-15 an object as the message',
    'mistral',
    422,
    { object: 'error', message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'x'], msg: 'no' }] } },
    { param: 'x' },
  ],
  ['MIS-16 a message and no more', 'mistral', 429, { message: 'slow down' }, { code: 'rate_limit_exceeded' }],
  [
    'GRQ-21 tokens as a type',
    'groq',
    429,
    { error: { message: 'slow', type: 'tokens', code: 'rate_limit_exceeded' } },
    { code: 'rate_limit_exceeded', type: 'tokens' },
  ],
  ['TOG-15 type_', 'together', 400, { message: 'bad', type_: 'invalid_request_error' }, { message: 'bad' }],
  ['TOG-15 a text as the error', 'together', 400, { error: 'bad', model: 'm' }, { message: 'bad' }],
  [
    'FW-14 a fault',
    'fireworks',
    400,
    { fault: { faultstring: 'bad', detail: { errorcode: 'x' } } },
    { message: 'bad' },
  ],
  [
    'OR-03 an error of status 200',
    'openrouter',
    200,
    { error: { code: 502, message: 'bad' } },
    { message: 'bad' },
  ],
  [
    'OR-05 a number as the code',
    'openrouter',
    429,
    { error: { code: 429, message: 'bad' } },
    { message: 'bad' },
  ],
  [
    'OR-19 a model that is not there, of status 400',
    'openrouter',
    400,
    { error: { code: 'model_not_found', message: 'bad' } },
    { code: 'model_not_found' },
  ],
  [
    'DS-06 no money',
    'deepseek',
    402,
    { error: { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' } },
    { code: 'insufficient_quota' },
  ],
]

describe('what comes back', () => {
  test.each(read)('%s', async (_, kind, given, reads) => {
    const fields = kind === 'together' ? { logprobs: true } : {}
    const { status, text } = await ask(kind, fields, () => Response.json(given))
    expect([status, JSON.parse(text)]).toMatchObject([200, reads])
  })

  test.each(failures)('%s', async (_, kind, status, body, told) => {
    const asked = await ask(kind, {}, () => Response.json(body, { status }))
    expect(asked.status).toBeGreaterThanOrEqual(400)
    const complaint = complaintOf(chat, asked.text)
    for (const [field, value] of Object.entries(told))
      expect([field, Reflect.get(complaint, field)]).toEqual([field, value])
  })

  test('DS-01 blank lines before an answer', async () => {
    const { status, text } = await ask('deepseek', {}, () => new Response(`\n\n\n${JSON.stringify(whole())}`))
    expect([status, JSON.parse(text).choices[0].message.content]).toEqual([200, 'ok'])
  })

  /** What a stream says, by callers who ask for usage and who do not. */
  async function hear(kind: string, steps: readonly string[], usage: boolean): Promise<string> {
    const upstream = scene.upstream(stream => () => stream(steps))
    const messages = [{ role: 'user', content: 'hi' }]
    const options = usage ? { stream_options: { include_usage: true } } : {}
    const body = JSON.stringify({ model: 'a/m', messages, stream: true, ...options })
    return (await send(front(kind, upstream.url), chat, body)).text()
  }
  const counted = { usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 } }
  const last = (top: object = counted) => chunk({ content: '' }, { finish_reason: 'stop' }, top)

  test.each(['mistral', 'groq', 'together', 'fireworks', 'openrouter', 'deepseek'])(
    'MIS-02, MIS-03, GRQ-01, FW-06, OR-09: usage of %s comes once to whoever asks',
    async kind => {
      const steps = [': keep-alive\n\n', chunk({ role: 'assistant', content: 'ok' }), last(), done]
      const asked = await hear(kind, steps, true)
      expect(asked.match(/"total_tokens"/g)?.length).toBe(1)
      expect(asked).toContain('"choices":[]')
      expect(await hear(kind, steps, false)).not.toContain('total_tokens')
    },
  )

  test('MIS-05 whole calls without index are counted', async () => {
    const calls = ['abcdefghi', 'jklmnopqr'].map(id => ({ id, function: { name: 'f', arguments: '{}' } }))
    const steps = [chunk({ content: null, tool_calls: calls }, { finish_reason: 'tool_calls' }), done]
    const text = await hear('mistral', steps, false)
    const deltas = text
      .split('\n')
      .filter(line => line.startsWith('data: {'))
      .flatMap(line => JSON.parse(line.slice('data: '.length)).choices[0]?.delta.tool_calls ?? [])
    expect(deltas.flatMap(({ id, index }) => (id === undefined ? [] : [[id, index]]))).toEqual([
      ['abcdefghi', 0],
      ['jklmnopqr', 1],
    ])
  })

  test('MIS-06 a fragment without an id of its own goes on with the call', async () => {
    const piece = (id: string | undefined, name: string, text: string) =>
      chunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: text } }] })
    const steps = [piece('abcdefghi', 'f', '{'), piece('null', '', '"a":'), piece(undefined, '', '1}')]
    const end = chunk({ content: '' }, { finish_reason: 'tool_calls' })
    const text = await hear('mistral', [...steps, end, done], false)
    const calls = text
      .split('\n')
      .filter(line => line.startsWith('data: {'))
      .flatMap(line => JSON.parse(line.slice('data: '.length)).choices[0]?.delta.tool_calls ?? [])
    expect(calls.flatMap(({ id }) => id ?? [])).toEqual(['abcdefghi'])
    expect(calls.map(({ function: { name = '' } }) => name).join('')).toBe('f')
    expect(calls.map(call => call.function.arguments ?? '').join('')).toBe('{"a":1}')
  })

  test('GRQ-13, TOG-09 and TOG-18: empty reasons, repeated roles and chunks without choices', async () => {
    const nothing =
      'data: {"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[]}\n\n'
    const said = ['o', 'k'].map(content => chunk({ role: 'assistant', content }, { finish_reason: '' }))
    for (const kind of ['groq', 'together']) {
      const text = await hear(kind, [nothing, ...said, nothing, last(), done], false)
      expect(text.match(/"role"/g)?.length).toBe(1)
      expect(text.match(/"finish_reason":"/g)?.length).toBe(1)
      expect(text).toContain('"content":"k"')
      expect(text).toContain('[DONE]')
    }
  })

  test('TOG-07 cached tokens that stand flat are nested for callers of another wire', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14, cached_tokens: 4 }
    const upstream = scene.upstream(() => () => Response.json(whole(choice({}), { usage })))
    const body = { model: 'a/m', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }
    const response = await send(front('together', upstream.url), '/v1/messages', JSON.stringify(body))
    const answer = (await response.json()) as { usage: Json } // a message
    expect(answer.usage).toMatchObject({ input_tokens: 5, cache_read_input_tokens: 4, output_tokens: 5 })
  })

  test.each([
    ['GRQ-04', 'groq', 'event: error\ndata: {"error":{"message":"it broke"}}\n\n'],
    [
      'OR-02 and OR-15',
      'openrouter',
      chunk({ content: '' }, { finish_reason: 'error' }, { error: { code: 502, message: 'it broke' } }),
    ],
  ])('%s a failure within a stream is one', async (_, kind, failure) => {
    const text = await hear(kind, [chunk({ role: 'assistant', content: 'ha' }), failure], false)
    expect(text).toContain('it broke')
    expect(text).not.toContain('"finish_reason":"stop"')
    expect(text).not.toContain('"finish_reason":"error"')
  })

  test('OR-01 and DS-02: comments are nothing, wherever they stand', async () => {
    const comment = [': OPENROUTER', ' PROCESSING\n\n']
    const steps = [...comment, chunk({ role: 'assistant', content: 'ok' }), ...comment, last(), done]
    for (const kind of ['openrouter', 'deepseek']) {
      const text = await hear(kind, steps, false)
      expect(text).toContain('"content":"ok"')
      expect(text).toContain('"finish_reason":"stop"')
      expect(text).not.toContain('error')
    }
  })
})

test('TOG-06 a bare list of models is a list', async () => {
  const upstream = scene.upstream(
    () => () => Response.json([{ id: 'org/m', type: 'chat', organization: 'O' }]),
  )
  const response = await fetch(`${front('together', upstream.url)}/v1/models`)
  const { data } = (await response.json()) as { data: readonly { id: string }[] } // a list of models
  expect(data.map(({ id }) => id)).toContain('org/m')
})

/** Every trap that has no row above, with the reason. */
const elsewhere: { readonly [trap: string]: string } = {
  'MIS-22': 'rules are of a kind and a pattern of its models, never of a model alone: providers/profile.ts',
  'GRQ-02': 'x_groq travels with the answer to callers of the same wire, as any field of a host does',
  'GRQ-05': 'not done: a bad call of the model is told as the host tells it, and not asked for again',
  'GRQ-11': 'the same answer tool as beside tools: GRQ-10; the profile says so where it streams',
  'GRQ-14': 'not done: limits of a host are not passed on, so that none has to be read',
  'GRQ-15': 'not done: 498 has no row of its own in the table of statuses',
  'GRQ-18': 'fields of the host itself, which it refuses in words of its own',
  'GRQ-20': 'ids pass the same mapper wherever they come from: MIS-04',
  'TOG-08': 'unknown fields of an answer stay, by the law that nothing is lost in silence',
  'TOG-13': 'the encoder gives a schema its name: golden/openai-chat-request.test.ts',
  'TOG-14': 'recommended, not required: names as they are have no recorded refusal',
  'TOG-16': 'dimensions are refused here by the profile; counts that are not there stay so',
  'TOG-17': 'not done: limits of a host are not passed on',
  'TOG-19': 'thoughts between tags are a matter of configuration, for every host of the wire',
  'TOG-20': 'the older host is the same kind with another base_url',
  'TOG-21': 'Responses are asked for as chat; state is the gateway’s own',
  'FW-07': 'usage is asked for as its newer models need; not done: a second try without the field',
  'FW-08': 'not done: cached tokens that only a header tells are not counted',
  'FW-12': 'fields of the host itself, which it refuses in words of its own',
  'FW-13': 'not done: the field within the sentence is not read out of it',
  'FW-15': 'not done: 412 has no row of its own in the table of statuses',
  'FW-16': 'calls without an index: MIS-05',
  'FW-17': 'a field of the host itself: it travels as it came',
  'FW-19': 'Responses are asked for as chat, where nothing is stored',
  'FW-20': 'Messages are asked for as chat',
  'FW-21': 'a tier travels back as it came',
  'OR-04': 'an empty answer is one: nobody knows here what it cost',
  'OR-06': 'errors of any shape: golden/openai-chat-error.test.ts',
  'OR-07': 'the same status and code as DS-06',
  'OR-08': 'not done: provider.require_parameters is the caller’s to say; it passes: OR-20',
  'OR-12': 'fields of the host itself, which it refuses in words of its own',
  'OR-13': 'a list without object is one: config and directory read only the names',
  'OR-14': 'keys are not tried by listing models',
  'OR-17': 'the plugin is the caller’s to name; fields of the host pass: OR-20',
  'OR-18': 'a caller who leaves ends the call upstream: faults/stream.test.ts',
  'OR-21': 'Responses are asked for as chat; state is the gateway’s own',
  'OR-22': 'a name is sent as it came: what becomes of it is told in the documents of the host',
  'DS-07': 'strict tools are of the beta: strict is dropped with a note',
  'DS-09': 'names of models are the host’s to know',
}

test.each([
  ['MIS', 22],
  ['GRQ', 21],
  ['TOG', 21],
  ['FW', 21],
  ['OR', 22],
  ['DS', 9],
] as const)('every trap %s has a row or a reason', async (card, count) => {
  const text = await Bun.file(import.meta.path).text()
  const tested = text.slice(0, text.indexOf('const elsewhere'))
  const traps = Array.from({ length: count }, (_, index) => `${card}-${String(index + 1).padStart(2, '0')}`)
  const missing = traps.filter(trap => !tested.includes(trap) && elsewhere[trap] === undefined)
  const twice = traps.filter(trap => tested.includes(trap) && elsewhere[trap] !== undefined)
  expect([missing, twice]).toEqual([[], []])
})
