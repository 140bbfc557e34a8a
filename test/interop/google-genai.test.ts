// Google's official SDK against the running gateway, on the sandbox, which speaks OpenAI's dialects.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ApiError, FinishReason, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai'
import { collect, rejection, weather } from './harness/clients.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

let gateway: RunningGateway

beforeAll(async () => {
  gateway = await startGateway({ retry: { attempts: 0 } })
})

afterAll(async () => {
  await gateway?.stop()
})

const exactly = (text: string) => `Reply with exactly "${text}"`
const declared = {
  functionDeclarations: [
    { name: weather.name, description: weather.description, parametersJsonSchema: weather.parameters },
  ],
}

describe.each(['v1', 'v1beta'])('%s', apiVersion => {
  const models = () =>
    new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: gateway.url, apiVersion } }).models
  const model = 'sandbox'

  test('generates content', async () => {
    const answer = await models().generateContent({
      model,
      contents: exactly('ok'),
      config: { systemInstruction: 'Be brief.', maxOutputTokens: 50, temperature: 0 },
    })
    expect(answer.text).toBe('ok')
    expect(answer.candidates?.[0]?.finishReason).toBe(FinishReason.STOP)
    expect(answer.usageMetadata?.totalTokenCount).toBeGreaterThan(1)
  })

  test('streams content', async () => {
    const stream = await models().generateContentStream({ model, contents: exactly('one two three') })
    const chunks = await collect(stream)
    expect(chunks.map(chunk => chunk.text ?? '').join('')).toBe('one two three')
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBeGreaterThan(1)
  })

  test('calls functions and reads their results', async () => {
    const question = { role: 'user', parts: [{ text: 'What is the weather in Paris?' }] }
    const config = {
      tools: [declared],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
    }
    const first = await models().generateContent({ model, contents: [question], config })
    const [call] = first.functionCalls ?? []
    expect(call).toMatchObject({ name: 'get_weather', args: { city: 'Paris' } })
    const content = first.candidates?.[0]?.content
    if (call === undefined || content === undefined) throw new Error('no call')
    const { id, name } = call
    const functionResponse = { ...(id && { id }), ...(name && { name }), response: { output: '21 degrees' } }
    const contents = [question, content, { role: 'user', parts: [{ functionResponse }] }]
    expect((await models().generateContent({ model, contents, config })).text).toContain('21 degrees')
    const streamed = await collect(
      await models().generateContentStream({ model, contents: [question], config }),
    )
    expect(streamed.flatMap(chunk => chunk.functionCalls ?? [])).toMatchObject([{ name: 'get_weather' }])
  })

  test('answers with an instance of a schema', async () => {
    const properties = { name: { type: Type.STRING }, legs: { type: Type.INTEGER } }
    const answer = await models().generateContent({
      model,
      contents: 'Describe a horse',
      config: {
        responseMimeType: 'application/json',
        responseSchema: { type: Type.OBJECT, properties, required: ['name', 'legs'] },
      },
    })
    expect(JSON.parse(answer.text ?? '')).toEqual({ name: expect.any(String), legs: expect.any(Number) })
  })

  test('gives several candidates', async () => {
    const answer = await models().generateContent({
      model,
      contents: 'Hello',
      config: { candidateCount: 2 },
    })
    expect(answer.candidates?.map(candidate => candidate.index ?? 0)).toEqual([0, 1])
  })

  test('counts tokens', async () => {
    const { totalTokens } = await models().countTokens({ model, contents: 'How many tokens is this?' })
    expect(totalTokens).toBeGreaterThan(3)
  })

  test('embeds', async () => {
    const answer = await models().embedContent({ model: 'sandbox-embedding', contents: ['a cat', 'steel'] })
    expect(answer.embeddings?.map(({ values }) => values?.length)).toEqual([1536, 1536])
  })

  test('lists models', async () => {
    const names: (string | undefined)[] = []
    for await (const one of await models().list()) names.push(one.name)
    expect(names).toContain('models/sandbox')
  })

  test('throws errors of its own class', async () => {
    for (const [name, status] of [
      ['nobody', 404],
      ['sandbox/429', 429],
      ['sandbox/500', 500],
    ] as const) {
      const error = await rejection(models().generateContent({ model: name, contents: 'Hello' }))
      expect(error).toBeInstanceOf(ApiError)
      expect(error).toMatchObject({ status })
    }
  })

  test('hears of a stream that breaks', async () => {
    const reading = async () =>
      collect(await models().generateContentStream({ model: 'sandbox/cut', contents: 'Hello' }))
    expect(await rejection(reading())).toBeInstanceOf(Error)
  })

  test('aborts', async () => {
    const abort = new AbortController()
    const stream = await models().generateContentStream({
      model: 'sandbox/stall',
      contents: 'Hello',
      config: { abortSignal: abort.signal },
    })
    setTimeout(() => abort.abort(), 50)
    expect(await rejection(collect(stream))).toBeInstanceOf(Error)
  })
})
