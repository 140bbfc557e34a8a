import type { Quirk } from '../../../core/quirk.ts'
import type { Note } from '../../../ir/note.ts'
import { without } from '../../../wire/json.ts'

const ignored = ['echo', 'best_of'] as const

/** Fields that are taken and passed over in silence, so that the answer would be to another question. */
export const noEchoNoBestOf: Quirk = {
  id: 'no-echo-no-best-of',
  reason: 'llama-server b10587 takes echo and best_of of completions and ignores them (its transcripts)',
  request(wire) {
    const asked = ignored.filter(field => {
      const value = wire[field]
      return field === 'echo' ? value === true : typeof value === 'number' && value > 1
    })
    if (asked.length === 0) return { value: wire, notes: [] }
    const notes = asked.map<Note>(field => ({
      kind: 'refused',
      path: field,
      reason: 'this engine takes the field and does not do what it says',
    }))
    return { value: without(wire, new Set(asked)), notes }
  },
}
