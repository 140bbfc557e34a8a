import type { Extra } from '../../ir/extra.ts'
import { foreignFields } from '../../ir/foreign.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import { dialect } from './wire.ts'

/** What an encoder could not say, with the model's path of the node it stands on. */
export class Losses {
  readonly notes: Note[] = []

  add(kind: NoteKind, path: string, reason: string): void {
    this.notes.push({ kind, path, reason })
  }

  /** Fields of other dialects have no word here. */
  foreign(node: { readonly extra?: Extra | undefined }, path: string): void {
    if (node.extra === undefined) return
    const side = path.startsWith('reply') ? 'reply' : 'request'
    for (const { from, name, kind } of foreignFields(node, dialect, side)) {
      const at = path === '' ? name : `${path}.${name}`
      this.add(kind, at, `Responses has no field for what ${from} calls ${name}.`)
    }
  }
}
