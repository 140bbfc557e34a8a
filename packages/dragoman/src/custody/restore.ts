import type { Encoded, Note } from '../ir/note.ts'
import type { Origin } from '../ir/opaque.ts'
import type { ItemMeta, Part, ThinkingPart } from '../ir/part.ts'
import type { GenerateRequest, Turn } from '../ir/request.ts'
import { bareThought, turnEnvelopes } from './carriers.ts'
import { handleOfTurn } from './claims.ts'
import { parseCallId } from './handle.ts'
import { holdsState, isSameOrigin, type Keepsake, type KeptPart } from './keepsake.ts'
import { isEnvelope } from './keyring.ts'
import { rebuildParts } from './rebuild.ts'

/** What was found behind the claims of a history; absent: nothing that this gateway made for this tenant. */
export interface Opened {
  readonly envelopes: ReadonlyMap<string, Keepsake>
  readonly handles: ReadonlyMap<string, Keepsake>
}

const reasons = {
  unknown:
    'This state was not sealed by this gateway for you, was changed on the way, or its key is gone: it was left out.',
  gone: 'What its provider said beside these calls is no longer kept here: it was left out.',
  foreign: 'This state belongs to another provider, account or model: it was left out.',
} as const

type Why = keyof typeof reasons

/** What was left out, a note for each reason: histories are long, and the same thing happens in every turn of them. */
class Losses {
  readonly #found = new Map<Why, { readonly path: string; more: number }>()

  add(why: Why, path: string): void {
    const known = this.#found.get(why)
    if (known === undefined) this.#found.set(why, { path, more: 0 })
    else known.more++
  }

  get notes(): readonly Note[] {
    return [...this.#found].map(([why, { path, more }]) => ({
      kind: 'dropped',
      path,
      reason: more === 0 ? reasons[why] : `${reasons[why]} So were ${more} more in this history.`,
    }))
  }
}

/**
 * Puts back what was taken into custody, turn by turn over the whole history: thoughts and signatures on the parts they
 * came on, and the ids that calls had at their provider. What may not go to `to` is left out with a note.
 */
export function restore(request: GenerateRequest, opened: Opened, to: Origin): Encoded<GenerateRequest> {
  const losses = new Losses()
  const names = new Map<string, string>()
  const turns = request.turns.map((turn, index) => {
    if (turn.role !== 'assistant') return turn
    return new TurnRestoring(turn, `turns[${index}]`, { opened, to, losses, names }).restored()
  })
  const clear = onlyUnambiguous(names)
  const named = clear.size === 0 ? turns : turns.map(turn => rename(turn, clear))
  return { value: { ...request, turns: named }, notes: losses.notes }
}

/** An id that a provider gave to several calls would join their results: those calls keep the names they have here. */
function onlyUnambiguous(names: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const counts = new Map<string, number>()
  for (const id of names.values()) counts.set(id, (counts.get(id) ?? 0) + 1)
  return new Map([...names].filter(([, id]) => counts.get(id) === 1))
}

function rename(turn: Turn, names: ReadonlyMap<string, string>): Turn {
  const parts = turn.parts.map((part): Part => {
    if (part.kind === 'tool-call') return { ...part, id: names.get(part.id) ?? part.id }
    return part.kind === 'tool-result' ? { ...part, callId: names.get(part.callId) ?? part.callId } : part
  })
  return { ...turn, parts }
}

interface Restoring {
  readonly opened: Opened
  readonly to: Origin
  readonly losses: Losses
  /** Ids as the caller knows them, with those of the provider. */
  readonly names: Map<string, string>
}

class TurnRestoring {
  readonly #turn: Turn
  readonly #path: string
  readonly #restoring: Restoring
  readonly #items: ItemMeta[]
  /** This turn was said by somebody else than who is asked now. */
  #isForeign = false

  constructor(turn: Turn, path: string, restoring: Restoring) {
    this.#turn = turn
    this.#path = path
    this.#restoring = restoring
    this.#items = [...(turn.items ?? [])]
  }

