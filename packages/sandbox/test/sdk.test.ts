// The official SDK drives the engine in process: what it accepts, and what it throws.
import { describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { client, engine, time, until, weather } from './support.ts'

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Tell me something.' }]
const ask = { model: 'sandbox', messages }

describe('chat', () => {
  test('create', async () => {
    const completion = await client().chat.completions.create(ask)
    expect(completion.choices[0]?.message.content).toContain('Dragoman sandbox')
    expect(completion._request_id).toMatch(/^req_/)
  })

  test('create, streamed', async () => {
    const stream = await client().chat.completions.create({ ...ask, stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toContain('Dragoman sandbox')
  })

  test('the stream helper', async () => {
    const stream = client().chat.completions.stream({ ...ask, n: 2, stream_options: { include_usage: true } })
    const final = await stream.finalChatCompletion()
    expect(final.choices).toHaveLength(2)
    expect(await stream.totalUsage()).toMatchObject({ prompt_tokens: 11 })
  })

  test('the stream helper, with two calls', async () => {
    const question = { role: 'user', content: 'Weather and time in Oslo?' } as const
    const stream = client().chat.completions.stream({
      model: 'sandbox',
      messages: [question],
      tools: [weather, time] as unknown as OpenAI.ChatCompletionTool[], // readonly here, not there
    })
    const final = await stream.finalChatCompletion()
    expect(
      final.choices[0]?.message.tool_calls?.map(call => call.type === 'function' && call.function.name),
    ).toEqual(['get_weather', 'get_time'])
  })

  test('the tool runner goes round until there is an answer', async () => {
    const asked: unknown[] = []
    const runner = client().chat.completions.runTools({
      model: 'sandbox',
      messages: [{ role: 'user', content: 'What is the weather in Oslo?' }],
      tools: [
        {
          type: 'function',
          function: {
            ...weather.function,
            parameters: weather.function.parameters as unknown as Record<string, unknown> & {
              type: 'object'
            }, // readonly here
            parse: JSON.parse,
            function: (input: object) => {
              asked.push(input)
              return 'seven degrees and rain'
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toContain('get_weather returned seven degrees and rain')
    expect(asked).toEqual([{ city: 'Oslo' }])
  })

  test('structured output, whole and streamed', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
      required: ['city', 'days'],
      additionalProperties: false,
    }
    const body = {
      model: 'sandbox',
      messages: [{ role: 'user', content: 'Plan 3 days in Lisbon.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'plan', strict: true, schema } },
    } satisfies OpenAI.ChatCompletionCreateParams
    const parsed = await client().chat.completions.parse(body)
    expect(JSON.parse(parsed.choices[0]?.message.content ?? '')).toEqual({ city: 'Lisbon', days: 3 })
    const streamed = await client().chat.completions.stream(body).finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe(parsed.choices[0]?.message.content ?? '')
  })

  test('a refusal', async () => {
    const final = await client()
      .chat.completions.stream({ ...ask, model: 'sandbox/refuse' })
      .finalChatCompletion()
    expect(final.choices[0]?.message.refusal).toStartWith("I'm sorry")
  })
})

describe('responses', () => {
  const input = { model: 'sandbox', input: 'Tell me something.' }

  test('create', async () => {
    const response = await client().responses.create(input)
    expect(response.output_text).toContain('Dragoman sandbox')
  })

  test.each([
    ['text', {}],
    ['reasoning', { model: 'sandbox-reasoning', reasoning: { summary: 'detailed' } }],
    ['a refusal', { model: 'sandbox/refuse' }],
    ['citations', { model: 'sandbox/cites' }],
    ['an end too soon', { max_output_tokens: 16 }],
    [
      'calls',
      {
        input: 'Weather and time in Oslo?',
        tools: [
          { type: 'function', strict: false, ...weather.function },
          { type: 'custom', name: 'time' },
        ],
      },
    ],
  ])('the stream helper with %s', async (_, more) => {
    const body = { ...input, ...more } as unknown as OpenAI.Responses.ResponseCreateParamsNonStreaming // the rows are wider than its types
    const whole = await client(engine()).responses.create(body)
    const stream = client(engine()).responses.stream(body as never) // the helper's types ask for their own
    const final = await stream.finalResponse()
    const { output_parsed: _parsed, ...rest } = final
    expect(JSON.stringify(rest.output.map(strip))).toBe(JSON.stringify(whole.output.map(strip)))
    expect(final.status).toBe(whole.status ?? 'completed')
  })

  const strip = (item: OpenAI.Responses.ResponseOutputItem): unknown =>
    JSON.parse(
      JSON.stringify(item, (key, value) =>
        key === 'parsed' || key === 'parsed_arguments' ? undefined : value,
      ),
    )

  test('counting input tokens', async () => {
    expect(await client().responses.inputTokens.count(input)).toMatchObject({ input_tokens: 11 })
  })

  test('a failure in the middle is thrown', async () => {
    const run = client()
      .responses.stream({ ...input, model: 'sandbox/error-mid' })
      .finalResponse()
    expect(run).rejects.toBeInstanceOf(OpenAI.APIError)
    await run.catch(() => {})
  })
})

describe('embeddings and completions', () => {
  test('embeddings, which the SDK asks for in base64', async () => {
    const { data } = await client().embeddings.create({ model: 'sandbox-embedding', input: ['a', 'b'] })
    expect(data[1]?.embedding).toHaveLength(1536)
    const floats = await client().embeddings.create({
      model: 'sandbox-embedding',
      input: 'b',
      encoding_format: 'float',
    })
    expect(data[1]?.embedding).toEqual(floats.data[0]?.embedding ?? [])
  })

  test('completions', async () => {
    const { choices } = await client().completions.create({ model: 'sandbox', prompt: 'hi', max_tokens: 5 })
    expect(choices[0]?.finish_reason).toBe('length')
    const stream = await client().completions.create({
      model: 'sandbox',
      prompt: 'hi',
      max_tokens: 5,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
    expect(text).toBe(choices[0]?.text ?? '')
  })

  test('models', async () => {
    const ids: string[] = []
    for await (const model of client().models.list()) ids.push(model.id)
    expect(ids).toContain('sandbox-reasoning')
    expect((await client().models.retrieve('sandbox/429')).id).toBe('sandbox/429')
  })
})

describe('errors are the classes of the SDK', () => {
  test.each([
    ['sandbox/400', OpenAI.BadRequestError, 400],
    ['sandbox/401', OpenAI.AuthenticationError, 401],
    ['sandbox/403', OpenAI.PermissionDeniedError, 403],
    ['sandbox/404', OpenAI.NotFoundError, 404],
    ['gpt-9', OpenAI.NotFoundError, 404],
    ['sandbox/429', OpenAI.RateLimitError, 429],
    ['sandbox/429-quota', OpenAI.RateLimitError, 429],
    ['sandbox/500', OpenAI.InternalServerError, 500],
    ['sandbox/503', OpenAI.InternalServerError, 503],
    ['sandbox/529', OpenAI.InternalServerError, 529],
    ['sandbox/html', OpenAI.InternalServerError, 502],
  ])('%s', async (model, kind, status) => {
    const error = await client()
      .chat.completions.create({ ...ask, model })
      .catch((one: unknown) => one)
    expect(error).toBeInstanceOf(kind)
    expect(error).toHaveProperty('status', status)
  })

  test('what a refusal says arrives', async () => {
    const error = await client()
      .chat.completions.create({ ...ask, temperature: 3 })
      .catch((one: unknown) => one)
    expect(error).toMatchObject({ status: 400, code: 'decimal_above_max_value', param: 'temperature' })
  })

  test('an error within a stream is thrown', async () => {
    for (const model of ['sandbox/error-first', 'sandbox/error-mid', 'sandbox/garbage', 'sandbox/reset']) {
      const stream = await client().chat.completions.create({ ...ask, model, stream: true })
      const run = async () => {
        for await (const _ of stream);
      }
      expect(await run().catch(error => error)).toBeInstanceOf(Error)
    }
  })

  test('the SDK’s own retries get through a flaky model', async () => {
    const sandbox = engine()
    const statuses: number[] = []
    const hasty = client({
      ...sandbox,
      fetch: async request => {
        const response = await sandbox.fetch(request)
        statuses.push(response.status)
        // A second is long for a test; the SDK reads this header first.
        response.headers.set('retry-after-ms', '1')
        return response
      },
    })
    const completion = await hasty.withOptions({ maxRetries: 2 }).chat.completions.create({
      ...ask,
      model: 'sandbox/flaky-1',
    })
    expect(completion.choices[0]?.finish_reason).toBe('stop')
    expect(statuses).toEqual([503, 200])
  })

  test('aborting ends a stream and the engine’s waiting', async () => {
    const sandbox = engine({ rate: 1 })
    const stream = await client(sandbox).chat.completions.create({ ...ask, stream: true })
    for await (const _ of stream) break
    await until(() => sandbox.live.timers + sandbox.live.streams === 0)
    expect(sandbox.live).toEqual({ timers: 0, streams: 0 })
  })
})
