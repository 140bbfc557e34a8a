import { mergeExtra } from '../../ir/extra.ts'
import type { Note, NoteKind } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest, Turn } from '../../ir/request.ts'
import type { FunctionTool } from '../../ir/tool.ts'
import type { Feature } from '../../providers/profile.ts'
import type { Adaptation, AdaptContext, Adapter } from './adaptation.ts'
import { shiftPlaces, withPlaces } from './places.ts'

const isSystem = (turn: Turn): boolean => turn.role === 'system' || turn.role === 'developer'

const said = (text: string): readonly Part[] => [{ kind: 'text', text }]

/** A part that says nothing and carries nothing. */
const isEmpty = (part: Part): boolean => part.kind === 'text' && part.text === '' && part.opaque === undefined

const withTurns =
  (turns: readonly Turn[], notes: readonly Note[]): Adaptation['request'] =>
  rest => ({ value: { ...rest, turns }, notes })

/** A repair of the history for targets that lack a feature: where it is needed first, and the turns as they will be. */
interface Repair {
  readonly id: string
  readonly feature: Feature
  readonly kind: NoteKind
  /** The rest of the note, after why the target does not take the history as it is. */
  readonly what: string
  /** The first turn at fault, -1 for none. */
  find(turns: readonly Turn[]): number
  mend(turns: readonly Turn[]): readonly Turn[]
}

const repairing =
  ({ id, feature, kind, what, find, mend }: Repair): Adapter =>
  ({ turns }, context) => {
    const at = find(turns)
    if (at < 0 || !context.lacks(feature)) return undefined
    const reason = `${context.why(feature)} ${what}`
    return { id, request: withTurns(mend(withPlaces(turns)), [{ kind, path: `turns[${at}]`, reason }]) }
  }

/** Turns that say nothing. */
export const emptyTurns = repairing({
  id: 'empty-turns',
  feature: 'turns.empty',
  kind: 'dropped',
  what: 'What says nothing is left out.',
  find: turns => turns.findIndex(turn => turn.parts.every(isEmpty)),
  mend: turns => turns.filter(turn => !turn.parts.every(isEmpty)),
})

const firstOther = (turns: readonly Turn[]): number => turns.findIndex(turn => !isSystem(turn))

/** System turns behind others: the user says them. */
export const systemInside = repairing({
  id: 'system-inside',
  feature: 'turns.system-inside',
  kind: 'approximated',
  what: 'A system turn between others is said as the user.',
  find: turns => {
    const first = firstOther(turns)
    return first < 0 ? -1 : turns.findIndex((turn, index) => index > first && isSystem(turn))
  },
  mend: turns => {
    const first = firstOther(turns)
    return turns.map((turn, index) => (index > first && isSystem(turn) ? { ...turn, role: 'user' } : turn))
  },
})

/** Whether a turn goes on with what the one before it says. Results of tools are each their own call's. */
function goesOn(turn: Turn, before: Turn | undefined): boolean {
  if (before === undefined || before.role !== turn.role || before.name !== turn.name) return false
  return turn.role === 'user' || turn.role === 'assistant'
}

/** One turn with the parts of both. */
export function joinTurns(before: Turn, turn: Turn): Turn {
  const shift = before.items?.length ?? 0
  const moved = turn.parts.map(part =>
    part.item === undefined ? part : { ...part, item: part.item + shift },
  )
  const items = [...(before.items ?? []), ...(turn.items ?? [])]
  const extra = mergeExtra(before.extra, turn.extra)
  return {
    ...before,
    parts: [...before.parts, ...moved],
    places: [...(before.places ?? []), ...shiftPlaces(turn.places, before.parts.length)],
    ...(items.length === 0 ? {} : { items }),
    ...(extra === undefined ? {} : { extra }),
  }
}

/** Two turns of the user, or of the assistant, in a row: one turn with the parts of both. */
export const sameRole = repairing({
  id: 'same-role',
  feature: 'turns.same-role',
  kind: 'renamed',
  what: 'Turns of one role in a row travel as one.',
  find: turns => turns.findIndex((turn, index) => goesOn(turn, turns[index - 1])),
  mend: turns => {
    const joined: Turn[] = []
    for (const turn of turns) {
      const before = joined.at(-1)
      if (before !== undefined && goesOn(turn, before)) joined[joined.length - 1] = joinTurns(before, turn)
      else joined.push(turn)
    }
    return joined
  },
})

