import type { Node } from '../../ir/extra.ts'
import { foreignFields } from '../../ir/foreign.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import { dialect } from './wire.ts'

/** The notes of one encode. */
export class Notes {
  readonly list: Note[] = []

  add(kind: NoteKind, path: string, reason: string): void {
    this.list.push({ kind, path, reason })
  }

  /** What other dialects put on a node has no word here. */
  foreignExtras(node: Node, path: string): void {
    if (node.extra === undefined) return
    for (const { from, name, kind } of foreignFields(
      node,
      dialect,
      path.startsWith('reply') ? 'reply' : 'request',
    )) {
      const at = path === '' ? name : `${path}.${name}`
      this.add(kind, at, `Chat completions has no field for what ${from} calls ${name}.`)
    }
  }

  /** Foreign extras of a part, and the opaque state that no part of this wire can hold. */
  leftBehind(part: Part, path: string): void {
    this.foreignExtras(part, path)
    if (part.opaque !== undefined) {
      this.add('dropped', `${path}.opaque`, 'Chat completions has no field for signed or encrypted state.')
    }
  }

  cacheMarker(path: string): void {
    this.add('dropped', path, 'Chat completions caches prefixes by itself; the marker was left out.')
  }
}
