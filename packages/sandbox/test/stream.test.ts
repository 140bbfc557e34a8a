import { describe, expect, test } from 'bun:test'
import { chat, chatBody, engine, events, post, type Read, streamed, time, weather } from './support.ts'

const plain = chatBody('Tell me something.')

describe('a streamed chat completion', () => {
  test('follows the grammar: role, content, finish, [DONE]', async () => {
    const chunks = await streamed('chat/completions', plain)
    expect(chunks.pop()).toBe('[DONE]')
    const deltas = chunks.map((chunk: Read) => chunk.choices[0])
    expect(deltas[0]).toEqual({
      index: 0,
      delta: { role: 'assistant', content: '', refusal: null },
      logprobs: null,
      finish_reason: null,
    })
    expect(deltas.at(-1)).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' })
    for (const { delta, finish_reason } of deltas.slice(1, -1)) {
      expect(Object.keys(delta)).toEqual(['content'])
      expect(delta.content).not.toBe('')
      expect(finish_reason).toBeNull()
    }
  })

  test('has the keys of OpenAI’s chunks, in their order, the same on all of them', async () => {
    const chunks = (await streamed('chat/completions', plain)).slice(0, -1)
    for (const { choices, obfuscation, ...head } of chunks) {
      expect(head).toEqual({
        id: chunks[0].id,
        object: 'chat.completion.chunk',
        created: 1_700_000_000,
        model: 'sandbox',
        service_tier: 'default',
        system_fingerprint: chunks[0].system_fingerprint,
      })
      expect(choices).toHaveLength(1)
      // The padding hides how long the token is.
      const { content = '' } = choices[0].delta
      expect((content.length + obfuscation.length) % 10).toBe(0)
    }
    expect(Object.keys(chunks[0])).toEqual([
      'id',
      'object',
      'created',
      'model',
      'service_tier',
      'system_fingerprint',
      'choices',
      'obfuscation',
    ])
  })

  test('no frame names an event', async () => {
    const { text } = await post('chat/completions', { ...plain, stream: true })
    for (const { name } of events(text)) expect(name).toBeNull()
  })

  test('padding can be left out', async () => {
    const chunks = await streamed('chat/completions', {
      ...plain,
      stream_options: { include_obfuscation: false },
    })
    for (const chunk of chunks.slice(0, -1)) expect(chunk).not.toHaveProperty('obfuscation')
  })

  test('usage comes once, where it was asked for, after the finish and before the end', async () => {
    const whole = (await chat('Tell me something.')).json
    const chunks = await streamed('chat/completions', { ...plain, stream_options: { include_usage: true } })
    const [last, usage] = [chunks.pop(), chunks.pop()]
    expect(last).toBe('[DONE]')
    expect(usage.choices).toEqual([])
    expect(usage.usage).toEqual(whole.usage)
    for (const chunk of chunks) expect(chunk.usage).toBeNull()
    expect(chunks.at(-1).choices[0].finish_reason).toBe('stop')
  })

  test('n choices are interleaved, each with its role and its finish', async () => {
    const chunks = await streamed('chat/completions', {
      ...plain,
      n: 3,
      stream_options: { include_usage: true },
    })
    const usage = chunks.at(-2).usage
    const whole = (await chat('Tell me something.', { n: 3 })).json
    expect(usage).toEqual(whole.usage)
    const choices = chunks.slice(0, -2).map((chunk: Read) => chunk.choices[0])
    expect(choices.slice(0, 4).map((choice: Read) => choice.index)).toEqual([0, 1, 2, 0])
    for (const index of [0, 1, 2]) {
      const own = choices.filter((choice: Read) => choice.index === index)
      expect(own.filter((choice: Read) => choice.delta.role === 'assistant')).toHaveLength(1)
      expect(own.filter((choice: Read) => choice.finish_reason !== null)).toEqual([own.at(-1)])
      const text = own.map((choice: Read) => choice.delta.content ?? '').join('')
      expect(text).toBe(whole.choices[index].message.content)
    }
  })

  test('probabilities come with the tokens that they belong to', async () => {
    const more = { logprobs: true, top_logprobs: 2 }
    const whole = (await chat('Say "naïve 🫠 text"', more)).json.choices[0].logprobs.content
    const chunks = await streamed('chat/completions', chatBody('Say "naïve 🫠 text"', more))
    const pieces = chunks.slice(0, -1).flatMap((chunk: Read) => chunk.choices[0].logprobs?.content ?? [])
    expect(pieces).toEqual(whole)
  })

  test('a character is never divided over deltas', async () => {
    const chunks = await streamed('chat/completions', { ...plain, model: 'sandbox/unicode' })
    const texts = chunks.slice(0, -1).map((chunk: Read) => chunk.choices[0].delta.content ?? '')
    for (const text of texts) {
      expect(text.isWellFormed()).toBeTrue()
      expect(text).not.toContain('\ufffd')
    }
  })
})

