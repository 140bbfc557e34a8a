import type { Migration } from 'kysely'

/** State of providers under short names, sealed: the store cannot read it. */
export interface HandleTables {
  handles: { tenant: string; handle: string; state: string; expires_at: number }
}

export const handleMigration: Migration = {
  async up(database) {
    await database.schema
      .createTable('handles')
      .addColumn('tenant', 'text', column => column.notNull())
      .addColumn('handle', 'text', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('expires_at', 'bigint', column => column.notNull())
      .addPrimaryKeyConstraint('handles_key', ['tenant', 'handle'])
      .execute()
    await database.schema.createIndex('handles_by_expiry').on('handles').column('expires_at').execute()
  },
}
