import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'
import { anthropic } from './anthropic.ts'
import { google } from './google.ts'

const types: Evidence = {
  rank: 'documented',
  source: '@google/genai 3.1.0 and @anthropic-ai/vertex-sdk 1.1.3',
  date: '2026-11-22',
}
const pages: Evidence = {
  rank: 'documented',
  source: 'docs.cloud.google.com, call-vertex-using-openai-library',
  date: '2026-08-21',
}

const inProject = '/v1/projects/{project}/locations/{location}'
const gemini = ['gemini-*', 'gemma*', 'learnlm*']
const claude = ['claude-*']

/** Rules or facts of a maker's own service, for its models alone and by the names they have here: `name@date`. */
const ofMaker = <T extends { readonly model?: string }>(
  entries: readonly T[],
  families: readonly string[],
): T[] =>
  entries.flatMap(entry => {
    const { model } = entry
    if (model === undefined) return families.map(family => ({ ...entry, model: family }))
    const dated = model.includes('-2025') ? [model.replace('-2025', '@2025')] : []
    const exact = model.endsWith('*') ? [] : [`${model}@*`]
    return [model, ...dated, ...exact].map(name => ({ ...entry, model: name }))
  })

/**
 * Google Vertex AI: Gemini and Claude in their own wires, and what other makers publish (`publisher/model`) by the
 * OpenAI-compatible endpoint. The key is an access token, as configured: it lasts an hour, and default credentials and
 * service accounts are not looked for yet. Tokens of Gemini are estimated, because its count has another body here.
 */
export const vertex: ProviderKind = {
  kind: 'vertex',
  title: 'Google Vertex AI',
  baseUrl: `https://{location}-aiplatform.googleapis.com${inProject}`,
  env: ['GOOGLE_OAUTH_ACCESS_TOKEN', 'CLOUDSDK_AUTH_ACCESS_TOKEN'],
  places: {
    project: { env: ['GOOGLE_CLOUD_PROJECT', 'GOOGLE_VERTEX_PROJECT', 'ANTHROPIC_VERTEX_PROJECT_ID'] },
    location: {
      env: ['GOOGLE_CLOUD_LOCATION', 'GOOGLE_VERTEX_LOCATION', 'CLOUD_ML_REGION'],
      addresses: {
        global: `https://aiplatform.googleapis.com${inProject}`,
        us: `https://aiplatform.us.rep.googleapis.com${inProject}`,
        eu: `https://aiplatform.eu.rep.googleapis.com${inProject}`,
      },
    },
  },
  auth: { type: 'bearer' },
  bindings: [
    {
      dialect: 'gemini',
      models: gemini,
      paths: { generate: '/publishers/google/models/{model}:generateContent' },
      streamPath: '/publishers/google/models/{model}:streamGenerateContent?alt=sse',
      omits: ['model', 'stream'],
      relay: types,
    },
    {
      dialect: 'anthropic-messages',
      models: claude,
      paths: { generate: '/publishers/anthropic/models/{model}:rawPredict' },
      streamPath: '/publishers/anthropic/models/{model}:streamRawPredict',
      omits: ['model'],
      body: { anthropic_version: 'vertex-2023-10-16' },
      betaHeaders: ['anthropic-beta'],
    },
    // Counting is a model of its own here, and the one that is meant stands in the body.
    {
      dialect: 'anthropic-messages',
      models: claude,
      paths: { count: '/publishers/anthropic/models/count-tokens:rawPredict' },
      body: { anthropic_version: 'vertex-2023-10-16' },
    },
    {
      dialect: 'openai-chat',
      models: ['*/*'],
      paths: { generate: '/endpoints/openapi/chat/completions' },
    },
  ],
  profile: {
    rules: [
      ...ofMaker(google.profile.rules, gemini),
      ...ofMaker(anthropic.profile.rules, claude),
      // It reads addresses itself, and its 2.5 models take penalties.
      ...gemini.map(
        model => ({ feature: 'input.image-url', model, level: 'native', evidence: types }) as const,
      ), // literals
      { feature: 'penalties', model: 'gemini-2.5*', level: 'native', evidence: types },
      { feature: 'turns.system-inside', model: 'claude-*', level: 'absent', evidence: types },
      { feature: 'tools.custom', model: '*/*', level: 'absent', evidence: pages },
      { feature: 'reasoning.effort', model: 'xai/grok-*', level: 'absent', evidence: pages },
    ],
    facts: [
      ...ofMaker(google.profile.facts, gemini),
      ...ofMaker(anthropic.profile.facts, claude),
      { model: 'meta/llama-4-*', facts: { maxTokens: 8192 }, evidence: pages },
    ],
  },
  quirks: {},
}
