import { describe, expect, test } from 'bun:test'
import { deriveKey, type SigningKeys, signRequest } from '../../src/providers/auth/sigv4.ts'
import { Credential } from '../../src/providers/provider.ts'

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

const keysOf = (more: Partial<SigningKeys> = {}): SigningKeys => ({
  region: 'us-east-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: new Credential(secret),
  ...more,
})

const noon = Date.parse('2026-11-22T12:00:00Z')

/** A Converse request whose signature botocore and two more implementations agree on. */
const converse = {
  method: 'POST',
  url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse',
  headers: { 'content-type': 'application/json' } as { readonly [name: string]: string }, // so that headers can be added
  body: '{"messages":[{"role":"user","content":[{"text":"hi"}]}]}',
}

const bodyHash = 'c3335e07d6e89650bf94cb98664be69f8774dbc3198df221f113db0a59ea14f0'

const signatureOf = (headers: { readonly [name: string]: string }): string | undefined =>
  headers.authorization?.split('Signature=')[1]

describe('a signature', () => {
  test('is the one botocore makes; the path is encoded once more (trap 1)', async () => {
    const headers = await signRequest(converse, keysOf(), 'bedrock', noon)
    expect(headers).toEqual({
      'x-amz-date': '20261122T120000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=1d7cdcc9b9dabe214ebf8a9a1d7747d0abcaab31df31df07c4b553d8a46f41e8',
    })
  })

  test('is the one smithy makes, which signs the hash of the body as a header too', async () => {
    const headers = { ...converse.headers, 'x-amz-content-sha256': bodyHash }
    const signed = await signRequest({ ...converse, headers }, keysOf(), 'bedrock', noon)
    expect(signatureOf(signed)).toBe('108b84e1be12f7dfe5072c935cf55846f40e67387f73e05b348b1e58f84f28e1')
  })

  test('covers the session token of temporary keys (trap 3)', async () => {
    const keys = keysOf({ sessionToken: new Credential('TOKENEXAMPLE') })
    const signed = await signRequest(converse, keys, 'bedrock', noon)
    expect(signed['x-amz-security-token']).toBe('TOKENEXAMPLE')
    expect(signed.authorization).toContain('content-type;host;x-amz-date;x-amz-security-token')
    expect(signatureOf(signed)).toBe('150fb3de4fcb2c1f5e2d24dd5bedb7613fe75efd0c035d5a4c31717c75efd663')
  })

  test('covers nothing that a proxy may change', async () => {
    const headers = { ...converse.headers, 'user-agent': 'x', accept: 'y', 'dragoman-hops': 'z' }
    const signed = await signRequest({ ...converse, headers }, keysOf(), 'bedrock', noon)
    expect(signatureOf(signed)).toBe('1d7cdcc9b9dabe214ebf8a9a1d7747d0abcaab31df31df07c4b553d8a46f41e8')
  })

  test('is the published example of a request without a body and with a query', async () => {
    const listUsers = {
      method: 'GET',
      url: 'https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: '',
    }
    const signed = await signRequest(listUsers, keysOf(), 'iam', Date.parse('2015-08-30T12:36:00Z'))
    expect(signatureOf(signed)).toBe('5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7')
  })

  test('is different for another service, another byte, another second (traps 4 and 5)', async () => {
    const keys = keysOf()
    const all = await Promise.all([
      signRequest(converse, keys, 'bedrock', noon),
      signRequest(converse, keys, 'bedrock-runtime', noon),
      signRequest({ ...converse, body: `${converse.body} ` }, keys, 'bedrock', noon),
      signRequest(converse, keys, 'bedrock', noon + 1000),
      signRequest(converse, keysOf({ region: 'eu-west-1' }), 'bedrock', noon),
    ])
    expect(new Set(all.map(signatureOf)).size).toBe(5)
  })

  test('is the same for the same text and bytes, and the next day’s has its own key', async () => {
    const keys = keysOf()
    const bytes = { ...converse, body: new TextEncoder().encode(converse.body) }
    expect(await signRequest(bytes, keys, 'bedrock', noon)).toEqual(
      await signRequest(converse, keys, 'bedrock', noon),
    )
    const next = noon + 86_400_000
    expect(await signRequest(converse, keys, 'bedrock', next)).toEqual(
      await signRequest(converse, keysOf(), 'bedrock', next),
    )
  })

  test('keeps the slashes inside an ARN, encoded twice (trap 2)', async () => {
    const arn = 'arn:aws:bedrock:us-east-1:1:application-inference-profile/abc'
    const once = { ...converse, url: `https://h/model/${encodeURIComponent(arn)}/converse` }
    const split = { ...converse, url: `https://h/model/${arn}/converse` }
    const [one, other] = [
      await signRequest(once, keysOf(), 'bedrock', noon),
      await signRequest(split, keysOf(), 'bedrock', noon),
    ]
    expect(new URL(once.url).pathname).toContain('%3Aapplication-inference-profile%2Fabc')
    expect(signatureOf(one)).not.toBe(signatureOf(other))
  })
})

test('the key of a scope is the published example', async () => {
  const key = await deriveKey(secret, '20150830/us-east-1/iam/aws4_request')
  expect(Buffer.from(key).toString('hex')).toBe(
    'c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9',
  )
})
