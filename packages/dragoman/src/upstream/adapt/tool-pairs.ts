import type { Note } from '../../ir/note.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../../ir/part.ts'
import type { GenerateRequest, Turn, TurnPlace } from '../../ir/request.ts'
import type { Adapter } from './adaptation.ts'
import { withPlaces } from './places.ts'
import { joinTurns } from './turns.ts'

const callsOf = (turn: Turn): readonly ToolCallPart[] =>
  turn.role === 'assistant' ? turn.parts.filter(part => part.kind === 'tool-call') : []

const resultsOf = (turn: Turn): readonly ToolResultPart[] =>
  turn.parts.filter(part => part.kind === 'tool-result')

/** Whether each call is answered once, right behind its turn, and nothing else is answered: what every wire demands. */
function isPaired(turns: readonly Turn[]): boolean {
  let open = new Set<string>()
  for (const turn of turns) {
    const results = resultsOf(turn)
    if (results.length === 0 && open.size > 0) return false
    for (const { callId } of results) if (!open.delete(callId)) return false
    const calls = callsOf(turn)
    if (calls.length === 0) continue
    if (open.size > 0) return false
    open = new Set(calls.map(call => call.id))
    if (open.size < calls.length) return false
  }
  return open.size === 0
}

/** Where a call or a result stands. */
type Place = `${number}/${number}`

const placeOf = (turn: number, position: number): Place => `${turn}/${position}`

interface Answer {
  readonly turn: number
  readonly place: Place
  readonly result: ToolResultPart
}

/**
 * The result of each call, by the call's place: the first one of its id behind it, before another turn takes the same
 * id. Some clients number calls anew in every turn, so an id alone does not tell which call is meant.
 */
function matchResults(turns: readonly Turn[]): ReadonlyMap<Place, Answer> {
  const matched = new Map<Place, Answer>()
  const waiting = new Map<string, { readonly turn: number; readonly places: Place[] }>()
  for (const [turn, each] of turns.entries()) {
    for (const [position, result] of resultsOf(each).entries()) {
      const call = waiting.get(result.callId)?.places.shift()
      if (call !== undefined) matched.set(call, { turn, place: placeOf(turn, position), result })
    }
    for (const [position, call] of callsOf(each).entries()) {
      const known = waiting.get(call.id)
      if (known?.turn === turn) known.places.push(placeOf(turn, position))
      else waiting.set(call.id, { turn, places: [placeOf(turn, position)] })
    }
  }
  return matched
}

/** A turn and where it stood before others joined it. */
interface Step {
  readonly turn: Turn
  readonly at: number
}

/** Calls made in several turns in a row are one step: some clients keep every piece of a stream as a turn. */
function joinSteps(turns: readonly Turn[], notes: Note[]): readonly Step[] {
  const steps: Step[] = []
  for (const [at, turn] of turns.entries()) {
    const before = steps.at(-1)
    if (before === undefined || turn.role !== 'assistant' || callsOf(before.turn).length === 0) {
      steps.push({ turn, at })
      continue
    }
    const reason = 'Turns of the assistant in a row that call tools travel as one.'
    notes.push({ kind: 'renamed', path: `turns[${at}]`, reason })
    steps[steps.length - 1] = { turn: joinTurns(before.turn, turn), at: before.at }
  }
  return steps
}

const missing = 'No result was given for this call.'
const orphaned = 'The result of a tool call that is no longer part of this conversation:'

/** What the history of a tool loop needed. */
class Pairing {
  readonly notes: Note[] = []
  readonly #turns: readonly Turn[]
  /** Where each of them stood. */
  readonly #origins: readonly number[]
  readonly #matched: ReadonlyMap<Place, Answer>
  readonly #used: ReadonlySet<Place>

  constructor(turns: readonly Turn[]) {
    const steps = joinSteps(withPlaces(turns), this.notes)
    this.#turns = steps.map(({ turn }) => turn)
    this.#origins = steps.map(({ at }) => at)
    this.#matched = matchResults(this.#turns)
    this.#used = new Set([...this.#matched.values()].map(({ place }) => place))
  }

