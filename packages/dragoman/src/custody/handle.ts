/**
 * A name for state that the store keeps, in the one place every client sends back: the id of a tool call. The calls of a
 * turn share the turn's handle and are told apart by their number. At most 37 characters of `[A-Za-z0-9_-]`: every wire
 * that has no rule of its own takes 40, and the leg of a fan-out adds its number behind.
 */
const pattern = /^(dgm_[A-Za-z0-9]{1,24}_\d{1,3})_(\d{1,3})(?:_\d{1,3})?$/

/** The handle of a turn: the call's own unguessable id, and which of its answers. The same answer gets the same one. */
export const handleOf = (callId: string, answer: number): string => `dgm_${callId.slice(0, 24)}_${answer}`

export const callIdOf = (handle: string, number: number): string => `${handle}_${number}`

/** The handle in the id of a call, and the number of the call in its turn. */
export function parseCallId(id: string): { readonly handle: string; readonly number: number } | undefined {
  // Almost every id is somebody else's.
  if (!id.startsWith('dgm_')) return undefined
  const [, handle, number] = pattern.exec(id) ?? []
  return handle === undefined ? undefined : { handle, number: Number(number) }
}
