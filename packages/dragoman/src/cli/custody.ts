import type { Handles, Log } from '../core/ports.ts'
import type { GatewayPorts } from '../gateway.ts'
import { parseCustodySecrets, readCustodySecrets, storeFile } from '../stores/data-folder.ts'
import type { HandleStore } from '../stores/handles.ts'
import { CommandError } from './exit.ts'
import { reasonOf } from './settings.ts'

export interface CustodyOfFolder {
  readonly ports: NonNullable<GatewayPorts['custody']>
  close(): Promise<void>
}

/** Secrets that gateways on several machines share, in the form of the file's lines. */
function sharedSecrets(): readonly Uint8Array[] | undefined {
  const given = process.env.DRAGOMAN_CUSTODY_KEYS
  if (given === undefined || given === '') return undefined
  try {
    return parseCustodySecrets(given, 'DRAGOMAN_CUSTODY_KEYS')
  } catch (error) {
    throw new CommandError(reasonOf(error))
  }
}

/**
 * The secrets and the store of a data folder. A folder that cannot be used is said and no reason not to serve: opaque
 * state then lives as long as the process. `DRAGOMAN_CUSTODY_KEYS` takes the place of the folder's secrets.
 */
export function openCustody(dataFolder: string, log: Log): CustodyOfFolder {
  const shared = sharedSecrets()
  try {
    const secrets = shared ?? readCustodySecrets(dataFolder)
    const handles = new FolderHandles(dataFolder)
    return { ports: { secrets, handles }, close: () => handles.close() }
  } catch (error) {
    const message = 'state that only providers can read is kept no longer than this process'
    log('warn', message, { folder: dataFolder, error: String(error) })
    return { ports: {}, close: async () => {} }
  }
}

/** The store of a folder. The database and what drives it are loaded with the first need of them. */
class FolderHandles implements Handles {
  readonly #folder: string
  #opening: Promise<HandleStore> | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(tenant: string, handle: string, state: string, expiresAt: number): Promise<void> {
    await (await this.#store()).put(tenant, handle, state, expiresAt)
  }

  async get(tenant: string, handles: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return (await this.#store()).get(tenant, handles)
  }

  async close(): Promise<void> {
    const store = await this.#opening?.catch(() => undefined)
    await store?.close()
  }

  /** What could not be opened is tried again by the next who needs it. */
  #store(): Promise<HandleStore> {
    this.#opening ??= this.#open().catch(error => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #open(): Promise<HandleStore> {
    const [{ HandleStore }, { createSqliteDialect }] = await Promise.all([
      import('../stores/handles.ts'),
      import('../stores/sqlite.ts'),
    ])
    return HandleStore.open({ dialect: createSqliteDialect(storeFile(this.#folder)), now: Date.now })
  }
}
