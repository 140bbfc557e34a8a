import type { ProviderKind } from '../providers/provider.ts'

/** An entry of `providers`, as written or as parsed. */
type Entry = { readonly [key: string]: unknown }

/** Keys that say where a kind with a host for each customer is. */
export const placeKeys = ['resource', 'project', 'location'] as const // a list of names

/** The kind's own address, with its braces, for what an entry says: by its version, and by places that have their own. */
export function addressOf(entry: Entry, kind: ProviderKind): string {
  const { baseUrl = '' } = (entry.api_version === undefined ? undefined : kind.dated) ?? kind
  for (const key of placeKeys) {
    const address = kind.places?.[key]?.addresses?.[String(entry[key])]
    if (address !== undefined) return address
  }
  return baseUrl
}

/** The address with what the entry says in place of its braces; what it does not say is left out. */
export function fillAddress(address: string, entry: Entry): string {
  return address.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = entry[key]
    return typeof value === 'string' ? value : ''
  })
}