  restored(): Turn {
    const whole = this.#wholeTurn()
    const parts: Part[] = []
    for (const [index, part] of this.#turn.parts.entries()) {
      for (const restored of this.#part(part, index)) {
        if (restored.kind === 'thinking' && restored !== part) dropPieces(parts, restored)
        parts.push(restored)
      }
    }
    const built = whole === undefined ? parts : rebuildParts(parts, this.#placed(whole))
    const items = this.#items.length === 0 ? {} : { items: this.#items }
    return { ...this.#turn, parts: built, ...items }
  }

  #drop(why: Why, path: string): void {
    this.#restoring.losses.add(why, path)
  }

  /** What was kept of the turn as a whole, of the right origin: beside the message, or in the store. */
  #wholeTurn(): Keepsake | undefined {
    const { opened, to } = this.#restoring
    const envelopes = this.#turn.parts.flatMap(part => (part.kind === 'thinking' ? turnEnvelopes(part) : []))
    const sealed = envelopes.flatMap(envelope => opened.envelopes.get(envelope) ?? [])[0]
    const handle = handleOfTurn(this.#turn)
    const found = sealed ?? (handle === undefined ? undefined : opened.handles.get(handle))
    if (found === undefined) {
      if (envelopes.length > 0) this.#drop('unknown', this.#path)
      else if (handle !== undefined) this.#drop('gone', this.#path)
      return undefined
    }
    if (!isSameOrigin(found.origin, to)) {
      this.#isForeign = true
      if (holdsState(found)) this.#drop('foreign', this.#path)
      return undefined
    }
    this.#nameCalls(found)
    return found
  }

  #nameCalls(keepsake: Keepsake): void {
    const kept = keepsake.parts.filter(part => part.kind === 'tool-call')
    for (const part of this.#turn.parts) {
      const number = part.kind === 'tool-call' ? parseCallId(part.id)?.number : undefined
      const id = number === undefined ? undefined : kept[number]?.id
      if (part.kind === 'tool-call' && id !== undefined && id !== '') this.#restoring.names.set(part.id, id)
    }
  }

  /** A part as its own envelope says it was. Where the turn is put together as a whole, its thoughts come from there. */
  #part(part: Part, index: number): readonly Part[] {
    if (part.opaque === undefined || !isEnvelope(part.opaque.data)) {
      const isForeign = part.kind === 'thinking' && (this.#isForeign || turnEnvelopes(part).length > 0)
      return listed(isForeign ? bareThought(part) : part)
    }
    const { opaque, ...rest } = part
    const found = this.#restoring.opened.envelopes.get(opaque.data)
    const [kept] = found?.parts ?? []
    const isMine = found !== undefined && isSameOrigin(found.origin, this.#restoring.to)
    if (found === undefined || kept === undefined || !isMine) {
      if (!this.#isForeign)
        this.#drop(found === undefined ? 'unknown' : 'foreign', `${this.#path}.parts[${index}].opaque`)
      const bare = rest as Part // a part without its state is one
      return listed(bare.kind === 'thinking' ? bareThought(bare) : bare)
    }
    const placed = this.#placed(found).parts
    if (kept.kind === 'thinking') return placed.flatMap(only => (only.kind === 'thinking' ? [only.part] : []))
    const [only] = placed
    const state = only === undefined || only.kind === 'thinking' ? undefined : only.opaque
    return [state === undefined ? (rest as Part) : ({ ...rest, opaque: state } as Part)] // as above
  }

  /** The keepsake with its thoughts in items of this turn, and its state with its origin. */
  #placed(keepsake: Keepsake): Keepsake {
    const first = this.#items.length
    this.#items.push(...(keepsake.items ?? []))
    return { ...keepsake, parts: keepsake.parts.map(kept => placePart(kept, keepsake.origin, first)) }
  }
}

function placePart(kept: KeptPart, origin: Origin, firstItem: number): KeptPart {
  if (kept.kind !== 'thinking') {
    return kept.opaque === undefined ? kept : { ...kept, opaque: { ...kept.opaque, origin } }
  }
  const { item, opaque, ...thought } = kept.part
  const part: ThinkingPart = {
    ...thought,
    ...(item === undefined ? {} : { item: firstItem + item }),
    ...(opaque === undefined ? {} : { opaque: { ...opaque, origin } }),
  }
  return { kind: 'thinking', part }
}

const listed = (part: Part | undefined): readonly Part[] => (part === undefined ? [] : [part])

/**
 * Takes away what stands for a thought already: the same thought, restored from an envelope before it, and the pieces of
 * it that a stream showed before its state came, which some clients keep as parts.
 */
function dropPieces(before: Part[], thought: ThinkingPart): void {
  const same = before.findLastIndex(
    part =>
      part.kind === 'thinking' && part.opaque !== undefined && part.opaque.data === thought.opaque?.data,
  )
  if (same >= 0) before.splice(same, 1)
  let rest = thought.text === '' ? (thought.summary ?? []).join('\n\n') : thought.text
  for (
    let last = before.at(-1);
    last?.kind === 'thinking' && last.opaque === undefined;
    last = before.at(-1)
  ) {
    if (last.text === '' || !rest.endsWith(last.text)) return
    rest = rest.slice(0, -last.text.length)
    before.pop()
  }
}
