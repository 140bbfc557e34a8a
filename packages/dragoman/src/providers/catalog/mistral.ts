import type { ProviderKind } from '../provider.ts'
import { absent, documented, openaiOnly } from './claims.ts'

const schema = documented('mistralai/platform-docs-public openapi.yaml', '2026-08-21')
const order = documented('400 with code 3230, invalid_request_message_order', '2026-11-22')
const ids = documented('400 with code 3280: ids match ^[a-zA-Z0-9]{9}$', '2026-11-22')
const efforts = documented('platform-docs-public reasoning.md; @mistralai/mistral 2.7.0', '2026-09-09')

/** Its request schemas are closed: a field that they do not list answers 422. */
export const mistral: ProviderKind = {
  kind: 'mistral',
  title: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  env: ['MISTRAL_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } }],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(schema, ['logprobs', 'logit-bias', 'output.audio', 'role.developer']),
      // A prefix goes on, but the answer repeats it; a named tool is refused by some hosts of the same models.
      ...absent(schema, ['turns.prefill', 'tool-choice.named']),
      ...absent(order, ['turns.user-after-results']),
    ],
    facts: [
      { facts: { callIds: { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 } }, evidence: ids },
      { facts: { reasoning: 'effort', efforts: ['none', 'high'] }, evidence: efforts },
      { model: 'mistral-large-4*', facts: { efforts: ['low', 'medium', 'high'] }, evidence: efforts },
      { model: 'zai-glm-*', facts: { efforts: ['low', 'high', 'max'] }, evidence: efforts },
    ],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'seed-as-random-seed', 'dimensions-as-output-dimension'],
      ...['no-stream-options', 'no-user', 'no-store', 'no-verbosity', 'no-safety-identifier'],
      ...['no-service-tier', 'developer-as-system', 'no-message-names', 'no-reasoning-history'],
      ...['whole-tools', 'required-as-any', 'audio-as-base64', 'temperature-to-1.5'],
    ],
  },
  models: { path: '/models', owner: 'mistral' },
}
