import { type Answer, faultAnswer } from '../core/answer.ts'
import type { Aimed, Routed } from '../core/call.ts'
import type { Layer } from '../core/handler.ts'
import { createFault, type Fault } from '../ir/fault.ts'

/** Faults after which the next target may do better: the target's own, not the caller's. */
function mayDoBetterElsewhere(fault: Fault): boolean {
  return fault.retryable || fault.code === 'upstream_auth' || fault.code === 'quota_exhausted'
}

/**
 * Of several failures, the one that tells the caller most: a refusal of the request itself ends the search; else the
 * last one, with the shortest wait any target asked for.
 */
function summarise(faults: readonly Fault[]): Fault {
  const last = faults.at(-1) ?? createFault('internal', 'The route has no targets.')
  const waits = faults.flatMap(fault => fault.retryAfterMs ?? [])
  return waits.length === 0 ? last : { ...last, retryAfterMs: Math.min(...waits) }
}

/** Tries the targets of the route in order, as long as nothing was shown to the caller (law 6). */
export const fallback: Layer<Routed, Aimed> = next => async call => {
  const faults: Fault[] = []
  for (const target of call.route.targets) {
    if (call.owner.aborted) return { kind: 'cancelled' }
    const answer: Answer = await next({ ...call, target })
    if (answer.kind !== 'fault' || !mayDoBetterElsewhere(answer.fault)) return answer
    faults.push(answer.fault)
  }
  return faultAnswer(summarise(faults))
}
