import type { ProviderKind } from '../provider.ts'

/** Any server that claims the chat wire. Nothing is known of it, so everything is translated and repaired. */
export const openaiCompatible: ProviderKind = {
  kind: 'openai-compatible',
  title: 'OpenAI-compatible server',
  auth: { type: 'optional-bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      {
        feature: 'embed.token-ids',
        level: 'absent',
        evidence: {
          rank: 'assumed',
          source: 'ids mean nothing without the tokenizer they are of',
          date: '2026-11-23',
        },
      },
    ],
    facts: [
      {
        facts: { thinkTags: true },
        evidence: {
          rank: 'documented',
          source: 'Portkey-AI/gateway#1112, QuantumNous/new-api#861',
          date: '2026-11-22',
        },
      },
    ],
  },
  quirks: {},
  models: { path: '/models', owner: 'openai-compatible' },
}
