import type { ProviderKind } from '../providers/provider.ts'

type Environment = { readonly [name: string]: string | undefined }
type Entry = { readonly [key: string]: unknown }

/** What a discovered account adds to an entry, in the words of the configuration. */
export type AccountFields = { readonly [key: string]: string }

export interface FoundAccount {
  /** The variable that made it usable. */
  readonly variable: string
  readonly fields: AccountFields
}

/**
 * What the environment says of a kind that signs requests: a key of its own before the keys of an account, and the
 * region, without which neither is of use. Profiles, roles and metadata services are not asked.
 */
export function discoverAccount(kind: ProviderKind, env: Environment): FoundAccount | undefined {
  const { account } = kind
  if (account === undefined) return undefined
  const find = (names: readonly string[]) => names.find(name => (env[name] ?? '').trim() !== '')
  const read = (name: string | undefined) => (name === undefined ? undefined : env[name]?.trim())
  const region = read(find(account.region))
  const own = find(kind.env ?? [])
  const id = find(account.accessKeyId)
  const secret = read(find(account.secretAccessKey))
  const token = read(find(account.sessionToken))
  const fields = { ...(region === undefined ? {} : { region }) }
  if (own !== undefined) return { variable: own, fields: { ...fields, api_key: read(own) ?? '' } }
  if (id === undefined || secret === undefined) return undefined
  const keys = { access_key_id: read(id) ?? '', secret_access_key: secret }
  const all = { ...fields, ...keys, ...(token === undefined ? {} : { session_token: token }) }
  return { variable: id, fields: all }
}

/** Says how to sign in, or where: then no key of the environment is added, least of all for an address of the file's. */
const decisive = ['api_key', 'access_key_id', 'secret_access_key', 'session_token', 'base_url', 'headers']

/** An entry with what the environment has and it does not say. */
export function layAccount(entry: Entry, fields: AccountFields): Entry {
  const { region, ...keys } = fields
  const isDecided = decisive.some(key => entry[key] !== undefined)
  return { ...(region === undefined ? {} : { region }), ...(isDecided ? {} : keys), ...entry }
}
