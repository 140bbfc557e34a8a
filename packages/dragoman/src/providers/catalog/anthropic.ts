import type { Evidence, FactRule, Feature, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'
import { absentFrom } from './claims.ts'

const firstParty: Evidence = {
  rank: 'documented',
  source: 'the dialect is this provider’s own',
  date: '2026-11-22',
}
const types: Evidence = { rank: 'documented', source: '@anthropic-ai/sdk 1.12.0 types', date: '2026-11-22' }
const models: Evidence = {
  rank: 'documented',
  source: '@ai-sdk/anthropic 4.0.105 model catalogue',
  date: '2026-11-22',
}

/** Models after Opus 4.6 refuse sampling parameters. */
const withoutSampling = ['claude-*-5', 'claude-*-5-*', 'claude-*-4-7*', 'claude-*-4-8*'] as const
const sampling = ['temperature', 'top-p', 'top-k'] as const
/** Families that take a thinking budget; the `4-5` patterns come after the general ones because the last match wins. */
const budget = [
  'claude-*-4-5*',
  'claude-opus-4-1*',
  'claude-sonnet-4-0*',
  'claude-opus-4-0*',
  'claude-*-4-2025*',
] as const
const adaptive = ['claude-*-4-6*', 'claude-*-4-7*', 'claude-*-4-8*', 'claude-*-5', 'claude-*-5-*'] as const
const alwaysThinking = ['claude-sonnet-5-5*', 'claude-opus-5-5*', 'claude-fable-5*'] as const

const native = (feature: Feature, patterns: readonly string[]): Rule[] =>
  patterns.map(model => ({ feature, model, level: 'native', evidence: models }))

const facts: readonly FactRule[] = [
  {
    facts: { maxTokens: 64_000, schemas: { output: 'anthropic', strictTools: 'anthropic' } },
    evidence: models,
  },
  { model: 'claude-3*', facts: { maxTokens: 4096 }, evidence: models },
  { model: 'claude-opus-4*', facts: { maxTokens: 32_000 }, evidence: models },
  ...(adaptive.map(model => ({
    model,
    facts: { maxTokens: 128_000, reasoning: 'adaptive', efforts: ['low', 'medium', 'high', 'xhigh', 'max'] },
    evidence: models,
  })) as FactRule[]), // `reasoning` widens to string in a mapped literal
  ...(budget.map(model => ({
    model,
    facts: { maxTokens: 64_000, reasoning: 'budget' },
    evidence: models,
  })) as FactRule[]), // as above
  { model: 'claude-opus-4-1*', facts: { maxTokens: 32_000 }, evidence: models },
  { model: 'claude-*-4-6*', facts: { efforts: ['low', 'medium', 'high'] }, evidence: models },
  ...alwaysThinking.map(model => ({ model, facts: { alwaysThinks: true }, evidence: models })),
]

export const anthropic: ProviderKind = {
  kind: 'anthropic',
  title: 'Anthropic',
  baseUrl: 'https://api.anthropic.com',
  env: ['ANTHROPIC_API_KEY'],
  auth: { type: 'header', name: 'x-api-key' },
  bindings: [
    {
      dialect: 'anthropic-messages',
      paths: { generate: '/v1/messages', count: '/v1/messages/count_tokens' },
      // A request built here may carry sampling parameters, which the revision of 2026-10-21 refuses.
      headers: { 'anthropic-version': '2023-06-01' },
      revisionHeader: 'anthropic-version',
      betaHeaders: ['anthropic-beta'],
      relay: firstParty,
    },
  ],
  profile: {
    rules: [
      ...absentFrom(['candidates', 'output.json', 'tools.custom'], [undefined], types),
      ...absentFrom(
        ['output.json-schema'],
        ['claude-3*', 'claude-sonnet-4-0*', 'claude-opus-4-0*', 'claude-*-4-2025*'],
        models,
      ),
      ...absentFrom(sampling, withoutSampling, models),
      ...native('temperature', ['claude-*-4-5*']),
      ...native('top-p', ['claude-*-4-5*']),
      ...native('top-k', ['claude-*-4-5*']),
      ...absentFrom(['turns.prefill'], adaptive, models),
      ...native('turns.prefill', ['claude-*-4-5*']),
      { feature: 'top-p', model: 'claude-*-4*', with: ['temperature'], level: 'absent', evidence: models },
      ...absentFrom(
        ['tool-choice.required', 'tool-choice.named'],
        ['claude-sonnet-5-5*', 'claude-opus-5-5*', 'claude-fable-5-1*', 'claude-fable-5-2*'],
        models,
      ),
    ],
    facts,
  },
  quirks: {},
  models: { path: '/v1/models', owner: 'anthropic' },
}
