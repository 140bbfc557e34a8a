import {
  type CompiledQuery,
  type Dialect,
  type Insertable,
  Kysely,
  type Selectable,
  type Transaction,
} from 'kysely'
import type {
  Addition,
  ConversationEntry,
  ConversationRecord,
  PlacedEntry,
  ResponseRecord,
  Segment,
  StateStore,
} from '../core/state-store.ts'
import type { JsonObject } from '../ir/json.ts'
import { migrate, type Tables } from './schema.ts'
import type { ConversationTable, EntryTable, ResponseTable } from './state-schema.ts'

/** Named one by one, because an index finds what is equal and not what differs. */
const running = ['queued', 'in_progress'] as const

type Database = Kysely<Tables> | Transaction<Tables>

const parse = <T>(text: string): T => JSON.parse(text) as T // written by this file from the same type

const toRow = (record: ResponseRecord): Insertable<ResponseTable> => ({
  id: record.id,
  tenant: record.tenant,
  created_at: record.createdAt,
  expires_at: record.expiresAt ?? null,
  state: record.state,
  background: record.background ? 1 : 0,
  request: JSON.stringify(record.request),
  input: JSON.stringify(record.input),
  lease_until: record.leaseUntil,
  cut_at: record.cutAt ?? null,
})

// Numbers of 64 bits come as text from some databases.
const toRecord = (row: Selectable<ResponseTable>): ResponseRecord => ({
  id: row.id,
  tenant: row.tenant,
  createdAt: Number(row.created_at),
  ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
  state: row.state as ResponseRecord['state'], // written by `toRow` and the updates below
  background: row.background !== 0,
  request: parse(row.request),
  input: parse(row.input),
  leaseUntil: Number(row.lease_until),
  ...(row.cut_at === null ? {} : { cutAt: row.cut_at }),
})

const toConversation = (row: Selectable<ConversationTable>): ConversationRecord => ({
  id: row.id,
  tenant: row.tenant,
  createdAt: Number(row.created_at),
  metadata: parse(row.metadata),
})

const toEntryColumns = ({ items, turn, response }: ConversationEntry) => ({
  items: JSON.stringify(items),
  turn: turn === undefined ? null : JSON.stringify(turn),
  response: response ?? null,
})

const toEntry = (row: Selectable<EntryTable>): PlacedEntry => ({
  position: row.position,
  items: parse(row.items),
  ...(row.turn === null ? {} : { turn: parse(row.turn) }),
  ...(row.response === null ? {} : { response: row.response }),
})

/** State in a database that kysely drives. The queries are those that SQLite and PostgreSQL both have. */
export class SqlStateStore implements StateStore {
  readonly isLasting = true
  readonly #database: Kysely<Tables>
  readonly #open: CompiledQuery
  readonly #append: CompiledQuery
  readonly #end: CompiledQuery
  readonly #insert: CompiledQuery

  private constructor(database: Kysely<Tables>) {
    this.#database = database
    this.#open = compileOpen(database)
    this.#append = compileAppend(database)
    this.#end = compileEnd(database)
    this.#insert = compileInsert(database)
  }

  /** Opens the store and brings its tables up to date. */
  static async open(dialect: Dialect): Promise<SqlStateStore> {
    const database = new Kysely<Tables>({ dialect })
    try {
      await migrate(database)
      return new SqlStateStore(database)
    } catch (error) {
      await database.destroy().catch(() => {})
      throw error
    }
  }

