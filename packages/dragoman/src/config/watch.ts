import { type FSWatcher, readFileSync, watch } from 'node:fs'
import { dirname } from 'node:path'

export interface Watching {
  /** Reads the file now, and calls back even where it did not change: what it refers to may have. */
  check(): void
  close(): void
}

export type FileState =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string }

/** Editors write in several steps, and some replace the file: one look after the last step is enough. */
const settle = 100

function readState(path: string): FileState {
  try {
    return { ok: true, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { ok: false, reason: code === 'ENOENT' ? 'the file is gone' : `the file cannot be read (${code})` }
  }
}

/**
 * Calls back when a file's text is another than the one that is known. The folder is watched, not the file: an editor that writes a new file and
 * renames it over the old one, or a mounted volume that swaps a link, would leave a watcher on a file nobody sees.
 */
export function watchConfig(path: string, known: string, changed: (state: FileState) => void): Watching {
  let last = JSON.stringify({ ok: true, text: known } satisfies FileState)
  let timer: ReturnType<typeof setTimeout> | undefined
  let watcher: FSWatcher | undefined

  const look = (always: boolean) => {
    const state = readState(path)
    const now = JSON.stringify(state)
    if (!always && now === last) return
    last = now
    changed(state)
  }

  const schedule = () => {
    clearTimeout(timer)
    timer = setTimeout(() => look(false), settle)
  }

  try {
    // No filter by name: a swapped link has another one. Comparing the text is what decides.
    watcher = watch(dirname(path), { persistent: false }, schedule)
    watcher.on('error', () => watcher?.close())
  } catch {
    // A folder that cannot be watched (some network drives): SIGHUP still works.
  }

  // It may have changed between being read and being watched.
  schedule()

  return {
    check: () => look(true),
    close() {
      clearTimeout(timer)
      watcher?.close()
    },
  }
}
