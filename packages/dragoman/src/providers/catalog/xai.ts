import type { ProviderKind } from '../provider.ts'
import { absent, documented, native, openaiOnly } from './claims.ts'

const refusals = documented('400 "Model X does not support parameter presencePenalty."', '2026-09-01')
const adapters = documented('vercel/ai packages/xai; tensorzero providers/xai.rs', '2026-08-22')
const efforts = ['grok-3-mini*', 'grok-4.3*', 'grok-4.5*', 'grok-4.6*', '*multi-agent*'] as const

export const xai: ProviderKind = {
  kind: 'xai',
  title: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  env: ['XAI_API_KEY'],
  auth: { type: 'bearer' },
  // Its Responses show searches that it ran as calls of custom tools, which a caller would try to answer.
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(refusals, ['penalties', 'stop', 'reasoning.effort']),
      ...efforts.flatMap(model => native(adapters, ['reasoning.effort'], model)),
    ],
    facts: efforts.map(model => ({
      model,
      facts: { reasoning: 'effort', efforts: ['low', 'high'] },
      evidence: adapters,
    })),
  },
  quirks: { 'openai-chat': ['no-zero-penalties', 'no-metadata', 'no-store'] },
  models: { path: '/models', owner: 'xai' },
}
