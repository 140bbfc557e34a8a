// How much later the first content comes because of a proxy in between, one request at a time.
import type { Child } from './child.ts'
import type { Processes } from './duel.ts'
import { median } from './numbers.ts'
import type { Job } from './protocol.ts'
import { bareJob, gatewayJob, type Traffic } from './scenarios.ts'

export interface DelayResult {
  readonly name: string
  /** Milliseconds to the first content (of a whole answer: to its end) from the upstream itself. */
  readonly direct: number
  /** Milliseconds that bare and the gateway add to it. */
  readonly bare: number
  readonly gateway: number
}

export async function measureDelay(
  { load, upstream, bare, gateway }: Processes,
  traffic: Traffic,
  options: { readonly rounds: number; readonly scale: number },
): Promise<DelayResult> {
  const sides: readonly { proxy: Child; job: Job; delays: number[] }[] = [
    { proxy: upstream, job: bareJob(traffic, upstream.url), delays: [] },
    { proxy: bare, job: bareJob(traffic, bare.url), delays: [] },
    { proxy: gateway, job: gatewayJob(traffic, gateway.url), delays: [] },
  ]
  const count = Math.max(5, Math.round(traffic.count * options.scale))
  for (const { job } of sides) await load.ask('delay', { ...job, count })
  for (let index = 0; index < options.rounds; index++) {
    for (const { job, delays } of index % 2 === 0 ? sides : sides.toReversed())
      delays.push(...(await load.ask('delay', { ...job, count })))
  }
  const [direct = Number.NaN, plain = Number.NaN, ours = Number.NaN] = sides.map(({ delays }) =>
    median(delays),
  )
  return { name: traffic.name, direct, bare: plain - direct, gateway: ours - direct }
}
