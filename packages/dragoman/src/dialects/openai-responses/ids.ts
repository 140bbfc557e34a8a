import type { NoteLog } from '../../core/codec/notes.ts'
import type { Render } from '../../core/dialect.ts'

/** Where the ids of an answer come from. */
export interface AnswerIds {
  /** `known` is the id the item came with; the prefix tells its kind, as the server's do. */
  item(prefix: string, known: string | undefined): string
  call(known: string, path: string): string
}

/**
 * The ids of one answer: those of this wire's items are kept while they are unique, others count from the call's id.
 * Calls without an id, or with one that stood before, get one of ours: clients match results by it.
 */
export function createIds(render: Render, keepsItems: boolean, notes: NoteLog): AnswerIds {
  const items = new Set<string>()
  const calls = new Set<string>()
  const make = (prefix: string, used: ReadonlySet<string>): string => {
    let count = used.size
    // An upstream may be a gateway like this one, with ids that look like ours.
    while (used.has(`${prefix}_${render.id}_${count}`)) count++
    return `${prefix}_${render.id}_${count}`
  }
  return {
    item: (prefix, known) => {
      const id = keepsItems && known && !items.has(known) ? known : make(prefix, items)
      items.add(id)
      return id
    },
    call: (known, path) => {
      const isGood = known !== '' && !calls.has(known)
      const id = isGood ? known : make('call', calls)
      if (!isGood) notes.add('renamed', `${path}.id`, 'the id of the call was empty or stood before')
      calls.add(id)
      return id
    },
  }
}
