// A real engine, llama.cpp's server, behind the gateway: everything through all three dialects with the official SDKs,
// also what fails when they talk to the engine directly.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import {
  anthropicFor,
  calledIn,
  clock,
  collect,
  functionCalls,
  openaiFor,
  rejection,
  weather,
} from './harness/clients.ts'
import { type Engine, launcher, startEngine } from './harness/engine.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const model = 'lab/tiny'
const hello = 'Hello from a tiny scripted model.'
const user = (content: string) => [{ role: 'user' as const, content }]

const chatTools = [weather, clock].map(tool => ({ type: 'function' as const, function: tool }))
const responsesTools = [weather, clock].map(tool => ({ type: 'function' as const, strict: false, ...tool }))
const messagesTools = [weather, clock].map(({ name, description, parameters }) => ({
  name,
  description,
  input_schema: parameters,
}))

const answerShape = z.object({ answer: z.number().int() })

describe.skipIf(launcher === undefined)('llama.cpp behind the gateway', () => {
  let engine: Engine
  let gateway: RunningGateway
  let openai: OpenAI
  let anthropic: Anthropic

  beforeAll(async () => {
    engine = await startEngine()
    gateway = await startGateway({
      sandbox: false,
      providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
    })
    openai = openaiFor(gateway)
    anthropic = anthropicFor(gateway)
  })

  afterAll(async () => {
    await Promise.all([gateway?.stop(), engine?.stop()])
  })

  describe('chat completions', () => {
    test('answers whole', async () => {
      const { data, response } = await openai.chat.completions
        .create({ model, messages: user('hi') })
        .withResponse()
      expect(data.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: hello } })
      expect(data.usage?.completion_tokens).toBe(8)
      expect(response.headers.get('dragoman-target')).toBe(model)
      expect(response.headers.get('x-request-id')).toMatch(/^[A-Za-z0-9]{16,}$/)
    })

    test('streams, with usage where it is asked for and nowhere else', async () => {
      const stream = openai.chat.completions.stream({
        model,
        messages: user('hi'),
        stream_options: { include_usage: true },
      })
      const chunks = await collect(stream)
      const completion = await stream.finalChatCompletion()
      expect(completion.choices[0]?.message.content).toBe(hello)
      expect(completion.usage?.completion_tokens).toBe(8)
      expect(
        chunks.filter(chunk => chunk.choices.some(choice => choice.finish_reason !== null)),
      ).toHaveLength(1)

      const quiet = await collect(
        await openai.chat.completions.create({ model, messages: user('hi'), stream: true }),
      )
      expect(quiet.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe(hello)
      expect(quiet.every(chunk => chunk.usage === undefined && chunk.choices.length === 1)).toBeTrue()
    })

    test.each([
      ['one', 'use a tool', [['get_weather', '{"city": "Paris"}']]],
      [
        'two',
        'use both tools',
        [
          ['get_weather', '{"city": "Paris"}'],
          ['get_time', '{"tz": "UTC"}'],
        ],
      ],
    ])('calls %s, whole and streamed', async (_, text, expected) => {
      const request = { model, messages: user(text), tools: chatTools }
      const whole = await openai.chat.completions.create(request)
      const stream = openai.chat.completions.stream(request)
      const chunks = await collect(stream)
      for (const completion of [whole, await stream.finalChatCompletion()]) {
        const [choice] = completion.choices
        expect(choice?.finish_reason).toBe('tool_calls')
        expect(functionCalls(choice?.message)).toEqual(expected)
        expect(new Set(choice?.message.tool_calls?.map(call => call.id)).size).toBe(expected.length)
      }
      const deltas = chunks.flatMap(chunk => chunk.choices[0]?.delta.tool_calls ?? [])
      expect(deltas.filter(delta => delta.id !== undefined).map(delta => delta.index)).toEqual(
        expected.map((__, index) => index),
      )
    })

    test('takes the results of tools back', async () => {
      const { choices } = await openai.chat.completions.create({
        model,
        messages: user('use both tools'),
        tools: chatTools,
      })
      const message = choices[0]?.message
      const calls = message?.tool_calls ?? []
      expect(calls).toHaveLength(2)
      const results = calls.map(call => ({
        role: 'tool' as const,
        tool_call_id: call.id,
        content: 'sunny',
      }))
      const after = await openai.chat.completions.create({
        model,
        messages: [...user('use both tools'), ...(message === undefined ? [] : [message]), ...results],
        tools: chatTools,
      })
      expect(after.choices[0]?.message.content).toBe(hello)
    })

    test('shows reasoning beside the answer', async () => {
      const whole = await openai.chat.completions.create({ model, messages: user('think') })
      expect(whole.choices[0]?.message).toMatchObject({
        content: '\nThe answer is 42!',
        reasoning_content: 'Let me think about it.\n',
      })
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const stream = openai.chat.completions.stream({ model, messages: user('emoji') })
      expect(await stream.finalContent()).toBe('Smile 😀 done')
    })

    test('parses structured output', async () => {
      const completion = await openai.chat.completions.parse({
        model,
        messages: user('json'),
        response_format: zodResponseFormat(answerShape, 'answer'),
      })
      expect(completion.choices[0]?.message.parsed).toEqual({ answer: 42 })
    })

    test('gives valid JSON where the schema contradicts what the model would say', async () => {
      const shape = z.object({ ok: z.boolean(), size: z.enum(['small', 'large']) })
      const completion = await openai.chat.completions.parse({
        model,
        messages: user('hi'),
        response_format: zodResponseFormat(shape, 'other'),
        max_completion_tokens: 400,
        temperature: 0,
        seed: 1,
      })
      expect(shape.safeParse(completion.choices[0]?.message.parsed).success).toBeTrue()
    })

    test('gives n answers by asking n times, and says so', async () => {
      const request = { model, messages: user('hi'), n: 3 }
      const { data, response } = await openai.chat.completions.create(request).withResponse()
      expect(data.choices.map(choice => [choice.index, choice.message.content])).toEqual([
        [0, hello],
        [1, hello],
        [2, hello],
      ])
      expect(data.usage?.completion_tokens).toBe(24)
      expect(Number(response.headers.get('dragoman-attempts'))).toBeGreaterThanOrEqual(3)
      expect(response.headers.get('dragoman-notes')).toContain('emulated;path="n"')

      const stream = openai.chat.completions.stream(request)
      const streamed = await stream.finalChatCompletion()
      expect(streamed.choices.map(choice => choice.message.content)).toEqual([hello, hello, hello])
    })

    test('stops at a stop sequence without showing it', async () => {
      for (const stop of [' tiny', ['nowhere', ' tiny']]) {
        const completion = await openai.chat.completions.create({ model, messages: user('hi'), stop })
        expect(completion.choices[0]).toMatchObject({
          finish_reason: 'stop',
          message: { content: 'Hello from a' },
        })
      }
    })

    test('says so when the limit of tokens cuts it', async () => {
      const completion = await openai.chat.completions.create({
        model,
        messages: user('hi'),
        max_completion_tokens: 3,
      })
      expect(completion.choices[0]).toMatchObject({
        finish_reason: 'length',
        message: { content: 'Hello from a' },
      })
    })

    test('gives log probabilities of every token, also without alternatives', async () => {
      const completion = await openai.chat.completions.create({
        model,
        messages: user('hi'),
        logprobs: true,
      })
      const content = completion.choices[0]?.logprobs?.content ?? []
      expect(content.slice(0, 2).map(entry => entry.token)).toEqual(['Hello', ' from'])
      expect(content.every(entry => entry.logprob <= 0)).toBeTrue()
    })

    test('calls the named tool and no other', async () => {
      const completion = await openai.chat.completions.create({
        model,
        messages: user('use a tool'),
        tools: chatTools,
        tool_choice: { type: 'function', function: { name: 'get_time' } },
        max_completion_tokens: 400,
        temperature: 0,
      })
      expect(functionCalls(completion.choices[0]?.message).map(([name]) => name)).toEqual(['get_time'])
    })

    test('calls no tool where none may be called', async () => {
      const completion = await openai.chat.completions.create({
        model,
        messages: user('use a tool'),
        tools: chatTools,
        tool_choice: 'none',
      })
      expect(completion.choices[0]?.message.tool_calls).toBeUndefined()
      expect(completion.choices[0]?.message.content).not.toContain('tool_call')
    })
  })

  describe('models', () => {
    test('are listed and can be asked for one by one, which the engine itself does not', async () => {
      const [listed] = await collect(openai.models.list())
      expect(listed).toMatchObject({ id: 'tiny', object: 'model', owned_by: 'lab' })
      for (const id of ['tiny', model]) expect(await openai.models.retrieve(id)).toMatchObject({ id })
    })

    test('can be called by the bare name that one provider lists', async () => {
      const completion = await openai.chat.completions.create({ model: 'tiny', messages: user('hi') })
      expect(completion.choices[0]?.message.content).toBe(hello)
    })
  })

  describe('responses', () => {
    test('answers whole', async () => {
      const response = await openai.responses.create({ model, input: 'hi' })
      expect(response.output_text).toBe(hello)
      expect(response).toMatchObject({ status: 'completed', object: 'response' })
      expect(response.usage?.output_tokens).toBe(8)
    })

    test('streams by its whole grammar, which the engine itself does not', async () => {
      const stream = openai.responses.stream({ model, input: 'hi' })
      const events = await collect(stream)
      const response = await stream.finalResponse()
      expect(response.output_text).toBe(hello)
      expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => index))
      expect(events[0]?.type).toBe('response.created')
      expect(events.at(-1)?.type).toBe('response.completed')
    })

    test.each([
      ['one', 'use a tool', [['get_weather', { city: 'Paris' }]]],
      [
        'two',
        'use both tools',
        [
          ['get_weather', { city: 'Paris' }],
          ['get_time', { tz: 'UTC' }],
        ],
      ],
    ])('calls %s, whole and streamed', async (_, input, expected) => {
      const request = { model, input, tools: responsesTools }
      for (const response of [
        await openai.responses.create(request),
        await openai.responses.stream(request).finalResponse(),
      ]) {
        expect(calledIn(response)).toEqual(expected)
      }
    })

    test('takes the results of tools back', async () => {
      const first = await openai.responses.create({ model, input: 'use a tool', tools: responsesTools })
      const call = first.output.find(item => item.type === 'function_call')
      const after = await openai.responses.create({
        model,
        tools: responsesTools,
        input: [
          ...user('use a tool'),
          ...first.output.filter(item => item.type === 'function_call'),
          { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'sunny' },
        ],
      })
      expect(after.output_text).toBe(hello)
    })

    test('shows reasoning as an item of its own', async () => {
      for (const response of [
        await openai.responses.create({ model, input: 'think' }),
        await openai.responses.stream({ model, input: 'think' }).finalResponse(),
      ]) {
        expect(response.output.map(item => item.type)).toEqual(['reasoning', 'message'])
        expect(response.output_text).toBe('\nThe answer is 42!')
        expect(JSON.stringify(response.output[0])).toContain('Let me think about it.')
      }
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const response = await openai.responses.stream({ model, input: 'emoji' }).finalResponse()
      expect(response.output_text).toBe('Smile 😀 done')
    })

    test('parses structured output', async () => {
      const text = { format: zodTextFormat(answerShape, 'answer') }
      const response = await openai.responses.parse({ model, input: 'json', text })
      expect(response.output_parsed).toEqual({ answer: 42 })
      const streamed = await openai.responses.stream({ model, input: 'json', text }).finalResponse()
      expect(streamed.output_parsed).toEqual({ answer: 42 })
    })

    test('is incomplete where the limit of tokens cuts it, which the engine calls completed', async () => {
      for (const response of [
        await openai.responses.create({ model, input: 'go on forever', max_output_tokens: 16 }),
        await openai.responses
          .stream({ model, input: 'go on forever', max_output_tokens: 16 })
          .finalResponse(),
      ]) {
        expect(response.status).toBe('incomplete')
        expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' })
      }
    })
  })

  describe('messages', () => {
    const ask = (content: string) => ({ model, max_tokens: 400, messages: user(content) })

    test('answers whole', async () => {
      const message = await anthropic.messages.create(ask('hi'))
      expect(message).toMatchObject({
        type: 'message',
        role: 'assistant',
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: hello }],
      })
      expect(message.id).toMatch(/^msg_/)
      expect(message.usage.output_tokens).toBe(8)
    })

    test('streams by the grammar of the helper', async () => {
      const stream = anthropic.messages.stream(ask('hi'))
      const events = (await collect(stream)).map(event => event.type)
      const message = await stream.finalMessage()
      expect(message.content).toMatchObject([{ type: 'text', text: hello }])
      expect(message.usage.output_tokens).toBe(8)
      expect(events[0]).toBe('message_start')
      expect(events.at(-1)).toBe('message_stop')
    })

    test.each([
      ['one', 'use a tool', [['get_weather', { city: 'Paris' }]]],
      [
        'two',
        'use both tools',
        [
          ['get_weather', { city: 'Paris' }],
          ['get_time', { tz: 'UTC' }],
        ],
      ],
    ])('calls %s, whole and streamed', async (_, text, expected) => {
      const request = { ...ask(text), tools: messagesTools }
      for (const message of [
        await anthropic.messages.create(request),
        await anthropic.messages.stream(request).finalMessage(),
      ]) {
        const calls = message.content.filter(block => block.type === 'tool_use')
        expect(message.stop_reason).toBe('tool_use')
        expect(calls.map(call => [call.name, call.input])).toEqual(expected)
      }
    })

    test('takes the results of tools back', async () => {
      const request = { ...ask('use both tools'), tools: messagesTools }
      const first = await anthropic.messages.create(request)
      const results = first.content
        .filter(block => block.type === 'tool_use')
        .map(block => ({ type: 'tool_result' as const, tool_use_id: block.id, content: 'sunny' }))
      expect(results).toHaveLength(2)
      const after = await anthropic.messages.create({
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: first.content },
          { role: 'user', content: results },
        ],
      })
      expect(after.content).toMatchObject([{ type: 'text', text: hello }])
    })

    test('shows reasoning as a thinking block without a forged signature', async () => {
      for (const message of [
        await anthropic.messages.create(ask('think')),
        await anthropic.messages.stream(ask('think')).finalMessage(),
      ]) {
        expect(message.content).toMatchObject([
          { type: 'thinking', thinking: 'Let me think about it.\n', signature: '' },
          { type: 'text', text: '\nThe answer is 42!' },
        ])
      }
    })

    test('keeps an emoji that comes in four tokens of a byte each', async () => {
      const message = await anthropic.messages.stream(ask('emoji')).finalMessage()
      expect(message.content).toMatchObject([{ type: 'text', text: 'Smile 😀 done' }])
    })

    test('parses structured output', async () => {
      const message = await anthropic.messages.parse({
        ...ask('json'),
        output_config: { format: zodOutputFormat(answerShape) },
      })
      expect(message.parsed_output).toEqual({ answer: 42 })
    })

    test('stops at a stop sequence, and says that the engine does not tell which one', async () => {
      const request = { ...ask('hi'), stop_sequences: [' tiny'] }
      const { data, response } = await anthropic.messages.create(request).withResponse()
      expect(data).toMatchObject({
        stop_reason: 'end_turn',
        content: [{ type: 'text', text: 'Hello from a' }],
      })
      expect(response.headers.get('dragoman-notes')).toContain('approximated;path="stop_sequence')
      const streamed = await anthropic.messages.stream(request).finalMessage()
      expect(streamed.content).toMatchObject([{ type: 'text', text: 'Hello from a' }])
    })

    test('says so when the limit of tokens cuts it', async () => {
      const message = await anthropic.messages.create({ ...ask('hi'), max_tokens: 3 })
      expect(message).toMatchObject({
        stop_reason: 'max_tokens',
        content: [{ type: 'text', text: 'Hello from a' }],
      })
    })

    test('counts tokens with the engine’s own tokenizer: the count is the usage', async () => {
      const {
        model: _,
        max_tokens: __,
        ...prompt
      } = { ...ask('count me'), system: 'Be brief.', tools: messagesTools }
      const counted = await anthropic.messages.countTokens({ model, ...prompt })
      const { usage } = await anthropic.messages.create({ model, max_tokens: 20, ...prompt })
      expect(counted.input_tokens).toBe(usage.input_tokens + (usage.cache_read_input_tokens ?? 0))
    })
  })

  describe('bad requests', () => {
    test('are refused in the words of each dialect, with the place of the mistake', async () => {
      const chat = await rejection(
        openai.chat.completions.create({
          model,
          messages: user('hi'),
          response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'nonsense' } } },
        }),
      )
      expect(chat).toBeInstanceOf(OpenAI.BadRequestError)
      const messages = await rejection(
        anthropic.messages.create({
          model,
          max_tokens: 20,
          messages: [{ role: 'user', content: 5 as never }],
        }), // wrong on purpose
      )
      expect(messages).toBeInstanceOf(Anthropic.BadRequestError)
      expect(messages).toMatchObject({ error: { type: 'error', error: { type: 'invalid_request_error' } } })
    })

    test('a prompt longer than the context is a client’s error with OpenAI’s code', async () => {
      const error = await rejection(
        openai.chat.completions.create({ model, messages: user('word '.repeat(6000)) }),
      )
      expect(error).toBeInstanceOf(OpenAI.BadRequestError)
      expect(error).toMatchObject({ code: 'context_length_exceeded' })
    })

    test('a model that is not there is named, with a suggestion', async () => {
      const error = await rejection(openai.chat.completions.create({ model: 'tinny', messages: user('hi') }))
      expect(error).toBeInstanceOf(OpenAI.NotFoundError)
      expect(error).toMatchObject({
        code: 'model_not_found',
        message: expect.stringContaining('Did you mean'),
      })
    })
  })
})

