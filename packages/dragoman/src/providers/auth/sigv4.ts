import type { Credential } from '../provider.ts'

/** What a request is signed with: keys of an account, and for how long and where they count. */
export interface SigningKeys {
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: Credential
  /** Comes with temporary keys and has to be signed with the rest. */
  readonly sessionToken?: Credential
}

/** A request as it will be sent; `body` is what is signed, so nothing may be written again afterwards. */
export interface SignableRequest {
  readonly method: string
  /** Percent-encoded once, as it goes over the wire. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array | string
}

const encoder = new TextEncoder()

/**
 * The headers that sign a request with AWS Signature Version 4 (AWS General Reference, "Signing AWS API requests";
 * vectors in the tests): `authorization`, `x-amz-date` and, for temporary keys, `x-amz-security-token`. Signed are the
 * host, the content type and every `x-amz-` header, because a proxy changes none of these. `now` is in milliseconds;
 * the services refuse a clock that is five minutes off.
 */
export async function signRequest(
  request: SignableRequest,
  keys: SigningKeys,
  service: string,
  now: number,
): Promise<{ readonly [name: string]: string }> {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${time.slice(0, 8)}/${keys.region}/${service}/aws4_request`
  const token = keys.sessionToken?.reveal()
  const added = { 'x-amz-date': time, ...(token === undefined ? {} : { 'x-amz-security-token': token }) }
  const headers = signedHeaders({ ...request.headers, ...added, host: new URL(request.url).host })
  const names = headers.map(([name]) => name).join(';')
  const canonical = await canonicalRequest(request, headers, names)
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${await sha256(canonical)}`
  const signature = hex(await hmac(await signingKey(keys, scope), text))
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { ...added, authorization }
}

/** Header values may be folded; what is signed has single spaces. */
function signedHeaders(headers: { readonly [name: string]: string }): readonly (readonly [string, string])[] {
  return Object.entries(headers)
    .filter(([name]) => name === 'host' || name === 'content-type' || name.startsWith('x-amz-'))
    .map(([name, value]) => [name, value.trim().replaceAll(/\s+/g, ' ')] as const) // a pair
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

/** The form of a request that both sides can make of it. */
export async function canonicalRequest(
  { method, url, body }: SignableRequest,
  headers: readonly (readonly [string, string])[],
  names: string,
): Promise<string> {
  const { pathname, searchParams } = new URL(url)
  // Encoded once more than it is sent: only S3 signs paths as they are.
  const path = pathname.split('/').map(encode).join('/')
  const query = [...searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&')
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('')
  return `${method}\n${path}\n${query}\n${lines}\n${names}\n${await sha256(body)}`
}

/** RFC 3986: everything but the unreserved characters. */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/** The key of a day is derived once: it is the same for every request of a scope. */
const derived = new WeakMap<SigningKeys, { readonly scope: string; readonly key: Promise<Uint8Array> }>()

function signingKey(keys: SigningKeys, scope: string): Promise<Uint8Array> {
  const known = derived.get(keys)
  if (known?.scope === scope) return known.key
  const key = deriveKey(keys.secretAccessKey.reveal(), scope)
  derived.set(keys, { scope, key })
  return key
}

/** The chain of keys over the parts of a scope: `{date}/{region}/{service}/aws4_request`. */
export async function deriveKey(secret: string, scope: string): Promise<Uint8Array> {
  let key: Uint8Array = encoder.encode(`AWS4${secret}`)
  for (const part of scope.split('/')) key = await hmac(key, part)
  return key
}

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const imported = await crypto.subtle.importKey('raw', Uint8Array.from(key), algorithm, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign(algorithm, imported, encoder.encode(text)))
}

async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === 'string' ? encoder.encode(data) : Uint8Array.from(data)
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

const hex = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
