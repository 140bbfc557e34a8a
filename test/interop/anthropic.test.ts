// Anthropic's own TypeScript SDK against the running gateway. No target here speaks Messages: everything is translated.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { z } from 'zod'
import { anthropicFor, collect, rejection, weather } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const model = 'sandbox'
const ask = (content: string) => ({ model, max_tokens: 1000, messages: [{ role: 'user' as const, content }] })
const exactly = (text: string) => ask(`Reply with exactly "${text}"`)
const tools = [{ name: weather.name, description: weather.description, input_schema: weather.parameters }]

/** A PNG of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC'

let gateway: RunningGateway
let anthropic: Anthropic

beforeAll(async () => {
  gateway = await startGateway({
    retry: { attempts: 0 },
    models: { 'claude-*': 'sandbox/sandbox' },
  })
  anthropic = anthropicFor(gateway)
})

afterAll(async () => {
  await gateway?.stop()
})

describe('messages', () => {
  test('answer, and say who answered and how', async () => {
    const { data, response } = await anthropic.messages.create(exactly('ok')).withResponse()
    expect(data).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      stop_sequence: null,
      content: [{ type: 'text', text: 'ok' }],
    })
    expect(data.usage.input_tokens).toBeGreaterThan(0)
    expect(data.usage.output_tokens).toBeGreaterThan(0)
    expect(response.headers.get('dragoman-target')).toBe('sandbox/sandbox')
    expect(response.headers.get('dragoman-mode')).toBe('translate')
    expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{16,}$/)
  })

  test('stream', async () => {
    const events = await collect(
      await anthropic.messages.create({ ...exactly('one two three'), stream: true }),
    )
    const types = events.map(event => event.type).filter(type => type !== 'content_block_delta')
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
    const deltas = events.flatMap(event => (event.type === 'content_block_delta' ? [event.delta] : []))
    expect(deltas.map(delta => (delta.type === 'text_delta' ? delta.text : '')).join('')).toBe(
      'one two three',
    )
  })

  test('stream through the helper', async () => {
    const stream = anthropic.messages.stream(exactly('one two three'))
    let text = ''
    stream.on('text', delta => {
      text += delta
    })
    const message = await stream.finalMessage()
    expect(message.content).toMatchObject([{ type: 'text', text: 'one two three' }])
    expect(text).toBe('one two three')
    expect(message.stop_reason).toBe('end_turn')
    expect(message.usage.output_tokens).toBeGreaterThan(0)
  })

  test('call tools in parallel and take their results', async () => {
    const request = { ...ask('What is the weather in Paris and in Oslo?'), tools }
    const first = await anthropic.messages.create(request)
    const streamed = await anthropic.messages.stream(request).finalMessage()
    for (const message of [first, streamed]) {
      expect(message.stop_reason).toBe('tool_use')
      expect(message.content.flatMap(block => (block.type === 'tool_use' ? [block.input] : []))).toEqual([
        { city: 'Paris' },
        { city: 'Oslo' },
      ])
    }
    const results = streamed.content.flatMap((block, index) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: `result ${index}` }]
        : [],
    )
    const second = await anthropic.messages.create({
      ...request,
      messages: [
        ...request.messages,
        { role: 'assistant', content: streamed.content },
        { role: 'user', content: results },
      ],
    })
    expect(JSON.stringify(second.content)).toContain('result 0')
    expect(JSON.stringify(second.content)).toContain('result 1')
  })

  test('run tools with the beta helper until there is an answer', async () => {
    const asked: string[] = []
    const final = await anthropic.beta.messages.toolRunner({
      ...ask('What is the weather in Paris?'),
      tools: [
        betaZodTool({
          name: weather.name,
          description: weather.description,
          inputSchema: z.object({ city: z.string() }),
          run: ({ city }) => {
            asked.push(city)
            return 'It is sunny, 21 degrees.'
          },
        }),
      ],
    })
    expect(JSON.stringify(final.content)).toContain('21 degrees')
    expect(asked).toEqual(['Paris'])
  })

  test('think where the model reasons, with nothing forged', async () => {
    const request = {
      ...ask('Hello'),
      model: 'sandbox-reasoning',
      max_tokens: 4000,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    }
    const { data: message, response } = await anthropic.messages.create(request).withResponse()
    const streamed = await anthropic.messages.stream(request).finalMessage()
    for (const { content } of [message, streamed]) {
      expect(content.at(-1)?.type).toBe('text')
      expect(
        content.filter(block => block.type === 'thinking').every(block => block.signature === ''),
      ).toBeTrue()
    }
    // The target takes an effort, not a budget: that is said.
    expect(response.headers.get('dragoman-notes')).toContain('thinking')
  })

  test('take a thinking block of another provider back without sending its signature anywhere', async () => {
    const { data, response } = await anthropic.messages
      .create({
        ...ask('Hello'),
        messages: [
          { role: 'user', content: 'Hello' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'A greeting.', signature: 'c2lnbmVkLWVsc2V3aGVyZQ==' },
              { type: 'text', text: 'Good day.' },
            ],
          },
          { role: 'user', content: 'Reply with exactly "ok"' },
        ],
      })
      .withResponse()
    expect(data.content).toMatchObject([{ type: 'text', text: 'ok' }])
    expect(response.headers.get('dragoman-notes')).toContain('dropped')
  })

  test('take system blocks with cache markers, and say that the target has no such markers', async () => {
    const { data, response } = await anthropic.messages
      .create({
        ...exactly('ok'),
        system: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
        ],
      })
      .withResponse()
    expect(data.content).toMatchObject([{ type: 'text', text: 'ok' }])
    expect(response.headers.get('dragoman-notes')).toContain('cache_control')
  })

  test('take images', async () => {
    const message = await anthropic.messages.create({
      ...ask(''),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
            { type: 'text', text: 'What is in it?' },
          ],
        },
      ],
    })
    expect(JSON.stringify(message.content)).toContain('1 image')
  })

  test('parse structured output', async () => {
    const shape = z.object({ name: z.string(), legs: z.number().int() })
    const output_config = { format: zodOutputFormat(shape) }
    const message = await anthropic.messages.parse({ ...ask('Describe a horse'), output_config })
    expect(shape.parse(message.parsed_output)).toBeDefined()
    const streamed = await anthropic.messages
      .stream({ ...ask('Describe a horse'), output_config })
      .finalMessage()
    expect(streamed.parsed_output).toEqual(message.parsed_output)
  })

  test('stop at a stop sequence, and say that the target does not tell which one', async () => {
    const request = { ...exactly('one two three'), stop_sequences: [' two'] }
    const { data, response } = await anthropic.messages.create(request).withResponse()
    expect(data).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'one' }] })
    expect(response.headers.get('dragoman-notes')).toContain('approximated;path="stop_sequence')
    const streamed = await anthropic.messages.stream(request).finalMessage()
    expect(streamed.content).toMatchObject([{ type: 'text', text: 'one' }])
  })

  test('answer under a name that is an alias, with the caller’s own code unchanged', async () => {
    const message = await anthropic.messages.create({ ...exactly('ok'), model: 'claude-opus-5-5' })
    expect(message.content).toMatchObject([{ type: 'text', text: 'ok' }])
  })

  test('work on the beta surface too', async () => {
    const message = await anthropic.beta.messages.create({
      ...exactly('ok'),
      betas: ['context-1m-2025-08-07'],
    })
    expect(message.content).toMatchObject([{ type: 'text', text: 'ok' }])
  })
})

describe('around messages', () => {
  test('tokens are counted', async () => {
    const { input_tokens } = await anthropic.messages.countTokens({
      model,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'How many tokens are these?' }],
      tools,
    })
    expect(input_tokens).toBeGreaterThan(20)
    expect(input_tokens).toBeLessThan(200)
  })

  test('models are listed in Anthropic’s shape', async () => {
    const models = await collect(anthropic.models.list())
    expect(models.map(entry => entry.id)).toContain('sandbox')
    expect(models.every(entry => entry.type === 'model' && entry.display_name !== '')).toBeTrue()
    expect(await anthropic.models.retrieve('sandbox')).toMatchObject({ id: 'sandbox', type: 'model' })
  })
})

describe('errors are the SDK’s own classes', () => {
  test('401 AuthenticationError for a wrong key', async () => {
    const error = await rejection(anthropicFor({ ...gateway, key: 'sk-wrong' }).messages.create(ask('Hello')))
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(error).toMatchObject({ type: 'authentication_error' })
  })

  test('404 NotFoundError for an unknown model', async () => {
    const error = await rejection(anthropic.messages.create({ ...ask('Hello'), model: 'nobody' }))
    expect(error).toBeInstanceOf(Anthropic.NotFoundError)
    expect(error).toMatchObject({ type: 'not_found_error' })
  })

  test('400 BadRequestError for temperature, which this version of the API no longer takes', async () => {
    const error = await rejection(anthropic.messages.create({ ...ask('Hello'), ...{ temperature: 1 } }))
    expect(error).toBeInstanceOf(Anthropic.BadRequestError)
    expect(error instanceof Error && error.message).toContain('temperature')

    const headers = { 'anthropic-version': '2023-06-01' }
    const older = await anthropic.messages.create({ ...exactly('ok'), ...{ temperature: 1 } }, { headers })
    expect(older.content).toMatchObject([{ type: 'text', text: 'ok' }])
  })

  test('400 BadRequestError names the field', async () => {
    const { max_tokens: _, ...missing } = ask('Hello')
    const error = await rejection(anthropic.messages.create(missing as never)) // incomplete on purpose
    expect(error).toBeInstanceOf(Anthropic.BadRequestError)
    expect(error instanceof Error && error.message).toContain('max_tokens')
  })

  test('429 RateLimitError keeps the upstream’s retry-after', async () => {
    const error = await rejection(anthropic.messages.create({ ...ask('Hello'), model: 'sandbox/429' }))
    expect(error).toBeInstanceOf(Anthropic.RateLimitError)
    expect(error).toMatchObject({ type: 'rate_limit_error' })
    expect(error instanceof Anthropic.APIError && error.headers?.get('retry-after')).toBe('2')
  })

  test.each(['sandbox/500', 'sandbox/html', 'sandbox/empty', 'sandbox/ok-error'])(
    '%s is an InternalServerError',
    async name => {
      for (const stream of [false, true]) {
        const error = await rejection(anthropic.messages.create({ ...ask('Hello'), model: name, stream }))
        expect(error).toBeInstanceOf(Anthropic.InternalServerError)
      }
    },
  )

  test('a stream that breaks is an error event, never an end that nobody sent', async () => {
    for (const name of ['sandbox/cut', 'sandbox/error-mid', 'sandbox/reset', 'sandbox/cut-tool']) {
      const stream = anthropic.messages.stream({ ...ask('Hello'), model: name })
      const types: string[] = []
      stream.on('streamEvent', event => types.push(event.type))
      const error = await rejection(stream.finalMessage())
      expect(error).toBeInstanceOf(Anthropic.APIError)
      expect(types).not.toContain('message_stop')
      expect(types).not.toContain('message_delta')
    }
  })
})

describe('giving up', () => {
  test('a client that aborts ends the upstream too', async () => {
    const { data: stream, response } = await anthropic.messages
      .create({ ...ask('Hello'), model: 'sandbox/long-20000', max_tokens: 20_000, stream: true })
      .withResponse()
    let seen = 0
    for await (const _ of stream) if (++seen === 5) break
    const record = await gateway.record(response.headers.get('x-request-id'))
    expect(record.outcome).toBe('cancelled')
    expect(record.attempts.map(attempt => attempt.end)).toEqual(['cancelled'])
  })

  test('an abort of the helper ends the call with the SDK’s class', async () => {
    const stream = anthropic.messages.stream({
      ...ask('Hello'),
      model: 'sandbox/long-20000',
      max_tokens: 20_000,
    })
    stream.on('text', () => stream.abort())
    expect(await rejection(stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError)
  })
})
