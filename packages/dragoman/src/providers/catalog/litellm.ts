import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const assumed: Evidence = {
  rank: 'assumed',
  source: 'what is behind it is its own configuration',
  date: '2026-11-23',
}

/**
 * A proxy of LiteLLM. Each of its models has the abilities of what is behind it, which nobody tells us: everything is
 * translated and repaired, and `like` says what a model is. It is not looked for: whose models it serves is a choice.
 */
export const litellm: ProviderKind = {
  kind: 'litellm',
  title: 'LiteLLM proxy',
  baseUrl: 'http://127.0.0.1:4000/v1',
  auth: { type: 'optional-bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-responses', paths: { generate: '/responses' } },
    { dialect: 'anthropic-messages', paths: { generate: '/messages' }, betaHeaders: ['anthropic-beta'] },
  ],
  profile: { rules: [{ feature: 'embed.token-ids', level: 'absent', evidence: assumed }], facts: [] },
  quirks: {},
  models: { path: '/models', owner: 'litellm' },
}
