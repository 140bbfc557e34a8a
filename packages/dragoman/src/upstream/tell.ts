import type { Received } from '../core/call.ts'
import { findDialect } from '../dialects/registry.ts'
import type { Note } from '../ir/note.ts'

/** Puts a note into a call's journal, its path in the caller's own words. */
export function tell(call: Received, note: Note): void {
  call.journal.note({ ...note, path: findDialect(call.dialect)?.pathOf(note.path) ?? note.path })
}
