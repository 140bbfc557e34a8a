import type { Operation } from '../core/call.ts'
import type { DialectId } from '../ir/extra.ts'
import type { SigningKeys } from './auth/sigv4.ts'
import type { Binding } from './binding.ts'
import { matchesModel, type Profile } from './profile.ts'

/** A kind of upstream, as data. A configured provider is a kind with a base URL and a credential. */
export interface ProviderKind {
  readonly kind: string
  readonly title: string
  /** Without a trailing slash; absent where the configuration has to give it. */
  readonly baseUrl?: string
  /** Environment variables that hold a key, first match wins; naming one makes the provider usable with no configuration. */
  readonly env?: readonly string[]
  /** Environment variables of the account that requests are signed for, first match wins each. */
  readonly account?: AccountVariables
  /** Words of the configuration that stand in braces in its address, where there is a host for each customer. */
  readonly places?: { readonly [P in Place]?: PlaceSource }
  /** Environment variables that hold its whole address, in place of those words. */
  readonly baseUrlEnv?: readonly string[]
  /** Where it is and what it speaks if the configuration names a version of its API by date. */
  readonly dated?: DatedApi
  readonly auth: AuthKind
  /** What it speaks, in the order to prefer when the caller's own dialect is not among them. */
  readonly bindings: readonly Binding[]
  readonly profile: Profile
  /** Named deviations of its wire, by dialect. */
  readonly quirks: { readonly [D in DialectId]?: readonly string[] }
  /** How to ask for its models; absent where it has no list. */
  readonly models?: ModelListing
  /** Where it listens on a developer's machine, and how to know that it is this engine and no other. */
  readonly local?: LocalEngine
  /** Closes the connection after a stream although it offers to keep it: using it again would fail now and then. */
  readonly closesAfterStream?: true
  /** Served inside the gateway, with no network: `sandbox`. */
  readonly embedded?: true
}

/** Where a kind that signs requests, and is in many regions, finds what it needs. */
export interface AccountVariables {
  readonly region: readonly string[]
  readonly accessKeyId: readonly string[]
  readonly secretAccessKey: readonly string[]
  readonly sessionToken: readonly string[]
}

export type Place = 'resource' | 'project' | 'location'

export interface PlaceSource {
  /** Environment variables that say it, first match wins. */
  readonly env: readonly string[]
  /** Addresses of values that the kind's own address does not fit. */
  readonly addresses?: { readonly [value: string]: string }
}

export interface DatedApi {
  readonly baseUrl: string
  readonly bindings: readonly Binding[]
  /** The name under which every path has the version as its query. */
  readonly query: string
}

/** A list of models: `{data: [{id}]}` unless its fields have other names. */
export interface ModelListing {
  readonly path: string
  readonly owner: string
  /** The field that holds the list, where it is not `data`; empty where the answer is the list itself. */
  readonly list?: string
  /** The field of an entry that holds the name, where it is not `id`. */
  readonly id?: string
  /** What every name begins with and calls leave out. */
  readonly prefix?: string
}

export type AuthKind =
  | { readonly type: 'bearer' }
  | { readonly type: 'header'; readonly name: string }
  /** A key is sent as bearer when there is one; else requests are signed with the keys of an AWS account. */
  | { readonly type: 'sigv4'; readonly service: string }
  /** A key is sent as bearer when there is one; none is needed. */
  | { readonly type: 'optional-bearer' }
  | { readonly type: 'none' }

export interface LocalEngine {
  readonly ports: readonly number[]
  /** GET this path; the engine is recognised by what it answers, not by its port. */
  readonly path: string
  readonly proof: EngineProof | { readonly type: 'every'; readonly of: readonly EngineProof[] }
}

export type EngineProof =
  | { readonly type: 'json-field'; readonly field: string; readonly value?: string }
  | { readonly type: 'text'; readonly includes: string }
  | { readonly type: 'header'; readonly name: string; readonly includes: string }

/** A provider as configured: what the plan, the router and the sender need, and no secret in sight of logs. */
export interface Provider {
  /** Its key in the configuration. */
  readonly name: string
  readonly kind: ProviderKind
  readonly baseUrl: string
  readonly credential: Credential | undefined
  /** What requests are signed with, where its kind signs and there is no credential. */
  readonly signing?: SigningKeys
  /** Extra headers the operator configured. */
  readonly headers: { readonly [name: string]: string }
  /** Dialects the operator switched off or chose; absent means the kind's. */
  readonly bindings: readonly Binding[]
}

/** A secret that prints as dots wherever it is shown, logged or serialised. */
export class Credential {
  readonly #secret: string
  constructor(secret: string) {
    this.#secret = secret
  }
  /** The secret itself, for the one place that writes it into a header. */
  reveal(): string {
    return this.#secret
  }
  toString(): string {
    return '•••'
  }
  toJSON(): string {
    return '•••'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Credential(•••)'
  }
}

/** What a kind speaks, by a dated version of its API where one is configured. */
export function bindingsOf({ bindings, dated }: ProviderKind, version?: string): readonly Binding[] {
  if (version === undefined || dated === undefined) return bindings
  const query = `?${dated.query}=${version}`
  return dated.bindings.map(binding => ({
    ...binding,
    paths: Object.fromEntries(
      Object.entries(binding.paths).map(([operation, path]) => [operation, path + query]),
    ),
  }))
}

const serves = ({ paths, models }: Binding, operation: Operation, model: string): boolean =>
  paths[operation] !== undefined &&
  (models === undefined || models.some(pattern => matchesModel(pattern, model)))

/** The bindings that a provider has for an operation of a model, in its order of preference. */
export function bindingsFor(provider: Provider, operation: Operation, model: string): readonly Binding[] {
  return provider.bindings.filter(binding => serves(binding, operation, model))
}

/** The binding for an operation of a model in a dialect, if the provider has one. */
export function findBinding(
  provider: Provider,
  operation: Operation,
  dialect: DialectId,
  model: string,
): Binding | undefined {
  return provider.bindings.find(binding => binding.dialect === dialect && serves(binding, operation, model))
}
