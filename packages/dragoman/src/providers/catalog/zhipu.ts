import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const types = documented('zai-org/z-ai-sdk-python', '2026-04-08')

/** GLM, at its place outside China; its path has a version of its own and it publishes no list of models. */
export const zhipu: ProviderKind = {
  kind: 'zhipu',
  title: 'Zhipu / Z.ai',
  baseUrl: 'https://api.z.ai/api/paas/v4',
  env: ['ZAI_API_KEY', 'ZHIPUAI_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(types, ['candidates', 'logprobs', 'logit-bias', 'penalties', 'parallel-tool-calls']),
      // A choice is a plain string, which for long could only be auto.
      ...absent(types, ['tool-choice.none', 'tool-choice.required', 'tool-choice.named']),
      ...absent(types, ['output.json-schema', 'output.audio', 'input.file', 'turns.prefill']),
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'no-stream-options', 'no-parallel-flag', 'no-zero-penalties'],
      ...['developer-as-system', 'user-as-user-id', 'effort-as-thinking', 'tool-stream', 'open-sampling'],
      ...['reasoning-as-content', 'no-store', 'no-n', 'no-metadata', 'no-verbosity', 'no-service-tier'],
    ],
  },
}
