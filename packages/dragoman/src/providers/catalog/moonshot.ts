import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const schema = documented('moonshot-ai-openapi.json', '2026-08-01')
const pages = documented('the request types of one model family each', '2026-08-01')
const fixed = ['kimi-k2.5*', 'kimi-k2.6*'] as const

/** The host outside China; keys of the other (`api.moonshot.cn`) do not go with this one. */
export const moonshot: ProviderKind = {
  kind: 'moonshot',
  title: 'Moonshot AI',
  baseUrl: 'https://api.moonshot.ai/v1',
  env: ['MOONSHOT_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(schema, ['tool-choice.none', 'tool-choice.required', 'tool-choice.named', 'turns.empty']),
      ...absent(schema, ['parallel-tool-calls', 'logprobs', 'logit-bias', 'seed', 'role.developer']),
      ...absent(schema, ['input.audio', 'input.file', 'output.audio']),
      // The sampling of these is not the caller's to choose.
      ...fixed.flatMap(model => absent(pages, ['temperature', 'top-p', 'candidates', 'penalties'], model)),
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['no-tool-choice', 'no-parallel-flag', 'no-zero-penalties', 'developer-as-system'],
      ...['user-as-safety-identifier', 'temperature-to-1', 'effort-as-thinking', 'prefill-as-partial'],
      ...['reasoning-as-content', 'no-store', 'no-n', 'no-metadata', 'no-verbosity', 'no-service-tier'],
    ],
  },
  models: { path: '/models', owner: 'moonshot' },
}
