import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** How long a write waits for another process's write. */
const busyTimeout = 1000
/** Prepared statements that are kept: preparing one costs more than running it. */
const mostStatements = 200

/** The runtime's own SQLite in the form that kysely drives; the runtime's needs no install script. */
function openDatabase(path: string): SqliteDatabase {
  const database = new DatabaseSync(path)
  // First of all, because the next line already needs a lock that another process may hold.
  database.exec(`pragma busy_timeout = ${busyTimeout}`)
  // WAL: readers never wait for the writer, also across processes.
  database.exec('pragma journal_mode = wal; pragma synchronous = normal')
  const statements = new Map<string, ReturnType<typeof prepare>>()
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    const bind = (parameters: readonly unknown[]) => parameters as SQLInputValue[] // columns hold text and numbers only
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...bind(parameters)),
      run: (parameters: readonly unknown[]) => statement.run(...bind(parameters)),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...bind(parameters)),
    }
  }
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known !== undefined) return known
      // The queries of the code are few; the limit is for what tests and migrations make.
      if (statements.size >= mostStatements) statements.clear()
      const made = prepare(sql)
      statements.set(sql, made)
      return made
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

interface Shared {
  readonly driver: Driver
  opened: Promise<void> | undefined
  users: number
}

/** Drivers in use, by the path of their file. */
const sharedDrivers = new Map<string, Shared>()

/**
 * One connection a file and process. The lock of a transaction belongs to its connection: a second one of ours would
 * wait for it on the thread that has to end the transaction.
 */
class SharedDriver implements Driver {
  readonly #path: string
  readonly #shared: Shared

  constructor(path: string) {
    this.#path = path
    const known = sharedDrivers.get(path)
    this.#shared = known ?? {
      driver: new EarlyLockingDriver({ database: async () => openDatabase(path) }),
      opened: undefined,
      users: 0,
    }
    if (path !== ':memory:') sharedDrivers.set(path, this.#shared)
  }

  async init(): Promise<void> {
    const { driver } = this.#shared
    this.#shared.users++
    // Whoever opens it, all wait for the same.
    this.#shared.opened ??= driver.init()
    try {
      await this.#shared.opened
    } catch (error) {
      this.#shared.users--
      this.#shared.opened = undefined
      throw error
    }
  }

  acquireConnection = () => this.#shared.driver.acquireConnection()
  releaseConnection = (connection: DatabaseConnection) => this.#shared.driver.releaseConnection(connection)
  beginTransaction = (connection: DatabaseConnection) => this.#shared.driver.beginTransaction(connection, {})
  commitTransaction = (connection: DatabaseConnection) => this.#shared.driver.commitTransaction(connection)
  rollbackTransaction = (connection: DatabaseConnection) =>
    this.#shared.driver.rollbackTransaction(connection)

  async destroy(): Promise<void> {
    if (--this.#shared.users > 0) return
    if (sharedDrivers.get(this.#path) === this.#shared) sharedDrivers.delete(this.#path)
    await this.#shared.driver.destroy()
  }
}

/** kysely's dialect over `node:sqlite`, which Bun and Node >= 22 have. */
export function createSqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => new SharedDriver(path),
    createIntrospector: database => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}
