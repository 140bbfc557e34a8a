// Vercel's AI SDK against the running gateway: its default OpenAI provider, which speaks Responses, its chat one, and its
// Anthropic and Google ones.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AnthropicProvider, createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI, type GoogleGenerativeAIProvider } from '@ai-sdk/google'
import { createOpenAI, type OpenAIProvider } from '@ai-sdk/openai'
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from 'ai'
import { z } from 'zod'
import { collect, rejection } from './harness/clients.ts'
import { launcher, startEngine } from './harness/engine.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

let gateway: RunningGateway
let provider: OpenAIProvider
let anthropic: AnthropicProvider
let google: GoogleGenerativeAIProvider

beforeAll(async () => {
  gateway = await startGateway({ retry: { attempts: 0 } })
  const { key: apiKey, url } = gateway
  provider = createOpenAI({ baseURL: `${url}/v1`, apiKey })
  anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey })
  google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })
})

afterAll(async () => {
  await gateway?.stop()
})

const exactly = (text: string) => `Reply with exactly "${text}"`
const animal = z.object({ name: z.string(), legs: z.number().int() })
const tools = {
  get_weather: tool({
    description: 'The weather in a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `It is sunny in ${city}, 21 degrees.`,
  }),
}

describe.each([
  ['responses', (name: string) => provider(name)],
  ['chat', (name: string) => provider.chat(name)],
  ['anthropic', (name: string) => anthropic(name)],
  ['google', (name: string) => google(name)],
] as const)('%s', (_, choose) => {
  test('generates text', async () => {
    const { text, finishReason, usage } = await generateText({
      model: choose('sandbox'),
      prompt: exactly('ok'),
    })
    expect([text, finishReason]).toEqual(['ok', 'stop'])
    expect(usage.totalTokens).toBeGreaterThan(1)
  })

  test('streams text', async () => {
    const result = streamText({ model: choose('sandbox'), prompt: exactly('one two three') })
    expect((await collect(result.textStream)).join('')).toBe('one two three')
    expect(await result.finishReason).toBe('stop')
    expect((await result.usage).totalTokens).toBeGreaterThan(1)
  })

  test('calls tools until there is an answer', async () => {
    const request = { prompt: 'What is the weather in Paris?', tools, stopWhen: isStepCount(3) }
    const whole = await generateText({ model: choose('sandbox'), ...request })
    expect(whole.text).toContain('21 degrees')
    expect(whole.steps).toHaveLength(2)
    const streamed = streamText({ model: choose('sandbox'), ...request })
    expect(await streamed.text).toContain('21 degrees')
  })

  test('generates objects', async () => {
    const request = { prompt: 'Describe a horse', output: Output.object({ schema: animal }) }
    const whole = await generateText({ model: choose('sandbox'), ...request })
    expect(animal.parse(whole.output)).toBeDefined()
    const streamed = streamText({ model: choose('sandbox'), ...request })
    expect(animal.parse(await streamed.output)).toBeDefined()
  })

  test('reports errors with their status', async () => {
    for (const [model, status] of [
      ['nobody', 404],
      ['sandbox/429', 429],
      ['sandbox/500', 500],
    ] as const) {
      const error = await rejection(generateText({ model: choose(model), prompt: 'Hello', maxRetries: 0 }))
      expect(error).toBeInstanceOf(APICallError)
      expect(error).toMatchObject({ statusCode: status })
    }
  })

  test('hears of a stream that breaks', async () => {
    const errors: unknown[] = []
    const result = streamText({
      model: choose('sandbox/cut'),
      prompt: 'Hello',
      maxRetries: 0,
      onError: ({ error }) => {
        errors.push(error)
      },
    })
    const parts = await collect(result.fullStream)
    const finish = parts.findLast(part => part.type === 'finish')
    expect(finish === undefined || finish.finishReason === 'error').toBeTrue()
    expect(errors.length + parts.filter(part => part.type === 'error').length).toBeGreaterThan(0)
  })
})

test('shows reasoning', async () => {
  const { reasoningText, text } = await generateText({
    model: provider('sandbox-reasoning'),
    prompt: 'Hello',
    providerOptions: { openai: { reasoningSummary: 'auto', reasoningEffort: 'low', forceReasoning: true } },
  })
  expect(reasoningText).not.toBe('')
  expect(text).not.toBe('')
})

test('embeds', async () => {
  const model = provider.embeddingModel('sandbox-embedding')
  const { embeddings } = await embedMany({ model, values: ['one', 'two'] })
  expect(embeddings.map(embedding => embedding.length)).toEqual([1536, 1536])
})

test.skipIf(launcher === undefined)(
  'streams Responses from an engine whose own Responses it cannot read',
  async () => {
    const engine = await startEngine()
    const lab = await startGateway({
      sandbox: false,
      providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
    })
    try {
      const model = createOpenAI({ baseURL: `${lab.url}/v1`, apiKey: lab.key })('lab/tiny')
      const result = streamText({ model, prompt: 'hi', maxRetries: 0 })
      expect(await result.text).toBe('Hello from a tiny scripted model.')
      expect(await result.finishReason).toBe('stop')
    } finally {
      await Promise.all([lab.stop(), engine.stop()])
    }
  },
)
