import type { ProviderKind } from '../provider.ts'
import { absent, documented } from './claims.ts'

const code = documented('ray-project/ray python/ray/llm/_internal/serve', '2026-08-01')

/**
 * Ray Serve LLM, as a service of Anyscale or one's own: vLLM's request classes behind another door. The shared
 * endpoints at `api.endpoints.anyscale.com` ended in 2024, so that there is no address to begin with.
 */
export const anyscale: ProviderKind = {
  kind: 'anyscale',
  title: 'Anyscale / Ray Serve LLM',
  auth: { type: 'optional-bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: absent(code, ['tools.custom', 'tool-choice.allowed', 'embed.token-ids', 'input.file']),
    facts: [],
  },
  quirks: { 'openai-chat': ['reasoning-as-reasoning', 'developer-as-system'] },
  models: { path: '/models', owner: 'anyscale' },
}
