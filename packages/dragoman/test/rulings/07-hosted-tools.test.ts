import { describe, expect, test } from 'bun:test'
import { ask, createScene, front, type Kind, send } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// Ruling 7: hosted tools and MCP are carried where the target has them, else refused by name. None is run here.

const scene = createScene()
const question = { role: 'user', content: 'hi' }

const tools = [
  { type: 'web_search' },
  {
    type: 'mcp',
    server_label: 'docs',
    server_url: 'https://mcp.test',
    authorization: 'secret-of-the-caller',
  },
  { type: 'file_search', vector_store_ids: ['vs_1'] },
  { type: 'code_interpreter', container: { type: 'auto' } },
  { type: 'computer_use_preview', display_width: 1, display_height: 1, environment: 'linux' },
  { type: 'shell' },
] as const

const done = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [] }
const answers: { readonly [K in Kind]?: object } = {
  messages: messages.whole('x'),
  compatible: chat.whole('x'),
  responses: done,
}

const upstreamOf = (kind: Kind) => scene.upstream(() => () => Response.json(answers[kind] ?? {}))

describe.each(['messages', 'compatible'] as const)('on a target without it (%s)', kind => {
  test.each(tools.map(tool => [tool.type, tool] as const))('%s is a 400 that says so', async (type, tool) => {
    const upstream = upstreamOf(kind)
    const { url } = front(scene, kind, upstream.url)
    const response = await ask(url, '/v1/responses', { tools: [tool], store: false })
    expect(response.status).toBe(400)
    const { error } = (await response.json()) as { error: { code: string; param: string; message: string } }
    expect(error).toMatchObject({ code: 'unsupported_tool', param: 'tools[0]' })
    expect(error.message).toContain(type)
    expect(error.message).not.toContain('secret')
    expect(upstream.seen).toHaveLength(0)
  })

  test('a caller who wants to go on without it is told', async () => {
    const upstream = upstreamOf(kind)
    const { url } = front(scene, kind, upstream.url)
    const fields = { tools: [tools[0]], store: false }
    const response = await ask(url, '/v1/responses', fields, { 'dragoman-policy': 'drop' })
    expect(response.status).toBe(200)
    expect(response.headers.get('dragoman-notes')).toContain('dropped;path="tools[0]"')
    expect(upstream.seen).toHaveLength(1)
  })
})

describe.each(['relay', 'translate'])('on a target that has them (%s)', mode => {
  test('they are carried, and so is what they left in a history', async () => {
    const upstream = upstreamOf('responses')
    const { url } = front(scene, 'responses', upstream.url, {}, { trustModeHeader: true })
    const input = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 'docs', tools: [] },
      { type: 'mcp_approval_request', id: 'mcpr_1', server_label: 'docs', name: 'find', arguments: '{}' },
      { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'x' } },
    ]
    const choice = { type: 'mcp', server_label: 'docs', name: 'find' }
    const fields = { model: 'a/gpt-5.1', input, tools, tool_choice: choice, store: false }
    const response = await ask(url, '/v1/responses', fields, { 'dragoman-mode': mode })
    expect(response.headers.get('dragoman-mode')).toBe(mode)
    expect(upstream.seen[0]?.json).toMatchObject({ input, tools: [...tools], tool_choice: choice })
  })
})

/** What callers of other wires ask their providers to run, with the place that names it. */
const foreign: readonly (readonly [
  title: string,
  path: (model: string) => string,
  body: Record<string, unknown>,
  place: string,
])[] = [
  ...['web_search_20250305', 'code_execution_20250825', 'bash_20250124'].map(
    type =>
      [
        type,
        () => '/v1/messages',
        { max_tokens: 9, messages: [question], tools: [{ type, name: type.replace(/_\d+$/, '') }] },
        'tools[0]',
      ] as const,
  ),
  [
    'mcp_servers',
    () => '/v1/messages',
    {
      max_tokens: 9,
      messages: [question],
      mcp_servers: [{ type: 'url', url: 'https://mcp.test', name: 'd', authorization_token: 'secret-token' }],
    },
    'mcp_servers',
  ],
  ...['googleSearch', 'codeExecution', 'urlContext'].map(
    name =>
      [
        name,
        (model: string) => `/v1beta/models/${model}:generateContent`,
        { contents: [{ role: 'user', parts: [{ text: 'hi' }] }], tools: [{ [name]: {} }] },
        'tools[0]',
      ] as const,
  ),
  [
    'web_search_options',
    () => '/v1/chat/completions',
    { messages: [question], web_search_options: {} },
    'web_search_options',
  ],
]

