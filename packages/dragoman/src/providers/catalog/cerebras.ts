import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const types = documented('@cerebras/cerebras_cloud_sdk 1.91.0 types', '2026-07-08')
const strict = documented(
  '400 "\'additionalProperties\' is required to be supplied and set to false"',
  '2026-11-22',
)

export const cerebras: ProviderKind = {
  kind: 'cerebras',
  title: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  env: ['CEREBRAS_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [...openaiOnly, ...absent(types, ['input.audio', 'input.file', 'output.audio'])],
    facts: [
      {
        facts: { reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high'] },
        evidence: types,
      },
      { facts: { schemas: { output: 'openai-strict', looseOutput: true } }, evidence: strict },
    ],
  },
  quirks: { 'openai-chat': ['reasoning-as-reasoning', 'no-metadata', 'no-store', 'no-verbosity'] },
  models: { path: '/models', owner: 'cerebras' },
}
