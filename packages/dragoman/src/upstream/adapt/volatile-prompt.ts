import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import { volatilePromptLines } from '../../providers/volatile-prompt.ts'
import type { Adapter } from './adaptation.ts'

const without = (text: string): string =>
  volatilePromptLines.reduce((rest, line) => rest.replace(line, ''), text)

/** Parts without the volatile lines; a part that held nothing else is gone. */
function cleaned(parts: readonly Part[]): readonly Part[] {
  return parts.flatMap<Part>(part => {
    if (part.kind !== 'text') return [part]
    const text = without(part.text)
    if (text === part.text) return [part]
    return text === '' ? [] : [{ ...part, text }]
  })
}

const hasVolatile = (parts: readonly Part[] | undefined): boolean =>
  parts?.some(part => part.kind === 'text' && without(part.text) !== part.text) ?? false

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'

/** Takes a client's per-request bookkeeping out of the system prompt: the target's prefix cache would never match. */
export const volatilePrompt: Adapter = request => {
  const found =
    hasVolatile(request.instructions) || request.turns.some(turn => isSystem(turn) && hasVolatile(turn.parts))
  if (!found) return undefined
  return {
    id: 'volatile-prompt',
    request: ({ instructions, turns, ...rest }: GenerateRequest) => ({
      value: {
        ...rest,
        ...(instructions === undefined ? {} : { instructions: cleaned(instructions) }),
        turns: turns.map(turn => (isSystem(turn) ? { ...turn, parts: cleaned(turn.parts) } : turn)),
      },
      notes: [
        {
          kind: 'dropped',
          path: 'instructions',
          reason:
            'A billing line that differs in every request was taken out of the system prompt; it would defeat the prefix cache.',
        },
      ],
    }),
  }
}
