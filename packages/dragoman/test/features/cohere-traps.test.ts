import { describe, expect, test } from 'bun:test'
import { complaintOf, createScene, front, send } from '../support/scene.ts'

// The numbered traps of the Cohere card, each by callers of chat through the whole gateway.

const scene = createScene()
const chat = '/v1/chat/completions'

type Json = Record<string, unknown>

interface Call {
  readonly index: number
  readonly id?: string
  readonly function?: { readonly arguments?: string }
}

interface Said {
  readonly content?: string
  readonly reasoning_content?: string
  readonly tool_calls?: readonly Call[]
  readonly annotations?: readonly {
    readonly url_citation: { readonly start_index: number; readonly end_index: number; readonly url: string }
  }[]
}

interface Choice {
  readonly message: Said
  readonly delta: Said
  readonly finish_reason: string | null
}

/** A chunk or a whole answer, as far as it is looked at. */
interface Chunk {
  readonly id: string
  readonly choices: readonly Choice[]
  readonly usage?: Json
  readonly error?: { readonly message: string }
}

interface Embeddings {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[]
  readonly usage: Json
}

const usage = {
  billed_units: { input_tokens: 119, output_tokens: 5 },
  tokens: { input_tokens: 1549, output_tokens: 9 },
  cached_tokens: 1504,
}

const answer = (message: object, more: object = {}) => ({
  id: 'c1',
  message: { role: 'assistant', ...message },
  finish_reason: 'COMPLETE',
  usage,
  ...more,
})

const said = (text: string) => answer({ content: [{ type: 'text', text }] })

const frames = (events: readonly object[]) =>
  events.map(event => `event: ${'type' in event ? event.type : ''}\ndata: ${JSON.stringify(event)}\n\n`)

const start = {
  type: 'message-start',
  id: 'c1',
  delta: { message: { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] } },
}
const end = (delta: object = {}) => ({
  type: 'message-end',
  delta: { finish_reason: 'COMPLETE', usage, ...delta },
})
const content = (index: number, item: object) => ({
  type: 'content-delta',
  index,
  delta: { message: { content: item } },
})
const opened = (index: number, item: object) => ({ ...content(index, item), type: 'content-start' })
const callStart = (index: number, id: string, name: string) => ({
  type: 'tool-call-start',
  index,
  delta: { message: { tool_calls: { id, type: 'function', function: { name, arguments: '' } } } },
})
const callDelta = (index: number, text: string) => ({
  type: 'tool-call-delta',
  index,
  delta: { message: { tool_calls: { function: { arguments: text } } } },
})

interface Asked {
  readonly sent: Json
  readonly status: number
  readonly body: Json
  readonly notes: string
}

/** What a chat caller's request becomes, and the answer to it. */
async function ask(
  fields: Json,
  given: object = said('ok'),
  headers: Record<string, string> = {},
): Promise<Asked> {
  const upstream = scene.upstream(() => () => Response.json(given))
  const { url } = front(scene, 'cohere', upstream.url)
  const messages = [{ role: 'user', content: 'hi' }]
  const request = JSON.stringify({ model: 'a/command-a-03-2025', messages, ...fields })
  const response = await send(url, chat, request, headers)
  expect(upstream.seen.map(({ path }) => path)).toEqual(response.status === 400 ? [] : ['/v2/chat'])
  const notes = response.headers.get('dragoman-notes') ?? ''
  return {
    sent: upstream.seen[0]?.json ?? {},
    status: response.status,
    body: (await response.json()) as Json,
    notes,
  } // an object
}

/** The chunks that a chat caller hears of this stream. */
async function hear(
  events: readonly object[],
  fields: Json = {},
): Promise<{ readonly text: string; readonly chunks: readonly Chunk[] }> {
  const upstream = scene.upstream(stream => () => stream(frames(events)))
  const { url } = front(scene, 'cohere', upstream.url)
  const body = { model: 'a/m', messages: [{ role: 'user', content: 'hi' }], stream: true, ...fields }
  const text = await (await send(url, chat, JSON.stringify(body))).text()
  const lines = text.split('\n').filter(line => line.startsWith('data: {'))
  return { text, chunks: lines.map(line => JSON.parse(line.slice('data: '.length))) }
}

const tool = (name: string, more: object = {}) => ({
  type: 'function',
  function: {
    name,
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    ...more,
  },
})
const functionsOf = ({ sent }: Asked) =>
  (sent.tools as readonly { function: Json }[]).map(one => one.function) // as sent
