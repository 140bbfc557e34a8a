import { createFault, type Parsed } from '../ir/fault.ts'

/** Headers in which the SDKs of the dialects send a key, besides `authorization`. */
const keyHeaders = ['x-api-key', 'api-key', 'x-goog-api-key'] as const

/**
 * The key a caller presents, wherever its SDK puts it. Two different ones are refused: nobody could say which of them
 * was checked.
 */
export function readCredential(headers: Headers, query: string): Parsed<string | undefined> {
  const found = new Set<string>()
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const match = /^bearer +(\S+) *$/i.exec(authorization)
    if (match?.[1] === undefined) {
      const message = 'The authorization header has to be "Bearer <key>".'
      return { ok: false, fault: createFault('invalid_credentials', message) }
    }
    found.add(match[1])
  }
  for (const name of keyHeaders) {
    const value = headers.get(name)
    if (value !== null && value !== '') found.add(value)
  }
  if (query !== '') {
    const value = new URLSearchParams(query).get('key')
    if (value !== null && value !== '') found.add(value)
  }
  if (found.size > 1) {
    const message =
      'Two different API keys were sent (authorization, x-api-key, api-key, x-goog-api-key, ?key=); send one.'
    return { ok: false, fault: createFault('ambiguous_credentials', message) }
  }
  return { ok: true, value: found.values().next().value }
}
