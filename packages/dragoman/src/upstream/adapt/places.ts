import type { Note } from '../../ir/note.ts'
import type { Turn } from '../../ir/request.ts'

/** Turns that remember where the caller put them, for whoever takes some out or puts others in. */
export const withPlaces = (turns: readonly Turn[]): readonly Turn[] =>
  turns.map((turn, index) => (turn.place === undefined ? { ...turn, place: index } : turn))

/** The caller's turn that this one is; for one that was put in, the turn that it stands behind. */
function placeAt(turns: readonly Turn[], index: number): number {
  for (let at = index; at >= 0; at--) {
    const place = turns[at]?.place
    if (place !== undefined) return place
  }
  return 0
}

/** Notes on these turns with the places that the caller knows. */
export function inCallersPlaces(notes: readonly Note[], turns: readonly Turn[]): readonly Note[] {
  if (notes.length === 0 || turns.every(turn => turn.place === undefined)) return notes
  return notes.map(note => ({
    ...note,
    path: note.path.replace(
      /^turns\[(\d+)\]/,
      (_, index: string) => `turns[${placeAt(turns, Number(index))}]`,
    ),
  }))
}