const kinds: readonly (readonly [string, object])[] = [
  ['text', plain],
  ['text cut by a limit', { ...plain, max_tokens: 7 }],
  ['text cut by a stop sequence', { ...plain, stop: ['agom'] }],
  [
    'an object',
    { ...plain, response_format: { type: 'json_object' }, messages: [{ role: 'user', content: 'JSON' }] },
  ],
  ['one call', chatBody('What is the weather in Oslo?', { tools: [weather] })],
  ['two calls', chatBody('Weather and time in Oslo?', { tools: [weather, time] })],
  ['a call cut by a limit', chatBody('What is the weather in Oslo?', { tools: [weather], max_tokens: 5 })],
  ['a legacy call', chatBody('Weather in Oslo?', { functions: [weather.function] })],
  ['a custom call', chatBody('run sql', { tools: [{ type: 'custom', custom: { name: 'sql' } }] })],
  ['reasoning', { ...plain, model: 'sandbox-reasoning' }],
  ['a refusal', { ...plain, model: 'sandbox/refuse' }],
  ['citations', { ...plain, model: 'sandbox/cites' }],
  ['filtered text', { ...plain, model: 'sandbox/filter' }],
  ['rare characters', { ...plain, model: 'sandbox/unicode' }],
]

/** The message that the deltas of a choice add up to, in the way that clients add them up. */
function fold(choices: Read[]): Read {
  const message: Read = {}
  let finish = null
  for (const { delta, finish_reason } of choices) {
    finish = finish_reason ?? finish
    for (const [key, value] of Object.entries<Read>(delta)) {
      if (key === 'tool_calls') {
        message.tool_calls ??= []
        for (const { index, ...part } of value)
          message.tool_calls[index] = add(message.tool_calls[index], part)
      } else message[key] = add(message[key], value)
    }
  }
  return { message, finish }
}

function add(before: Read, part: Read): Read {
  if (before === undefined || before === null) return part
  if (typeof part === 'string') return before + part
  if (part === null || Array.isArray(part)) return part ?? before
  const merged = { ...before }
  for (const [key, value] of Object.entries<Read>(part)) merged[key] = add(before[key], value)
  return merged
}

describe('whole and streamed', () => {
  test.each(kinds.map(kind => [...kind]))('%s: the deltas add up to the whole', async (_, body) => {
    // Ids count the exchanges of an engine, so each form gets an engine of its own.
    const whole = (await post('chat/completions', body, engine())).json.choices[0]
    const chunks = await streamed('chat/completions', body as object, engine())
    const { message, finish } = fold(chunks.slice(0, -1).map((chunk: Read) => chunk.choices[0]))
    expect(finish).toBe(whole.finish_reason)
    const { annotations, ...rest } = whole.message
    expect(message).toEqual(annotations.length > 0 ? whole.message : rest)
  })

  test('a call begins with its id, type and name, and goes on with arguments alone', async () => {
    const body = chatBody('Weather and time in Oslo?', { tools: [weather, time] })
    const chunks = await streamed('chat/completions', body)
    const calls = chunks.slice(0, -1).flatMap((chunk: Read) => chunk.choices[0].delta.tool_calls ?? [])
    const seen = new Set<number>()
    for (const call of calls) {
      if (!seen.has(call.index)) {
        expect(call.index).toBe(seen.size)
        expect(Object.keys(call)).toEqual(['index', 'id', 'type', 'function'])
        expect(call.function).toEqual({ name: call.function.name, arguments: '' })
        seen.add(call.index)
      } else expect(Object.keys(call)).toEqual(['index', 'function'])
    }
    expect(seen.size).toBe(2)
  })

  test('an error that can be known is no stream', async () => {
    const reply = await post('chat/completions', { ...plain, stream: true, temperature: 9 })
    expect([reply.status, reply.json.error.param]).toEqual([400, 'temperature'])
  })
})

describe('the pace', () => {
  async function waits(rate: number): Promise<{ readonly waits: number[]; readonly tokens: number }> {
    const waited: number[] = []
    const sandbox = engine({
      rate,
      sleep: async milliseconds => {
        waited.push(milliseconds)
      },
    })
    const body = { ...plain, stream: true, stream_options: { include_usage: true } }
    const { text } = await post('chat/completions', body, sandbox)
    const { usage } = events(text).at(-2)?.data ?? {}
    return { waits: waited, tokens: usage.completion_tokens }
  }

  test.each([10, 200, 5000])('%d tokens a second take as long as that', async rate => {
    const { waits: waited, tokens } = await waits(rate)
    const total = waited.reduce((sum, one) => sum + one, 0)
    // The last tick is not waited for, because nothing follows it.
    const tick = Math.max(1, Math.round(rate * 0.02))
    expect(total).toBeGreaterThan(((tokens - 2 * tick) / rate) * 1000)
    expect(total).toBeLessThanOrEqual((tokens / rate) * 1000)
  })

  test('as fast as it is read, it never waits', async () => {
    expect((await waits(Number.POSITIVE_INFINITY)).waits).toEqual([])
  })

  test('nothing is made before it is read', async () => {
    let waited = 0
    const sandbox = engine({
      rate: 100,
      sleep: async () => {
        waited += 1
      },
    })
    const { body } = await sandbox.fetch(
      new Request('http://sandbox.test/v1/chat/completions', {
        method: 'POST',
        body: JSON.stringify({ ...plain, stream: true }),
        headers: { 'content-type': 'application/json' },
      }),
    )
    const reader = body?.getReader()
    const first = await reader?.read()
    expect(first?.done).toBeFalse()
    expect(waited).toBe(0)
    await reader?.read()
    expect(waited).toBe(1)
    await reader?.cancel()
    expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
  })
})
