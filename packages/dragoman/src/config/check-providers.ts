import type { ProviderKind } from '../providers/provider.ts'
import { checkAccount } from './check-account.ts'
import { checkPlaces } from './check-places.ts'
import { type Finding, quote } from './problem.ts'
import { didYouMean } from './suggest.ts'

export type Kinds = { readonly [kind: string]: ProviderKind }

/** A section as it was written: its own keys, whatever their values. Anything that is no section has none. */
export function sectionOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [key: string]: unknown }) // an object that is no array
    : {}
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const headerNamePattern = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const headerValuePattern = /^[\t\x20-\x7e\x80-\xff]*$/
/** What a key may hold: what a header can carry, without spaces. */
export const keyPattern = /^[\x21-\x7e]+$/

/** Headers that frame the message or the connection; the gateway writes them itself. */
const ownHeaders = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
])

export const kindOf = (name: string, kind: unknown, kinds: Kinds): ProviderKind | undefined => {
  const wanted = kind === undefined ? name : kind
  return typeof wanted === 'string' && Object.hasOwn(kinds, wanted) ? kinds[wanted] : undefined
}

function checkBaseUrl(at: readonly string[], text: string): readonly Finding[] {
  const hint = 'Write an address such as http://host:8000/v1.'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return [{ at, message: 'is not an http or https address.', hint }]
  }
  if (url.username !== '' || url.password !== '') {
    return [
      { at, message: 'holds a user name or password.', hint: 'Put the secret under api_key or headers.' },
    ]
  }
  if (url.search !== '' || url.hash !== '') return [{ at, message: 'has a query or a fragment.', hint }]
  return []
}

function checkHeaders(at: readonly string[], headers: unknown): readonly Finding[] {
  return Object.entries(sectionOf(headers)).flatMap(([name, value]): Finding[] => {
    const place = [...at, name]
    if (!headerNamePattern.test(name)) {
      return [
        {
          at: place,
          aboutKey: true,
          message: 'is not a header name.',
          hint: 'Use letters, digits and dashes.',
        },
      ]
    }
    if (ownHeaders.has(name.toLowerCase())) {
      return [
        {
          at: place,
          aboutKey: true,
          message: 'is a header that the gateway writes itself.',
          hint: 'Take it out.',
        },
      ]
    }
    if (typeof value === 'string' && !headerValuePattern.test(value)) {
      return [
        {
          at: place,
          message: 'holds characters that a header cannot carry.',
          hint: 'Is there a line break in it?',
        },
      ]
    }
    return []
  })
}

/** What a request to this provider needs that nobody configured. */
function checkAccess(
  name: string,
  entry: { readonly [key: string]: unknown },
  kind: ProviderKind,
): readonly Finding[] {
  const at = ['providers', name]
  if (entry.base_url === undefined && kind.baseUrl === undefined) {
    return [
      {
        at,
        message: 'has no base_url, and its kind is at no known place.',
        hint: 'Add base_url: http://host:port/v1.',
      },
    ]
  }
  const needsKey = kind.auth.type === 'bearer' || kind.auth.type === 'header'
  const elsewhere = entry.base_url !== undefined || entry.headers !== undefined
  if (!needsKey || elsewhere || entry.api_key !== undefined) return []
  const variable = kind.env?.[0]
  return [
    {
      at,
      message: 'has no api_key, and its kind needs one.',
      hint: variable === undefined ? 'Add api_key.' : `Set ${variable}, or add api_key.`,
    },
  ]
}

/** Everything that the shape alone cannot say about `providers`; reads the input as it was written, in any state. */
export function checkProviders(
  providers: { readonly [name: string]: unknown },
  kinds: Kinds,
): readonly Finding[] {
  return Object.entries(providers).flatMap(([name, value]): Finding[] => {
    const at = ['providers', name]
    const entry = sectionOf(value)
    const findings: Finding[] = []
    if (!namePattern.test(name)) {
      findings.push({
        at,
        aboutKey: true,
        message: 'is not a possible name: it stands before the slash in model names.',
        hint: 'Use up to 64 letters, digits, dots, dashes and underscores.',
      })
    }
    const kind = kindOf(name, entry.kind, kinds)
    if (kind === undefined && typeof entry.kind === 'string') {
      findings.push({
        at: [...at, 'kind'],
        message: `there is no kind ${quote(entry.kind)}.`,
        hint: didYouMean(entry.kind, Object.keys(kinds)),
      })
    } else if (kind === undefined && entry.kind === undefined) {
      findings.push({
        at,
        aboutKey: true,
        message: 'its name is not a kind, so it has to say its kind.',
        hint: `Add kind. ${didYouMean(name, Object.keys(kinds))}`,
      })
    } else if (kind !== undefined) {
      findings.push(
        ...checkAccess(name, entry, kind),
        ...checkAccount(name, entry, kind),
        ...checkPlaces(name, entry, kind),
      )
    }
    if (typeof entry.base_url === 'string')
      findings.push(...checkBaseUrl([...at, 'base_url'], entry.base_url))
    if (typeof entry.api_key === 'string' && entry.api_key !== '' && !keyPattern.test(entry.api_key)) {
      findings.push({
        at: [...at, 'api_key'],
        message: 'holds characters that a header cannot carry.',
        hint: 'Is there a line break or a space in it?',
      })
    }
    findings.push(...checkHeaders([...at, 'headers'], entry.headers))
    return findings
  })
}
