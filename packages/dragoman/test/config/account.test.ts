import { describe, expect, test } from 'bun:test'
import { discoverEnvironment, layDiscovered } from '../../src/config/discover.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { kinds } from '../../src/providers/catalog.ts'

const account = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'secret-canary',
  AWS_SESSION_TOKEN: 'token-canary',
}
const fields = {
  region: 'eu-west-1',
  access_key_id: 'AKID',
  secret_access_key: 'secret-canary',
  session_token: 'token-canary',
}

const parse = (bedrock: object) => parseConfig({ providers: { bedrock } }, kinds)

const problemsOf = (bedrock: object) => {
  const parsed = parse(bedrock)
  return parsed.ok ? [] : parsed.problems.map(({ path, message, hint }) => `${path} ${message} ${hint}`)
}

describe('an account in the environment', () => {
  test('is a provider where its region is known', () => {
    const { providers } = discoverEnvironment(account, kinds)
    expect(providers).toEqual([
      { name: 'bedrock', kind: 'bedrock', from: 'account', variable: 'AWS_ACCESS_KEY_ID', fields },
    ])
    expect(layDiscovered({}, providers, kinds)).toEqual({
      providers: { bedrock: { kind: 'bedrock', ...fields } },
    })
  })

  test('with a key of its own signs nothing (trap 49)', () => {
    const { providers } = discoverEnvironment({ ...account, AWS_BEARER_TOKEN_BEDROCK: 'bedrock-key' }, kinds)
    expect(providers).toMatchObject([
      { variable: 'AWS_BEARER_TOKEN_BEDROCK', fields: { region: 'eu-west-1', api_key: 'bedrock-key' } },
    ])
  })

  test('without a region, or with half of its keys, adds nothing', () => {
    const { AWS_REGION: _, ...nowhere } = account
    expect(layDiscovered({}, discoverEnvironment(nowhere, kinds).providers, kinds)).toEqual({ providers: {} })
    const { AWS_SECRET_ACCESS_KEY: __, ...half } = account
    expect(discoverEnvironment(half, kinds).providers).toEqual([])
  })

  test('fills what an entry of the file does not say', () => {
    const { providers } = discoverEnvironment(account, kinds)
    const lay = (bedrock: object) => layDiscovered({ providers: { bedrock } }, providers, kinds)
    expect(lay({ region: 'us-east-1' })).toEqual({
      providers: { bedrock: { ...fields, region: 'us-east-1' } },
    })
    expect(lay({ api_key: 'own' })).toEqual({
      providers: { bedrock: { region: 'eu-west-1', api_key: 'own' } },
    })
  })

  test('never goes to an address that the file chose, nor to another kind', () => {
    const { providers } = discoverEnvironment(account, kinds)
    const elsewhere = { bedrock: { region: 'x', base_url: 'http://other' } }
    expect(layDiscovered({ providers: elsewhere }, providers, kinds)).toEqual({ providers: elsewhere })
    const other = { bedrock: { kind: 'vllm' } }
    expect(layDiscovered({ providers: other }, providers, kinds)).toEqual({ providers: other })
  })
})

describe('a provider that signs', () => {
  test('has its region in its address, and its secrets hidden', () => {
    const parsed = parse(fields)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const { bedrock } = parsed.config.providers
    expect(bedrock?.baseUrl).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com')
    expect(bedrock?.signing?.secretAccessKey.reveal()).toBe('secret-canary')
    expect(bedrock?.signing?.sessionToken?.reveal()).toBe('token-canary')
    expect(JSON.stringify(bedrock)).not.toContain('canary')
    expect(Bun.inspect(bedrock)).not.toContain('canary')
  })

  test('takes a key instead', () => {
    const parsed = parse({ region: 'us-east-1', api_key: 'key' })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    expect(parsed.config.providers.bedrock).toMatchObject({
      baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    })
    expect(parsed.config.providers.bedrock?.signing).toBeUndefined()
  })

  test.each<readonly [string, object, string]>([
    ['no region', { api_key: 'key' }, 'has no region'],
    ['no keys', { region: 'us-east-1' }, 'has neither an api_key nor keys of an account'],
    ['half of the keys', { region: 'us-east-1', access_key_id: 'AKID' }, 'only a part of the keys'],
    ['a token alone', { region: 'us-east-1', session_token: 't' }, 'only a part of the keys'],
    ['both ways', { ...fields, api_key: 'key' }, 'one of them'],
    ['no such region', { region: 'US East', api_key: 'key' }, 'is not a region'],
  ])('says what is wrong: %s', (_, entry, message) => {
    expect(problemsOf(entry).join('\n')).toContain(message)
  })

  test('is the only kind with an account', () => {
    const parsed = parseConfig({ providers: { openai: { api_key: 'k', region: 'us-east-1' } } }, kinds)
    expect(parsed).toMatchObject({ ok: false, problems: [{ path: 'providers.openai.region' }] })
  })
})
