import type { JsonObject, JsonValue } from '../ir/json.ts'
import type { Principal } from './call.ts'

/** One request on an upstream's wire, ready to send. */
export interface UpstreamRequest {
  readonly url: string
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly headers: { readonly [name: string]: string }
  readonly body?: Uint8Array | string
  /** The connection is not used again: the host closes it although it says otherwise. */
  readonly closes?: boolean
}

/** Bytes of a body, one read at a time; the reader of a web stream is one. Rejects when the connection breaks. */
export interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  /** Gives up the rest and frees the connection. */
  cancel(): Promise<void>
}

export interface UpstreamResponse {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: ByteReader
  /** The whole body at once, where the transport has a faster way than reading it piece by piece. Rejects over `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>
}

/** Carries bytes to an upstream. Rejects with a `TransportError`; follows no redirects; sends exactly the given headers. */
export interface Transport {
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse>
}

/** Why nothing came back. */
export class TransportError extends Error {
  readonly kind: 'refused' | 'dns' | 'tls' | 'reset' | 'connect-timeout' | 'malformed' | 'too-large' | 'other'
  constructor(kind: TransportError['kind'], message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'TransportError'
    this.kind = kind
  }
}

/**
 * Opens and closes one connection to a host to learn within `timeoutMs` whether it can be reached; fetch itself has no
 * connect timeout. Where the runtime cannot dial, there is none and only the later timeouts hold.
 */
export type Dial = (url: URL, timeoutMs: number, signal: AbortSignal) => Promise<void>

/** How far fetching what a caller gave by its address may go. */
export interface MediaLimits {
  /** Bytes of one body. */
  readonly maxSize: number
  /** Milliseconds for one, its redirects included. */
  readonly timeout: number
  /** Plain HTTP, too. */
  readonly allowHttp: boolean
  /** Hosts of private networks and of this machine, too; never the metadata services of clouds. */
  readonly allowPrivate: boolean
}

/**
 * Why nothing was fetched. `host`: no address that may be asked, which is all that is said of names that do not resolve
 * and of those that resolve to a private network, so that nobody can tell them apart.
 */
export type MediaProblem =
  | { readonly kind: 'scheme' | 'credentials' | 'host' | 'unreachable' | 'redirects' | 'coding' }
  | { readonly kind: 'cut' | 'too-large' | 'timeout' | 'cancelled' }
  | { readonly kind: 'status'; readonly status: number }

export type FetchedMedia =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly contentType: string | undefined }
  | { readonly ok: false; readonly problem: MediaProblem }

/**
 * Fetches what a caller named, for targets that take bytes only (DESIGN, ruling 8). The address is a stranger's: whoever
 * fills this port resolves the host once, checks every address it has, dials exactly the checked one, checks again at
 * every redirect, and sends neither credentials nor cookies. Never rejects.
 */
export type MediaFetch = (url: string, limits: MediaLimits, signal: AbortSignal) => Promise<FetchedMedia>

/** Says who presents a key. Never throws; `unavailable` means the store cannot answer, which is not "unknown". */
export interface KeyVerifier {
  verify(key: string): KeyVerdict | Promise<KeyVerdict>
}

export type KeyVerdict =
  | { readonly kind: 'known'; readonly principal: Principal }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable' }

/**
 * Checks values against JSON schemas that callers wrote. What does it is large, so it is loaded with the first call that
 * needs it; a runtime that forbids making code from text has none, and answers are then passed on with a note.
 */
export interface Validator {
  /** Makes `check` ready. Never rejects. */
  load(): Promise<void>
  /** The first things that are wrong with a value, a sentence each, without its content; undefined where nobody can tell. */
  check(schema: JsonObject, value: JsonValue): readonly string[] | undefined
}

/** Time, randomness and timers, injected so that tests need no real clock. */
export interface Ambient {
  /** Milliseconds since the epoch. */
  now(): number
  /** `length` characters of [A-Za-z0-9], unguessable. */
  randomId(length: number): string
  /** Calls back once after `milliseconds`; the returned function cancels. */
  after(milliseconds: number, callback: () => void): () => void
}

/** Structured log lines; never a prompt, a body or a key. */
export type Log = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  fields?: { readonly [name: string]: unknown },
) => void

/**
 * Keeps sealed state under short names for callers whose dialect has no room for it (ruling 6). Rejects where the store
 * cannot answer. A handle is its tenant's alone; one that expired is not there.
 */
export interface Handles {
  /** `expiresAt` in milliseconds since the epoch. */
  put(tenant: string, handle: string, state: string, expiresAt: number): Promise<void>
  /** The state of those that are there. */
  get(tenant: string, handles: readonly string[]): Promise<ReadonlyMap<string, string>>
}