const called = (id: string, name: string, args: string) => ({
  id,
  type: 'function',
  function: { name, arguments: args },
})
/** The first choice of a whole answer. */
function choiceOf({ body }: Asked): Choice {
  const [choice] = body.choices as readonly Choice[] // the body of a completion
  if (choice === undefined) throw new Error('no choice')
  return choice
}

const citationsOf = (said: Said) => (said.annotations ?? []).map(annotation => annotation.url_citation)
const nowhere = { start_index: 0, end_index: 0, url: '' }

/** Every trap that has no row of its own below, with the reason. */
const elsewhere: { readonly [trap: string]: string } = {
  'COH-21': 'the compatibility endpoint is not used: this kind speaks v2',
}

const rows: { readonly [trap: string]: () => Promise<void> } = {
  'COH-01 strict of a tool is one switch for all, and never a field of the tool': async () => {
    const strict = await ask({ tools: [tool('a', { strict: true }), tool('b', { strict: true })] })
    expect(strict.sent.strict_tools).toBe(true)
    expect(functionsOf(strict).some(one => 'strict' in one)).toBe(false)
    const mixed = await ask({ tools: [tool('a', { strict: true }), tool('b')] })
    expect(mixed.sent.strict_tools).toBeUndefined()
    expect(mixed.notes).toContain('dropped;path="tools[0].function.strict"')
    const bare = await ask({
      tools: [tool('a', { strict: true, parameters: { type: 'object', properties: {} } })],
    })
    expect(bare.sent.strict_tools).toBeUndefined()
  },

  'COH-02 index and whatever else a history carries does not travel': async () => {
    const call = { ...called('a_1', 'a', '{"city":"Oslo"}'), index: 0, vendor: 1 }
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a_1', content: '7' },
    ]
    const { sent } = await ask({ messages, tools: [tool('a')] })
    expect((sent.messages as readonly Json[])[1]).toEqual({
      role: 'assistant',
      tool_calls: [called('a_1', 'a', '{"city":"Oslo"}')],
    })
  },

  'COH-03 a choice of tools has two words; a named tool is sent alone': async () => {
    const choose = (tool_choice: unknown) => ask({ tools: [tool('a'), tool('b')], tool_choice })
    expect((await choose('auto')).sent.tool_choice).toBeUndefined()
    expect((await choose('required')).sent.tool_choice).toBe('REQUIRED')
    expect((await choose('none')).sent.tool_choice).toBe('NONE')
    const named = await choose({ type: 'function', function: { name: 'b' } })
    expect([named.sent.tool_choice, functionsOf(named).map(one => one.name)]).toEqual(['REQUIRED', ['b']])
    expect(named.notes).toContain('emulated;path="tool_choice"')
  },

  'COH-04 what is said beside calls is the plan': async () => {
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'I will look.', tool_calls: [called('a_1', 'a', '')] },
      { role: 'tool', tool_call_id: 'a_1', content: '7' },
    ]
    const { sent } = await ask({ messages, tools: [tool('a')] })
    expect((sent.messages as readonly Json[])[1]).toEqual({
      role: 'assistant',
      tool_plan: 'I will look.',
      tool_calls: [called('a_1', 'a', '{}')],
    })
  },

  'COH-05 sampling stays within its limits, aloud': async () => {
    const { sent, notes } = await ask({ temperature: 1.7, top_p: 1 })
    expect([sent.temperature, sent.p]).toEqual([1, 0.99])
    expect(notes).toContain('clamped;path="temperature"')
    expect(notes).toContain('clamped;path="top_p"')
    const strict = await ask({ temperature: 1.7 }, said('ok'), { 'dragoman-policy': 'reject' })
    expect([strict.status, complaintOf(chat, JSON.stringify(strict.body)).param]).toEqual([
      400,
      'temperature',
    ])
  },

  'COH-06 of two penalties one is kept, and never both sent': async () => {
    const { sent, notes } = await ask({ frequency_penalty: 0.5, presence_penalty: 0.5 })
    expect([sent.frequency_penalty, sent.presence_penalty]).toEqual([0.5, undefined])
    expect(notes).toContain('dropped;path="presence_penalty"')
    const one = await ask({ frequency_penalty: 0, presence_penalty: 0.5 })
    expect([one.sent.frequency_penalty, one.sent.presence_penalty, one.notes]).toEqual([undefined, 0.5, ''])
  },

  'COH-07 a negative penalty is refused here': async () => {
    const { status, body } = await ask({ presence_penalty: -0.5 })
    expect([status, complaintOf(chat, JSON.stringify(body)).param]).toEqual([400, 'presence_penalty'])
  },

  'COH-08 a call without arguments has an empty object of them, whole and streamed': async () => {
    const whole = await ask(
      {},
      answer({ tool_calls: [called('a_1', 'a', 'null')] }, { finish_reason: 'TOOL_CALL' }),
    )
    expect(choiceOf(whole).message.tool_calls?.[0]?.function?.arguments).toBe('{}')
    const { chunks } = await hear([
      start,
      callStart(0, 'a_1', 'a'),
      { type: 'tool-call-end', index: 0 },
      end({ finish_reason: 'TOOL_CALL' }),
    ])
    const deltas = chunks.flatMap(chunk => chunk.choices[0]?.delta?.tool_calls ?? [])
    expect(deltas.map(delta => delta.function?.arguments ?? '').join('')).toBe('{}')
    expect(chunks.findLast(chunk => chunk.choices[0]?.finish_reason)?.choices[0]?.finish_reason).toBe(
      'tool_calls',
    )
  },

  'COH-09 calls are objects in events, lists for the caller, each with its index': async () => {
    const { chunks } = await hear([
      start,
      callStart(0, 'a_1', 'a'),
      callDelta(0, '{"city":'),
      callDelta(0, '"Oslo"}'),
      { type: 'tool-call-end', index: 0 },
      callStart(1, 'b_1', 'b'),
      callDelta(1, '{}'),
      { type: 'tool-call-end', index: 1 },
      end({ finish_reason: 'TOOL_CALL' }),
    ])
    const deltas = chunks.flatMap(chunk => chunk.choices[0]?.delta?.tool_calls ?? [])
    const joined = (index: number) =>
      deltas
        .filter(delta => delta.index === index)
        .map(delta => delta.function?.arguments ?? '')
        .join('')
    expect([joined(0), joined(1)]).toEqual(['{"city":"Oslo"}', '{}'])
    expect(deltas.flatMap(delta => delta.id ?? [])).toEqual(['a_1', 'b_1'])
  },

  'COH-10 an answer that failed is a failure': async () => {
    const failed = (finish_reason: string) =>
      ask({}, answer({ content: [{ type: 'text', text: 'half' }] }, { finish_reason }))
    expect((await failed('ERROR')).status).toBe(502)
    expect((await failed('TIMEOUT')).status).toBe(504)
  },

  'COH-11 a stream that fails at its end says so and has no end': async () => {
    const { text, chunks } = await hear([
      start,
      opened(0, { type: 'text', text: '' }),
      content(0, { text: 'half' }),
      end({ error: 'it broke', finish_reason: 'ERROR' }),
    ])
    expect(chunks.at(-1)?.error?.message).toBe('it broke')
    expect(text).not.toContain('[DONE]')
    expect(text).not.toContain('"finish_reason":"stop"')
  },

  'COH-12 usage is of real tokens, cached ones told apart': async () => {
    const { body } = await ask({})
    expect(body.usage).toMatchObject({
      prompt_tokens: 1549,
      completion_tokens: 9,
      total_tokens: 1558,
      prompt_tokens_details: { cached_tokens: 1504 },
    })
  },

  'COH-13 what the wire does not say is made; usage comes to whoever asks': async () => {
    const { body } = await ask({})
    expect(body).toMatchObject({
      object: 'chat.completion',
      model: 'a/command-a-03-2025',
      created: expect.any(Number),
    })
    expect(body.id).toStartWith('chatcmpl-')
    const events = [
      start,
      opened(0, { type: 'text', text: '' }),
      content(0, { text: 'ok' }),
      { type: 'content-end', index: 0 },
      end(),
    ]
    const { chunks } = await hear(events, { stream_options: { include_usage: true } })
    expect(chunks.filter(chunk => chunk.choices.length === 0)).toMatchObject([
      { usage: { total_tokens: 1558 } },
    ])
    expect(new Set(chunks.map(chunk => chunk.id)).size).toBe(1)
    expect((await hear(events)).chunks.some(chunk => chunk.usage)).toBe(false)
  },

  'COH-14 a schema stands in the format itself': async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    const { sent } = await ask({
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } },
    })
    expect(sent.response_format).toMatchObject({
      type: 'json_object',
      json_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    })
  },

  'COH-15 a format beside documents is refused here': async () => {
    const file = { filename: 'a.txt', file_data: `data:text/plain;base64,${btoa('tides')}` }
    const messages = [
      {
        role: 'user',
        content: [
          { type: 'file', file },
          { type: 'text', text: 'when?' },
        ],
      },
    ]
    const { status, body } = await ask({ messages, response_format: { type: 'json_object' } })
    expect([status, complaintOf(chat, JSON.stringify(body)).param]).toEqual([400, 'response_format'])
  },

  'COH-16 a stream ends at its last event, with and without a terminator': async () => {
    const events = frames([start, opened(0, { type: 'text', text: '' }), content(0, { text: 'ok' }), end()])
    for (const more of [[], ['data: [DONE]\n\n']]) {
      const upstream = scene.upstream(stream => () => stream([...events, ...more]))
      const { url } = front(scene, 'cohere', upstream.url)
      const body = { model: 'a/m', messages: [{ role: 'user', content: 'hi' }], stream: true }
      const text = await (await send(url, chat, JSON.stringify(body))).text()
      expect(text.match(/\[DONE\]/g)?.length).toBe(1)
      expect(text).toContain('"finish_reason":"stop"')
    }
  },

  'COH-17 embeddings have a kind of input, and come in as many calls as it takes': async () => {
    const upstream = scene.upstream(() => ({ json }) => {
      const texts = json.texts as readonly string[] // as sent
      return Response.json({
        id: 'e1',
        embeddings: { float: texts.map(text => [Number(text), 0.5]) },
        meta: { billed_units: { input_tokens: texts.length } },
      })
    })
    const { url } = front(scene, 'cohere', upstream.url)
    const embed = async (fields: object) => {
      const response = await send(url, '/v1/embeddings', JSON.stringify({ model: 'a/embed-v4.0', ...fields }))
      const body = (await response.json()) as Embeddings // the body of embeddings
      return { body, notes: response.headers.get('dragoman-notes') ?? '' }
    }
    const many = await embed({ input: Array.from({ length: 200 }, (_, index) => String(index)) })
    expect(upstream.seen.map(({ json }) => (json.texts as readonly string[]).length)).toEqual([96, 96, 8])
    expect(upstream.seen[0]?.json).toMatchObject({
      input_type: 'search_document',
      embedding_types: ['float'],
    })
    expect(many.body.data.map(one => [one.index, one.embedding[0]])).toEqual(
      Array.from({ length: 200 }, (_, index) => [index, index]),
    )
    expect(many.body.usage).toEqual({ prompt_tokens: 200, total_tokens: 200 })
    expect(many.notes).toContain('input_type')
    const one = await embed({
      input: '1',
      encoding_format: 'base64',
      input_type: 'search_query',
      dimensions: 256,
    })
    expect(upstream.seen.at(-1)?.json).toMatchObject({ input_type: 'search_query', output_dimension: 256 })
    const bytes = Uint8Array.from(atob(String(one.body.data[0]?.embedding)), character =>
      character.charCodeAt(0),
    )
    expect([...new Float32Array(bytes.buffer)]).toEqual([1, 0.5])
  },

  'COH-18 citations stand where their words are, whichever way offsets are counted': async () => {
    const source = {
      type: 'document',
      id: 'doc:0',
      document: { id: 'doc:0', title: 't', url: 'https://t.example/' },
    }
    const text = '🌊 high tide'
    const cite = (start: number, end: number, more: object = {}) => ({
      start,
      end,
      text: 'high tide',
      sources: [source],
      ...more,
    })
    // Code points, then the same in UTF-16 units, then in the second of two texts.
    for (const citation of [cite(2, 11), cite(3, 12)]) {
      const asked = await ask({}, answer({ content: [{ type: 'text', text }], citations: [citation] }))
      const [{ start_index, end_index, url } = nowhere] = citationsOf(choiceOf(asked).message)
      expect([text.slice(start_index, end_index), url]).toEqual(['high tide', 'https://t.example/'])
    }
    const two = answer({
      content: [
        { type: 'text', text: 'First. ' },
        { type: 'text', text },
      ],
      citations: [cite(2, 11, { content_index: 1 })],
    })
    const { message } = choiceOf(await ask({}, two))
    const [{ start_index, end_index } = nowhere] = citationsOf(message)
    expect(message.content?.slice(start_index, end_index)).toBe('high tide')
    const { chunks } = await hear([
      start,
      opened(0, { type: 'text', text: '' }),
      { type: 'citation-start', index: 0, delta: { message: { citations: cite(2, 11) } } },
      { type: 'citation-end', index: 0 },
      content(0, { text: '🌊 high' }),
      content(0, { text: ' tide' }),
      { type: 'content-end', index: 0 },
      end(),
    ])
    const annotations = chunks.flatMap(chunk => chunk.choices[0]?.delta?.annotations ?? [])
    expect(
      annotations.map(one => text.slice(one.url_citation.start_index, one.url_citation.end_index)),
    ).toEqual(['high tide'])
  },

  'COH-19 thinking and plans never leak into content': async () => {
    const items = [
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'ok' },
    ]
    const whole = choiceOf(
      await ask({}, answer({ content: items, tool_plan: 'I plan.', tool_calls: [called('a_1', 'a', '{}')] })),
    )
    expect([whole.message.content, whole.message.reasoning_content]).toEqual([
      'ok',
      expect.stringContaining('Hm.'),
    ])
    expect(whole.message.reasoning_content).toContain('I plan.')
    const { chunks } = await hear([
      start,
      opened(0, { type: 'thinking', thinking: '' }),
      content(0, { thinking: 'Hm.' }),
      { type: 'content-end', index: 0 },
      { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I plan.' } } },
      opened(1, { type: 'text', text: '' }),
      content(1, { text: 'ok' }),
      { type: 'content-end', index: 1 },
      end(),
    ])
    expect(chunks.map(chunk => chunk.choices[0]?.delta?.content ?? '').join('')).toBe('ok')
    expect(chunks.map(chunk => chunk.choices[0]?.delta?.reasoning_content ?? '').join('')).toContain('Hm.')
  },

  'COH-20 a limit or a key that speaks of tokens is not a long prompt': async () => {
    const failing = async (status: number, message: string) => {
      const upstream = scene.upstream(() => () => Response.json({ message }, { status }))
      const { url } = front(scene, 'cohere', upstream.url)
      const body = { model: 'a/m', messages: [{ role: 'user', content: 'hi' }] }
      const response = await send(url, chat, JSON.stringify(body))
      return [response.status, complaintOf(chat, await response.text()).code]
    }
    expect(await failing(429, 'too many tokens per minute')).toEqual([429, 'rate_limit_exceeded'])
    expect(await failing(401, 'invalid api token: too many tokens')).toEqual([502, 'upstream_auth'])
    expect(await failing(498, 'invalid token')).toEqual([502, 'upstream_auth'])
    expect(await failing(400, 'too many tokens: 5000')).toEqual([400, 'context_length_exceeded'])
    expect(await failing(402, 'billing')).toEqual([429, 'insufficient_quota'])
    expect(await failing(404, "model 'x' not found")).toEqual([404, 'model_not_found'])
    expect(await failing(422, "unknown field: parameter 'x' is not a valid field")).toEqual([
      400,
      'unsupported_parameter',
    ])
  },

  'COH-22 the system speaks first, once; between others it is moved aloud': async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'developer', content: 'Be kind.' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'ho' },
      { role: 'system', content: 'Be quick.' },
      { role: 'user', content: 'so?' },
    ]
    const { sent, notes } = await ask({ messages })
    const roles = (sent.messages as readonly { role: string }[]).map(message => message.role)
    expect(roles[0]).toBe('system')
    expect(roles.slice(1)).not.toContain('system')
    expect((sent.messages as readonly Json[])[0]?.content).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Be kind.' },
    ])
    expect(JSON.stringify(sent.messages)).toContain('Be quick.')
    expect(notes).toContain('path="messages[4]')
  },
}

describe('the traps of the card', () => {
  test.each(Object.entries(rows))('%s', async (_, row) => {
    await row()
  })

  test('all have a row or a reason', () => {
    const named = [...Object.keys(rows), ...Object.keys(elsewhere)].map(name => name.slice(0, 6))
    const all = Array.from({ length: 22 }, (_, index) => `COH-${String(index + 1).padStart(2, '0')}`)
    expect(named.toSorted()).toEqual(all)
  })
})
