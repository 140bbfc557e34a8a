import { faultAnswer } from '../core/answer.ts'
import type { Call, Route, Routed, Target } from '../core/call.ts'
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
      resolved.ok
        ? next({ ...call, route: pinnedOf(call, resolved.value) })
        : Promise.resolve(faultAnswer(resolved.fault))
    return call => {
      const resolved = router.resolve(call.model)
      return resolved instanceof Promise ? resolved.then(found => go(call, found)) : go(call, resolved)
    }
  }
}

/** A route of the one target that holds what the call continues; all of it where there is none. */
function pinnedOf({ pinned }: Call, route: Route): Route {
  if (pinned === undefined) return route
  const isPinned = ({ provider, model }: Target) => provider === pinned.provider && model === pinned.model
  return { ...route, targets: route.targets.filter(isPinned).slice(0, 1) }
}
