import { type Dialect, Kysely } from 'kysely'
import { createKey, digestOf, isSame, type PresentedKey, writeKey } from './key-format.ts'
import { type KeyTable, migrate, type Tables } from './schema.ts'

/** What may be known of a key: everything but the key. */
export interface KeyRecord {
  readonly id: string
  readonly name: string
  readonly tenant: string
  /** Milliseconds since the epoch, as the other times. */
  readonly createdAt: number
  /** To the minute. */
  readonly lastUsedAt: number | undefined
  readonly revokedAt: number | undefined
}

export interface KeyStoreOptions {
  readonly dialect: Dialect
  /** Secret of this installation, kept outside the store. */
  readonly pepper: Uint8Array
  readonly now: () => number
  readonly randomId: (length: number) => string
}

/** Thrown on opening a store whose digests were made with another pepper: every key would be refused without a reason. */
export class WrongPepperError extends Error {
  constructor() {
    super(
      'The pepper does not belong to this key store: its keys were made with another one. Restore the pepper file.',
    )
    this.name = 'WrongPepperError'
  }
}

const toRecord = (row: KeyTable): KeyRecord => ({
  id: row.id,
  name: row.name,
  tenant: row.tenant,
  createdAt: Number(row.created_at),
  lastUsedAt: row.last_used_at === null ? undefined : Number(row.last_used_at),
  revokedAt: row.revoked_at === null ? undefined : Number(row.revoked_at),
})

/** Keys at rest. Methods reject where the database cannot answer. */
export class KeyStore {
  readonly #database: Kysely<Tables>
  readonly #options: KeyStoreOptions

  private constructor(database: Kysely<Tables>, options: KeyStoreOptions) {
    this.#database = database
    this.#options = options
  }

  /** Opens the store and brings its tables up to date. */
  static async open(options: KeyStoreOptions): Promise<KeyStore> {
    const database = new Kysely<Tables>({ dialect: options.dialect })
    const store = new KeyStore(database, options)
    try {
      await migrate(database)
      await store.#checkPepper()
      return store
    } catch (error) {
      await database.destroy().catch(() => {})
      throw error
    }
  }

  async #checkPepper(): Promise<void> {
    const value = digestOf('dragoman', this.#options.pepper)
    await this.#database
      .insertInto('meta')
      .values({ name: 'pepper', value })
      .onConflict(conflict => conflict.doNothing())
      .execute()
    const kept = await this.#database
      .selectFrom('meta')
      .select('value')
      .where('name', '=', 'pepper')
      .executeTakeFirstOrThrow()
    if (!isSame(kept.value, value)) throw new WrongPepperError()
  }

  /** Makes a key. The text is returned this once and kept nowhere. */
  async create(name: string, tenant: string): Promise<{ readonly key: string; readonly record: KeyRecord }> {
    const key = createKey(this.#options.randomId)
    const row: KeyTable = {
      id: key.id,
      name,
      tenant,
      digest: digestOf(key.secret, this.#options.pepper),
      created_at: this.#options.now(),
      last_used_at: null,
      revoked_at: null,
    }
    await this.#database.insertInto('api_keys').values(row).execute()
    return { key: writeKey(key), record: toRecord(row) }
  }

  /** All keys, the oldest first, revoked ones included. */
  async list(): Promise<readonly KeyRecord[]> {
    const rows = await this.#database
      .selectFrom('api_keys')
      .selectAll()
      .orderBy('created_at')
      .orderBy('id')
      .execute()
    return rows.map(toRecord)
  }

  /** Revokes a key for good; `revoked` is whether this call did it. Undefined where there is no such key. */
  async revoke(id: string): Promise<{ readonly record: KeyRecord; readonly revoked: boolean } | undefined> {
    const { numUpdatedRows } = await this.#database
      .updateTable('api_keys')
      .set({ revoked_at: this.#options.now() })
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow()
    const row = await this.#find(id)
    return row === undefined ? undefined : { record: toRecord(row), revoked: numUpdatedRows > 0n }
  }

  /** The record of a presented key, where it is right and not revoked. */
  async check(key: PresentedKey): Promise<KeyRecord | undefined> {
    const row = await this.#find(key.id)
    // The same work for an id that does not exist, so that ids cannot be told apart by the time it takes.
    const isRight = isSame(row?.digest ?? '', digestOf(key.secret, this.#options.pepper))
    return row !== undefined && isRight && row.revoked_at === null ? toRecord(row) : undefined
  }

  /** Notes that a key was used. */
  async touch(id: string): Promise<void> {
    await this.#database
      .updateTable('api_keys')
      .set({ last_used_at: this.#options.now() })
      .where('id', '=', id)
      .execute()
  }

  async #find(id: string): Promise<KeyTable | undefined> {
    return this.#database.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
  }

  async close(): Promise<void> {
    await this.#database.destroy()
  }
}
