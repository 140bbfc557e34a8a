import type { Event, FinishEvent, PartEndEvent, PartStartEvent } from '../ir/event.ts'
import type { DialectId } from '../ir/extra.ts'
import { foldEvents } from '../ir/fold.ts'
import type { Note } from '../ir/note.ts'
import type { Opaque } from '../ir/opaque.ts'
import type { Part } from '../ir/part.ts'
import type { Reply } from '../ir/reply.ts'
import { unfold } from '../ir/unfold.ts'
import { type Carrier, carrierOf, signsCalls, turnCarrier } from './carriers.ts'
import { callIdOf, handleOf } from './handle.ts'
import type { Kept } from './keepsake.ts'
import { TurnRecord } from './turn-record.ts'

/** One answer whose state is taken into custody. */
export interface Keeping {
  /** The dialect the answer came in, and the one its caller speaks. */
  readonly from: DialectId
  readonly to: DialectId
  /** The target wants the reasoning of turns with calls back, signed or not. */
  readonly replays: boolean
  readonly callId: string
  /** Which of several upstream calls for one call this is. */
  readonly leg: number | undefined
  seal(kept: Kept): Promise<string>
  /** Keeps a sealed state under a handle; false where the store cannot. */
  put(handle: string, state: string): Promise<boolean>
}

type Out = (Event | Promise<readonly Event[]>)[]

/**
 * Passes the events of one answer on to its caller, with opaque state replaced by what that caller's dialect can carry:
 * an envelope where it has a field for it, a handle in the ids of calls where it has none. A batch is waited for only
 * where something has to be sealed.
 */
