import type { ProviderKind } from '../providers/provider.ts'
import type { AccountFields, FoundAccount } from './discover-account.ts'
import { addressOf, placeKeys } from './places.ts'

type Environment = { readonly [name: string]: string | undefined }
type Entry = { readonly [key: string]: unknown }

/** What the environment says of a kind with a host for each customer: its key, and as much of its place as it has. */
export function discoverPlaces(kind: ProviderKind, env: Environment): FoundAccount | undefined {
  const { places } = kind
  const find = (names: readonly string[] = []) => names.find(name => (env[name] ?? '').trim() !== '')
  const read = (name: string | undefined) => (name === undefined ? undefined : env[name]?.trim())
  const variable = places === undefined ? undefined : find(kind.env)
  if (variable === undefined) return undefined
  const address = read(find(kind.baseUrlEnv))
  const words = placeKeys.flatMap(key => {
    const value = read(find(places?.[key]?.env))
    return value === undefined ? [] : [[key, value] as const] // a pair
  })
  const place = address === undefined ? Object.fromEntries(words) : { base_url: address }
  return { variable, fields: { ...place, api_key: read(variable) ?? '' } }
}

/** Whether it is known where a kind is. */
export function isPlaced(kind: ProviderKind, fields: AccountFields): boolean {
  if (kind.account !== undefined) return fields.region !== undefined
  const address = addressOf(fields, kind)
  const isWhole = placeKeys.every(key => !address.includes(`{${key}}`) || fields[key] !== undefined)
  return fields.base_url !== undefined || isWhole
}

/** An entry with what the environment has and it does not say; no key is added for an address of the file's. */
export function layPlaces(entry: Entry, { api_key: key, base_url: address, ...words }: AccountFields): Entry {
  const isElsewhere = entry.base_url !== undefined || entry.headers !== undefined
  if (isElsewhere) return entry
  const saysPlace = placeKeys.some(name => entry[name] !== undefined)
  return {
    ...words,
    ...(address === undefined || saysPlace ? {} : { base_url: address }),
    api_key: key,
    ...entry,
  }
}
