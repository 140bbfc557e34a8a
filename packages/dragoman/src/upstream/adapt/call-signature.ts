import type { Part } from '../../ir/part.ts'
import type { Turn } from '../../ir/request.ts'
import type { Adapter } from './adaptation.ts'

/** The first call of a turn, where no signature of the target's own stands on it. */
function unsigned(turn: Turn): Part | undefined {
  if (turn.role !== 'assistant') return undefined
  const first = turn.parts.find(part => part.kind === 'tool-call')
  return first?.opaque === undefined ? first : undefined
}

/**
 * Calls that another model made, for a target that wants its own signature on the first call of every turn: they get
 * what the provider documents to stand for a missing one. It claims nothing; no signature is ever made up (law 5).
 */
export const callSignature: Adapter = ({ turns }, { facts, isCrossing }) => {
  const { callPlaceholder } = facts
  if (callPlaceholder === undefined || !isCrossing) return undefined
  const at = turns.findIndex(turn => unsigned(turn) !== undefined)
  if (at < 0) return undefined
  const sign = (turn: Turn): Turn => {
    const first = unsigned(turn)
    if (first === undefined) return turn
    return {
      ...turn,
      parts: turn.parts.map(part => (part === first ? { ...part, opaque: callPlaceholder } : part)),
    }
  }
  return {
    id: 'call-signature',
    request: rest => ({
      value: { ...rest, turns: rest.turns.map(sign) },
      notes: [
        {
          kind: 'emulated',
          path: `turns[${at}]`,
          reason:
            'Calls without a signature of this provider are sent with the placeholder that it documents for calls of another model.',
        },
      ],
    }),
  }
}
