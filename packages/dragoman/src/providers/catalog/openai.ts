import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const firstParty: Evidence = {
  rank: 'documented',
  source: 'the dialect is this provider’s own',
  date: '2026-11-22',
}
const types: Evidence = { rank: 'documented', source: 'openai-node 7.57.0 types', date: '2026-11-22' }
const issue: Evidence = {
  rank: 'documented',
  source: '@ai-sdk/openai 4.0.118 model catalogue',
  date: '2026-11-22',
}

export const openai: ProviderKind = {
  kind: 'openai',
  title: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  env: ['OPENAI_API_KEY'],
  auth: { type: 'bearer' },
  bindings: [
    {
      dialect: 'openai-responses',
      paths: { generate: '/responses', count: '/responses/input_tokens', compact: '/responses/compact' },
      betaHeaders: ['openai-beta'],
      relay: firstParty,
    },
    {
      dialect: 'openai-chat',
      paths: { generate: '/chat/completions', embed: '/embeddings' },
      betaHeaders: ['openai-beta'],
      relay: firstParty,
    },
    // Any other model answers this path with a 404: what is asked of it goes as a conversation.
    {
      dialect: 'openai-completions',
      paths: { generate: '/completions' },
      models: [
        'gpt-3.5-turbo-instruct*',
        'davinci-002*',
        'babbage-002*',
        'ft:davinci-002:*',
        'ft:babbage-002:*',
      ],
      relay: firstParty,
    },
  ],
  profile: {
    rules: [
      ...['o1*', 'o3*', 'o4*', 'gpt-5*', 'gpt-6*'].flatMap(model =>
        (['temperature', 'top-p', 'penalties', 'logit-bias', 'stop', 'logprobs'] as const).map(feature => ({
          feature,
          model,
          level: 'absent' as const,
          evidence: issue,
        })),
      ),
      { feature: 'candidates', level: 'native', evidence: types },
      // It is taken, but as a turn that is over: the model begins another one.
      { feature: 'turns.prefill', level: 'absent', evidence: types },
    ],
    facts: [
      {
        model: 'o1*',
        facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: issue,
      },
      {
        model: 'o3*',
        facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: issue,
      },
      {
        model: 'o4*',
        facts: { reasoning: 'effort', efforts: ['low', 'medium', 'high'], alwaysThinks: true },
        evidence: issue,
      },
      {
        model: 'gpt-5*',
        facts: { reasoning: 'effort', efforts: ['minimal', 'low', 'medium', 'high'] },
        evidence: issue,
      },
      {
        model: 'gpt-5.*',
        facts: { reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
        evidence: issue,
      },
      {
        model: 'gpt-6*',
        facts: { reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] },
        evidence: issue,
      },
      {
        facts: {
          tokenizer: 'o200k_base',
          schemas: { output: 'openai-strict', looseOutput: true, strictTools: 'openai-strict' },
        },
        evidence: types,
      },
      { model: 'text-embedding-*', facts: { tokenizer: 'cl100k_base' }, evidence: types },
    ],
  },
  quirks: {},
  models: { path: '/models', owner: 'openai' },
}
