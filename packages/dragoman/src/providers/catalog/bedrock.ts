import type { Evidence, FactRule, Feature, ModelFacts, Rule } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'
import { absentFrom } from './claims.ts'

const types: Evidence = {
  rank: 'documented',
  source: '@aws-sdk/client-bedrock-runtime 3.1164 types',
  date: '2026-11-22',
}
const pages: Evidence = {
  rank: 'documented',
  source: 'Amazon Bedrock User Guide, Converse and inference parameters',
  date: '2026-11-22',
}
const catalogue: Evidence = {
  rank: 'documented',
  source: '@ai-sdk/amazon-bedrock 5.0.101',
  date: '2026-11-22',
}
const family: Evidence = {
  rank: 'documented',
  source: 'the model’s own maker, @ai-sdk/anthropic 4.0.105 model catalogue',
  date: '2026-11-22',
}

/** A model of a maker, by its id, by an inference profile of any region, or by an ARN that ends in either. */
const by = (name: string): string => `*${name}*`

const _rule = (
  feature: Feature,
  level: 'absent' | 'native',
  model: string | undefined,
  evidence: Evidence,
): Rule => ({ feature, level, evidence, ...(model === undefined ? {} : { model }) })

const facts = (model: string, known: ModelFacts, evidence: Evidence): FactRule => ({
  model,
  facts: known,
  evidence,
})

const claude = by('anthropic.claude-')
/** Families that take a thinking budget, and those that think as much as they find right. */
const budget = ['claude-3-7', 'claude-*-4-2025', 'claude-opus-4-1', 'claude-*-4-5'].map(by)
const fifth = ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-5', 'claude-fable-5'].map(by)
const adaptive = [...['claude-*-4-6', 'claude-*-4-7', 'claude-*-4-8'].map(by), ...fifth]
const sampling = ['temperature', 'top-p', 'top-k'] as const
/** Models that do not reason, or not as they are told. */
const unreasoning = [
  ...['meta.', 'mistral.', 'cohere.', 'ai21.', 'deepseek.', 'writer.'],
  ...['amazon.titan-', 'amazon.nova-micro-', 'amazon.nova-lite-', 'amazon.nova-pro-', 'amazon.nova-premier-'],
  ...['claude-3-haiku', 'claude-3-sonnet', 'claude-3-opus', 'claude-3-5-', 'claude-instant', 'claude-v2'],
].map(by)
/** Models of makers that cannot be made to call a tool here. */
const unforced = ['meta.', 'cohere.', 'ai21.', 'deepseek.', 'openai.', 'qwen.', 'writer.'].map(by)
/** Models whose maker refuses a schema for answers, and a strict tool. */
const withoutSchema = [...['claude-opus-4-7', 'claude-opus-4-8'].map(by), ...fifth]

/** Amazon Bedrock, its runtime: Converse for every model, and the native wire of one maker's. */
export const bedrock: ProviderKind = {
  kind: 'bedrock',
  title: 'Amazon Bedrock',
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  env: ['AWS_BEARER_TOKEN_BEDROCK'],
  account: {
    region: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    accessKeyId: ['AWS_ACCESS_KEY_ID'],
    secretAccessKey: ['AWS_SECRET_ACCESS_KEY'],
    sessionToken: ['AWS_SESSION_TOKEN'],
  },
  auth: { type: 'sigv4', service: 'bedrock' },
  bindings: [
    {
      dialect: 'bedrock-converse',
      paths: { generate: '/model/{model}/converse', count: '/model/{model}/count-tokens' },
      streamPath: '/model/{model}/converse-stream',
    },
    {
      dialect: 'anthropic-messages',
      models: [claude],
      paths: { generate: '/model/{model}/invoke' },
      streamPath: '/model/{model}/invoke-with-response-stream',
      framing: 'aws-chunks',
      errors: 'bedrock-converse',
      omits: ['model', 'stream'],
      // Models named by version and ARN refuse the newer revision.
      body: { anthropic_version: 'bedrock-2023-05-31' },
      betaField: { header: 'anthropic-beta', field: 'anthropic_beta' },
    },
  ],
  profile: {
    rules: [
      ...absentFrom(
        ['seed', 'penalties', 'logprobs', 'logit-bias', 'candidates', 'output.json'],
        [undefined],
        types,
      ),
      ...absentFrom(['output.audio'], [undefined], types),
      ...absentFrom(['input.image-url', 'input.media-url'], [claude], catalogue),
      ...absentFrom(['tool-choice.required', 'tool-choice.named'], unforced, types),
      ...absentFrom(['tool-choice.named'], [by('mistral.')], types),
      ...absentFrom(['stop'], [by('openai.')], catalogue),
      ...absentFrom(['reasoning.effort', 'reasoning.budget'], unreasoning, catalogue),
      ...absentFrom(
        ['turns.system-inside', 'turns.assistant-first', 'turns.same-role', 'turns.empty'],
        [undefined],
        pages,
      ),
      ...absentFrom(['turns.trailing-space'], [claude], family),
      ...absentFrom(sampling, adaptive.slice(1), family),
      ...absentFrom(['output.json-schema', 'tools.strict'], withoutSchema, catalogue),
      ...absentFrom(
        ['output.json-schema', 'tools.strict'],
        ['claude-3', 'claude-*-4-2025', 'claude-opus-4-1'].map(by),
        family,
      ),
      ...absentFrom(
        ['output.json-schema', 'tools.strict'],
        ['amazon.', 'meta.', 'mistral.', 'cohere.', 'ai21.', 'deepseek.'].map(by),
        pages,
      ),
    ],
    facts: [
      { facts: { schemas: { output: 'bedrock', strictTools: 'bedrock' } }, evidence: pages },
      facts(claude, { vocabulary: 'thinking', maxTokens: 64_000 }, family),
      facts(by('claude-3'), { maxTokens: 4096 }, family),
      facts(by('claude-3-5'), { maxTokens: 8192 }, family),
      facts(by('claude-opus-4'), { maxTokens: 32_000 }, family),
      facts(by('claude-opus-4-5'), { maxTokens: 64_000 }, family),
      ...budget.map(model => facts(model, { reasoning: 'budget' }, family)),
      ...adaptive.map(model =>
        facts(
          model,
          { reasoning: 'adaptive', efforts: ['low', 'medium', 'high', 'xhigh', 'max'], maxTokens: 128_000 },
          family,
        ),
      ),
      facts(by('claude-*-4-6'), { efforts: ['low', 'medium', 'high'] }, family),
      ...['claude-sonnet-5-5', 'claude-opus-5-5', 'claude-fable-5'].map(name =>
        facts(by(name), { alwaysThinks: true }, family),
      ),
      facts(
        by('amazon.nova-'),
        { vocabulary: 'reasoning-config', reasoning: 'effort', efforts: ['none', 'low', 'medium', 'high'] },
        catalogue,
      ),
      facts(
        by('openai.gpt-oss-'),
        { vocabulary: 'reasoning-effort', reasoning: 'effort', efforts: ['low', 'medium', 'high'] },
        catalogue,
      ),
      facts(
        by('openai.gpt-5'),
        {
          vocabulary: 'reasoning-object',
          reasoning: 'effort',
          efforts: ['minimal', 'low', 'medium', 'high'],
        },
        catalogue,
      ),
      facts(by('mistral.'), { callIds: { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 } }, catalogue),
    ],
  },
  quirks: {},
}
