// OpenAI's own TypeScript SDK against the running gateway, over a socket, on the sandbox.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { calledIn, collect, functionCalls, openaiFor, rejection, weather } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const model = 'sandbox'
const user = (content: string) => [{ role: 'user' as const, content }]
const exactly = (text: string) => user(`Reply with exactly "${text}"`)
const question = 'What is the weather in Paris?'

let gateway: RunningGateway
let openai: OpenAI

beforeAll(async () => {
  gateway = await startGateway({
    retry: { attempts: 1, max_wait: '1500ms' },
    models: {
      'gpt-*': 'sandbox/sandbox',
      impatient: {
        targets: [{ provider: 'sandbox', model: 'stall' }],
        timeouts: { first_token: '300ms' },
      },
    },
  })
  openai = openaiFor(gateway)
})

afterAll(async () => {
  await gateway?.stop()
})

describe('models', () => {
  test('are listed', async () => {
    const models = await collect(openai.models.list())
    const names = models.map(entry => entry.id)
    expect(names).toContain('sandbox')
    expect(names).toContain('sandbox-embedding')
    expect(models.every(entry => entry.object === 'model' && typeof entry.created === 'number')).toBeTrue()
  })

  test('can be asked for one by one, with a slash in the name too', async () => {
    for (const id of ['sandbox', 'sandbox/sandbox']) {
      expect(await openai.models.retrieve(id)).toMatchObject({ id, object: 'model' })
    }
    expect(await rejection(openai.models.retrieve('nobody'))).toBeInstanceOf(OpenAI.NotFoundError)
  })
})

