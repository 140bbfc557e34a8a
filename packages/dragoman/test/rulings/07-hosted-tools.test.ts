import { describe, expect, test } from 'bun:test'
import { ask, createScene, front, type Kind } from '../support/scene.ts'
import { chat, messages } from '../support/wire.ts'

// Ruling 7: hosted tools and MCP are carried where the target has them, else refused by name. None is run here.

const scene = createScene()

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
