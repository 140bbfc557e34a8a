// What storing a stream costs beside not storing it, and how long reading it again takes.
import { compare, type DuelOptions, type DuelResult, type Processes } from './duel.ts'
import { median } from './numbers.ts'
import type { Job } from './protocol.ts'
import { gatewayJob, type Scenario, type Traffic } from './scenarios.ts'

/** The same request, to be stored. */
const storing = (job: Job): Job => ({
  ...job,
  body: JSON.stringify({ ...JSON.parse(job.body), store: true }),
})

export function measureStored(
  { load, gateway }: Processes,
  scenario: Scenario,
  options: DuelOptions,
): Promise<DuelResult> {
  const job = gatewayJob(scenario, gateway.url)
  return compare(load, { proxy: gateway, job }, { proxy: gateway, job: storing(job) }, scenario, options)
}

export interface ResumeResult {
  readonly name: string
  /** Milliseconds from asking to the end of the last ten events. */
  readonly median: number
  readonly most: number
}

export async function measureResume(
  { gateway }: Processes,
  traffic: Traffic,
  rounds: number,
): Promise<ResumeResult> {
  const job = storing(gatewayJob(traffic, gateway.url))
  const created = await fetch(job.url, { method: 'POST', headers: job.headers, body: job.body })
  const text = await created.text()
  const numbers = [...text.matchAll(/"sequence_number":(\d+)/g)]
  const last = Number(numbers.at(-1)?.[1])
  const id = /"id":"(resp_\w+)"/.exec(text)?.[1]
  if (id === undefined || last < 10_000) throw new Error(`no stored stream: ${text.slice(0, 300)}`)
  const times: number[] = []
  for (let index = 0; index <= rounds; index++) {
    const began = performance.now()
    const response = await fetch(`${job.url}/${id}?stream=true&starting_after=${last - 10}`, {
      headers: job.headers,
    })
    const rest = await response.text()
    // The first one fills caches and is not counted.
    if (index > 0) times.push(performance.now() - began)
    if (!rest.includes('response.completed')) throw new Error(`no end: ${rest.slice(0, 300)}`)
  }
  return { name: traffic.name, median: median(times), most: Math.max(...times) }
}
