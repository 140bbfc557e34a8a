import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const completions: Evidence = {
  rank: 'documented',
  source: 'vllm 017e9f44 openai/completion',
  date: '2026-08-17',
}
const code: Evidence = {
  rank: 'documented',
  source: 'vllm 017e9f44 openai/chat_completion',
  date: '2026-08-17',
}

export const vllm: ProviderKind = {
  kind: 'vllm',
  title: 'vLLM',
  baseUrl: 'http://127.0.0.1:8000/v1',
  auth: { type: 'optional-bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' }, relay: completions },
  ],
  profile: {
    rules: [
      { feature: 'tools.custom', level: 'absent', evidence: code },
      { feature: 'tool-choice.allowed', level: 'absent', evidence: code },
      // Ids are read as the engine's own vocabulary: those of another tokenizer would embed some other text.
      { feature: 'embed.token-ids', level: 'absent', evidence: code },
    ],
    facts: [
      {
        facts: {
          reasoning: 'effort',
          efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
          thinkTags: true, // without --reasoning-parser
        },
        evidence: code,
      },
    ],
  },
  quirks: { 'openai-chat': ['reasoning-as-reasoning'] },
  models: { path: '/models', owner: 'vllm' },
  local: { ports: [8000], path: '/version', proof: { type: 'json-field', field: 'version' } },
}
