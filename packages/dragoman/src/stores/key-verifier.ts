import type { Principal } from '../core/call.ts'
import type { KeyVerdict, KeyVerifier } from '../core/ports.ts'
import { isSame, parseKey } from './key-format.ts'
import type { KeyRecord, KeyStore } from './keys.ts'

export interface KeyVerifierOptions {
  /** The key of this installation's owner. */
  readonly localKey: string
  /** Opens the store; asked again after it failed. */
  readonly open: () => Promise<KeyStore>
  readonly now: () => number
  /** Told why the store could not answer. */
  readonly onFailure: (error: unknown) => void
}

/** How long a verdict holds. A key revoked by another process is refused after this at the latest. */
const verdictLife = 1000
/** How many verdicts are kept of each sort. Wrong keys have a room of their own, so that guessing cannot push out the right ones. */
const mostKnown = 10_000
const mostUnknown = 1000
/** Longer than any key of ours and any sensible `DRAGOMAN_KEY`. */
const longestKey = 512
/** How exact the time of the last use is. */
const touchEvery = 60_000

const unknown: KeyVerdict = { kind: 'unknown' }
const unavailable: KeyVerdict = { kind: 'unavailable' }
const owner: Principal = { id: 'local', name: 'local key', tenant: 'local' }

/** Verdicts by the full presented key, the oldest thrown out first. Never keyed by less: a part could be shared by two keys. */
class Verdicts {
  readonly #entries = new Map<string, { readonly verdict: KeyVerdict; readonly until: number }>()
  readonly #most: number
  constructor(most: number) {
    this.#most = most
  }
  get size(): number {
    return this.#entries.size
  }
  find(key: string, now: number): KeyVerdict | undefined {
    const entry = this.#entries.get(key)
    return entry !== undefined && now < entry.until ? entry.verdict : undefined
  }
  keep(key: string, verdict: KeyVerdict, until: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { verdict, until })
    if (this.#entries.size <= this.#most) return
    const oldest = this.#entries.keys().next().value
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}

/** Says who presents a key: the owner's local key, or one of the store. A key in use costs a look into a map, no hash. */
export class CachedKeyVerifier implements KeyVerifier {
  readonly #options: KeyVerifierOptions
  readonly #known = new Verdicts(mostKnown)
  readonly #unknown = new Verdicts(mostUnknown)
  readonly #pending = new Map<string, Promise<KeyVerdict>>()
  readonly #touched = new Map<string, number>()
  #store: Promise<KeyStore> | undefined

  constructor(options: KeyVerifierOptions) {
    this.#options = options
  }

  /** How many verdicts are held, for tests of the bounds. */
  get held(): { readonly known: number; readonly unknown: number } {
    return { known: this.#known.size, unknown: this.#unknown.size }
  }

  verify(key: string): KeyVerdict | Promise<KeyVerdict> {
    const now = this.#options.now()
    const held = this.#known.find(key, now) ?? this.#unknown.find(key, now)
    if (held !== undefined) return held
    if (key.length > longestKey) return unknown
    if (isSame(key, this.#options.localKey)) return this.#keep(key, { kind: 'known', principal: owner })
    const presented = parseKey(key)
    // Not worth keeping: the checksum is cheaper to compute than the room is to share.
    if (presented === undefined) return unknown
    let pending = this.#pending.get(key)
    if (pending === undefined) {
      pending = this.#ask(key, presented).finally(() => this.#pending.delete(key))
      this.#pending.set(key, pending)
    }
    return pending
  }

  async #ask(key: string, presented: { readonly id: string; readonly secret: string }): Promise<KeyVerdict> {
    try {
      const store = await this.#open()
      const record = await store.check(presented)
      if (record === undefined) return this.#keep(key, unknown)
      this.#touch(store, record)
      const { id, name, tenant } = record
      return this.#keep(key, { kind: 'known', principal: { id, name, tenant } })
    } catch (error) {
      this.#options.onFailure(error)
      return unavailable
    }
  }

  #keep(key: string, verdict: KeyVerdict): KeyVerdict {
    const room = verdict.kind === 'known' ? this.#known : this.#unknown
    room.keep(key, verdict, this.#options.now() + verdictLife)
    return verdict
  }

  #touch(store: KeyStore, record: KeyRecord): void {
    const now = this.#options.now()
    const last = this.#touched.get(record.id) ?? record.lastUsedAt ?? 0
    if (now - last < touchEvery) return
    if (this.#touched.size >= mostKnown) this.#touched.clear()
    this.#touched.set(record.id, now)
    // Nobody waits for it, and a call is not refused because its time could not be noted.
    store.touch(record.id).catch(this.#options.onFailure)
  }

  /** A store that failed to open is tried again with the next key: the disk may be back. */
  #open(): Promise<KeyStore> {
    this.#store ??= this.#options.open().catch(error => {
      this.#store = undefined
      throw error
    })
    return this.#store
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined)
    await store?.close()
  }
}