  /** One statement needs no transaction around it. */
  #together<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return this.#database.transaction().execute(work)
  }

  async open(record: ResponseRecord, segment?: Segment, addition?: Addition): Promise<void> {
    const query = { ...this.#open, parameters: Object.values(toRow(record)) }
    const insert = (database: Database) => database.executeQuery(query)
    if (segment === undefined && addition === undefined) {
      await insert(this.#database)
      return
    }
    await this.#together(async database => {
      await insert(database)
      if (segment !== undefined) await this.#insertSegment(database, record.id, segment)
      if (addition !== undefined) await insertEntries(database, addition)
    })
  }

  async find(tenant: string, id: string): Promise<ResponseRecord | undefined> {
    const row = await this.#database
      .selectFrom('responses')
      .selectAll()
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .executeTakeFirst()
    return row === undefined ? undefined : toRecord(row)
  }

  async start(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable('responses')
      .set({ state: 'in_progress' })
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  async append(id: string, { first, count, events }: Segment): Promise<boolean> {
    const query = { ...this.#append, parameters: [first, count, events, id, ...running] }
    const { numAffectedRows = 0n } = await this.#database.executeQuery(query)
    return numAffectedRows > 0n
  }

  async #insertSegment(database: Database, response: string, segment: Segment): Promise<void> {
    const { first, count, events } = segment
    await database.executeQuery({ ...this.#insert, parameters: [response, first, count, events] })
  }

  async end(
    id: string,
    segment: Segment,
    { addition, cutAt }: { addition?: Addition; cutAt?: number } = {},
  ): Promise<boolean> {
    return this.#together(async database => {
      const query = { ...this.#end, parameters: ['ended', cutAt ?? null, id, ...running] }
      const { numAffectedRows = 0n } = await database.executeQuery(query)
      if (numAffectedRows === 0n) return false
      await this.#insertSegment(database, id, segment)
      if (addition !== undefined) await insertEntries(database, addition)
      return true
    })
  }

  async segments(id: string, from: number): Promise<readonly Segment[]> {
    return this.#database
      .selectFrom('response_segments')
      .select(['first', 'count', 'events'])
      .where('response', '=', id)
      .where(({ eb }) => eb(eb('first', '+', eb.ref('count')), '>', from))
      .orderBy('first')
      .execute()
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    return this.#together(async database => {
      const { numDeletedRows } = await database
        .deleteFrom('responses')
        .where('id', '=', id)
        .where('tenant', '=', tenant)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) return false
      await database.deleteFrom('response_segments').where('response', '=', id).execute()
      return true
    })
  }

  async renew(ids: readonly string[], leaseUntil: number): Promise<void> {
    await this.#database
      .updateTable('responses')
      .set({ lease_until: leaseUntil })
      .where('id', 'in', ids)
      .where('state', 'in', running)
      .execute()
  }

  async abandoned(now: number): Promise<readonly ResponseRecord[]> {
    const rows = await this.#database
      .selectFrom('responses')
      .selectAll()
      .where('state', 'in', running)
      .where('lease_until', '<', now)
      .execute()
    return rows.map(toRecord)
  }

  async sweep(now: number): Promise<number> {
    return this.#together(async database => {
      await database
        .deleteFrom('response_segments')
        .where('response', 'in', build =>
          build.selectFrom('responses').select('id').where('expires_at', '<=', now),
        )
        .execute()
      const { numDeletedRows } = await database
        .deleteFrom('responses')
        .where('expires_at', '<=', now)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    })
  }

  async createConversation(
    { id, tenant, createdAt, metadata }: ConversationRecord,
    entries: readonly ConversationEntry[],
  ): Promise<void> {
    await this.#together(async database => {
      const row = { id, tenant, created_at: createdAt, metadata: JSON.stringify(metadata) }
      await database.insertInto('conversations').values(row).execute()
      await insertEntries(database, { conversation: id, entries })
    })
  }

  async findConversation(tenant: string, id: string): Promise<ConversationRecord | undefined> {
    const row = await this.#database
      .selectFrom('conversations')
      .selectAll()
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .executeTakeFirst()
    return row === undefined ? undefined : toConversation(row)
  }

  async updateConversation(tenant: string, id: string, metadata: JsonObject): Promise<boolean> {
    const { numUpdatedRows } = await this.#database
      .updateTable('conversations')
      .set({ metadata: JSON.stringify(metadata) })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .executeTakeFirstOrThrow()
    return numUpdatedRows > 0n
  }

  async removeConversation(tenant: string, id: string): Promise<boolean> {
    return this.#together(async database => {
      const { numDeletedRows } = await database
        .deleteFrom('conversations')
        .where('id', '=', id)
        .where('tenant', '=', tenant)
        .executeTakeFirstOrThrow()
      if (numDeletedRows === 0n) return false
      await database.deleteFrom('conversation_entries').where('conversation', '=', id).execute()
      return true
    })
  }

  async entries(conversation: string): Promise<readonly PlacedEntry[]> {
    const rows = await this.#database
      .selectFrom('conversation_entries')
      .selectAll()
      .where('conversation', '=', conversation)
      .orderBy('position')
      .execute()
    return rows.map(toEntry)
  }

  async addEntries(addition: Addition): Promise<boolean> {
    return this.#together(database => insertEntries(database, addition))
  }

  async replaceEntry(
    conversation: string,
    position: number,
    entry: ConversationEntry | undefined,
  ): Promise<void> {
    const at = { conversation, position }
    if (entry === undefined) await this.#deleteEntry(at)
    else {
      await this.#database
        .updateTable('conversation_entries')
        .set(toEntryColumns(entry))
        .where('conversation', '=', conversation)
        .where('position', '=', position)
        .execute()
    }
  }

  async #deleteEntry(at: { readonly conversation: string; readonly position: number }): Promise<void> {
    await this.#database
      .deleteFrom('conversation_entries')
      .where('conversation', '=', at.conversation)
      .where('position', '=', at.position)
      .execute()
  }

  async close(): Promise<void> {
    await this.#database.destroy()
  }
}

