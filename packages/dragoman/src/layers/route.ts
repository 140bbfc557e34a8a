import { faultAnswer } from '../core/answer.ts'
import type { Call, Route, Routed } from '../core/call.ts'
import type { Layer } from '../core/handler.ts'
import type { Parsed } from '../ir/fault.ts'

/** Finds the targets of a model name. */
export interface Router {
  resolve(model: string): Parsed<Route> | Promise<Parsed<Route>>
}

/** From the caller's model name to the ordered targets. */
export function route(router: Router): Layer<Call, Routed> {
  return next => {
    const go = (call: Call, resolved: Parsed<Route>) =>
      resolved.ok ? next({ ...call, route: resolved.value }) : Promise.resolve(faultAnswer(resolved.fault))
    return call => {
      const resolved = router.resolve(call.model)
      return resolved instanceof Promise ? resolved.then(found => go(call, found)) : go(call, resolved)
    }
  }
}
