import { describe, expect, test } from 'bun:test'
import { discoverEnvironment, layDiscovered } from '../../src/config/discover.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { kinds } from '../../src/providers/catalog.ts'

/** The address of an entry, or what is wrong with it. */
const read = (entry: object & { readonly kind: string }): string | readonly string[] => {
  const parsed = parseConfig({ providers: { p: { api_key: 'k', ...entry } } }, kinds)
  if (parsed.ok) return parsed.config.providers.p?.baseUrl ?? ''
  return parsed.problems.map(({ path, message, hint }) => `${path} ${message} ${hint}`)
}

const azure = 'https://my-res.openai.azure.com'
const inProject = '/v1/projects/my-project/locations'

describe('an address', () => {
  test.each<readonly [string, string, object]>([
    // Azure trap 16: one address, however it is written
    [`${azure}/openai/v1`, 'azure', { resource: 'my-res' }],
    [`${azure}/openai/v1`, 'azure', { base_url: azure }],
    [`${azure}/openai/v1`, 'azure', { base_url: `${azure}/` }],
    [`${azure}/openai/v1`, 'azure', { base_url: `${azure}/openai/v1/` }],
    // traps 17 and 45
    [`${azure}/openai`, 'azure', { resource: 'my-res', api_version: '2024-10-21' }],
    [`${azure}/openai`, 'azure', { base_url: azure, api_version: '2025-04-01-preview' }],
    ['https://r.openai.azure.us/openai/v1', 'azure', { base_url: 'https://r.openai.azure.us' }],
    // Google trap 52: the host depends on the location
    [
      `https://europe-west4-aiplatform.googleapis.com${inProject}/europe-west4`,
      'vertex',
      { project: 'my-project', location: 'europe-west4' },
    ],
    [
      `https://aiplatform.googleapis.com${inProject}/global`,
      'vertex',
      { project: 'my-project', location: 'global' },
    ],
    [
      `https://aiplatform.eu.rep.googleapis.com${inProject}/eu`,
      'vertex',
      { project: 'my-project', location: 'eu' },
    ],
    [
      `http://proxy:1${inProject}/us`,
      'vertex',
      { base_url: 'http://proxy:1', project: 'my-project', location: 'us' },
    ],
    ['http://proxy:1/x', 'vertex', { base_url: 'http://proxy:1/x' }],
  ])('is %s', (address, kind, entry) => {
    expect(read({ kind, ...entry })).toBe(address)
  })

  test.each<readonly [string, string, object]>([
    ['has no resource. Add resource, or its whole address as base_url', 'azure', {}],
    ['has no project. Add project, or set GOOGLE_CLOUD_PROJECT.', 'vertex', { location: 'us' }],
    ['has no location. Add location', 'vertex', { base_url: 'http://proxy:1', project: 'p' }],
    ['is not the name of a resource', 'azure', { resource: 'evil.example/x' }],
    ['is not the id of a project', 'vertex', { project: '../x', location: 'us' }],
    ['is not a location', 'vertex', { project: 'p', location: 'x.evil.example#' }],
    ['is not a version', 'azure', { resource: 'r', api_version: 'v1' }],
    ['names a version by date', 'azure', { base_url: `${azure}/openai/v1`, api_version: '2024-10-21' }],
    ['providers.p.project says nothing to Azure OpenAI', 'azure', { resource: 'r', project: 'p' }],
    ['providers.p.api_version says nothing to OpenAI', 'openai', { api_version: '2024-10-21' }],
    // Azure trap 22
    ['requests carry one of them', 'azure', { resource: 'r', headers: { Authorization: 'Bearer t' } }],
  ])('is refused: %s', (said, kind, entry) => {
    expect(read({ kind, ...entry })).toMatchObject([expect.stringContaining(said)])
  })
})

describe('the environment', () => {
  const lay = (env: Record<string, string>, providers: object = {}) =>
    layDiscovered({ providers }, discoverEnvironment(env, kinds).providers, kinds)

  const key = { AZURE_OPENAI_API_KEY: 'env-key' }

  test('makes a provider of a key and a place', () => {
    expect(lay({ ...key, AZURE_OPENAI_ENDPOINT: azure })).toEqual({
      providers: { azure: { kind: 'azure', base_url: azure, api_key: 'env-key' } },
    })
    const google = { GOOGLE_CLOUD_PROJECT: 'p', GOOGLE_CLOUD_LOCATION: 'us' }
    expect(lay({ ...google, GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29' })).toEqual({
      providers: { vertex: { kind: 'vertex', project: 'p', location: 'us', api_key: 'ya29' } },
    })
  })

  test('without a place, or without a key, adds nothing', () => {
    expect(lay(key)).toEqual({ providers: {} })
    expect(lay({ AZURE_OPENAI_ENDPOINT: azure })).toEqual({ providers: {} })
    expect(lay({ GOOGLE_OAUTH_ACCESS_TOKEN: 'ya29', GOOGLE_CLOUD_PROJECT: 'p' })).toEqual({ providers: {} })
  })

  test('fills what an entry of the file does not say', () => {
    const found = { ...key, AZURE_OPENAI_ENDPOINT: azure }
    expect(lay(found, { azure: { resource: 'own' } })).toEqual({
      providers: { azure: { resource: 'own', api_key: 'env-key' } },
    })
    expect(lay(found, { azure: { api_key: 'own', api_version: '2024-10-21' } })).toEqual({
      providers: { azure: { base_url: azure, api_key: 'own', api_version: '2024-10-21' } },
    })
  })

  test('gives no key to an address that the file chose, nor beside a token', () => {
    const found = { ...key, AZURE_RESOURCE_NAME: 'r' }
    for (const entry of [
      { base_url: 'http://other' },
      { resource: 'r', headers: { authorization: 'Bearer t' } },
    ])
      expect(lay(found, { azure: entry })).toEqual({ providers: { azure: entry } })
  })
})
