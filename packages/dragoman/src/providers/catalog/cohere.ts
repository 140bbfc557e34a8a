import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'
import { absentFrom } from './claims.ts'

const firstParty: Evidence = {
  rank: 'documented',
  source: 'the dialect is this provider’s own',
  date: '2026-11-22',
}
const types: Evidence = { rank: 'documented', source: 'cohere-ai 8.1.0 types', date: '2026-11-22' }
const pages: Evidence = {
  rank: 'documented',
  source: 'cohere-developer-experience OpenAPI and v2 pages',
  date: '2026-08-20',
}
const issues: Evidence = {
  rank: 'documented',
  source: 'the 400s that other gateways met and wrote down',
  date: '2026-11-22',
}
const age: Evidence = {
  rank: 'assumed',
  source: 'the model is older than the feature, or of another kind',
  date: '2026-11-23',
}

/** Models before command-r7b, which cannot be told whether to use tools. */
const early = ['command-r', 'command-r-0*', 'command-r-plus*', 'command', 'command-light*'] as const
const withoutThinking = [
  ...early,
  'command-r7b*',
  'command-a-03-2025',
  'command-a-vision*',
  'c4ai-*',
] as const
const withoutVision = [...early, 'command-r7b*', 'command-a-03-2025', 'command-a-reasoning*'] as const

/** Cohere's own wire; its compatibility endpoint loses documents, citations and plans, and tells less of its errors. */
export const cohere: ProviderKind = {
  kind: 'cohere',
  title: 'Cohere',
  baseUrl: 'https://api.cohere.com',
  env: ['CO_API_KEY', 'COHERE_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [{ dialect: 'cohere', paths: { generate: '/v2/chat', embed: '/v2/embed' }, relay: firstParty }],
  profile: {
    rules: [
      // A format does not go with tools; with documents it is refused by the encoder, since nothing stands in.
      { feature: 'output.json', with: ['tools'], level: 'absent', evidence: types },
      { feature: 'output.json-schema', with: ['tools'], level: 'absent', evidence: types },
      ...absentFrom(['tool-choice.required', 'tool-choice.none'], early, types),
      ...absentFrom(['reasoning.effort', 'reasoning.budget'], withoutThinking, age),
      ...absentFrom(['input.image', 'input.image-url'], withoutVision, age),
      ...absentFrom(['turns.system-inside', 'turns.empty'], [undefined], issues),
      ...absentFrom(['tool-results.media', 'embed.token-ids'], [undefined], types),
      ...absentFrom(['embed.dimensions'], [undefined], pages),
      { feature: 'embed.dimensions', model: 'embed-v4*', level: 'native', evidence: pages },
    ],
    facts: [
      { facts: { embedInputs: 96 }, evidence: types },
      { facts: { schemas: { output: 'cohere', strictTools: 'cohere' } }, evidence: pages },
      { model: 'command-a-reasoning*', facts: { reasoning: 'budget' }, evidence: pages },
    ],
  },
  quirks: {},
  models: { path: '/v1/models?page_size=1000', owner: 'cohere', list: 'models', id: 'name' },
}
