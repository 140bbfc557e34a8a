import type { Call } from '../core/call.ts'
import type { Layer } from '../core/handler.ts'
import type { StateKeeper } from '../core/state-keeper.ts'

/** What is stored is put before a call and its answer stored. Calls of other dialects pass for one comparison. */
export function state(keeper: StateKeeper | undefined): Layer<Call> {
  if (keeper === undefined) return next => next
  return next => call => (call.dialect === keeper.dialect ? keeper.handle(call, next) : next(call))
}
