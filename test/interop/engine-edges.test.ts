// A real engine, llama.cpp's server, behind the gateway: bad requests, keys, nonsense, embeddings, and its death.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { anthropicFor, openaiFor, rejection } from './harness/clients.ts'
import { type Engine, launcher, startEngine } from './harness/engine.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'
import { hello, model, useLab, user } from './harness/lab.ts'

describe.skipIf(launcher === undefined)('llama.cpp and bad requests', () => {
  const lab = useLab()

  describe('bad requests', () => {
    test('are refused in the words of each dialect, with the place of the mistake', async () => {
      const chat = await rejection(
        lab.openai.chat.completions.create({
          model,
          messages: user('hi'),
          response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'nonsense' } } },
        }),
      )
      expect(chat).toBeInstanceOf(OpenAI.BadRequestError)
      const messages = await rejection(
        lab.anthropic.messages.create({
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
        lab.openai.chat.completions.create({ model, messages: user('word '.repeat(6000)) }),
      )
      expect(error).toBeInstanceOf(OpenAI.BadRequestError)
      expect(error).toMatchObject({ code: 'context_length_exceeded' })
    })

    test('a model that is not there is named, with a suggestion', async () => {
      const error = await rejection(
        lab.openai.chat.completions.create({ model: 'tinny', messages: user('hi') }),
      )
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
