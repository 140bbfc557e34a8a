import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented, native, openaiOnly } from './claims.ts'

const pages = documented('api-docs.deepseek.com', '2026-11-22')

export const deepseek: ProviderKind = {
  kind: 'deepseek',
  title: 'DeepSeek',
  baseUrl: 'https://api.deepseek.com',
  env: ['DEEPSEEK_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(pages, ['seed', 'penalties', 'output.json-schema']),
      // What it thought before a call it wants back, also where a caller cannot carry it.
      ...native(pages, ['reasoning.replay']),
      // Strict tools and prefixes are of the beta, which is at another address.
      ...absent(pages, ['tools.strict', 'turns.prefill']),
      ...absent(assumed('its messages are of text'), ['input.audio', 'input.file', 'output.audio']),
    ],
    facts: [{ facts: { reasoning: 'effort', efforts: ['none', 'low', 'high', 'max'] }, evidence: pages }],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'developer-as-system', 'user-as-user-id', 'reasoning-replay'],
      ...['effort-none-as-thinking', 'forced-tool-thinking', 'no-zero-penalties'],
    ],
  },
  models: { path: '/models', owner: 'deepseek' },
}