describe.skipIf(launcher === undefined)('an engine that asks for a key', () => {
  test('gets the operator’s key and never the caller’s', async () => {
    const engine = await startEngine(['--api-key', 'engine-secret'])
    const gateway = await startGateway({
      sandbox: false,
      providers: {
        good: { kind: 'llamacpp', base_url: `${engine.url}/v1`, api_key: 'engine-secret' },
        bad: { kind: 'llamacpp', base_url: `${engine.url}/v1`, api_key: 'wrong' },
        none: { kind: 'llamacpp', base_url: `${engine.url}/v1` },
      },
    })
    try {
      const openai = openaiFor(gateway)
      const good = await openai.chat.completions.create({ model: 'good/tiny', messages: user('hi') })
      expect(good.choices[0]?.message.content).toBe(hello)
      for (const provider of ['bad', 'none']) {
        const error = await rejection(
          openai.chat.completions.create({ model: `${provider}/tiny`, messages: user('hi') }),
        )
        expect(error).toBeInstanceOf(OpenAI.InternalServerError)
        expect(error).toMatchObject({ status: 502, code: 'upstream_auth' })
        expect(error instanceof OpenAI.APIError && error.headers?.get('x-should-retry')).toBe('false')
      }
    } finally {
      await Promise.all([gateway.stop(), engine.stop()])
    }
  })
})

