import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const schema = documented('OpenRouterTeam/docs openapi.yaml', '2026-08-22')

/** A gateway itself: what the model behind it does not take it ignores, unless `provider.require_parameters` is said. */
export const openrouter: ProviderKind = {
  kind: 'openrouter',
  title: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  env: ['OPENROUTER_API_KEY'],
  auth: { type: 'bearer' },
  // Its Responses keep no state and refuse whoever asks for some; its completions are in no published schema.
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [...openaiOnly, ...absent(schema, ['candidates'])],
    facts: [
      {
        facts: { reasoning: 'effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] },
        evidence: schema,
      },
    ],
  },
  quirks: { 'openai-chat': ['no-store', 'no-n'] },
  models: { path: '/models', owner: 'openrouter' },
}
