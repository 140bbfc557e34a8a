/** What ids look like that stand in for missing ones; nobody but this dialect makes them. */
const derived = /^call_anon_[0-9a-f]{16}$/

/**
 * An id for a call that came without one, as most of this wire do: the same call at the same place always gets the same
 * id, so a history that is sent again keeps its prefix and a result still finds its call (DESIGN, ruling 9).
 */
function deriveCallId(...parts: readonly (string | number)[]): string {
  const text = parts.map(part => `${String(part).length}:${part}`).join('|')
  return `call_anon_${hash(text, 0x811c9dc5)}${hash(text, 0x2545f491)}`
}

/** Makes the id of the next call that has none, of its name and, where they are known by then, its arguments. */
export type DeriveId = (name: string, written: string) => string

/** In an answer, whose arguments may still be on their way: by the answer and how many calls came before. */
export function idsInReply(answer: string, candidate: number): DeriveId {
  let calls = 0
  return name => deriveCallId('reply', answer, candidate, calls++, name)
}

/** In a request's history: by the turn, the calls before it, and all it says. */
export function idsInTurn(turn: number): DeriveId {
  let calls = 0
  return (name, written) => deriveCallId('turn', turn, calls++, name, written)
}

/** Whether this id was made here, so that the wire it came from never saw it and shall not see it now (card 5.1). */
export function isDerived(id: string): boolean {
  return derived.test(id)
}

/** FNV-1a over UTF-16 code units with a final mix: it has to spread, not to resist. */
function hash(text: string, seed: number): string {
  let state = seed
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0).toString(16).padStart(8, '0')
}

interface Waiting {
  readonly id: string
  readonly name: string
}

/** The calls of a history that wait for their result: results of this wire may name only the function. */
export class WaitingCalls {
  private readonly waiting: Waiting[] = []
  private orphans = 0

  add(call: Waiting): void {
    this.waiting.push({ id: call.id, name: call.name })
  }

  /** The id of the call that this result answers: its own, else that of the first waiting call of the name. */
  answer(name: string, id: string | undefined): string {
    const found = this.waiting.findIndex(call => (id === undefined ? call.name === name : call.id === id))
    const [call] = found < 0 ? [] : this.waiting.splice(found, 1)
    return id ?? call?.id ?? deriveCallId('result', this.orphans++, name)
  }
}
