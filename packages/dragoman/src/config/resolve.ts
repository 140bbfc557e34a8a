import type { Timeouts, UnsupportedPolicy } from '../core/call.ts'
import { Credential, type ProviderKind } from '../providers/provider.ts'
import { followEntries, parseShorthand } from './check-models.ts'
import { type Kinds, kindOf, sectionOf } from './check-providers.ts'
import type { Config, ProviderConfig, RouteConfig, TargetConfig, UnsupportedConfig } from './config.ts'
import { addressOf, fillAddress } from './places.ts'
import type { ParsedConfig } from './schema.ts'

type ParsedProvider = ParsedConfig['providers'][string]
type ParsedRoute = Exclude<ParsedConfig['models'][string], string>

/** A record that inherits nothing: names of models and providers come from requests. */
const recordOf = <T>(entries: Iterable<readonly [string, T]>): { readonly [name: string]: T } =>
  Object.assign(Object.create(null), Object.fromEntries(entries))

/** Needs neither an address nor a key to be used. */
const standsAlone = (kind: ProviderKind): boolean =>
  kind.baseUrl !== undefined && kind.embedded === undefined && /^(optional-bearer|none)$/.test(kind.auth.type)

/**
 * Providers that a configuration has without listing them: the embedded engine, unless switched off, and the kinds its
 * targets name that need neither address nor key, so that a route to a local engine does not depend on its being up.
 */
export function impliedProviders(value: unknown, kinds: Kinds): readonly string[] {
  const input = sectionOf(value)
  const listed = sectionOf(input.providers)
  const embedded = input.sandbox === false ? [] : Object.values(kinds).filter(kind => kind.embedded)
  const models = sectionOf(input.models)
  const named = Object.entries(models).flatMap(([name, route]) => {
    if (typeof route === 'string') {
      const shorthand = parseShorthand(route, name, models)
      return shorthand?.kind === 'target' ? [shorthand.provider] : []
    }
    const targets = sectionOf(route).targets
    return Array.isArray(targets) ? targets.map(target => sectionOf(target).provider) : []
  })
  const alone = named.flatMap(name => {
    const kind = typeof name === 'string' ? kindOf(name, undefined, kinds) : undefined
    return kind !== undefined && standsAlone(kind) ? [kind] : []
  })
  return [...new Set([...embedded, ...alone].map(kind => kind.kind))].filter(
    name => !Object.hasOwn(listed, name),
  )
}

/** The configured address, else the kind's; an address without a path gets the path that the kind usually has. */
function baseUrlOf(parsed: ParsedProvider, kind: ProviderKind): string {
  const configured = parsed.base_url
  const usual = fillAddress(addressOf(parsed, kind), parsed)
  if (configured === undefined) return usual
  const url = new URL(configured)
  const path = url.pathname === '/' && usual !== '' ? new URL(usual).pathname : url.pathname
  return `${url.origin}${path}`.replace(/\/+$/, '')
}

function resolveProvider(parsed: ParsedProvider, kind: ProviderKind): ProviderConfig {
  const headers = Object.entries(parsed.headers ?? {}).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  )
  return {
    kind: kind.kind,
    baseUrl: baseUrlOf(parsed, kind),
    apiKey: parsed.api_key === undefined ? undefined : new Credential(parsed.api_key),
    ...(parsed.api_version === undefined ? {} : { apiVersion: parsed.api_version }),
    ...signingOf(parsed),
    headers: recordOf(headers),
  }
}

/** The keys of an account; a key of the provider's own goes before them, so that there is one way to sign in. */
function signingOf(parsed: ParsedProvider): Pick<ProviderConfig, 'signing'> {
  const { api_key, access_key_id: accessKeyId, secret_access_key: secret, session_token: token } = parsed
  if (api_key !== undefined || accessKeyId === undefined || secret === undefined) return {}
  const sessionToken = token === undefined ? {} : { sessionToken: new Credential(token) }
  const region = parsed.region ?? ''
  return { signing: { region, accessKeyId, secretAccessKey: new Credential(secret), ...sessionToken } }
}

