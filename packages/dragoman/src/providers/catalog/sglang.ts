import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const code: Evidence = {
  rank: 'documented',
  source: 'sglang, entrypoints/openai of 2026-08',
  date: '2026-08-22',
}

/**
 * SGLang. It does not look at the model's name, and reads a colon in it as an adapter. It answers to several other
 * wires and to Ollama's paths; chat is what it speaks best.
 */
export const sglang: ProviderKind = {
  kind: 'sglang',
  title: 'SGLang',
  baseUrl: 'http://127.0.0.1:30000/v1',
  auth: { type: 'optional-bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      { feature: 'tools.custom', level: 'absent', evidence: code },
      { feature: 'tool-choice.allowed', level: 'absent', evidence: code },
      // Where both are asked for, the constraint of the tools is lost without a word.
      { feature: 'output.json-schema', with: ['tools'], level: 'absent', evidence: code },
      { feature: 'output.json', with: ['tools'], level: 'absent', evidence: code },
      { feature: 'embed.token-ids', level: 'absent', evidence: code },
    ],
    facts: [],
  },
  quirks: {},
  models: { path: '/models', owner: 'sglang' },
  // Not its health, which generates a token and takes a second; nor `/`, which can be made to say that it is Ollama.
  local: { ports: [30_000], path: '/model_info', proof: { type: 'json-field', field: 'is_generation' } },
}
