import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const ours: Evidence = { rank: 'measured', source: 'the sandbox’s own tests', date: '2026-11-23' }

/** The embedded engine: no network, no key, no AI. */
export const sandbox: ProviderKind = {
  kind: 'sandbox',
  title: 'Sandbox (not an AI)',
  baseUrl: 'http://sandbox.invalid/v1',
  auth: { type: 'none' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' }, relay: ours },
    {
      dialect: 'openai-responses',
      paths: { generate: '/responses', count: '/responses/input_tokens' },
      relay: ours,
    },
    { dialect: 'openai-completions', paths: { generate: '/completions' }, relay: ours },
  ],
  profile: { rules: [], facts: [{ facts: { tokenizer: 'o200k_base' }, evidence: ours }] },
  quirks: {},
  models: { path: '/models', owner: 'sandbox' },
  embedded: true,
}
