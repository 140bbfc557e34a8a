import type { Note } from '../../ir/note.ts'
import type { Turn, TurnPlace } from '../../ir/request.ts'

/** Turns that remember where the caller put them, for whoever takes some out, joins them or puts others in. */
export const withPlaces = (turns: readonly Turn[]): readonly Turn[] =>
  turns.map((turn, index) =>
    turn.places === undefined ? { ...turn, places: [{ turn: index, from: 0, at: 0 }] } : turn,
  )

/** The places of parts that follow `shift` others in a turn that was joined. */
export const shiftPlaces = (places: readonly TurnPlace[] | undefined, shift: number): readonly TurnPlace[] =>
  (places ?? []).map(place => ({ ...place, from: place.from + shift }))

/** The caller's turn and part for those here; of a turn that was put in, the turn that it stands behind. */
function callersPath(turns: readonly Turn[], index: number, part: number | undefined): string {
  const own = turns[index]?.places?.findLast(place => place.from <= (part ?? 0))
  if (own !== undefined) {
    return part === undefined ? `turns[${own.turn}]` : `turns[${own.turn}].parts[${own.at + part - own.from}]`
  }
  const before = turns.slice(0, index).findLast(turn => turn.places !== undefined)
  return `turns[${before?.places?.at(-1)?.turn ?? 0}]`
}

/** Notes on these turns with the places that the caller knows. */
export function inCallersPlaces(notes: readonly Note[], turns: readonly Turn[]): readonly Note[] {
  if (notes.length === 0 || turns.every(turn => turn.places === undefined)) return notes
  return notes.map(note => ({
    ...note,
    path: note.path.replace(
      /^turns\[(\d+)\](?:\.parts\[(\d+)\])?/,
      (_, index: string, part: string | undefined) =>
        callersPath(turns, Number(index), part === undefined ? undefined : Number(part)),
    ),
  }))
}
