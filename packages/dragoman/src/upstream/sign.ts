import type { UpstreamRequest } from '../core/ports.ts'
import { signRequest } from '../providers/auth/sigv4.ts'
import type { Provider } from '../providers/provider.ts'

/** Whether requests to this provider are signed; a key of the provider's own goes before the keys of an account. */
export const mustSign = ({ kind, credential, signing }: Provider): boolean =>
  kind.auth.type === 'sigv4' && credential === undefined && signing !== undefined

/** The request with its signature. Comes last: the bytes that are signed are the bytes that are sent. */
export async function signed(
  request: UpstreamRequest,
  { kind, signing }: Provider,
  now: number,
): Promise<UpstreamRequest> {
  if (kind.auth.type !== 'sigv4' || signing === undefined) return request
  const { method, url, headers, body = '' } = request
  const added = await signRequest({ method, url, headers, body }, signing, kind.auth.service, now)
  return { ...request, headers: { ...headers, ...added } }
}
