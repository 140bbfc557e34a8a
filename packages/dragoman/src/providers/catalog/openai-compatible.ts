import type { ProviderKind } from '../provider.ts'

/** Any server that claims the chat wire. Nothing is known of it, so everything is translated and repaired. */
export const openaiCompatible: ProviderKind = {
  kind: 'openai-compatible',
  title: 'OpenAI-compatible server',
  auth: { type: 'optional-bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: { rules: [], facts: [] },
  quirks: {},
  models: { path: '/models', owner: 'openai-compatible' },
}
