import type { Timeouts, UnsupportedPolicy } from '../core/call.ts'
import type { SigningKeys } from '../providers/auth/sigv4.ts'
import type { Credential } from '../providers/provider.ts'

/** What a configuration means: every default filled in, names resolved. Durations in milliseconds, sizes in bytes. */
export interface Config {
  readonly server: {
    readonly host: string
    readonly port: number
    readonly maxBody: number
    readonly keepAlive: number
    readonly statusAfter: number
    readonly drain: number
  }
  /** By name; without a prototype, so that no name of a request finds an inherited member. */
  readonly providers: { readonly [name: string]: ProviderConfig }
  /** By exact name or pattern, in the order of the file; without a prototype. */
  readonly models: { readonly [name: string]: RouteConfig }
  readonly timeouts: Timeouts
  readonly unsupported: UnsupportedConfig
  readonly structuredStream: 'buffer' | 'live'
  readonly retry: { readonly attempts: number; readonly maxWait: number }
  readonly auth: { readonly required: boolean }
  readonly sandbox: boolean
  readonly media: {
    /** Absent: where the host can. */
    readonly fetch?: boolean
    readonly allowHttp: boolean
    readonly allowPrivate: boolean
    readonly maxSize: number
    readonly maxTotal: number
    readonly timeout: number
  }
  readonly requests: { readonly keep: number }
  readonly store: {
    /** As written; absent: the default of whoever hosts the gateway. */
    readonly url?: string
    /** Milliseconds; 0 keeps nothing. */
    readonly retention: number
  }
}

export interface ProviderConfig {
  /** A name of the catalogue. */
  readonly kind: string
  /** Without a trailing slash; the operations' paths are below it. */
  readonly baseUrl: string
  readonly apiKey: Credential | undefined
  /** A version of its API, by date, where its kind has such. */
  readonly apiVersion?: string
  /** What requests are signed with; never beside a key. */
  readonly signing?: SigningKeys
  /** Lower-case names. */
  readonly headers: { readonly [name: string]: string }
}

export interface RouteConfig {
  readonly strategy: 'ordered'
  readonly targets: readonly TargetConfig[]
  readonly timeouts: Timeouts
  readonly unsupported: UnsupportedConfig
}

export interface TargetConfig {
  readonly provider: string
  /** Absent: the model name the caller wrote. */
  readonly model?: string
  /** Of token ids in embeddings input. */
  readonly tokenizer?: string
  /** The model whose abilities it has. */
  readonly like?: string
  /** Who keeps Responses; absent: this gateway. */
  readonly state?: 'upstream'
}

export interface UnsupportedConfig {
  readonly default: UnsupportedPolicy
  /** By the caller's field name. */
  readonly fields: { readonly [field: string]: UnsupportedPolicy }
}
