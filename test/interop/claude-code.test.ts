// The kind of traffic that Claude Code sends, by its public shape, against a real engine behind /v1/messages: a billing
// line that differs in every request, cache markers, thinking, many tools, counting, long silences.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type Anthropic from '@anthropic-ai/sdk'
import { type Engine, launcher, startEngine } from './harness/engine.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'
import { type Recorder, startRecorder } from './harness/recorder.ts'

type Body = Anthropic.Beta.MessageCreateParams
type Turn = Anthropic.Beta.BetaUserMessageParam | Anthropic.Beta.BetaAssistantMessageParam

const cached = { type: 'ephemeral' } as const

/** What a coding agent offers: the two tools that the scripted model calls among a crowd of others. */
const toolNames = [
  ...['read_file', 'write_file', 'edit_file', 'list_files', 'find_files', 'search_text', 'run_command'],
  ...['stop_command', 'fetch_page', 'search_web', 'plan_tasks', 'ask_user', 'delegate_task'],
]
const tools: Anthropic.Beta.BetaTool[] = [
  ...toolNames.map(name => ({
    name,
    description: `Does what its name says: ${name.replace('_', ' ')}.`,
    input_schema: {
      type: 'object' as const,
      properties: { target: { type: 'string' } },
      required: ['target'],
    },
  })),
  { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
  {
    name: 'get_time',
    input_schema: { type: 'object', properties: { tz: { type: 'string' } } },
    cache_control: cached,
  },
]

let requestNumber = 0

/** A request as the client builds it: everything but the billing line and the last turns is the same every time. */
function body(messages: readonly Turn[], more: Partial<Body> = {}): Body {
  const bill = (requestNumber++).toString(16).padStart(5, '0')
  return {
    model: 'claude-sonnet-5-5',
    max_tokens: 4000,
    system: [
      {
        type: 'text',
        text: `x-anthropic-billing-header: cc_version=2.3.4.${bill}; cc_entrypoint=cli; cch=${bill};`,
      },
      { type: 'text', text: 'You help with code in a terminal.', cache_control: cached },
      {
        type: 'text',
        text: 'The working folder is /home/me/project.\nIt is a repository.',
        cache_control: cached,
      },
    ],
    messages: [...messages],
    tools,
    thinking: { type: 'adaptive' },
    metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s"}' },
    stream: true,
    ...more,
  }
}

const says = (text: string): Turn => ({
  role: 'user',
  content: [
    { type: 'text', text: '<reminder>Be brief.</reminder>' },
    { type: 'text', text, cache_control: cached },
  ],
})

interface Event {
  readonly name: string
  readonly data: Anthropic.Beta.BetaRawMessageStreamEvent
}

/** Events of a stream as they come. */
async function* readEvents(response: Response): AsyncGenerator<Event> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const name = /^event: (.+)$/m.exec(block)?.[1] ?? ''
      const data = /^data: (.+)$/m.exec(block)?.[1]
      if (data !== undefined) yield { name, data: JSON.parse(data) }
    }
  }
}

/** The blocks of an answer put together from its events. */
async function readMessage(response: Response) {
  const blocks: Anthropic.Beta.BetaContentBlock[] = []
  const inputs: string[] = []
  let stop: string | null = null
  let usage: Anthropic.Beta.BetaMessageDeltaUsage | undefined
  for await (const { name, data } of readEvents(response)) {
    if (name === 'error') throw new Error(JSON.stringify(data))
    if (data.type === 'content_block_start') {
      blocks[data.index] = { ...data.content_block }
      inputs[data.index] = ''
    } else if (data.type === 'content_block_delta') {
      const block = blocks[data.index]
      const { delta } = data
      if (block?.type === 'text' && delta.type === 'text_delta') block.text += delta.text
      if (block?.type === 'thinking' && delta.type === 'thinking_delta') block.thinking += delta.thinking
      if (delta.type === 'input_json_delta') inputs[data.index] += delta.partial_json
    } else if (data.type === 'content_block_stop') {
      const block = blocks[data.index]
      if (block?.type === 'tool_use') block.input = JSON.parse(inputs[data.index] || '{}')
    } else if (data.type === 'message_delta') {
      stop = data.delta.stop_reason
      usage = data.usage
    }
  }
  return { blocks, stop, usage }
}

