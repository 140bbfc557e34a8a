import type { EventStream, Source } from '../core/stream.ts'
import type { Event } from '../ir/event.ts'
import { sumUsage, type Usage } from '../ir/usage.ts'

/** One leg and its mailbox of one slot. */
interface Leg {
  readonly stream: EventStream
  slot: readonly Event[] | null | undefined
  isPulling: boolean
  over: boolean
}

/** A tool-call id that no other leg uses; ids of different calls may be the same. Short enough for every wire. */
export const legId = (id: string, leg: number): string => (leg === 0 ? id : `${id.slice(0, 37)}_${leg}`)

/**
 * Several streams of one candidate each as one stream of several candidates. Every leg has one mailbox slot and one
 * read under way; the merged read takes whatever is there. Where a leg fails after content, the others go on to their
 * end; its encoder writes the fault last, in place of a normal end (ruling 2).
 */
export class LegsSource implements Source<Event> {
  readonly #legs: readonly Leg[]
  #wake: (() => void) | undefined
  #started = false
  #ended = false
  readonly #usages: (Usage | undefined)[]

  constructor(streams: readonly EventStream[]) {
    this.#legs = streams.map(stream => ({ stream, slot: undefined, isPulling: false, over: false }))
    this.#usages = streams.map(() => undefined)
  }

  async pull(): Promise<readonly Event[] | null> {
    if (this.#ended) return null
    for (;;) {
      for (const leg of this.#legs) this.#read(leg)
      if (this.#legs.some(leg => leg.slot !== undefined)) break
      if (this.#legs.every(leg => leg.over)) return this.#end()
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    const out: Event[] = []
    for (const [index, leg] of this.#legs.entries()) {
      const { slot } = leg
      if (slot === undefined) continue
      leg.slot = undefined
      if (slot === null) leg.over = true
      else for (const event of slot) this.#take(event, index, out)
    }
    return out
  }

  #read(leg: Leg): void {
    if (leg.isPulling || leg.over || leg.slot !== undefined) return
    leg.isPulling = true
    void leg.stream.pull().then(batch => {
      leg.isPulling = false
      leg.slot = batch
      this.#wake?.()
      this.#wake = undefined
    })
  }

  #take(event: Event, candidate: number, out: Event[]): void {
    switch (event.type) {
      case 'start':
        if (!this.#started) out.push(event)
        this.#started = true
        return
      case 'usage':
        this.#usages[candidate] = event.usage
        return
      case 'end':
        return
      case 'fault':
        out.push({ type: 'fault', fault: event.fault, candidate })
        return
      case 'note':
        out.push(event)
        return
      case 'part-start':
        out.push({
          ...event,
          candidate,
          open:
            event.open.kind === 'tool-call'
              ? { ...event.open, id: legId(event.open.id, candidate) }
              : event.open,
        })
        return
      default:
        out.push({ ...event, candidate })
    }
  }

  /** All legs are over: their usage as one, then the end. */
  #end(): readonly Event[] {
    this.#ended = true
    const usage = sumUsage(this.#usages.flatMap(one => one ?? []))
    return usage === undefined ? [{ type: 'end' }] : [{ type: 'usage', usage }, { type: 'end' }]
  }

  dispose(): void {
    this.#ended = true
    for (const leg of this.#legs) leg.stream.dispose('cancelled')
    this.#wake?.()
    this.#wake = undefined
  }
}
