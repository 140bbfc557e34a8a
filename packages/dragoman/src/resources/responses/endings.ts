import type { Event } from '../../ir/event.ts'
import type { DialectId } from '../../ir/extra.ts'
import { createFault } from '../../ir/fault.ts'

/** Why this gateway ended a response in place of its model. */
export type Ending = 'cancelled' | 'disconnected' | 'interrupted'

/** In the words of `incomplete_details.reason`, an open set. */
const incomplete = (dialect: DialectId, reason: string): readonly Event[] =>
  finish(dialect, { status: 'incomplete', incomplete_details: { reason } })

function finish(dialect: DialectId, $end: { readonly status: string; readonly incomplete_details: unknown }) {
  const extra = { [dialect]: { $end } } as { readonly [D in DialectId]?: { readonly $end: never } } // a mark of this dialect's own
  return [
    { type: 'finish', candidate: 0, finish: { reason: 'unknown', extra } },
    { type: 'end' },
  ] as const satisfies readonly Event[]
}

/** A background response that lost its process did not fail by itself; it is told apart by its message. */
const lost = createFault(
  'internal',
  'The gateway was stopped while it worked on this response. Create it again.',
)

/** The last events of a response that did not come to an end of its own. */
export function eventsOfEnding(ending: Ending, isBackground: boolean, dialect: DialectId): readonly Event[] {
  switch (ending) {
    case 'cancelled':
      return finish(dialect, { status: 'cancelled', incomplete_details: null })
    case 'disconnected':
      return incomplete(dialect, 'client_disconnected')
    case 'interrupted':
      return isBackground ? [{ type: 'fault', fault: lost }] : incomplete(dialect, 'gateway_interrupted')
  }
}

/** Whether this event is the last of an answer. */
export const isLast = (event: Event): boolean =>
  event.type === 'end' || (event.type === 'fault' && event.candidate === undefined)