describe.skipIf(launcher === undefined)('an engine that talks nonsense', () => {
  test('is passed on to the letter: control characters and broken characters, whole and streamed', async () => {
    const engine = await startEngine([], 'random')
    const gateway = await startGateway({
      sandbox: false,
      providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
    })
    try {
      const max_tokens = 200
      const request = { model, messages: user('hi'), temperature: 0, seed: 1, max_tokens }
      const direct = openaiFor({ url: engine.url, key: 'none' })
      const whole = (await direct.chat.completions.create(request)).choices[0]?.message.content ?? ''
      // The engine drops half a character at the end of a stream, and writes U+FFFD for it in a whole answer.
      const streamed = (await direct.chat.completions.stream(request).finalContent()) ?? ''
      expect(whole).toMatch(/\p{Cc}/u)
      expect(whole).toContain('\uFFFD')

      const openai = openaiFor(gateway)
      const chat = await openai.chat.completions.create(request)
      expect(chat.choices[0]?.message.content).toBe(whole)
      expect(await openai.chat.completions.stream(request).finalContent()).toBe(streamed)
      const input = { model, input: 'hi', temperature: 0, max_output_tokens: max_tokens }
      expect((await openai.responses.create(input)).output_text).toBe(whole)
      expect((await openai.responses.stream(input).finalResponse()).output_text).toBe(streamed)
      // Only the older version of the API still takes a temperature.
      const anthropic = anthropicFor(gateway, { defaultHeaders: { 'anthropic-version': '2023-06-01' } })
      const message = { model, max_tokens, messages: user('hi'), ...{ temperature: 0 } }
      expect((await anthropic.messages.create(message)).content).toMatchObject([{ text: whole }])
      expect((await anthropic.messages.stream(message).finalMessage()).content).toMatchObject([
        { text: streamed },
      ])
    } finally {
      await Promise.all([gateway.stop(), engine.stop()])
    }
  })
})