const strangers: readonly (readonly [Kind, string])[] = [
  ['responses', 'a/gpt-5.1'],
  ['messages', 'a/claude-sonnet-4-5'],
  ['gemini', 'a/gemini-2.5-flash'],
  ['cohere', 'a/command-a-03-2025'],
]
/** The caller's own wire, where the tools are at home. */
const isHome = (kind: Kind, title: string) =>
  (kind === 'messages' && /_20|mcp/.test(title)) ||
  (kind === 'gemini' && /^[a-z]+[A-Z]/.test(title)) ||
  (kind === 'responses' && title === 'web_search_options') // this kind has the chat wire, too

describe.each(strangers)('on %s', (kind, model) => {
  test.each(foreign.filter(([title]) => !isHome(kind, title)))(
    '%s of another wire is refused by name, and nobody is asked',
    async (title, path, body, place) => {
      const upstream = upstreamOf(kind)
      const { url } = front(scene, kind, upstream.url)
      const response = await send(url, path(model), JSON.stringify({ model, ...body }))
      const text = await response.text()
      expect(response.status).toBe(400)
      expect(text).toContain('unsupported_tool')
      expect(text).toContain(title)
      expect(text).toContain(place)
      expect(text).not.toContain('secret')
      expect(upstream.seen).toHaveLength(0)
    },
  )
})

test.each(['relay', 'translate'])(
  'a Messages target gets those of a Messages caller, servers and their tokens too (%s)',
  async mode => {
    const upstream = upstreamOf('messages')
    const { url } = front(scene, 'messages', upstream.url, {}, { trustModeHeader: true })
    const fields = {
      model: 'a/claude-sonnet-4-5',
      tools: [
        { type: 'web_search_20250305', name: 'web_search' },
        { type: 'mcp_toolset', mcp_server_name: 'd' },
      ],
      mcp_servers: [{ type: 'url', url: 'https://mcp.test', name: 'd', authorization_token: 't' }],
    }
    const headers = { 'dragoman-mode': mode, 'anthropic-beta': 'mcp-client-2025-11-20' }
    const response = await ask(url, '/v1/messages', fields, headers)
    expect([response.status, response.headers.get('dragoman-mode')]).toEqual([200, mode])
    const { model: _, ...carried } = fields
    expect(upstream.seen[0]?.json).toMatchObject(carried)
    expect(upstream.seen[0]?.headers.get('anthropic-beta')).toBe('mcp-client-2025-11-20')
  },
)

test.each(['relay', 'translate'])(
  'a call that needs a yes comes back as one, and nothing is run here (%s)',
  async mode => {
    const server = scene.upstream(() => () => Response.json({}))
    const tool = { type: 'mcp', server_label: 'docs', server_url: server.url, require_approval: 'always' }
    const request = {
      id: 'mcpr_1',
      type: 'mcp_approval_request',
      server_label: 'docs',
      name: 'find',
      arguments: '{}',
    }
    const upstream = scene.upstream(() => () => Response.json({ ...done, output: [request] }))
    const { url } = front(scene, 'responses', upstream.url, {}, { trustModeHeader: true })
    const fields = { model: 'a/gpt-5.1', tools: [tool], store: false }
    const response = await ask(url, '/v1/responses', fields, { 'dragoman-mode': mode })
    expect(await response.json()).toMatchObject({ status: 'completed', output: [request] })
    expect(upstream.seen).toHaveLength(1)
    expect(server.seen).toHaveLength(0)
  },
)
