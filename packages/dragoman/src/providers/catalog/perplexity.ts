import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented } from './claims.ts'

const types = documented('@perplexity-ai/perplexity_ai 0.38.5 types', '2026-07-30')
const older = assumed('turns had to alternate; nobody looked again')

/** Sonar: chat over a search. It calls no tools, and its path has no version. */
export const perplexity: ProviderKind = {
  kind: 'perplexity',
  title: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  env: ['PERPLEXITY_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      ...absent(types, ['tools', 'stop', 'logprobs', 'logit-bias', 'candidates', 'seed']),
      ...absent(types, ['output.json', 'input.audio', 'output.audio']),
      ...absent(older, ['turns.same-role', 'turns.assistant-first', 'turns.system-inside', 'turns.prefill']),
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'no-stream-options', 'no-zero-penalties', 'developer-as-system'],
      ...['no-reasoning-history', 'no-user', 'no-store', 'no-n', 'no-metadata'],
    ],
  },
}
