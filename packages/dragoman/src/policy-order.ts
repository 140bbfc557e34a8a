import type { Received } from './core/call.ts'
import { type Handler, Stack } from './core/handler.ts'
import type { KeyVerifier } from './core/ports.ts'
import type { StateKeeper } from './core/state-keeper.ts'
import { authenticate } from './layers/authenticate.ts'
import { type EmulateOptions, emulate } from './layers/emulate.ts'
import { fallback } from './layers/fallback.ts'
import { type ObservePorts, observe } from './layers/observe.ts'
import { type RetryOptions, retry } from './layers/retry.ts'
import { type Router, route } from './layers/route.ts'
import { shield } from './layers/shield.ts'
import { state } from './layers/state.ts'
import { createUpstream, type UpstreamContext } from './upstream/attempt.ts'

export interface PolicyPorts extends ObservePorts {
  readonly keys: KeyVerifier | undefined
  /** Absent where nothing is kept between calls. */
  readonly keeper?: StateKeeper
  readonly router: Router
  readonly emulate: EmulateOptions
  readonly retry: RetryOptions
  readonly upstream: UpstreamContext
}

/**
 * The policies, outermost first. The compiler keeps what depends on facts in order (nothing routes before
 * `authenticate`, nothing tries before `fallback`); the reasons for the rest stand here, and a test pins the list.
 */
export function createPolicies(ports: PolicyPorts): Handler<Received> {
  return Stack.of<Received>()
    .with(shield(ports.log)) // a bug anywhere below becomes one 500
    .with(observe(ports)) // outside everything that can answer early, so that every outcome is recorded
    .with(authenticate(ports.keys, ports.records)) // before anything that costs
    .with(state(ports.keeper)) // whose state it is has to be known; what is routed is the whole conversation
    .with(route(ports.router)) // knows who asks, finds where it may go
    .with(fallback) // the next target, while nothing was shown
    .with(emulate(ports.emulate)) // several calls to one target count as one to fallback
    .with(retry(ports.retry, ports.ambient)) // inside fan-out: only the failed leg is tried again
    .over(createUpstream(ports.upstream))
}

/** The order by name, for the pin and for `explain`. */
export const policyOrder = [
  'shield',
  'observe',
  'authenticate',
  'state',
  'route',
  'fallback',
  'emulate',
  'retry',
  'upstream',
] as const
