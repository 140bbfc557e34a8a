import { createFault, type Parsed } from '../ir/fault.ts'

/** Headers in which the SDKs of the dialects send a key, besides `authorization`. */
const keyHeaders = ['x-api-key', 'api-key', 'x-goog-api-key'] as const

/**
 * The key a caller presents, wherever its SDK puts it. Two different ones are refused: nobody could say which of them
 * was checked.
 */
export function readCredential(headers: Headers, query: string): Parsed<string | undefined> {
  let found: string | undefined
  let isAmbiguous = false
  const take = (value: string | null) => {
    if (value === null || value === '') return
    isAmbiguous ||= found !== undefined && value !== found
    found ??= value
  }
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const match = /^bearer +(\S+) *$/i.exec(authorization)
    if (match?.[1] === undefined) {
      const message = 'The authorization header has to be "Bearer <key>".'
      return { ok: false, fault: createFault('invalid_credentials', message) }
    }
    take(match[1])
  }
  for (const name of keyHeaders) take(headers.get(name))
  if (query !== '') take(new URLSearchParams(query).get('key'))
  if (isAmbiguous) {
    const message =
      'Two different API keys were sent (authorization, x-api-key, api-key, x-goog-api-key, ?key=); send one.'
    return { ok: false, fault: createFault('ambiguous_credentials', message) }
  }
  return { ok: true, value: found }
}