describe.skipIf(launcher === undefined)('an engine for embeddings', () => {
  test('embeds, in the base64 that the SDK asks for by itself and in numbers', async () => {
    const engine = await startEngine(['--embeddings', '--pooling', 'mean'], 'random')
    const gateway = await startGateway({
      sandbox: false,
      providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
      models: { named: { targets: [{ provider: 'lab', model: 'tiny', tokenizer: 'cl100k_base' }] } },
    })
    try {
      const openai = openaiFor(gateway)
      const input = ['one', 'two words', 'one']
      const packed = await openai.embeddings.create({ model, input })
      const plain = await openai.embeddings.create({ model, input, encoding_format: 'float' })
      expect(packed.data.map(entry => entry.embedding.length)).toEqual([512, 512, 512])
      expect(packed.data.map(entry => entry.index)).toEqual([0, 1, 2])
      const [first = [], second = [], third = []] = plain.data.map(entry => entry.embedding)
      expect(first).toEqual(third)
      expect(first).not.toEqual(second)
      const near = packed.data[0]?.embedding.every(
        (value, index) => Math.abs(value - (first[index] ?? 9)) < 1e-5,
      )
      expect(near).toBeTrue()
      expect(packed.usage.prompt_tokens).toBeGreaterThan(0)

      // "hello world" as ids of cl100k, the way LangChain sends text: another vocabulary than the engine's.
      const ids = [[15339, 1917]]
      const refused = await rejection(openai.embeddings.create({ model, input: ids }))
      expect(refused).toBeInstanceOf(OpenAI.BadRequestError)
      expect(refused).toMatchObject({ param: 'input' })
      const named = await openai.embeddings.create({ model: 'named', input: ids })
      const text = await openai.embeddings.create({ model, input: 'hello world' })
      expect(named.data[0]?.embedding).toEqual(text.data[0]?.embedding ?? [])
    } finally {
      await Promise.all([gateway.stop(), engine.stop()])
    }
  })
})

