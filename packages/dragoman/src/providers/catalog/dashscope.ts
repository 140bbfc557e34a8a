import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented, openaiOnly } from './claims.ts'

const adapter = documented('vercel/ai packages/alibaba', '2026-08-22')
const recalled = assumed('recalled from its documents, not read again')

/** Qwen, in the region of Singapore; keys are of one region. */
export const dashscope: ProviderKind = {
  kind: 'dashscope',
  title: 'Alibaba DashScope',
  baseUrl: 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1',
  env: ['DASHSCOPE_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(recalled, ['turns.prefill']),
      { feature: 'candidates', with: ['tools'], level: 'absent', evidence: recalled },
      // A tool may be named, but not together with thinking: the quirk says so where it is forced.
      ...absent(adapter, ['input.file']),
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'developer-as-system', 'no-frequency-penalty'],
      ...['effort-as-enable-thinking', 'forced-tool-enable-thinking', 'whole-without-thinking'],
      ...['reasoning-as-content', 'no-store', 'no-metadata', 'no-verbosity', 'no-service-tier'],
    ],
  },
  models: { path: '/models', owner: 'dashscope' },
}
