import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const types = documented('fw-ai-external/python-sdk completion_create_params.py', '2026-07-21')
const efforts = documented('docs.fireworks.ai: "Invalid reasoning effort: none"', '2026-11-22')

/** Its request objects are closed: a field that they do not list answers 400 "Extra inputs are not permitted". */
export const fireworks: ProviderKind = {
  kind: 'fireworks',
  title: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  env: ['FIREWORKS_API_KEY'],
  auth: { type: 'bearer' },
  // Its Responses keep what they are given for thirty days unless told not to, so that they are not the default here.
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [...openaiOnly, ...absent(types, ['input.audio', 'input.file', 'output.audio'])],
    facts: [
      { facts: { reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high'] }, evidence: types },
      ...['*gpt-oss*', '*minimax-m2*'].map(model => ({
        model,
        facts: { efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: efforts,
      })),
    ],
  },
  quirks: {
    'openai-chat': [
      ...['developer-as-system', 'reasoning-as-content', 'five-top-logprobs', 'no-text-format'],
      'one-token-limit',
      ...['refuse-overflow', 'no-store', 'no-verbosity', 'no-safety-identifier'],
    ],
  },
  models: { path: '/models', owner: 'fireworks' },
}
