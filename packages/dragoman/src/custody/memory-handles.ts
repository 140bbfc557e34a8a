import type { Handles } from '../core/ports.ts'

interface Entry {
  readonly state: string
  readonly expiresAt: number
}

/** Characters of state kept at most; the oldest make room. */
const defaultLimit = 64 * 1024 * 1024

/** Handles of this process alone: they are gone with it. */
export function createMemoryHandles(now: () => number, limit = defaultLimit): Handles {
  const entries = new Map<string, Entry>()
  let size = 0
  const keyOf = (tenant: string, handle: string) => `${tenant}\n${handle}`
  const remove = (key: string) => {
    size -= entries.get(key)?.state.length ?? 0
    entries.delete(key)
  }
  return {
    async put(tenant, handle, state, expiresAt) {
      const key = keyOf(tenant, handle)
      remove(key)
      entries.set(key, { state, expiresAt })
      size += state.length
      // A map remembers the order of insertion, and all live equally long: the first is the oldest.
      for (const [oldest, entry] of entries) {
        if (size <= limit && entry.expiresAt > now()) break
        remove(oldest)
      }
    },
    async get(tenant, handles) {
      const found = new Map<string, string>()
      for (const handle of handles) {
        const entry = entries.get(keyOf(tenant, handle))
        if (entry !== undefined && entry.expiresAt > now()) found.set(handle, entry.state)
      }
      return found
    },
  }
}
