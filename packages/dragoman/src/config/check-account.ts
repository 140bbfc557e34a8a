import type { ProviderKind } from '../providers/provider.ts'
import type { Finding } from './problem.ts'

type Entry = { readonly [key: string]: unknown }

/** Keys that only kinds with an account have. */
const accountKeys = ['region', 'access_key_id', 'secret_access_key', 'session_token'] as const // a list of names

/** What a kind that signs requests still needs, and what any other kind has no use for. */
export function checkAccount(name: string, entry: Entry, kind: ProviderKind): readonly Finding[] {
  const at = ['providers', name]
  if (kind.auth.type !== 'sigv4') {
    return accountKeys
      .filter(key => entry[key] !== undefined)
      .map(key => ({
        at: [...at, key],
        aboutKey: true,
        message: `says nothing to ${kind.title}, which signs no requests and is in one place.`,
        hint: 'Take it out.',
      }))
  }
  return [...checkRegion(at, entry, kind), ...checkKeys(at, entry, kind)]
}

/** The region is part of the address and of every signature. */
function checkRegion(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const isNeeded = entry.base_url === undefined || entry.access_key_id !== undefined
  if (!isNeeded || entry.region !== undefined) return []
  const variable = kind.account?.region[0] ?? ''
  return [{ at, message: 'has no region.', hint: `Add region: us-east-1, or set ${variable}.` }]
}

function checkKeys(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const { api_key: key, access_key_id: id, secret_access_key: secret, session_token: token } = entry
  if (key !== undefined && (id !== undefined || secret !== undefined || token !== undefined)) {
    const message = 'has an api_key and keys of an account; requests carry one of them.'
    return [{ at, message, hint: 'Take one of them out.' }]
  }
  if ((id === undefined) !== (secret === undefined) || (token !== undefined && id === undefined)) {
    const message = 'has only a part of the keys of an account.'
    return [{ at, message, hint: 'Write access_key_id and secret_access_key together.' }]
  }
  const elsewhere = entry.base_url !== undefined || entry.headers !== undefined
  if (key !== undefined || id !== undefined || elsewhere) return []
  const variables = [kind.env?.[0], kind.account?.accessKeyId[0]].filter(name => name !== undefined)
  const hint = `Set ${variables.join(' or ')}, or add api_key, or access_key_id and secret_access_key.`
  return [{ at, message: 'has neither an api_key nor keys of an account.', hint }]
}