// What is paid on every segment of every stream is compiled once. The values below are specimens: those of a call
// stand in the same order.

/** The columns in the order of `toRow`. */
const compileOpen = (database: Database): CompiledQuery =>
  database.insertInto('responses').values(toRow(specimen)).compile()

const specimen: ResponseRecord = {
  id: '',
  tenant: '',
  createdAt: 0,
  state: 'queued',
  background: false,
  request: {},
  input: [],
  leaseUntil: 0,
}

/** One statement, so that a response that is gone or ended gets no more rows. */
const compileAppend = (database: Database): CompiledQuery =>
  database
    .insertInto('response_segments')
    .columns(['response', 'first', 'count', 'events'])
    .expression(build =>
      build
        .selectFrom('responses')
        .select(({ val }) => ['id', val(0).as('first'), val(0).as('count'), val('').as('events')])
        .where('id', '=', '')
        .where('state', 'in', running),
    )
    .compile()

const compileEnd = (database: Database): CompiledQuery =>
  database
    .updateTable('responses')
    .set({ state: 'ended', cut_at: 0 })
    .where('id', '=', '')
    .where('state', 'in', running)
    .compile()

const compileInsert = (database: Database): CompiledQuery =>
  database.insertInto('response_segments').values({ response: '', first: 0, count: 0, events: '' }).compile()

/** Behind the last entry there is. Only inside a transaction, which keeps other writers out. */
async function insertEntries(database: Database, { conversation, entries }: Addition): Promise<boolean> {
  const known = await database
    .selectFrom('conversations')
    .select('id')
    .where('id', '=', conversation)
    .executeTakeFirst()
  if (known === undefined) return false
  if (entries.length === 0) return true
  const { last } = await database
    .selectFrom('conversation_entries')
    .select(({ fn }) => fn.max('position').as('last'))
    .where('conversation', '=', conversation)
    .executeTakeFirstOrThrow()
  const next = last === null ? 0 : Number(last) + 1
  const rows = entries.map((entry, index) => ({
    conversation,
    position: next + index,
    ...toEntryColumns(entry),
  }))
  await database.insertInto('conversation_entries').values(rows).execute()
  return true
}
