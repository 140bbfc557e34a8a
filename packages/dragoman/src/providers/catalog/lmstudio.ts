import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const docs: Evidence = {
  rank: 'documented',
  source: 'lmstudio-ai/docs c6854fb and its tracker',
  date: '2026-09-01',
}

export const lmstudio: ProviderKind = {
  kind: 'lmstudio',
  title: 'LM Studio',
  baseUrl: 'http://127.0.0.1:1234/v1',
  auth: { type: 'optional-bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      { feature: 'candidates', level: 'absent', evidence: docs },
      { feature: 'tools.custom', level: 'absent', evidence: docs },
      { feature: 'tool-choice.allowed', level: 'absent', evidence: docs },
      { feature: 'input.audio', level: 'absent', evidence: docs },
      { feature: 'embed.token-ids', level: 'absent', evidence: docs },
    ],
    // Reasoning has a field of its own only where a setting for developers is on.
    facts: [{ facts: { thinkTags: true }, evidence: docs }],
  },
  quirks: {
    'openai-chat': [
      'max-tokens-old-name',
      'json-object-as-schema',
      'named-tool-as-required',
      'developer-as-system',
    ],
  },
  models: { path: '/models', owner: 'lmstudio' },
  local: { ports: [1234], path: '/lmstudio-greeting', proof: { type: 'json-field', field: 'lmstudio' } },
}
