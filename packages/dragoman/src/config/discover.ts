import type { ProviderKind } from '../providers/provider.ts'
import { type Kinds, keyPattern, kindOf, sectionOf } from './check-providers.ts'
import { type AccountFields, discoverAccount, layAccount } from './discover-account.ts'
import { discoverPlaces, isPlaced, layPlaces } from './discover-places.ts'
import { isLoopback } from './loopback.ts'

/** A provider that nobody wrote down: its key is in the environment, or it answered on this machine. */
export type Discovered = {
  readonly name: string
  readonly kind: string
} & (
  | { readonly from: 'environment'; readonly variable: string; readonly apiKey: string }
  | { readonly from: 'account'; readonly variable: string; readonly fields: AccountFields }
  | { readonly from: 'port'; readonly baseUrl: string }
)

export interface EnvironmentFindings {
  readonly providers: readonly Discovered[]
  /** Variables that are set to something no header can carry. */
  readonly unusable: readonly string[]
}

/** Providers whose key is set in the environment; the first variable of a kind that holds anything counts. */
export function discoverEnvironment(
  env: { readonly [name: string]: string | undefined },
  kinds: Kinds,
): EnvironmentFindings {
  const providers: Discovered[] = []
  const unusable: string[] = []
  for (const each of Object.values(kinds)) {
    const { kind, env: variables = [] } = each
    const account = discoverAccount(each, env) ?? discoverPlaces(each, env)
    if (account !== undefined) {
      const isUsable = Object.values(account.fields).every(value => keyPattern.test(value))
      if (isUsable) providers.push({ name: kind, kind, from: 'account', ...account })
      else unusable.push(account.variable)
    }
    if (each.account !== undefined || each.places !== undefined) continue
    const variable = variables.find(name => (env[name] ?? '').trim() !== '')
    if (variable === undefined) continue
    const apiKey = (env[variable] ?? '').trim()
    if (keyPattern.test(apiKey)) providers.push({ name: kind, kind, from: 'environment', variable, apiKey })
    else unusable.push(variable)
  }
  return { providers, unusable }
}

/** An address with the names of this machine made one, so that two ways of writing a place are seen to be one. */
function placeOf(address: unknown): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined
  const url = new URL(address)
  return isLoopback(url.hostname) ? `loopback:${url.port}` : url.origin
}

/**
 * The input with discovered providers laid under its own: an entry of the file wins. One that says neither a key nor
 * another address gets the key of the environment; an engine whose address the file already has is not added again,
 * because its models would then have two names and bare model names would be ambiguous.
 */
export function layDiscovered(input: unknown, discovered: readonly Discovered[], kinds: Kinds): unknown {
  const whole = sectionOf(input)
  if (discovered.length === 0 || (whole.providers !== undefined && !isSection(whole.providers))) return input
  const written = sectionOf(whole.providers)
  const places = new Set(Object.values(written).map(entry => placeOf(sectionOf(entry).base_url)))
  const under: { [name: string]: unknown } = {}
  const filled: { [name: string]: unknown } = {}
  for (const found of discovered) {
    const entry = Object.hasOwn(written, found.name) ? written[found.name] : undefined
    if (found.from === 'port') {
      if (entry === undefined && !places.has(placeOf(found.baseUrl))) {
        under[found.name] = { kind: found.kind, base_url: found.baseUrl }
      }
    } else if (found.from === 'account') {
      const kind = kinds[found.kind]
      // Without its place it is nowhere; an entry of the file may say it.
      if (entry === undefined && kind !== undefined && isPlaced(kind, found.fields))
        under[found.name] = { kind: found.kind, ...found.fields }
      else if (isSection(entry) && kindOf(found.name, sectionOf(entry).kind, kinds)?.kind === found.kind) {
        const lay = kind?.account === undefined ? layPlaces : layAccount
        filled[found.name] = lay(sectionOf(entry), found.fields)
      }
    } else if (entry === undefined) under[found.name] = { kind: found.kind, api_key: found.apiKey }
    else if (takesKey(found.name, entry, kinds[found.kind], kinds)) {
      filled[found.name] = { ...sectionOf(entry), api_key: found.apiKey }
    }
  }
  return { ...whole, providers: { ...under, ...written, ...filled } }
}

const isSection = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A key of the environment goes to the kind's own place only, never to an address that the file chose. */
function takesKey(name: string, value: unknown, kind: ProviderKind | undefined, kinds: Kinds): boolean {
  const entry = sectionOf(value)
  const free = entry.api_key === undefined && entry.base_url === undefined && entry.headers === undefined
  return isSection(value) && free && kind !== undefined && kindOf(name, entry.kind, kinds) === kind
}
