import type { Segment } from '../../core/state-store.ts'
import type { Event, PartDeltaEvent } from '../../ir/event.ts'

/**
 * Texts appended to one part, one after the other: most of any answer, and written without saying each time what they
 * are, so that a row has a tenth of the size.
 */
type Run = readonly [candidate: number, part: number, ...texts: string[]]

const plainKeys = 4

/** A delta of text and nothing else. */
const isPlain = (event: Event): event is PartDeltaEvent & { readonly text: string } => {
  if (event.type !== 'part-delta' || event.text === undefined) return false
  let keys = 0
  for (const _ in event) keys++
  return keys === plainKeys
}

/** Events as a row of the store; `first` is the number of the first of them. */
export function packEvents(first: number, events: readonly Event[]): Segment {
  const packed: (Event | [number, number, ...string[]])[] = []
  let run: [number, number, ...string[]] | undefined
  for (const event of events) {
    if (!isPlain(event)) {
      packed.push(event)
      run = undefined
    } else if (run !== undefined && run[0] === event.candidate && run[1] === event.part) run.push(event.text)
    else {
      run = [event.candidate, event.part, event.text]
      packed.push(run)
    }
  }
  return { first, count: events.length, events: JSON.stringify(packed) }
}

/** The events of a row, each as it was. */
export function unpackEvents(segment: Segment): readonly Event[] {
  const packed = JSON.parse(segment.events) as readonly (Event | Run)[] // as `packEvents` wrote it
  const events: Event[] = []
  for (const entry of packed) {
    if (!isRun(entry)) {
      events.push(entry)
      continue
    }
    const [candidate, part, ...texts] = entry
    for (const text of texts) events.push({ type: 'part-delta', candidate, part, text })
  }
  return events
}

const isRun = (entry: Event | Run): entry is Run => Array.isArray(entry)
