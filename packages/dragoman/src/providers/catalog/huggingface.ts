import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented, openaiOnly } from './claims.ts'

const pages = documented('huggingface/hub-docs docs/inference-providers', '2026-08-22')
const varies = assumed('the host behind the router decides; this is what many refuse')

/** A router: every rule is that of the host it chooses, which `model:provider` pins. */
export const huggingface: ProviderKind = {
  kind: 'huggingface',
  title: 'Hugging Face router',
  baseUrl: 'https://router.huggingface.co/v1',
  env: ['HF_TOKEN'],
  auth: { type: 'bearer' },
  // Its Responses are a beta.
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(varies, ['candidates', 'turns.system-inside']),
      ...absent(pages, ['input.audio', 'input.file', 'output.audio']),
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'developer-as-system', 'five-top-logprobs', 'no-reasoning-history'],
      ...['no-user', 'no-metadata', 'no-store', 'no-service-tier', 'no-verbosity', 'no-prompt-cache-key'],
      'no-safety-identifier',
    ],
  },
  models: { path: '/models', owner: 'huggingface' },
}