describe.skipIf(launcher === undefined)('Claude Code’s kind of traffic on a local engine', () => {
  let engine: Engine
  let recorder: Recorder
  let gateway: RunningGateway

  beforeAll(async () => {
    engine = await startEngine(['--ctx-size', '16384'])
    recorder = startRecorder(engine.url)
    gateway = await startGateway({
      sandbox: false,
      server: { keep_alive: '1s', status_after: '0s' },
      providers: { lab: { kind: 'llamacpp', base_url: `${recorder.url}/v1` } },
      models: { 'claude-*': 'lab/tiny' },
    })
  })

  afterAll(async () => {
    await gateway?.stop()
    await Promise.all([recorder?.stop(), engine?.stop()])
  })

  const post = (path: string, content: unknown) =>
    fetch(`${gateway.url}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.key}`,
        'anthropic-version': '2023-06-01',
        'anthropic-beta':
          'claude-code-20250219,interleaved-thinking-2025-05-14,prompt-caching-scope-2026-01-05',
        'content-type': 'application/json',
        'user-agent': 'claude-cli/2.3.4 (external, cli)',
        'x-app': 'cli',
      },
      body: JSON.stringify(content),
    })

  /** The body of the last chat request that went to the engine. */
  const sent = () => recorder.requests.filter(request => request.path.endsWith('/chat/completions')).at(-1)

  test('asks whether somebody is there before anything else', async () => {
    const response = await fetch(gateway.url, { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  test('a tool loop: the second turn’s prompt begins with the first one’s, byte for byte', async () => {
    const opening = [says('Please use both tools now.')]
    const first = await readMessage(await post('/v1/messages?beta=true', body(opening)))
    expect(first.stop).toBe('tool_use')
    expect(
      first.blocks.flatMap(block => (block.type === 'tool_use' ? [[block.name, block.input]] : [])),
    ).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { tz: 'UTC' }],
    ])
    const before = sent()?.body ?? ''

    const results = first.blocks.flatMap(block =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'sunny' }]
        : [],
    )
    const answer: Turn = { role: 'assistant', content: first.blocks as Turn['content'] } // what came is what goes back
    const next: Turn = { role: 'user', content: results }
    const second = await readMessage(await post('/v1/messages?beta=true', body([...opening, answer, next])))
    expect(second.stop).toBe('end_turn')
    expect(second.blocks).toMatchObject([{ type: 'text', text: 'Hello from a tiny scripted model.' }])
    const after = sent()?.body ?? ''

    const messages = JSON.stringify(JSON.parse(before).messages).slice(0, -1)
    const start = before.indexOf(messages)
    expect(start).toBeGreaterThan(0)
    expect(after.slice(0, start + messages.length)).toBe(before.slice(0, start + messages.length))
    expect(JSON.stringify(JSON.parse(after).tools)).toBe(JSON.stringify(JSON.parse(before).tools))

    // The engine agrees: what it had read for the first turn it does not read again.
    const firstPrompt = (first.usage?.input_tokens ?? 0) + (first.usage?.cache_read_input_tokens ?? 0)
    expect(second.usage?.cache_read_input_tokens).toBeGreaterThan(firstPrompt * 0.9)
  })

  test('the billing line is taken out, with a note; the rest of the system prompt is not', async () => {
    const response = await post('/v1/messages?beta=true', body([says('hi')]))
    await readMessage(response)
    const upstream = sent()?.body ?? ''
    expect(upstream).not.toContain('x-anthropic-billing-header')
    expect(upstream).toContain('You help with code in a terminal.')
    expect(upstream).toContain('The working folder is /home/me/project.')
    const { notes } = await gateway.record(response.headers.get('x-request-id'))
    expect(notes.filter(note => note.reason.includes('billing line')).map(note => note.kind)).toEqual([
      'dropped',
    ])
  })

  test('nothing that is meant for the vendor alone goes to the engine, and what is lost is said', async () => {
    const response = await post('/v1/messages?beta=true', body([says('hi')]))
    await readMessage(response)
    const request = sent()
    expect(request?.headers.get('anthropic-beta')).toBeNull()
    expect(request?.headers.get('authorization')).toBeNull()
    expect(request?.headers.get('x-api-key')).toBeNull()
    expect(request?.body).not.toContain('cache_control')
    const { notes } = await gateway.record(response.headers.get('x-request-id'))
    expect(notes.map(note => note.path).join(' ')).toContain('cache_control')
  })

  test('thinking comes as a block of its own and can be sent back', async () => {
    const opening = [says('Please think about it.')]
    const { blocks } = await readMessage(await post('/v1/messages?beta=true', body(opening)))
    expect(blocks).toMatchObject([
      { type: 'thinking', thinking: 'Let me think about it.\n' },
      { type: 'text', text: '\nThe answer is 42!' },
    ])
    const answer: Turn = { role: 'assistant', content: blocks as Turn['content'] } // what came is what goes back
    const again = await readMessage(
      await post('/v1/messages?beta=true', body([...opening, answer, says('hi')])),
    )
    expect(again.stop).toBe('end_turn')
  })

  test('tokens are counted by the engine, the billing line left out', async () => {
    const whole = body([says('hi')], { stream: false })
    const { model, messages, system, tools: offered } = whole
    const counted = await post('/v1/messages/count_tokens?beta=true', {
      model,
      messages,
      system,
      tools: offered,
    })
    expect(counted.status).toBe(200)
    const { input_tokens } = (await counted.json()) as { input_tokens: number } // Anthropic.MessageTokensCount
    expect(recorder.requests.at(-1)?.path).toBe('/v1/chat/completions/input_tokens')
    expect(recorder.requests.at(-1)?.body).not.toContain('x-anthropic-billing-header')
    const answered = await post('/v1/messages?beta=true', { ...whole, thinking: undefined })
    const { usage } = (await answered.json()) as Anthropic.Message // status 200 is asserted by what follows
    expect(input_tokens).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0))
  })

  test('pings keep the stream alive while the engine is silent, and then the answer comes', async () => {
    const release = recorder.hold()
    const response = await post('/v1/messages?beta=true', body([says('hi')]))
    expect(response.status).toBe(200)
    const names: string[] = []
    let text = ''
    for await (const { name, data } of readEvents(response)) {
      names.push(name)
      if (name === 'ping' && names.filter(seen => seen === 'ping').length === 2) release()
      if (data.type === 'content_block_delta' && data.delta.type === 'text_delta') text += data.delta.text
    }
    expect(names.slice(0, 2)).toEqual(['ping', 'ping'])
    expect(names.filter(name => name !== 'ping')[0]).toBe('message_start')
    expect(names.at(-1)).toBe('message_stop')
    expect(text).toBe('Hello from a tiny scripted model.')
  })

  test('a title is asked for without a stream, tools or thinking', async () => {
    const response = await post('/v1/messages?beta=true', {
      model: 'claude-haiku-4-5',
      max_tokens: 100,
      temperature: 0,
      system: [{ type: 'text', text: 'Give a title in a few words.' }],
      messages: [{ role: 'user', content: 'hi' }],
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      type: 'message',
      content: [{ type: 'text', text: 'Hello from a tiny scripted model.' }],
    })
  })
})
