import type { Config, ProviderConfig } from './config/config.ts'
import { suggest } from './config/suggest.ts'
import { type Aimed, knownAs, type Received } from './core/call.ts'
import type { Dialect } from './core/dialect.ts'
import type { Handler } from './core/handler.ts'
import type { Ambient, Dial, KeyVerifier, Log, MediaFetch, Transport, Validator } from './core/ports.ts'
import type { Records } from './core/records.ts'
import type { Attempts } from './core/signals.ts'
import type { Custody } from './custody/custody.ts'
import { findDialect } from './dialects/registry.ts'
import type { ModelEntry } from './edge/models.ts'
import type { Router } from './layers/route.ts'
import { createPolicies } from './policy-order.ts'
import { kinds } from './providers/catalog.ts'
import { factsOf } from './providers/profile.ts'
import { bindingsFor, bindingsOf, findBinding, type Provider } from './providers/provider.ts'
import { createResolver } from './providers/resolve.ts'
import { HeldKeeper } from './resources/responses/held.ts'
import { ResponseKeeper } from './resources/responses/keeper.ts'
import type { Shelf } from './resources/responses/shelf.ts'
import type { UpstreamContext } from './upstream/attempt.ts'
import { accountOf } from './upstream/custody.ts'
import { Directory } from './upstream/directory.ts'
import type { HeldDesk } from './upstream/held/ask-held.ts'
import { HeldIds } from './upstream/held/held-id.ts'
import { Lacking } from './upstream/lacking.ts'
import { policiesFor, policyFor } from './upstream/unsupported.ts'

/** What lives longer than a configuration: calls under way keep their snapshot, all snapshots share this. */
export interface Runtime {
  readonly ambient: Ambient
  readonly log: Log
  readonly transport: Transport
  readonly dial: Dial | undefined
  /** Absent: nothing that a caller names by its address is fetched. */
  readonly media: MediaFetch | undefined
  readonly validator: Validator
  readonly keys: KeyVerifier | undefined
  readonly records: Records
  /** The transport of an engine served in process, by kind. */
  embedded(provider: Provider): Transport | undefined
  readonly attempts: Attempts
  /** What was sealed under one configuration is opened under the next. */
  readonly custody: Custody
  /** Stored responses. */
  readonly shelf: Shelf
  readonly instance: string
}

/** A configuration compiled to its object graph; immutable. A reload makes a new one. */
export interface Snapshot {
  readonly config: Config
  readonly handler: Handler<Received>
  readonly router: Router
  readonly upstream: UpstreamContext
  readonly keeper: HeldKeeper
  /** Where what upstreams keep themselves is asked for. */
  readonly desk: HeldDesk
  models(): Promise<readonly ModelEntry[]>
}

function createProvider(name: string, entry: ProviderConfig): readonly Provider[] {
  const kind = kinds[entry.kind]
  if (kind === undefined) return []
  const { baseUrl, apiKey: credential, headers, signing, apiVersion } = entry
  const signs = signing === undefined ? {} : { signing }
  return [{ name, kind, baseUrl, credential, ...signs, headers, bindings: bindingsOf(kind, apiVersion) }]
}

export function createSnapshot(config: Config, runtime: Runtime): Snapshot {
  const { ambient, log, records, keys, transport, dial } = runtime
  const providers = Object.entries(config.providers).flatMap(([name, entry]) => createProvider(name, entry))
  const byName = new Map(providers.map(provider => [provider.name, provider]))
  const directory = new Directory(providers, {
    ambient,
    instance: runtime.instance,
    transport: provider => runtime.embedded(provider) ?? transport,
    dial: provider => (runtime.embedded(provider) === undefined ? dial : undefined),
  })
  const aliases = Object.keys(config.models).filter(name => !name.includes('*'))
  const router = createResolver({
    routes: config.models,
    providers: [...byName.keys()],
    timeouts: config.timeouts,
    unsupported: config.unsupported,
    listedBy: model => directory.listedBy(model),
    suggest: name => suggest(name, [...aliases, ...byName.keys(), ...directory.known()]),
  })
  const upstream: UpstreamContext = {
    provider: name => byName.get(name),
    embedded: provider => runtime.embedded(provider),
    instance: runtime.instance,
    attempts: runtime.attempts,
    custody: runtime.custody,
    structuredStream: config.structuredStream,
    validator: runtime.validator,
    ambient,
    log,
    transport,
    dial,
    media: mediaOf(config, runtime),
  }
  const routes = Object.values(config.models)
  const desk: HeldDesk = {
    ids: new HeldIds(runtime.custody.keyring),
    provider: name => byName.get(name),
    account: name => {
      const provider = byName.get(name)
      return provider && accountOf(provider)
    },
    ask: { ...upstream, timeouts: config.timeouts },
  }
  const keeper = new HeldKeeper(new ResponseKeeper(runtime.shelf, config.store), {
    ...desk,
    shelf: runtime.shelf,
    resolve: model => router.resolve(model),
    isUsed: routes.some(({ targets }) => targets.some(({ state }) => state === 'upstream')),
  })
  const handler = createPolicies({
    ambient,
    log,
    records,
    keys,
    keeper,
    router,
    retry: config.retry,
    upstream,
    emulate: {
      lacksCandidates: call => lacksCandidates(call, byName.get(call.target.provider)),
      mostInputs: call => {
        const provider = byName.get(call.target.provider)
        return provider && factsOf(provider.kind.profile, call.target.model).embedInputs
      },
      splitter: call => splitter(call, byName.get(call.target.provider)),
      policy: (call, field) => policyFor(policiesFor(call.route.policies, call.headers), field),
    },
  })
  return { config, handler, router, upstream, keeper, desk, models: () => listModels(aliases, directory) }
}

function mediaOf(config: Config, { media }: Runtime): UpstreamContext['media'] {
  if (media === undefined || config.media.fetch === false) return undefined
  return { fetch: media, limits: config.media }
}

/** Whether asking this target for several candidates in one call is no use. */
function lacksCandidates(call: Aimed, provider: Provider | undefined): boolean {
  if (provider === undefined) return false
  const { model } = call.target
  const binding =
    findBinding(provider, call.operation, call.dialect, model) ??
    bindingsFor(provider, call.operation, model)[0]
  if (binding === undefined || (binding.dialect === call.dialect && binding.relay !== undefined)) return false
  return new Lacking(provider, binding.dialect, knownAs(call.target)).lacks('candidates')
}

/** How to take a request apart that asks several things at once, of a target whose wire asks one. */
function splitter(call: Aimed, provider: Provider | undefined): Dialect['split'] {
  const split = findDialect(call.dialect)?.split
  if (split === undefined || provider === undefined) return undefined
  const { operation, dialect, target } = call
  return findBinding(provider, operation, dialect, knownAs(target)) === undefined ? split : undefined
}

/** Aliases first, then what the providers list: by bare name where only one has it, else with the provider's name. */
async function listModels(aliases: readonly string[], directory: Directory): Promise<readonly ModelEntry[]> {
  const listings = await directory.all()
  const owners = new Map<string, number>(aliases.map(alias => [alias, 1]))
  for (const { models } of listings)
    for (const model of models) owners.set(model, (owners.get(model) ?? 0) + 1)
  return [
    ...aliases.map(id => ({ id, owner: 'dragoman' })),
    ...listings.flatMap(({ provider, models }) =>
      models.map(model => ({
        id: owners.get(model) === 1 ? model : `${provider.name}/${model}`,
        owner: provider.name,
      })),
    ),
  ]
}