const timeoutsOf = (parsed: ParsedConfig['timeouts']): Timeouts => ({
  connect: parsed.connect,
  firstToken: parsed.first_token,
  idle: parsed.idle,
  total: parsed.total,
})

const mediaOf = (parsed: ParsedConfig['media']): Config['media'] => ({
  ...(parsed.fetch === undefined ? {} : { fetch: parsed.fetch }),
  allowHttp: parsed.allow_http,
  allowPrivate: parsed.allow_private,
  maxSize: parsed.max_size,
  maxTotal: parsed.max_total,
  timeout: parsed.timeout,
})

const layTimeouts = (over: NonNullable<ParsedRoute['timeouts']>, under: Timeouts): Timeouts => ({
  connect: over.connect ?? under.connect,
  firstToken: over.first_token ?? under.firstToken,
  idle: over.idle ?? under.idle,
  total: over.total ?? under.total,
})

function layUnsupported(
  over: { readonly [field: string]: UnsupportedPolicy | undefined },
  under: UnsupportedConfig,
): UnsupportedConfig {
  const fields = Object.entries(over).flatMap(([field, policy]) =>
    field === 'default' || policy === undefined ? [] : [[field, policy] as const],
  )
  return {
    default: over.default ?? under.default,
    fields: recordOf([...Object.entries(under.fields), ...fields]),
  }
}

function resolveRoute(
  name: string,
  parsed: ParsedConfig,
  general: Pick<Config, 'timeouts' | 'unsupported'>,
): RouteConfig {
  const last = followEntries(name, parsed.models) ?? name
  const value = parsed.models[last] ?? ''
  const route: Pick<ParsedRoute, 'timeouts' | 'unsupported'> = typeof value === 'string' ? {} : value
  return {
    strategy: 'ordered',
    targets: targetsOf(last, value, parsed.models),
    timeouts: layTimeouts(route.timeouts ?? {}, general.timeouts),
    unsupported: layUnsupported(route.unsupported ?? {}, general.unsupported),
  }
}

function targetsOf(
  name: string,
  value: string | ParsedRoute,
  models: ParsedConfig['models'],
): readonly TargetConfig[] {
  if (typeof value !== 'string') {
    return value.targets.map(({ provider, model, tokenizer, like, state }) => ({
      provider,
      ...(model === undefined ? {} : { model }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
      ...(like === undefined ? {} : { like }),
      ...(state === 'upstream' ? { state } : {}),
    }))
  }
  const shorthand = parseShorthand(value, name, models)
  return shorthand?.kind === 'target' ? [{ provider: shorthand.provider, model: shorthand.model }] : []
}

/** What a checked configuration means. */
export function resolveConfig(parsed: ParsedConfig, kinds: Kinds): Config {
  const implied = impliedProviders(parsed, kinds).map((name): [string, ParsedProvider] => [name, {}])
  const providers = [...implied, ...Object.entries(parsed.providers)].flatMap(([name, entry]) => {
    const kind = kindOf(name, entry.kind, kinds)
    return kind === undefined ? [] : [[name, resolveProvider(entry, kind)] as const]
  })
  const timeouts = timeoutsOf(parsed.timeouts)
  const unsupported = layUnsupported(parsed.unsupported, { default: 'emulate', fields: recordOf([]) })
  const models = Object.keys(parsed.models).map(
    name => [name, resolveRoute(name, parsed, { timeouts, unsupported })] as const,
  )
  const { server, retry } = parsed
  return {
    server: {
      host: server.host,
      port: server.port,
      maxBody: server.max_body,
      keepAlive: server.keep_alive,
      statusAfter: server.status_after,
      drain: server.drain,
    },
    providers: recordOf(providers),
    models: recordOf(models),
    timeouts,
    unsupported,
    structuredStream: parsed.structured_stream,
    retry: { attempts: retry.attempts, maxWait: retry.max_wait },
    auth: parsed.auth,
    sandbox: parsed.sandbox,
    media: mediaOf(parsed.media),
    requests: parsed.requests,
    store: {
      retention: parsed.store.retention,
      ...(parsed.store.url === undefined ? {} : { url: parsed.store.url }),
    },
  }
}