/** A history that begins with the assistant. */
export const assistantFirst = repairing({
  id: 'assistant-first',
  feature: 'turns.assistant-first',
  kind: 'emulated',
  what: 'A turn of the user that says only that is put before it.',
  find: turns => {
    const first = firstOther(turns)
    return turns[first]?.role === 'assistant' ? first : -1
  },
  mend: turns =>
    turns.toSpliced(firstOther(turns), 0, {
      role: 'user',
      parts: said('(The conversation begins with an answer.)'),
    }),
})

/** A user who speaks right after the results of tools. */
export const userAfterResults = repairing({
  id: 'user-after-results',
  feature: 'turns.user-after-results',
  kind: 'emulated',
  what: 'A turn of the assistant that says only that it has them is put between.',
  find: turns => turns.findIndex((turn, index) => turn.role === 'user' && turns[index - 1]?.role === 'tool'),
  mend: turns =>
    turns.flatMap((turn, index): readonly Turn[] =>
      turn.role === 'user' && turns[index - 1]?.role === 'tool'
        ? [{ role: 'assistant', parts: said('I have the results.') }, turn]
        : [turn],
    ),
})

/** Something that its provider ran, or paused at, is no beginning of an answer: sent back, it goes on by itself. */
const isTrace = (part: Part | undefined): boolean => part?.kind === 'hosted-tool' || part?.kind === 'unknown'

/** The beginning of an answer that the model shall go on with: it is asked to. */
export const prefill = repairing({
  id: 'prefill',
  feature: 'turns.prefill',
  kind: 'emulated',
  what: 'The model is asked to go on where the last turn ends; it may begin anew.',
  find: turns => {
    const last = turns.at(-1)
    return last?.role === 'assistant' && !isTrace(last.parts.at(-1)) ? turns.length - 1 : -1
  },
  mend: turns => [
    ...turns,
    {
      role: 'user',
      parts: said('Continue your last message exactly where it ends. Do not repeat any of it.'),
    },
  ],
})

/** Pictures and files in the results of tools: they follow in a turn of the user. */
export const mediaResults = repairing({
  id: 'media-results',
  feature: 'tool-results.media',
  kind: 'approximated',
  what: 'What is no text follows the results in a turn of the user.',
  find: turns => turns.findIndex(turn => turn.parts.some(hasMedia)),
  mend: moveMedia,
})

const isSeen = (part: Part): boolean => part.kind === 'media' && part.source.type !== 'text'
const hasMedia = (part: Part): boolean => part.kind === 'tool-result' && part.parts.some(isSeen)

/** Behind the last of the results that stand in a row: nothing may come between them. */
function moveMedia(turns: readonly Turn[]): readonly Turn[] {
  const moved: Turn[] = []
  let waiting: Part[] = []
  for (const [index, turn] of turns.entries()) {
    const parts = turn.parts.map((part): Part => {
      if (part.kind !== 'tool-result' || !hasMedia(part)) return part
      waiting.push(
        { kind: 'text', text: `Result of the tool call ${part.callId}:` },
        ...part.parts.filter(isSeen),
      )
      const rest = part.parts.filter(inner => !isSeen(inner))
      return {
        ...part,
        parts: rest.length === 0 ? said('The result follows in the next user message.') : rest,
      }
    })
    moved.push({ ...turn, parts })
    if (waiting.length === 0 || turns[index + 1]?.role === 'tool') continue
    moved.push({ role: 'user', parts: waiting })
    waiting = []
  }
  return moved
}

const calledNames = (turns: readonly Turn[]): ReadonlySet<string> =>
  new Set(turns.flatMap(({ parts }) => parts.flatMap(part => (part.kind === 'tool-call' ? [part.name] : []))))

/** Whether tools have to stay in the request because its history calls some. */
export const needsTools = ({ turns }: GenerateRequest, context: AdaptContext): boolean =>
  turns.some(({ parts }) => parts.some(part => part.kind === 'tool-call')) &&
  context.lacks('turns.undeclared-tools')

/** Calls in the history of a request that declares no tools any more: those that were called are declared, not offered. */
export const undeclaredTools: Adapter = (request, context) => {
  if ((request.tools?.length ?? 0) > 0 || !needsTools(request, context)) return undefined
  const tools = [...calledNames(request.turns)].map(
    (name): FunctionTool => ({ kind: 'function', name, parameters: { type: 'object' } }),
  )
  const mayForbid = !context.lacks('tool-choice.none')
  const end = mayForbid ? 'and may not be called.' : 'and could be called.'
  return {
    id: 'undeclared-tools',
    request: rest => ({
      value: { ...rest, tools, ...(mayForbid ? { toolChoice: { mode: 'none' } } : {}) },
      notes: [
        {
          kind: 'emulated',
          path: 'tools',
          reason: `${context.why('turns.undeclared-tools')} The tools that the history calls are declared ${end}`,
        },
      ],
    }),
  }
}
