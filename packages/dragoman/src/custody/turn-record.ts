import type { PartDeltaEvent } from '../ir/event.ts'
import type { Note } from '../ir/note.ts'
import type { Opaque } from '../ir/opaque.ts'
import type { ItemMeta, Part, PartKind } from '../ir/part.ts'
import { PartDraft } from '../ir/part-draft.ts'
import type { Kept, KeptPart } from './keepsake.ts'

interface Entry {
  readonly open: Part
  /** Thinking is kept whole. */
  readonly draft: PartDraft | undefined
  length: number
  opaque: Opaque | undefined
  /** Its state travels on the part itself. */
  isCarried: boolean
}

/** What one candidate said so far, as far as it has to be put together again. */
export class TurnRecord {
  /** The name under which the store keeps this turn, once a call's id had to be one. */
  handle: string | undefined
  calls = 0
  readonly #replays: boolean
  readonly #entries: Entry[] = []
  readonly #items: ItemMeta[] = []

  /** `replays`: thoughts are state although nobody signed them. */
  constructor(replays: boolean) {
    this.#replays = replays
  }

  /** Parts so far. */
  get count(): number {
    return this.#entries.length
  }

  item(index: number, meta: ItemMeta): void {
    this.#items[index] = meta
  }

  start(part: number, open: Part): void {
    if (open.kind === 'tool-call') this.calls++
    const draft = open.kind === 'thinking' ? new PartDraft(open) : undefined
    const length = open.kind === 'text' ? open.text.length : 0
    this.#entries[part] = { open, draft, length, opaque: open.opaque, isCarried: false }
  }

  append(event: PartDeltaEvent): void {
    const entry = this.#entries[event.part]
    if (entry === undefined) return
    if (event.text !== undefined) entry.length += event.text.length
    if (event.opaque !== undefined) entry.opaque = event.opaque
    entry.draft?.append(event)
  }

  /** Whether another call of the turn has this id. */
  repeats(id: string): boolean {
    return this.#entries.filter(({ open }) => open.kind === 'tool-call' && open.id === id).length > 1
  }

  /** The kind of the part that ended. */
  end(part: number, close: Part | undefined): PartKind | undefined {
    const entry = this.#entries[part]
    if (close?.opaque !== undefined && entry !== undefined) entry.opaque = close.opaque
    entry?.draft?.close(close)
    return entry?.open.kind
  }

  /** A part with state that does not travel on itself. */
  isLoose(part: number): boolean {
    const entry = this.#entries[part]
    if (entry === undefined || entry.isCarried) return false
    return entry.opaque !== undefined || (this.#replays && entry.open.kind === 'thinking')
  }

  get hasLoose(): boolean {
    return this.#entries.some((_, part) => this.isLoose(part))
  }

  carry(part: number): void {
    const entry = this.#entries[part]
    if (entry !== undefined) entry.isCarried = true
  }

  /** The first of the thoughts that stand in a row up to this part, where it shows nothing; else the part itself. */
  beginOf(part: number): number {
    const isThought = (at: number) => this.#entries[at]?.draft !== undefined
    let first = part
    if (isThought(part) && this.#entries[part]?.length === 0) while (isThought(first - 1)) first--
    return first
  }

  /** All that is kept of the turn, or of these parts of it. */
  kept(from = 0, to = this.#entries.length): Kept {
    const entries = this.#entries.slice(from, to)
    const items: ItemMeta[] = []
    const indexOf = (item: number) => {
      const meta = this.#items[item]
      if (meta === undefined) return undefined
      if (!items.includes(meta)) items.push(meta)
      return items.indexOf(meta)
    }
    const parts = entries.flatMap(entry => keep(entry, indexOf) ?? [])
    return items.length === 0 ? { parts } : { items, parts }
  }

  /** A note for each part whose state is gone: all that travels on no part, or only what a keepsake has no word for. */
  losses(candidate: number, reason: string, isKept: boolean): readonly Note[] {
    return this.#entries.flatMap((entry, part) =>
      this.isLoose(part) && !(isKept && keptKinds.includes(entry.open.kind))
        ? [{ kind: 'dropped', path: `reply.candidates[${candidate}].parts[${part}].opaque`, reason } as const]
        : [],
    )
  }
}

const keptKinds: readonly PartKind[] = ['thinking', 'text', 'tool-call']

function keep(entry: Entry, indexOf: (item: number) => number | undefined): KeptPart | undefined {
  const { open, draft, length, opaque } = entry
  const state = opaque === undefined ? {} : { opaque }
  if (draft !== undefined) {
    const part = draft.part()
    if (part.kind !== 'thinking') return undefined
    const { item: said, ...thought } = part
    const item = said === undefined ? undefined : indexOf(said)
    return { kind: 'thinking', part: { ...thought, ...(item === undefined ? {} : { item }) } }
  }
  if (open.kind === 'text') return { kind: 'text', length, ...state }
  if (open.kind !== 'tool-call') return undefined
  const { id, extra } = open
  return { kind: 'tool-call', id, ...state, ...(extra === undefined ? {} : { extra }) }
}
