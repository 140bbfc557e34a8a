import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented, openaiOnly } from './claims.ts'

const adapter = documented('cloudflare/ai packages/workers-ai-provider', '2026-07-30')

/**
 * Workers AI. Its address has the account in it, so that the configuration has to give it:
 * `https://api.cloudflare.com/client/v4/accounts/<account>/ai/v1`, or that of an AI Gateway.
 */
export const cloudflare: ProviderKind = {
  kind: 'cloudflare',
  title: 'Cloudflare Workers AI',
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(assumed('parameters are of each model, and few have it'), ['candidates']),
      ...absent(adapter, ['input.audio', 'input.file', 'output.audio']),
    ],
    facts: [
      // Ids were cut to nine characters once; shorter ones come back whole.
      { facts: { callIds: { pattern: /^[a-zA-Z0-9_-]{1,9}$/, length: 9 } }, evidence: adapter },
    ],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'developer-as-system', 'no-null-content', 'no-reasoning-history'],
      ...['no-user', 'no-metadata', 'no-store', 'no-service-tier', 'no-verbosity'],
    ],
  },
}
