import { type Kysely, type Migration, Migrator } from 'kysely'
import { type HandleTables, handleMigration } from './handle-schema.ts'
import { type StateTables, stateMigration } from './state-schema.ts'

/** Tables of the store; the same on every database. Times are milliseconds since the epoch. */
export interface Tables extends StateTables, HandleTables {
  api_keys: KeyTable
  /** Facts about the store itself. */
  meta: { name: string; value: string }
}

export interface KeyTable {
  /** The public id. */
  id: string
  name: string
  tenant: string
  /** HMAC-SHA-256(pepper, secret), in hexadecimal. */
  digest: string
  created_at: number
  last_used_at: number | null
  revoked_at: number | null
}

/** Changes to the tables by name, in the order of their names; one that was released is never edited. */
const migrations: { readonly [name: string]: Migration } = {
  '0001-keys': {
    async up(database) {
      await database.schema
        .createTable('api_keys')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('name', 'text', column => column.notNull())
        .addColumn('tenant', 'text', column => column.notNull())
        .addColumn('digest', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('last_used_at', 'bigint')
        .addColumn('revoked_at', 'bigint')
        .execute()
      await database.schema
        .createTable('meta')
        .addColumn('name', 'text', column => column.primaryKey())
        .addColumn('value', 'text', column => column.notNull())
        .execute()
    },
  },
  '0002-state': stateMigration,
  '0003-handles': handleMigration,
}

/** Brings the tables up to this version. Rejects where that fails, leaving them as they were. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: 'migrations',
    migrationLockTableName: 'migration_lock',
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}