describe.skipIf(launcher === undefined)('an engine that dies', () => {
  let gateway: RunningGateway
  let engine: Engine

  beforeAll(async () => {
    engine = await startEngine()
    gateway = await startGateway({
      sandbox: false,
      providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
    })
  })

  afterAll(async () => {
    await Promise.all([gateway?.stop(), engine?.stop()])
  })

  const revive = async () => {
    if (engine.isOver()) engine = await startEngine([], 'script', new URL(engine.url).port)
  }

  test('in the middle of a chat stream is an error in band and no finish', async () => {
    await revive()
    const { data: stream, response } = await openaiFor(gateway)
      .chat.completions.create({ model, messages: user('go on forever'), stream: true })
      .withResponse()
    const finishes: unknown[] = []
    let seen = 0
    const failure = await rejection(
      (async () => {
        for await (const chunk of stream) {
          finishes.push(
            ...chunk.choices.map(choice => choice.finish_reason).filter(reason => reason !== null),
          )
          if (seen++ === 3) await engine.stop('SIGKILL')
        }
      })(),
    )
    expect(failure).toBeInstanceOf(OpenAI.APIError)
    expect(failure).toMatchObject({ code: 'upstream_disconnected' })
    expect(finishes).toEqual([])
    const record = await gateway.record(response.headers.get('x-request-id'))
    expect(record.outcome).toBe('upstream_disconnected')
    expect(record.attempts.at(-1)).toMatchObject({ end: 'fault', fault: 'upstream_disconnected' })
  })

  test('in the middle of a Responses stream is response.failed', async () => {
    await revive()
    const stream = await openaiFor(gateway).responses.create({ model, input: 'go on forever', stream: true })
    const types: string[] = []
    let failed: OpenAI.Responses.Response | undefined
    for await (const event of stream) {
      types.push(event.type)
      if (event.type === 'response.output_text.delta' && !engine.isOver()) await engine.stop('SIGKILL')
      if (event.type === 'response.failed') failed = event.response
    }
    expect(types.at(-1)).toBe('response.failed')
    expect(types).not.toContain('response.completed')
    expect(failed).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(/lab|upstream/i) },
    })
  })

  test('in the middle of a Messages stream is an error event', async () => {
    await revive()
    const stream = anthropicFor(gateway).messages.stream({
      model,
      max_tokens: 4000,
      messages: user('go on forever'),
    })
    stream.on('text', () => {
      if (!engine.isOver()) void engine.stop('SIGKILL')
    })
    const failure = await rejection(stream.finalMessage())
    expect(failure).toBeInstanceOf(Anthropic.APIError)
    expect(stream.currentMessage?.stop_reason ?? null).toBeNull()
  })

  test('before the call is a 502 with a sentence that names the provider', async () => {
    if (!engine.isOver()) await engine.stop('SIGKILL')
    const calls = [
      openaiFor(gateway).chat.completions.create({ model, messages: user('hi') }),
      openaiFor(gateway).responses.create({ model, input: 'hi' }),
      openaiFor(gateway).chat.completions.create({ model, messages: user('hi'), stream: true }),
      anthropicFor(gateway).messages.create({ model, max_tokens: 9, messages: user('hi') }),
    ]
    for (const error of await Promise.all(calls.map(rejection))) {
      expect(error).toMatchObject({ status: 502, message: expect.stringContaining('lab') })
    }
  })
})
