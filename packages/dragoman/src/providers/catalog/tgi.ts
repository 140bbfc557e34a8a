import type { Evidence, Feature, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const code: Evidence = {
  rank: 'documented',
  source: 'text-generation-inference db931fcf router/src',
  date: '2026-01-08',
}
const absent = (feature: Feature): Rule => ({ feature, level: 'absent', evidence: code })

/** Text Generation Inference: chat without embeddings, behind a parser that refuses several of OpenAI's own forms. */
export const tgi: ProviderKind = {
  kind: 'tgi',
  title: 'Text Generation Inference',
  baseUrl: 'http://127.0.0.1:3000/v1',
  auth: { type: 'optional-bearer' },
  bindings: [{ dialect: 'openai-chat', paths: { generate: '/chat/completions' } }],
  profile: {
    rules: [
      // Read as a list of numbers and unused, or documented as unused, or dropped as unknown.
      ...(['logit-bias', 'candidates', 'parallel-tool-calls', 'reasoning.effort'] as const).map(absent),
      ...(['tools.custom', 'tool-choice.allowed', 'input.audio', 'input.file'] as const).map(absent),
      // Tools and a format in one request are a 422.
      { feature: 'output.json-schema', with: ['tools'], level: 'absent', evidence: code },
      { feature: 'output.json', with: ['tools'], level: 'absent', evidence: code },
    ],
    facts: [],
  },
  quirks: {
    'openai-chat': [
      'max-tokens-old-name',
      'developer-as-system',
      'stop-as-list',
      'no-full-top-p',
      // A penalty of 0 is made one of 2.0 here.
      'no-zero-penalties',
      'format-as-value',
      'no-text-beside-calls',
    ],
  },
  models: { path: '/models', owner: 'tgi' },
  local: { ports: [3000, 8080], path: '/info', proof: { type: 'json-field', field: 'docker_label' } },
}