export class Keeper {
  readonly #keeping: Keeping
  readonly #carrier: Carrier
  /** Both sides speak one dialect: its own fields carry its state, and only what they lose is kept here. */
  readonly #isOwn: boolean
  readonly #turns = new Map<number, TurnRecord>()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
    this.#isOwn = keeping.from === keeping.to
    this.#carrier = carrierOf(keeping.to)
  }

  take(events: readonly Event[]): readonly Event[] | Promise<readonly Event[]> {
    const out: Out = []
    for (const event of events) this.#push(event, out)
    const isReady = (entry: Out[number]): entry is Event => !(entry instanceof Promise)
    return out.every(isReady) ? out : Promise.all(out).then(entries => entries.flat())
  }

  /** A whole answer, by the same rules; `tell` hears what could not be kept. */
  async reply(reply: Reply, tell: (note: Note) => void): Promise<Reply> {
    if (!this.#holdsState(reply)) return reply
    const events = await this.take(unfold(reply))
    for (const event of events) if (event.type === 'note') tell(event.note)
    return foldEvents(events)
  }

  #holdsState({ candidates }: Reply): boolean {
    return candidates.some(({ parts }) =>
      parts.some(
        (part, index) =>
          part.opaque !== undefined ||
          repeatsEarlier(part, parts.slice(0, index)) ||
          (part.kind === 'tool-call' && signsCalls(this.#keeping.from)) ||
          (part.kind === 'thinking' && this.#keeping.replays),
      ),
    )
  }

  #push(event: Event, out: Out): void {
    switch (event.type) {
      case 'item-start':
      case 'item-end':
        this.#turn(event.candidate).item(event.item, event.meta)
        out.push(event)
        break
      case 'part-start':
        this.#start(event, out)
        break
      case 'part-delta': {
        this.#turn(event.candidate).append(event)
        if (event.opaque === undefined || this.#isOwn) {
          out.push(event)
          break
        }
        const { opaque: _, ...rest } = event
        // What said nothing else is no event any more.
        if (Object.keys(rest).length > 3) out.push(rest)
        break
      }
      case 'part-end':
        this.#end(event, out)
        break
      case 'finish':
        this.#finish(event, out)
        break
      default:
        out.push(event)
    }
  }

  #turn(candidate: number): TurnRecord {
    let turn = this.#turns.get(candidate)
    if (turn === undefined) {
      turn = new TurnRecord(this.#keeping.replays)
      this.#turns.set(candidate, turn)
    }
    return turn
  }

  #start({ candidate, part, open }: PartStartEvent, out: Out): void {
    const turn = this.#turn(candidate)
    const number = turn.calls
    turn.start(part, open)
    const named = this.#named(open, turn, candidate, number)
    const { opaque, ...bare } = named
    const shown: Part = this.#isOwn ? named : bare
    const { hidden } = this.#carrier
    if (this.#isOwn || hidden === undefined || opaque?.form !== 'redacted') {
      out.push({ type: 'part-start', candidate, part, open: shown })
      return
    }
    // Nothing of it is ever shown, so it is complete as it opens.
    turn.carry(part)
    out.push(
      this.#envelope(turn.kept(part, part + 1), hidden).then(sealed => [
        { type: 'part-start', candidate, part, open: { ...bare, opaque: sealed } },
      ]),
    )
  }

  /** A call under the name that its turn's state needs, or that tells it from another call of the turn. */
  #named(open: Part, turn: TurnRecord, candidate: number, number: number): Part {
    if (open.kind !== 'tool-call') return open
    const carriesCalls = !this.#isOwn && this.#carrier.parts['tool-call'] !== undefined
    const isNeeded = turn.handle !== undefined || signsCalls(this.#keeping.from) || turn.hasLoose
    if (carriesCalls || !isNeeded)
      return turn.repeats(open.id) ? { ...open, id: `${open.id}_${number}` } : open
    turn.handle ??= handleOf(this.#keeping.callId, this.#keeping.leg ?? candidate)
    return { ...open, id: callIdOf(turn.handle, number) }
  }

  #end(event: PartEndEvent, out: Out): void {
    const { candidate, part, close } = event
    const turn = this.#turn(candidate)
    const kind = turn.end(part, close)
    const form = kind === undefined || this.#isOwn ? undefined : this.#carrier.parts[kind]
    const isBare = close?.opaque === undefined || this.#isOwn
    const { opaque: _, ...bare } = close ?? { opaque: undefined }
    const end = isBare ? event : { ...event, close: bare as Part } // the part it was, without its state
    if (form !== undefined && turn.isLoose(part)) {
      turn.carry(part)
      const first = this.#carrier.slips ? turn.beginOf(part) : part
      out.push(
        this.#envelope(turn.kept(first, part + 1), form).then(opaque => [
          { type: 'part-delta', candidate, part, opaque },
          end,
        ]),
      )
    } else out.push(end)
  }

  async #envelope(kept: Kept, form: Opaque['form']): Promise<Opaque> {
    return { form, data: await this.#keeping.seal(kept), dialect: this.#keeping.to }
  }

  /** The turn is whole: what it has not given away yet goes into the store or beside the message. */
  #finish(event: FinishEvent, out: Out): void {
    const turn = this.#turn(event.candidate)
    const hasList = this.#carrier.turn === true && !this.#isOwn && turn.hasLoose
    if (turn.handle === undefined && !hasList) {
      if (!this.#isOwn)
        for (const note of turn.losses(event.candidate, noPlace, false)) out.push({ type: 'note', note })
      out.push(event)
      return
    }
    out.push(this.#keepTurn(turn, event, hasList))
  }

  async #keepTurn(turn: TurnRecord, event: FinishEvent, hasList: boolean): Promise<readonly Event[]> {
    const { candidate } = event
    const sealed = await this.#keeping.seal(turn.kept())
    const isKept = turn.handle !== undefined && (await this.#keeping.put(turn.handle, sealed))
    const lost = turn.losses(candidate, hasList || isKept ? noPlace : notKept, hasList || isKept)
    const before: Event[] = lost.map(note => ({ type: 'note', note }))
    if (hasList) {
      const part = turn.count
      before.push({ type: 'part-start', candidate, part, open: { kind: 'thinking', text: '' } })
      before.push({ type: 'part-end', candidate, part, close: turnCarrier(sealed) })
    }
    return [...before, event]
  }
}

const repeatsEarlier = (part: Part, before: readonly Part[]): boolean =>
  part.kind === 'tool-call' && before.some(other => other.kind === 'tool-call' && other.id === part.id)

const noPlace =
  'State that only its provider can read has no place in this dialect; it will be missing when this turn is sent back.'
const notKept =
  'State that only its provider can read could not be stored; it will be missing when this turn is sent back.'
