import type { ProviderKind } from '../provider.ts'
import { absent, assumed, documented, native, openaiOnly } from './claims.ts'

const schema = documented('togethercomputer/openapi', '2026-04-28')
const guide = documented('togethercomputer/skills together-chat-completions', '2026-08-18')
const honoured = documented('tensorzero providers/together.rs: none and required not honoured', '2026-11-22')

/** A host of many models over several engines: what holds for one need not hold for the next. */
export const together: ProviderKind = {
  kind: 'together',
  title: 'Together AI',
  baseUrl: 'https://api.together.ai/v1',
  env: ['TOGETHER_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-completions', paths: { generate: '/completions' } },
  ],
  profile: {
    rules: [
      ...openaiOnly,
      ...absent(schema, ['parallel-tool-calls', 'input.file', 'output.audio', 'embed.dimensions']),
      ...absent(honoured, ['tool-choice.none', 'tool-choice.required']),
      // Efforts are of one family; the others have a switch, each its own.
      ...absent(guide, ['reasoning.effort']),
      ...native(guide, ['reasoning.effort'], '*gpt-oss*'),
      { feature: 'output.json', with: ['tools'], level: 'absent', evidence: guide },
      { feature: 'output.json-schema', with: ['tools'], level: 'absent', evidence: guide },
      // A chunk has the number of one token where OpenAI has an object.
      { feature: 'logprobs', with: ['stream'], level: 'absent', evidence: schema },
      ...absent(assumed('many chat templates fail on it'), ['turns.system-inside']),
    ],
    facts: [
      {
        model: '*gpt-oss*',
        facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: guide,
      },
    ],
  },
  quirks: {
    'openai-chat': [
      ...['max-tokens-old-name', 'no-stream-options', 'no-parallel-flag', 'developer-as-system'],
      ...['reasoning-as-reasoning', 'logprobs-as-number', 'no-user', 'no-metadata', 'no-store'],
      ...['no-service-tier', 'no-prediction', 'no-verbosity', 'no-prompt-cache-key', 'no-safety-identifier'],
    ],
  },
  models: { path: '/models', owner: 'together', list: '' },
}
