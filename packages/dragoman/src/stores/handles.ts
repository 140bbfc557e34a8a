import { type Dialect, Kysely } from 'kysely'
import type { Handles } from '../core/ports.ts'
import { migrate, type Tables } from './schema.ts'

/** How many handles are kept between two sweeps of those that expired. */
const sweepEvery = 500

export interface HandleStoreOptions {
  readonly dialect: Dialect
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Handles in a database that kysely drives. */
export class HandleStore implements Handles {
  readonly #database: Kysely<Tables>
  readonly #now: () => number
  #puts = 0

  private constructor(database: Kysely<Tables>, now: () => number) {
    this.#database = database
    this.#now = now
  }

  /** Opens the store and brings its tables up to date. */
  static async open({ dialect, now }: HandleStoreOptions): Promise<HandleStore> {
    const database = new Kysely<Tables>({ dialect })
    try {
      await migrate(database)
      return new HandleStore(database, now)
    } catch (error) {
      await database.destroy().catch(() => {})
      throw error
    }
  }

  async put(tenant: string, handle: string, state: string, expiresAt: number): Promise<void> {
    await this.#database
      .insertInto('handles')
      .values({ tenant, handle, state, expires_at: expiresAt })
      .onConflict(conflict =>
        conflict.columns(['tenant', 'handle']).doUpdateSet({ state, expires_at: expiresAt }),
      )
      .execute()
    if (this.#puts++ % sweepEvery === 0) await this.#sweep()
  }

  async get(tenant: string, handles: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database
      .selectFrom('handles')
      .select(['handle', 'state'])
      .where('tenant', '=', tenant)
      .where('handle', 'in', [...handles])
      .where('expires_at', '>', this.#now())
      .execute()
    return new Map(rows.map(({ handle, state }) => [handle, state]))
  }

  async #sweep(): Promise<void> {
    await this.#database.deleteFrom('handles').where('expires_at', '<=', this.#now()).execute()
  }

  close(): Promise<void> {
    return this.#database.destroy()
  }
}
