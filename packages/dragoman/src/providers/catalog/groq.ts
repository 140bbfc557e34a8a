import type { ProviderKind } from '../provider.ts'
import { absent, documented, native, openaiOnly } from './claims.ts'

const page = documented('console.groq.com/docs/openai', '2026-11-22')
const types = documented('groq-sdk 1.6.0 chat/completions types', '2026-08-27')
const schemas = documented('vercel/ai packages/groq; mozilla-ai/any-llm providers/groq', '2026-08-22')
const efforts = ['reasoning.effort'] as const

export const groq: ProviderKind = {
  kind: 'groq',
  title: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  env: ['GROQ_API_KEY'],
  auth: { type: 'bearer' },
  // Its Responses are a beta of which nobody wrote what they keep.
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(page, ['candidates', 'logprobs', 'logit-bias']),
      ...absent(types, ['penalties', 'input.audio', 'input.file', 'output.audio', ...efforts]),
      ...native(types, efforts, '*gpt-oss*'),
      ...native(types, efforts, '*qwen3*'),
      { feature: 'output.json', with: ['tools'], level: 'absent', evidence: schemas },
      { feature: 'output.json-schema', with: ['tools'], level: 'absent', evidence: schemas },
      { feature: 'output.json-schema', with: ['stream'], level: 'absent', evidence: schemas },
    ],
    facts: [
      { facts: { schemas: { output: 'groq-strict', looseOutput: true } }, evidence: schemas },
      {
        model: '*gpt-oss*',
        facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: types,
      },
    ],
  },
  quirks: {
    'openai-chat': [
      'one-token-limit',
      ...['no-message-names', 'no-reasoning-history', 'no-prompt-cache-key', 'no-metadata', 'no-store'],
      ...['no-prediction', 'no-verbosity', 'no-safety-identifier', 'demand-tiers', 'effort-default'],
    ],
  },
  models: { path: '/models', owner: 'groq' },
}
