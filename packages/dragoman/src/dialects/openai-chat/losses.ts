import type { NoteLog } from '../../core/codec/notes.ts'
import type { Part } from '../../ir/part.ts'

/** Foreign extras of a part, and the opaque state that no part of this wire can hold. */
export function noteLeftBehind(part: Part, path: string, notes: NoteLog): void {
  notes.foreign(part, path)
  if (part.opaque !== undefined) {
    notes.add('dropped', `${path}.opaque`, 'Chat completions has no field for signed or encrypted state.')
  }
}

export function noteMarker(path: string, notes: NoteLog): void {
  notes.add('dropped', path, 'Chat completions caches prefixes by itself; the marker was left out.')
}
