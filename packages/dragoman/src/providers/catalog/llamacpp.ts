import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const run: Evidence = {
  rank: 'measured',
  source: 'llama-server b10587 and 0.7.0 transcripts',
  date: '2026-10-01',
}

export const llamacpp: ProviderKind = {
  kind: 'llamacpp',
  title: 'llama.cpp server',
  baseUrl: 'http://127.0.0.1:8080/v1',
  auth: { type: 'optional-bearer' },
  // It also answers /v1/responses and /v1/messages, but with most of their grammar missing: chat is what it speaks best.
  bindings: [
    {
      dialect: 'openai-chat',
      paths: {
        generate: '/chat/completions',
        embed: '/embeddings',
        count: '/chat/completions/input_tokens',
      },
    },
    // Not relayed: its log probabilities have the form of chat, and some fields are passed over in silence.
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      // `n` above the number of slots is a 400, and usage counts only the first choice.
      { feature: 'candidates', level: 'absent', evidence: run },
      { feature: 'tools.custom', level: 'absent', evidence: run },
      { feature: 'tool-choice.allowed', level: 'absent', evidence: run },
      // Ids are read as the engine's own vocabulary: those of another tokenizer would embed some other text.
      { feature: 'embed.token-ids', level: 'absent', evidence: run },
      { feature: 'input.file', level: 'absent', evidence: run },
      { feature: 'embed.dimensions', level: 'absent', evidence: run },
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': ['named-tool-as-required', 'no-tool-choice-none', 'logprobs-need-top'],
    'openai-completions': ['no-echo-no-best-of'],
  },
  closesAfterStream: true,
  models: { path: '/models', owner: 'llamacpp' },
  local: {
    ports: [8080, 9931],
    path: '/health',
    proof: { type: 'header', name: 'server', includes: 'llama.cpp' },
  },
}
