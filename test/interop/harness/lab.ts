import { afterAll, beforeAll } from 'bun:test'
import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { anthropicFor, clock, openaiFor, weather } from './clients.ts'
import { type Engine, startEngine } from './engine.ts'
import { type RunningGateway, startGateway } from './gateway.ts'

/** The real engine's model, as the gateway's callers name it. */
export const model = 'lab/tiny'
/** What the scripted model says to a greeting. */
export const hello = 'Hello from a tiny scripted model.'
export const user = (content: string) => [{ role: 'user' as const, content }]

export const chatTools = [weather, clock].map(tool => ({ type: 'function' as const, function: tool }))
export const responsesTools = [weather, clock].map(tool => ({
  type: 'function' as const,
  strict: false,
  ...tool,
}))
export const messagesTools = [weather, clock].map(({ name, description, parameters }) => ({
  name,
  description,
  input_schema: parameters,
}))

/** The engine with the gateway before it, and clients of the gateway; there once the tests run. */
export interface Lab {
  engine: Engine
  readonly gateway: RunningGateway
  readonly openai: OpenAI
  readonly anthropic: Anthropic
}

/** The configuration of a gateway before this engine. */
export const labConfig = (engine: Engine) => ({
  sandbox: false,
  providers: { lab: { kind: 'llamacpp', base_url: `${engine.url}/v1` } },
})

/** Starts a lab before the tests of the surrounding `describe`, and stops it after them. */
export function useLab(): Lab {
  const lab: Partial<{ -readonly [K in keyof Lab]: Lab[K] }> = {}
  beforeAll(async () => {
    const engine = await startEngine()
    const gateway = await startGateway(labConfig(engine))
    Object.assign(lab, { engine, gateway, openai: openaiFor(gateway), anthropic: anthropicFor(gateway) })
  })
  afterAll(async () => {
    await Promise.all([lab.gateway?.stop(), lab.engine?.stop()])
  })
  return lab as Lab // filled before the first test
}
