import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const ours: Evidence = {
  rank: 'measured',
  source: 'one gateway in front of another, features/another-gateway.test.ts',
  date: '2026-11-23',
}

/**
 * Another Dragoman. Whatever a caller speaks goes on as it came: what has to be translated or emulated for a target is
 * done where the target is known. It is not looked for, and a gateway that is its own upstream refuses the call.
 */
export const dragoman: ProviderKind = {
  kind: 'dragoman',
  title: 'another Dragoman',
  baseUrl: 'http://127.0.0.1:4343/v1',
  auth: { type: 'optional-bearer' },
  bindings: [
    {
      dialect: 'openai-responses',
      paths: { generate: '/responses', count: '/responses/input_tokens' },
      relay: ours,
    },
    {
      dialect: 'openai-chat',
      paths: { generate: '/chat/completions', embed: '/embeddings' },
      relay: ours,
    },
    {
      dialect: 'anthropic-messages',
      paths: { generate: '/messages', count: '/messages/count_tokens' },
      headers: { 'anthropic-version': '2023-06-01' },
      revisionHeader: 'anthropic-version',
      betaHeaders: ['anthropic-beta'],
      relay: ours,
    },
    {
      dialect: 'gemini',
      paths: { generate: '/models/{model}:generateContent' },
      streamPath: '/models/{model}:streamGenerateContent?alt=sse',
      omits: ['model', 'stream'],
      relay: ours,
    },
    { dialect: 'openai-completions', paths: { generate: '/completions' }, relay: ours },
  ],
  profile: { rules: [], facts: [] },
  quirks: {},
  models: { path: '/models', owner: 'dragoman' },
}
