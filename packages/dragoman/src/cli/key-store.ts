import { createAmbient } from '../core/ambient.ts'
import type { Log } from '../core/ports.ts'
import { readPepper, storeFile } from '../stores/data-folder.ts'
import { CachedKeyVerifier } from '../stores/key-verifier.ts'
import type { KeyStore } from '../stores/keys.ts'

/** Opens the keys of a data folder. The database and what drives it are loaded with the first need of them. */
export async function openKeyStore(dataFolder: string): Promise<KeyStore> {
  const [{ KeyStore }, { createSqliteDialect }] = await Promise.all([
    import('../stores/keys.ts'),
    import('../stores/sqlite.ts'),
  ])
  const pepper = readPepper(dataFolder)
  const dialect = createSqliteDialect(storeFile(dataFolder))
  return KeyStore.open({ dialect, pepper, now: Date.now, randomId: createAmbient().randomId })
}

/** The verifier of a served gateway. The store is opened by the first key that is not the local one. */
export function createVerifier(dataFolder: string, localKey: string, log: Log): CachedKeyVerifier {
  return new CachedKeyVerifier({
    localKey,
    now: Date.now,
    open: () => openKeyStore(dataFolder),
    onFailure: error =>
      log('error', 'the key store cannot answer', { error: String(error), folder: dataFolder }),
  })
}
