// LangChain's OpenAI, Anthropic and Google classes against the running gateway, on the sandbox.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ChatAnthropic } from '@langchain/anthropic'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { z } from 'zod'
import { collect, rejection } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

let gateway: RunningGateway

beforeAll(async () => {
  gateway = await startGateway({ retry: { attempts: 0 } })
})

afterAll(async () => {
  await gateway?.stop()
})

const access = () => ({ apiKey: gateway.key, maxRetries: 0, configuration: { baseURL: `${gateway.url}/v1` } })

const getWeather = tool(async ({ city }) => `It is sunny in ${city}, 21 degrees.`, {
  name: 'get_weather',
  description: 'The weather in a city.',
  schema: z.object({ city: z.string() }),
})

describe.each([
  ['chat', (model: string) => new ChatOpenAI({ model, useResponsesApi: false, ...access() })],
  ['responses', (model: string) => new ChatOpenAI({ model, useResponsesApi: true, ...access() })],
  [
    'messages',
    (model: string) =>
      new ChatAnthropic({ model, apiKey: gateway.key, anthropicApiUrl: gateway.url, maxRetries: 0 }),
  ],
  [
    'gemini',
    (model: string) =>
      new ChatGoogleGenerativeAI({ model, apiKey: gateway.key, baseUrl: gateway.url, maxRetries: 0 }),
  ],
] as const)('%s', (_, make) => {
  const chat = (model = 'sandbox') => make(model)

  test('invoke', async () => {
    const answer = await chat().invoke('Reply with exactly "ok"')
    expect(answer.text).toBe('ok')
    expect(answer).toMatchObject({ usage_metadata: { total_tokens: expect.any(Number) } })
  })

  test('stream', async () => {
    const chunks = await collect(await chat().stream('Reply with exactly "one two three"'))
    expect(chunks.map(chunk => chunk.text).join('')).toBe('one two three')
  })

  test('tools and their results', async () => {
    const bound = chat().bindTools([getWeather])
    const question = new HumanMessage('What is the weather in Paris?')
    const first = await bound.invoke([question])
    expect(first.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }])
    const results = await Promise.all(
      (first.tool_calls ?? []).map(
        async call =>
          new ToolMessage({
            content: await getWeather.invoke({ city: call.args.city }),
            tool_call_id: call.id ?? '',
          }),
      ),
    )
    expect((await bound.invoke([question, first, ...results])).text).toContain('21 degrees')
  })

  test('structured output', async () => {
    const shape = z.object({ name: z.string(), legs: z.number().int() })
    for (const method of ['jsonSchema', 'functionCalling'] as const) {
      const answer = await chat()
        .withStructuredOutput(shape, { method, name: 'animal' })
        .invoke('Describe a horse')
      expect(shape.parse(answer)).toBeDefined()
    }
  })

  test('errors', async () => {
    expect(await rejection(chat('nobody').invoke('Hello'))).toMatchObject({ status: 404 })
    expect(await rejection(chat('sandbox/429').invoke('Hello'))).toMatchObject({ status: 429 })
  })
})

test('embeddings', async () => {
  const embeddings = new OpenAIEmbeddings({ model: 'sandbox-embedding', ...access() })
  const [one = [], same = [], other = []] = await embeddings.embedDocuments(['a cat', 'a cat', 'steel'])
  expect(one).toHaveLength(1536)
  expect(one).toEqual(same)
  expect(one).not.toEqual(other)
  const short = new OpenAIEmbeddings({ model: 'sandbox-embedding', dimensions: 64, ...access() })
  expect(await short.embedQuery('a cat')).toHaveLength(64)
})
