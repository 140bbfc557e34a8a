import { dirname, resolve } from 'node:path'
import type { StateStore } from '../core/state-store.ts'
import { ensureDataFolder, storeFile } from '../stores/data-folder.ts'
import { LazyStateStore } from '../stores/lazy-state.ts'
import { MemoryStateStore } from '../stores/memory-state.ts'

/**
 * The store that a configuration names: a file, by default the one of the data folder, where relative paths start too.
 * The database and what drives it are loaded with the first need of them.
 */
export function openState(url: string | undefined, dataFolder: string): StateStore {
  if (url === 'memory:') return new MemoryStateStore()
  const named = url?.slice('sqlite:'.length) ?? ''
  const path = named === '' ? storeFile(dataFolder) : resolve(dataFolder, named)
  return new LazyStateStore(async () => {
    const [{ SqlStateStore }, { createSqliteDialect }] = await Promise.all([
      import('../stores/sql-state.ts'),
      import('../stores/sqlite.ts'),
    ])
    ensureDataFolder(dirname(path))
    return SqlStateStore.open(createSqliteDialect(path))
  })
}
