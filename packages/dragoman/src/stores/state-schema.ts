import type { Migration } from 'kysely'

/** Tables of responses and conversations. Columns of JSON are text, so that every database has them. */
export interface StateTables {
  responses: ResponseTable
  response_segments: SegmentTable
  conversations: ConversationTable
  conversation_entries: EntryTable
}

export interface ResponseTable {
  id: string
  tenant: string
  created_at: number
  expires_at: number | null
  state: string
  background: number
  request: string
  input: string
  lease_until: number
  cut_at: number | null
}

export interface SegmentTable {
  response: string
  /** The number of its first event. */
  first: number
  count: number
  events: string
}

export interface ConversationTable {
  id: string
  tenant: string
  created_at: number
  metadata: string
}

export interface EntryTable {
  conversation: string
  position: number
  items: string
  turn: string | null
  response: string | null
}

export const stateMigration: Migration = {
  async up(database) {
    await database.schema
      .createTable('responses')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('tenant', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('background', 'integer', column => column.notNull())
      .addColumn('request', 'text', column => column.notNull())
      .addColumn('input', 'text', column => column.notNull())
      .addColumn('lease_until', 'bigint', column => column.notNull())
      .addColumn('cut_at', 'integer')
      .execute()
    await database.schema.createIndex('responses_expiry').on('responses').column('expires_at').execute()
    await database.schema
      .createIndex('responses_running')
      .on('responses')
      .columns(['state', 'lease_until'])
      .execute()
    await database.schema
      .createTable('response_segments')
      .addColumn('response', 'text', column => column.notNull())
      .addColumn('first', 'integer', column => column.notNull())
      .addColumn('count', 'integer', column => column.notNull())
      .addColumn('events', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('response_segments_key', ['response', 'first'])
      .execute()
    await database.schema
      .createTable('conversations')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('tenant', 'text', column => column.notNull())
      .addColumn('created_at', 'bigint', column => column.notNull())
      .addColumn('metadata', 'text', column => column.notNull())
      .execute()
    await database.schema
      .createTable('conversation_entries')
      .addColumn('conversation', 'text', column => column.notNull())
      .addColumn('position', 'integer', column => column.notNull())
      .addColumn('items', 'text', column => column.notNull())
      .addColumn('turn', 'text')
      .addColumn('response', 'text')
      .addPrimaryKeyConstraint('conversation_entries_key', ['conversation', 'position'])
      .execute()
  },
}
