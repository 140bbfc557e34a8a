import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** How long a write waits for another process's write. */
const busyTimeout = 1000

/** The runtime's own SQLite in the form that kysely drives; the runtime's needs no install script. */
function openDatabase(path: string): SqliteDatabase {
  const database = new DatabaseSync(path)
  // First of all, because the next line already needs a lock that another process may hold.
  database.exec(`pragma busy_timeout = ${busyTimeout}`)
  // WAL: readers never wait for the writer, also across processes.
  database.exec('pragma journal_mode = wal; pragma synchronous = normal')
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[] // columns hold text and numbers only
      return {
        reader: statement.columns().length > 0,
        all: parameters => statement.all(...bind(parameters)),
        run: parameters => statement.run(...bind(parameters)),
        iterate: parameters => statement.iterate(...bind(parameters)),
      }
    },
  }
}

/**
 * Takes the write lock when a transaction begins. A transaction that reads first and then writes would fail, not wait,
 * where another process wrote in between: two gateways that start together migrate at the same time.
 */
class EarlyLockingDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}

/** SQLite creates and drops tables in transactions like anything else, which kysely does not make use of by itself. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** kysely's dialect over `node:sqlite`, which Bun and Node >= 22 have. */
export function createSqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new EarlyLockingDriver({ database: async () => openDatabase(path) }),
    createIntrospector: database => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}
