import type { Evidence } from '../profile.ts'
import type { ProviderKind } from '../provider.ts'
import { openai } from './openai.ts'

const pages: Evidence = {
  rank: 'documented',
  source: 'MicrosoftDocs/azure-ai-docs, articles/foundry/openai',
  date: '2026-09-20',
}

/**
 * Azure OpenAI: the API without versions, or deployments in the path where an `api_version` is configured. A deployment
 * may bear any name: `like` says which model it is. No list of models, because what the service lists are not the
 * deployments that can be called. Nothing is relayed: streams begin with a chunk of filter results that has no id, choices
 * come without a delta, and errors without a type. Tokens of Entra are taken as a configured `authorization` header.
 */
export const azure: ProviderKind = {
  kind: 'azure',
  title: 'Azure OpenAI',
  baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
  env: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
  baseUrlEnv: ['AZURE_OPENAI_ENDPOINT'],
  places: { resource: { env: ['AZURE_RESOURCE_NAME'] } },
  auth: { type: 'header', name: 'api-key' },
  // Every deployment speaks chat; Responses came later, and not for every maker's models.
  bindings: [
    { dialect: 'openai-chat', paths: { generate: '/chat/completions', embed: '/embeddings' } },
    { dialect: 'openai-responses', paths: { generate: '/responses' } },
  ],
  dated: {
    baseUrl: 'https://{resource}.openai.azure.com/openai',
    query: 'api-version',
    bindings: [
      {
        dialect: 'openai-chat',
        paths: {
          generate: '/deployments/{model}/chat/completions',
          embed: '/deployments/{model}/embeddings',
        },
      },
      // Never below a deployment: the body names it (openai-node 7.57.0 `AzureOpenAI`).
      { dialect: 'openai-responses', paths: { generate: '/responses' } },
    ],
  },
  profile: {
    // The models are the same as their maker's, and so is what they refuse.
    rules: [
      ...openai.profile.rules,
      // Reasoning models take no such flag here.
      ...['o1*', 'o3*', 'o4*'].map(
        model => ({ feature: 'parallel-tool-calls', model, level: 'absent', evidence: pages }) as const, // literals
      ),
    ],
    facts: openai.profile.facts,
  },
  quirks: {},
}
