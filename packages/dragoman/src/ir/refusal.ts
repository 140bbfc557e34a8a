import type { Part, RefusalPart } from './part.ts'
import type { Finish } from './reply.ts'

/**
 * The refusal of an answer that says so only by how it ends, as a part. Some wires refuse in words of the answer, others
 * tell why they ended it; a wire of the first kind has no other place for the reason.
 */
export function unspokenRefusal(finish: Finish, said: readonly Part['kind'][]): RefusalPart | undefined {
  const { reason, explanation = '' } = finish
  const isTold = reason === 'content-filter' && explanation !== '' && !said.includes('refusal')
  return isTold ? { kind: 'refusal', text: explanation } : undefined
}
