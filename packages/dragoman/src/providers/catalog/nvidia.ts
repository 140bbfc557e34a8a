import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const schema = documented('docs.nvidia.com NIM LLM 3.0 API reference', '2026-11-22')

/** NIM, as NVIDIA hosts it or with a `base_url` of one's own; each model has a closed schema. */
export const nvidia: ProviderKind = {
  kind: 'nvidia',
  title: 'NVIDIA NIM',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  env: ['NVIDIA_API_KEY'],
  auth: { type: 'optional-bearer' },
  // Embeddings want an `input_type`, which a caller writes beside the fields of OpenAI.
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [...openaiOnly, ...absent(schema, ['input.file', 'output.audio', 'turns.system-inside'])],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'developer-as-system', 'no-user', 'no-metadata', 'no-store'],
      ...['no-service-tier', 'no-prediction', 'no-verbosity', 'no-prompt-cache-key', 'no-safety-identifier'],
      'no-reasoning-history',
    ],
  },
  models: { path: '/models', owner: 'nvidia' },
}
