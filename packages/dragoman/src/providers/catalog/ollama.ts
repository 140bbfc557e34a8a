import type { Evidence, Feature, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const code: Evidence = { rank: 'documented', source: 'ollama fb307609 openai/openai.go', date: '2026-08-21' }
const absent = (feature: Feature): Rule => ({ feature, level: 'absent', evidence: code })

export const ollama: ProviderKind = {
  kind: 'ollama',
  title: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  auth: { type: 'optional-bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      // The request struct has no field for these: they are ignored without a word.
      ...(
        ['candidates', 'logit-bias', 'parallel-tool-calls', 'tools.custom', 'tool-choice.allowed'] as const
      ).map(absent),
      // Tool choice is not read at all; `none` is kept by leaving the tools out, a forced choice cannot be.
      ...(['tool-choice.none', 'tool-choice.required', 'tool-choice.named'] as const).map(absent),
      ...(['input.image-url', 'input.audio', 'input.file', 'embed.token-ids'] as const).map(absent),
    ],
    facts: [
      { facts: { reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high', 'max'] }, evidence: code },
    ],
  },
  quirks: { 'openai-chat': ['max-tokens-old-name', 'reasoning-as-reasoning', 'developer-as-system'] },
  models: { path: '/models', owner: 'ollama' },
  local: { ports: [11434], path: '/', proof: { type: 'text', includes: 'Ollama is running' } },
}
