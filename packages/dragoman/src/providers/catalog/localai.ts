import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const code: Evidence = { rank: 'documented', source: 'LocalAI 82c191af', date: '2026-08-22' }

/** LocalAI, which also answers Ollama's paths; what it speaks besides chat depends on the backend of each model. */
export const localai: ProviderKind = {
  kind: 'localai',
  title: 'LocalAI',
  baseUrl: 'http://127.0.0.1:8080/v1',
  auth: { type: 'optional-bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      { feature: 'tools.custom', level: 'absent', evidence: code },
      { feature: 'tool-choice.allowed', level: 'absent', evidence: code },
      { feature: 'embed.token-ids', level: 'absent', evidence: code },
    ],
    facts: [],
  },
  quirks: { 'openai-chat': ['max-tokens-old-name', 'developer-as-system'] },
  models: { path: '/models', owner: 'localai' },
  // No other engine of that port knows this path.
  local: { ports: [8080], path: '/models/capabilities', proof: { type: 'json-field', field: 'data' } },
}
