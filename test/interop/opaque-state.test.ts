// A tool loop by Vercel's AI SDK, which keeps of an answer what it knows: what a provider signed comes back to it byte
// for byte all the same.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, isStepCount, type LanguageModel, streamText, tool } from 'ai'
import { z } from 'zod'
import {
  answerGenai,
  answerMessages,
  replayed,
  replayedGenai,
  said,
  saidGenai,
} from '../../packages/dragoman/test/custody/loop.ts'
import { type SeenRequest, startUpstream } from '../../packages/dragoman/test/support/upstream.ts'
import { type RunningGateway, startGateway } from './harness/gateway.ts'

const isSecondTurn = ({ body }: SeenRequest) =>
  body.includes('tool_result') || body.includes('functionResponse')

const messages: ReturnType<typeof startUpstream> = startUpstream(request =>
  answerMessages(request, isSecondTurn(request) ? [{ type: 'text', text: 'Rain.' }] : said, messages.stream),
)
const genai: ReturnType<typeof startUpstream> = startUpstream(request =>
  answerGenai(request, isSecondTurn(request) ? [{ text: 'Rain.' }] : saidGenai, genai.stream),
)

let gateway: RunningGateway
let models: { readonly [dialect: string]: (name: string) => LanguageModel }

beforeAll(async () => {
  gateway = await startGateway({
    providers: {
      signing: { kind: 'anthropic', base_url: messages.url, api_key: 'x' },
      calls: { kind: 'google', base_url: `${genai.url}/v1beta`, api_key: 'x' },
    },
    models: { thinker: 'signing/claude-opus-4-6', caller: 'calls/gemini-3-pro' },
    retry: { attempts: 0 },
  })
  const { key: apiKey, url } = gateway
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey })
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey })
  const google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })
  models = {
    chat: name => openai.chat(name),
    responses: name => openai(name),
    messages: name => anthropic(name),
    generateContent: name => google(name),
  }
})

afterAll(async () => {
  await gateway?.stop()
  await Promise.all([messages.close(), genai.close()])
})

const asked = (dialect: string, name: string) => ({
  model: models[dialect]?.(name) ?? name,
  prompt: 'Weather in Paris and Oslo?',
  tools: {
    weather: tool({
      inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => `Rain in ${city}.`,
    }),
  },
  stopWhen: isStepCount(2),
  providerOptions: {
    openai: { store: false, forceReasoning: true, include: ['reasoning.encrypted_content'] },
    anthropic: { thinking: { type: 'enabled', budgetTokens: 1024 } },
    google: { thinkingConfig: { includeThoughts: true } },
  },
})

const forms = {
  whole: async (dialect: string, name: string) => (await generateText(asked(dialect, name))).text,
  streamed: async (dialect: string, name: string) => await streamText(asked(dialect, name)).text,
}

const last = (seen: readonly SeenRequest[]): SeenRequest => {
  const request = seen.at(-1)
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

describe.each(Object.entries(forms))('%s', (_, answer) => {
  test.each(['chat', 'responses', 'messages', 'generateContent'])(
    'signed thoughts come back by %s',
    async dialect => {
      expect(await answer(dialect, 'thinker')).toBe('Rain.')
      expect(replayed(last(messages.seen))).toEqual(said)
    },
  )

  test.each(['chat', 'responses', 'messages', 'generateContent'])(
    'signed calls come back by %s',
    async dialect => {
      expect(await answer(dialect, 'caller')).toBe('Rain.')
      const calls = replayedGenai(last(genai.seen)).filter(part =>
        JSON.stringify(part).includes('functionCall'),
      )
      expect(calls).toEqual(saidGenai.slice(2))
    },
  )
})
