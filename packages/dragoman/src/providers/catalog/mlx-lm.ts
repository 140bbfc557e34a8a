import type { Evidence, Feature, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const code: Evidence = { rank: 'documented', source: 'mlx-lm d78bf58e server.py', date: '2026-08-22' }
const absent = (feature: Feature): Rule => ({ feature, level: 'absent', evidence: code })

/** The server of mlx-lm. A model that it has not loaded is loaded because a request names it. */
export const mlxLm: ProviderKind = {
  kind: 'mlx-lm',
  title: 'mlx-lm server',
  baseUrl: 'http://127.0.0.1:8080/v1',
  auth: { type: 'none' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      // Ignored without a word.
      ...(['candidates', 'output.json', 'output.json-schema', 'parallel-tool-calls'] as const).map(absent),
      ...(['tool-choice.none', 'tool-choice.required', 'tool-choice.named'] as const).map(absent),
      ...(['tool-choice.allowed', 'tools.custom', 'input.image', 'input.audio'] as const).map(absent),
      // Its entries have an id in place of the token.
      absent('logprobs'),
    ],
    facts: [],
  },
  quirks: { 'openai-chat': ['developer-as-system', 'reasoning-as-reasoning'] },
  models: { path: '/models', owner: 'mlx-lm' },
  // Python's own server says that it is healthy: neither alone would tell it from another.
  local: {
    ports: [8080],
    path: '/health',
    proof: {
      type: 'every',
      of: [
        { type: 'header', name: 'server', includes: 'BaseHTTP' },
        { type: 'json-field', field: 'status', value: 'ok' },
      ],
    },
  },
}