  paired(): readonly Turn[] {
    return this.#turns.flatMap((turn, index) => {
      const calls = callsOf(turn)
      if (calls.length > 0) return this.#withResults(turn, calls, index)
      return resultsOf(turn).length > 0 ? this.#withoutResults(turn, index) : [turn]
    })
  }

  /** A turn and the results of its calls; calls that share an id are told apart by their number. */
  #withResults(turn: Turn, calls: readonly ToolCallPart[], index: number): readonly Turn[] {
    const results = this.#answer(calls, index)
    const ids = calls.map(({ id }, number) =>
      calls.findIndex(call => call.id === id) < number ? `${id}_${number}` : id,
    )
    if (ids.every((id, number) => id === calls[number]?.id)) return [turn, results]
    this.notes.push({
      kind: 'renamed',
      path: this.#pathOf(index),
      reason: 'Calls that share an id are told apart.',
    })
    let number = 0
    const parts = turn.parts.map(part =>
      part.kind === 'tool-call' ? { ...part, id: ids[number++] ?? part.id } : part,
    )
    const told = results.parts.map((part, at) =>
      part.kind === 'tool-result' ? { ...part, callId: ids[at] ?? part.callId } : part,
    )
    return [
      { ...turn, parts },
      { ...results, parts: told },
    ]
  }

  /** The results of one turn's calls, in the order of the calls. */
  #answer(calls: readonly ToolCallPart[], index: number): Turn {
    /** Results may stand in several turns, as long as nothing else stands between. */
    const until = this.#turns.findIndex((turn, at) => at > index && resultsOf(turn).length === 0)
    const answers = calls.map((_, position) => this.#matched.get(placeOf(index, position)))
    const parts = calls.map((call, position) => {
      const answer = answers[position]
      if (answer === undefined) return this.#standIn(call, index)
      if (until >= 0 && answer.turn > until) {
        this.#note(answer.turn, 'The result of a tool call was moved right behind the turn that called.')
      }
      return answer.result
    })
    const told = this.#turns[answers[0]?.turn ?? -1]
    const places = answers.flatMap((answer, from) => this.#placesOf(answer, from))
    return told?.role === 'tool' && calls.length === 1
      ? { ...told, parts, places }
      : { role: 'tool', parts, places }
  }

  /** Where the caller put a result. */
  #placesOf(answer: Answer | undefined, from: number): readonly TurnPlace[] {
    const turn = answer === undefined ? undefined : this.#turns[answer.turn]
    const place = turn?.places?.at(-1)
    if (answer === undefined || turn === undefined || place === undefined) return []
    return [{ turn: place.turn, from, at: turn.parts.indexOf(answer.result) }]
  }

  #standIn(call: ToolCallPart, index: number): ToolResultPart {
    this.#note(index, 'A tool call has no result in this history; one that says so stands in for it.')
    const parts: readonly Part[] = [{ kind: 'text', text: missing }]
    return { kind: 'tool-result', type: call.type, callId: call.id, parts, isError: true }
  }

  /** What is left of a turn when its results stand behind their calls; a result without a call is what the user says. */
  #withoutResults(turn: Turn, index: number): readonly Turn[] {
    const rest = turn.parts.filter(part => part.kind !== 'tool-result')
    const orphans = resultsOf(turn).filter((_, position) => !this.#used.has(placeOf(index, position)))
    if (orphans.length > 0) {
      this.#note(index, 'A tool result without its call in this history is told as what the user says.')
    }
    const said = orphans.flatMap(({ parts }): readonly Part[] => [{ kind: 'text', text: orphaned }, ...parts])
    const parts = [...said, ...rest]
    return parts.length === 0 ? [] : [{ ...turn, role: 'user', parts }]
  }

  #note(index: number, reason: string): void {
    this.notes.push({ kind: 'approximated', path: this.#pathOf(index), reason })
  }

  #pathOf(index: number): string {
    return `turns[${this.#origins[index] ?? index}]`
  }
}

/**
 * Calls and results in pairs, as all wires want them: clients that cut old turns off leave results without calls, those
 * that were interrupted leave calls without results. Within one dialect the caller's history is the caller's word.
 */
export const toolPairs: Adapter = (request, context) => {
  if (!context.isCrossing || isPaired(request.turns)) return undefined
  return {
    id: 'tool-pairs',
    request: (rest: GenerateRequest) => {
      const pairing = new Pairing(rest.turns)
      const turns = pairing.paired()
      return { value: { ...rest, turns }, notes: pairing.notes }
    },
  }
}
