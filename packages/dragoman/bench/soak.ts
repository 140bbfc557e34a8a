// Whether memory grows: many requests of every sort and many streams that their clients give up, sampled after
// collections.
import type { Processes } from './duel.ts'
import { slope } from './numbers.ts'
import type { Memory } from './protocol.ts'
import { gatewayJob, type Traffic } from './scenarios.ts'

export interface SoakResult {
  readonly requests: number
  readonly aborted: number
  readonly failed: number
  readonly failures: readonly string[]
  /** At the beginning (after a warm-up), in the middle and at the end. */
  readonly samples: readonly (Memory & { readonly done: number })[]
  /** Bytes a request over the second half, by least squares. */
  readonly rssSlope: number
  readonly heapSlope: number
  /** Calls the gateway still carries when everything is over. */
  readonly live: number
}

const steps = 40

export async function soak(
  { load, gateway }: Pick<Processes, 'load' | 'gateway'>,
  wholes: readonly Traffic[],
  streams: readonly Traffic[],
  amount: { readonly requests: number; readonly aborted: number },
  progress: (done: number, memory: Memory) => void,
): Promise<SoakResult> {
  let failed = 0
  const failures: string[] = []
  const samples: (Memory & { done: number })[] = []
  const run = async (question: 'run' | 'abort', all: readonly Traffic[], count: number) => {
    for (const scenario of all) {
      const share = Math.ceil(count / all.length)
      const job = { ...gatewayJob(scenario, gateway.url), count: share, concurrency: 64 }
      const result = await load.ask(question, job)
      failed += result.failed
      failures.push(...result.failures)
    }
  }
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      await run('run', wholes, amount.requests / steps)
      await run('abort', streams, amount.aborted / steps)
      await Bun.sleep(200)
    } else await run('run', wholes, amount.requests / steps)
    const memory = await gateway.ask('memory', null)
    const done = Math.round((step * (amount.requests + amount.aborted)) / steps)
    samples.push({ ...memory, done })
    progress(done, memory)
  }
  await Bun.sleep(1500)
  const late = samples.slice(steps / 2)
  return {
    ...amount,
    failed,
    failures: failures.slice(0, 3),
    samples,
    rssSlope: slope(late.map(({ done, rss }) => [done, rss])),
    heapSlope: slope(late.map(({ done, heap }) => [done, heap])),
    live: await gateway.ask('live', null),
  }
}
