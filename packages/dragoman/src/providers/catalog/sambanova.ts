import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const types = documented('sambanova/sambanova-typescript', '2026-08-14')

export const sambanova: ProviderKind = {
  kind: 'sambanova',
  title: 'SambaNova Cloud',
  baseUrl: 'https://api.sambanova.ai/v1',
  env: ['SAMBANOVA_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      ...openaiOnly,
      // Typed, and "not implemented" by its own words.
      ...absent(types, ['penalties', 'output.audio', 'input.file']),
    ],
    facts: [{ facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'] }, evidence: types }],
  },
  quirks: {
    'openai-chat': [
      ...['developer-as-system', 'reasoning-as-reasoning', 'no-zero-penalties', 'no-user', 'no-metadata'],
      ...['no-store', 'no-service-tier', 'no-prediction', 'no-verbosity', 'no-safety-identifier'],
    ],
  },
  models: { path: '/models', owner: 'sambanova' },
}
