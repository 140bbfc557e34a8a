import type { DialectId, Extra } from '../../ir/extra.ts'
import { foreignFields } from '../../ir/foreign.ts'
import type { Note, NoteKind } from '../../ir/note.ts'

/** Who will read what is encoded: an upstream, which checks it, or a client, to whom as much as possible is shown. */
export type Side = 'request' | 'reply'

/** A node, or the extras of one that is not made yet. */
interface Node {
  readonly extra?: Extra | undefined
}

/** How a dialect speaks of itself in notes. */
export interface Speaker {
  readonly dialect: DialectId
  /** The beginning of a sentence: `Messages has`. */
  readonly subject: string
}

/** Collects what one encode lost. Each kind of loss is told once a place, however often a stream repeats it. */
export class Notes {
  readonly list: Note[] = []
  private readonly speaker: Speaker
  private readonly seen = new Set<string>()

  constructor(speaker: Speaker) {
    this.speaker = speaker
  }

  add(kind: NoteKind, path: string, reason: string): void {
    const key = `${kind} ${path}`
    if (this.seen.has(key)) return
    this.seen.add(key)
    this.list.push({ kind, path, reason })
  }

  /** Tells what other dialects said about this node beyond the model's words: this wire has no place for it. */
  foreign(node: Node, path: string, side: Side = 'request'): void {
    if (node.extra !== undefined) tellForeign(this, this.speaker, node, path, side)
  }
}

/** The same for encoders that may have several things to say about one place: every loss is told, each as it comes. */
export class NoteLog {
  readonly list: Note[] = []
  private readonly speaker: Speaker

  constructor(speaker: Speaker) {
    this.speaker = speaker
  }

  add(kind: NoteKind, path: string, reason: string): void {
    this.list.push({ kind, path, reason })
  }

  /** Tells what other dialects said about this node; whether of a request or of a reply, its path tells. */
  foreign(node: Node, path: string): void {
    if (node.extra === undefined) return
    tellForeign(this, this.speaker, node, path, path.startsWith('reply') ? 'reply' : 'request')
  }
}

function tellForeign(
  notes: Pick<Notes, 'add'>,
  { dialect, subject }: Speaker,
  node: Node,
  path: string,
  side: Side,
): void {
  for (const { from, name, kind } of foreignFields(node, dialect, side)) {
    const at = path === '' ? name : `${path}.${name}`
    notes.add(kind, at, `${subject} no field for what ${from} calls ${name}.`)
  }
}
