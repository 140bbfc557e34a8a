import type { Binding } from '../binding.ts'
import type { Evidence, FactRule, Feature, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'

const firstParty: Evidence = {
  rank: 'documented',
  source: 'the dialect is this provider’s own',
  date: '2026-11-22',
}
const types: Evidence = { rank: 'documented', source: '@google/genai 3.1.0 types', date: '2026-11-22' }
const models: Evidence = {
  rank: 'documented',
  source: '@ai-sdk/google 4.0.121 model catalogue and its converters',
  date: '2026-11-22',
}
const compatibility: Evidence = {
  rank: 'documented',
  source: 'the budgets of Google’s own compatibility endpoint, ai.google.dev/gemini-api/docs/openai',
  date: '2026-11-22',
}
const issues: Evidence = {
  rank: 'assumed',
  source: 'the 400s that other gateways met and wrote down',
  date: '2026-11-22',
}

const rules = (
  level: Rule['level'],
  features: readonly Feature[],
  patterns: readonly (string | undefined)[],
  evidence: Evidence,
  together?: readonly Feature[],
): Rule[] =>
  patterns.flatMap(model =>
    features.map(feature => ({
      feature,
      level,
      evidence,
      ...(model === undefined ? {} : { model }),
      ...(together === undefined ? {} : { with: together }),
    })),
  )

/** Generations that take a level of thinking, mix JSON with tools, and read images in results. */
const recent = ['gemini-3*', 'gemini-4*'] as const
/** Models from before thinking. */
const unthinking = ['gemini-1*', 'gemini-2.0*', 'gemma*'] as const
/** Models of the recent generations that know no least level. */
const withoutMinimal = [
  ...['gemini-3*-pro*', 'gemini-4*-pro*', 'gemini-3.7-flash*', 'gemini-3.8-flash*', 'gemini-3.9-flash*'],
  'gemini-flash-latest',
] as const

const schemas = ['output.json', 'output.json-schema'] as const

const budgets = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24_576, xhigh: 24_576, max: 24_576 }

/** Stands for the signature that the recent generations want on the first call of a turn, where another model called. */
const callPlaceholder = {
  form: 'signature',
  data: 'skip_thought_signature_validator',
  dialect: 'gemini',
} as const // the literals of an Opaque

const signatures: Evidence = {
  rank: 'documented',
  source: 'ai.google.dev/gemini-api/docs/thought-signatures',
  date: '2026-05-19',
}

const facts: readonly FactRule[] = [
  ...recent.map((model): FactRule => ({ model, facts: { callPlaceholder }, evidence: signatures })),
  { facts: { schemas: { output: 'gemini', tools: 'gemini' } }, evidence: types },
  { model: 'gemini-2.5*', facts: { reasoning: 'budget', budgets }, evidence: compatibility },
  {
    model: 'gemini-2.5-pro*',
    facts: { alwaysThinks: true, budgets: { ...budgets, none: 128, max: 32_768 } },
    evidence: compatibility,
  },
  ...[...recent, 'gemini-flash-latest', 'gemini-pro-latest'].map(
    (model): FactRule => ({
      model,
      facts: { reasoning: 'effort', efforts: ['minimal', 'low', 'medium', 'high'], alwaysThinks: true },
      evidence: models,
    }),
  ),
  ...[...withoutMinimal, 'gemini-pro-latest'].map(
    (model): FactRule => ({ model, facts: { efforts: ['low', 'medium', 'high'] }, evidence: models }),
  ),
]

/** Model and stream stand in the path, not in the body. */
const inPath = ['model', 'stream'] as const

const generating: Binding = {
  dialect: 'gemini',
  paths: { generate: '/models/{model}:generateContent' },
  streamPath: '/models/{model}:streamGenerateContent?alt=sse',
  omits: inPath,
  relay: firstParty,
}

/** Both name the model inside the body, too, and a single text is embedded as a batch of one: never relayed. */
const measuring: Binding = {
  dialect: 'gemini',
  paths: { count: '/models/{model}:countTokens', embed: '/models/{model}:batchEmbedContents' },
  omits: inPath,
}

/**
 * The Gemini API. Its compatibility endpoint is no binding here: callers of OpenAI's dialect would be sent there, where
 * thought signatures, safety and grounding are out of reach.
 */
export const google: ProviderKind = {
  kind: 'google',
  title: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  auth: { type: 'header', name: 'x-goog-api-key' },
  bindings: [generating, measuring],
  profile: {
    rules: [
      ...rules('absent', ['tools.custom', 'embed.token-ids'], [undefined], types),
      // Its addresses are files that were uploaded to it, and videos.
      ...rules('absent', ['input.image-url', 'input.media-url'], [undefined], types),
      ...rules('absent', ['penalties'], ['gemini-2.5*'], models),
      ...rules('absent', ['candidates'], [...recent, 'gemma*'], issues),
      // JSON with functions: the recent generations only, and of those only where the model may choose.
      ...rules('absent', schemas, [undefined], models, ['tools']),
      ...rules('native', schemas, recent, models, ['tools']),
      ...rules('absent', schemas, recent, models, ['tools', 'tool-choice.required']),
      ...rules('absent', schemas, recent, models, ['tools', 'tool-choice.named']),
      ...rules('absent', ['tool-results.media'], [undefined], models),
      ...rules('native', ['tool-results.media'], recent, models),
      ...rules('absent', ['reasoning.effort', 'reasoning.budget'], unthinking, models),
      ...rules('absent', ['turns.empty'], [undefined], issues),
    ],
    facts,
  },
  quirks: {},
  models: { path: '/models?pageSize=1000', owner: 'google', list: 'models', id: 'name', prefix: 'models/' },
}