describe('chat completions', () => {
  test('answer, and say who answered and how', async () => {
    const { data, response, request_id } = await openai.chat.completions
      .create({ model, messages: exactly('ok') })
      .withResponse()
    expect(data.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'ok' },
    })
    expect(data.usage?.total_tokens).toBe(
      (data.usage?.prompt_tokens ?? 0) + (data.usage?.completion_tokens ?? 0),
    )
    expect(request_id).toMatch(/^[A-Za-z0-9]{16,}$/)
    expect(response.headers.get('dragoman-target')).toBe('sandbox/sandbox')
    expect(response.headers.get('dragoman-mode')).toBe('relay')
    expect(response.headers.get('dragoman-attempts')).toBe('1')
  })

  test('stream', async () => {
    const stream = await openai.chat.completions.create({
      model,
      messages: exactly('one two three'),
      stream: true,
    })
    const chunks = await collect(stream)
    expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe('one two three')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.some(chunk => 'usage' in chunk)).toBeFalse()
  })

  test('stream through the helper, with usage', async () => {
    const stream = openai.chat.completions.stream({
      model,
      messages: exactly('one two three'),
      stream_options: { include_usage: true },
    })
    const deltas: string[] = []
    stream.on('content.delta', ({ delta }) => deltas.push(delta))
    expect(await stream.finalContent()).toBe('one two three')
    expect(deltas.join('')).toBe('one two three')
    expect((await stream.totalUsage()).total_tokens).toBeGreaterThan(3)
  })

  test('run tools with the helper until there is an answer', async () => {
    const asked: string[] = []
    const runner = openai.chat.completions.runTools({
      model,
      messages: user(question),
      tools: [
        {
          type: 'function',
          function: {
            ...weather,
            parse: (text: string) => z.object({ city: z.string() }).parse(JSON.parse(text)),
            function: ({ city }: { city: string }) => {
              asked.push(city)
              return 'It is sunny, 21 degrees.'
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toContain('21 degrees')
    expect(asked).toEqual(['Paris'])
  })

  test('take several calls and their results in one turn', async () => {
    const tools = [{ type: 'function' as const, function: weather }]
    const messages = user('What is the weather in Paris and in Oslo?')
    const first = await openai.chat.completions.create({ model, messages, tools })
    const streamed = await openai.chat.completions.stream({ model, messages, tools }).finalChatCompletion()
    for (const { choices } of [first, streamed]) {
      expect(choices[0]?.finish_reason).toBe('tool_calls')
      expect(functionCalls(choices[0]?.message)).toEqual([
        ['get_weather', '{"city":"Paris"}'],
        ['get_weather', '{"city":"Oslo"}'],
      ])
    }
    const message = first.choices[0]?.message
    const results = (message?.tool_calls ?? []).map((call, index) => ({
      role: 'tool' as const,
      tool_call_id: call.id,
      content: `result ${index}`,
    }))
    const second = await openai.chat.completions.create({
      model,
      tools,
      messages: [...messages, ...(message === undefined ? [] : [message]), ...results],
    })
    expect(second.choices[0]?.message.content).toContain('result 0')
    expect(second.choices[0]?.message.content).toContain('result 1')
  })

  test('parse structured output', async () => {
    const shape = z.object({
      name: z.string(),
      legs: z.number().int(),
      tags: z.array(z.enum(['big', 'small'])),
    })
    const completion = await openai.chat.completions.parse({
      model,
      messages: user('Describe a horse'),
      response_format: zodResponseFormat(shape, 'animal'),
    })
    expect(shape.parse(completion.choices[0]?.message.parsed)).toBeDefined()
  })

  test('give three answers where three are asked for', async () => {
    const completion = await openai.chat.completions.create({ model, messages: user('Hello'), n: 3 })
    expect(completion.choices.map(choice => choice.index)).toEqual([0, 1, 2])
    expect(new Set(completion.choices.map(choice => choice.message.content)).size).toBe(3)
    const streamed = await openai.chat.completions
      .stream({ model, messages: user('Hello'), n: 3 })
      .finalChatCompletion()
    expect(streamed.choices.map(choice => choice.message.content)).toEqual(
      completion.choices.map(choice => choice.message.content),
    )
  })

  test('give log probabilities', async () => {
    const completion = await openai.chat.completions.create({
      model,
      messages: exactly('one two'),
      logprobs: true,
      top_logprobs: 2,
    })
    const content = completion.choices[0]?.logprobs?.content ?? []
    expect(content.map(entry => entry.token).join('')).toBe('one two')
    expect(content.every(entry => entry.top_logprobs.length === 2 && entry.logprob <= 0)).toBeTrue()
  })

  test('take images', async () => {
    const url =
      'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC'
    const completion = await openai.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is in it?' },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ],
    })
    expect(completion.choices[0]?.message.content).toContain('1 image')
  })

  test('answer under a name that is an alias, with the caller’s own code unchanged', async () => {
    const completion = await openai.chat.completions.create({ model: 'gpt-5.5', messages: exactly('ok') })
    expect(completion.choices[0]?.message.content).toBe('ok')
  })
})

describe('responses', () => {
  test('answer', async () => {
    const response = await openai.responses.create({
      model,
      input: 'Reply with exactly "ok"',
      instructions: 'Be kind.',
    })
    expect(response).toMatchObject({ status: 'completed', output_text: 'ok' })
    expect(response.usage?.total_tokens).toBeGreaterThan(1)
  })

  test('stream, numbered without a gap', async () => {
    const stream = await openai.responses.create({
      model,
      input: 'Reply with exactly "one two"',
      stream: true,
    })
    const events = await collect(stream)
    expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => index))
    expect(events.at(-1)?.type).toBe('response.completed')
  })

  test('stream through the helper', async () => {
    const stream = openai.responses.stream({ model, input: 'Reply with exactly "one two three"' })
    let text = ''
    stream.on('response.output_text.delta', event => {
      text += event.delta
    })
    const response = await stream.finalResponse()
    expect(response.output_text).toBe('one two three')
    expect(text).toBe('one two three')
  })

  test('call tools and take their results', async () => {
    const tools = [{ type: 'function' as const, strict: true, ...weather }]
    const first = await openai.responses.stream({ model, input: question, tools }).finalResponse()
    expect(calledIn(first)).toEqual([['get_weather', { city: 'Paris' }]])
    const call = first.output.find(item => item.type === 'function_call')
    const second = await openai.responses.create({
      model,
      tools,
      input: [
        { role: 'user', content: question },
        {
          type: 'function_call',
          call_id: call?.call_id ?? '',
          name: weather.name,
          arguments: call?.arguments ?? '',
        },
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'It is sunny, 21 degrees.' },
      ],
    })
    expect(second.output_text).toContain('21 degrees')
  })

  test('parse structured output', async () => {
    const shape = z.object({ name: z.string(), legs: z.number().int() })
    const text = { format: zodTextFormat(shape, 'animal') }
    const parsed = await openai.responses.parse({ model, input: 'Describe a horse', text })
    expect(shape.parse(parsed.output_parsed)).toBeDefined()
    const streamed = await openai.responses.stream({ model, input: 'Describe a horse', text }).finalResponse()
    expect(streamed.output_parsed).toEqual(parsed.output_parsed)
  })

  test('show reasoning where the model reasons', async () => {
    const response = await openai.responses.create({
      model: 'sandbox-reasoning',
      input: 'Hello',
      reasoning: { effort: 'low', summary: 'auto' },
    })
    expect(response.output.map(item => item.type)).toEqual(['reasoning', 'message'])
    expect(response.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0)
  })
})

describe('embeddings', () => {
  test('come in the base64 that the SDK asks for by itself', async () => {
    const input = ['a small cat', 'a little cat', 'the price of steel']
    const packed = await openai.embeddings.create({ model: 'sandbox-embedding', input })
    const plain = await openai.embeddings.create({
      model: 'sandbox-embedding',
      input,
      encoding_format: 'float',
    })
    const [a = [], b = [], c = []] = packed.data.map(entry => entry.embedding)
    expect([a.length, b.length, c.length]).toEqual([1536, 1536, 1536])
    const near = (one: number[], other: number[]) =>
      one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
    expect(near(a, b)).toBeGreaterThan(near(a, c))
    expect(near(a, plain.data[0]?.embedding ?? [])).toBeCloseTo(1, 3)
  })

  test('take dimensions and token ids', async () => {
    const { data, usage } = await openai.embeddings.create({
      model: 'sandbox-embedding',
      input: [
        [13225, 2375],
        [13225, 2375, 0],
      ],
      dimensions: 64,
    })
    expect(data.map(entry => entry.embedding.length)).toEqual([64, 64])
    expect(usage.prompt_tokens).toBe(5)
  })
})
