// Processor time and throughput of the gateway and of bare, measured in turns so that what else the machine does
// falls on both.
import type { Child } from './child.ts'
import { median } from './numbers.ts'
import type { Job } from './protocol.ts'
import { bareJob, gatewayJob, type Scenario } from './scenarios.ts'

export interface Processes {
  readonly load: Child
  readonly upstream: Child
  readonly bare: Child
  readonly gateway: Child
}

interface Side {
  /** Microseconds of processor time a request. */
  readonly cpu: number
  /** Requests a second. */
  readonly rate: number
}

export interface DuelResult {
  readonly name: string
  readonly goal: number
  /** Gateway over bare, the median of the rounds' own ratios. */
  readonly ratio: number
  /** The lowest and the highest of them. */
  readonly spread: readonly [number, number]
  readonly bare: Side
  readonly gateway: Side
  readonly failed: number
  readonly failures: readonly string[]
}

interface Round extends Side {
  readonly failed: number
  readonly failures: readonly string[]
}

async function round(load: Child, proxy: Child, job: Job): Promise<Round> {
  const before = await proxy.ask('cpu', null)
  const { seconds, failed, failures } = await load.ask('run', job)
  const spent = (await proxy.ask('cpu', null)) - before
  return { cpu: spent / job.count, rate: job.count / seconds, failed, failures }
}

export function duel(
  { load, bare, gateway }: Processes,
  scenario: Scenario,
  options: DuelOptions,
): Promise<DuelResult> {
  const plain = { proxy: bare, job: bareJob(scenario, bare.url) }
  return compare(load, plain, { proxy: gateway, job: gatewayJob(scenario, gateway.url) }, scenario, options)
}

export interface DuelOptions {
  readonly rounds: number
  readonly scale: number
}

interface Contender {
  readonly proxy: Child
  readonly job: Job
}

/** Two ways of doing the same, in turns; the second is the one with the goal. */
export async function compare(
  load: Child,
  first: Contender,
  second: Contender,
  scenario: Scenario,
  options: DuelOptions,
): Promise<DuelResult> {
  const count = Math.max(scenario.concurrency, Math.round(scenario.count * options.scale))
  const enter = ({ proxy, job }: Contender) => ({ proxy, job: { ...job, count }, rounds: [] as Round[] })
  const sides = [enter(first), enter(second)] as const
  // Paced streams take their time whatever the code does; their warm-up is the one before them and half of one more.
  for (const { proxy, job } of sides) await round(load, proxy, job)
  for (let index = 0; index < options.rounds; index++) {
    const order = index % 2 === 0 ? sides : ([sides[1], sides[0]] as const)
    for (const { proxy, job, rounds } of order) rounds.push(await round(load, proxy, job))
  }
  const [plain, ours] = sides.map(({ rounds }) => rounds) as [Round[], Round[]] // two in, two out
  const ratios = ours.map((one, index) => one.cpu / (plain[index]?.cpu ?? Number.NaN))
  const all = [...plain, ...ours]
  const side = (rounds: readonly Round[]): Side => ({
    cpu: median(rounds.map(one => one.cpu)),
    rate: median(rounds.map(one => one.rate)),
  })
  return {
    name: scenario.name,
    goal: scenario.goal,
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    bare: side(plain),
    gateway: side(ours),
    failed: all.reduce((sum, one) => sum + one.failed, 0),
    failures: all.flatMap(one => one.failures).slice(0, 3),
  }
}
