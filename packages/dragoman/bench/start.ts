// From starting the command to its first answer, as a user waits for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Form } from './forms.ts'
import { median } from './numbers.ts'
import type { Job } from './protocol.ts'
import { key } from './scenarios.ts'

export interface StartResult {
  readonly form: Form['name']
  /** Milliseconds, the median and the shortest of the runs. */
  readonly median: number
  readonly least: number
}

/** How long a start may take before it counts as failed, in milliseconds. */
const patience = 15_000

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const port = server.port ?? 0
  await server.stop(true)
  return port
}

async function startOnce({ command }: Form, config: object, jobAt: (url: string) => Job): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-bench-'))
  const port = await freePort()
  const file = join(folder, 'dragoman.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ version: 1, ...config }))
  const job = jobAt(`http://127.0.0.1:${port}`)
  const began = performance.now()
  const server = Bun.spawn(
    [...command, 'serve', '--no-env', '--port', String(port), '--config', file, '--data-dir', folder],
    // Without the variable the command starts itself anew, as it does for everybody who does not set it.
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DRAGOMAN_KEY: key, BUN_CONFIG_MAX_HTTP_REQUESTS: undefined },
    },
  )
  try {
    while (performance.now() - began < patience && server.exitCode === null) {
      const answer = await fetch(job.url, { method: 'POST', headers: job.headers, body: job.body }).catch(
        () => undefined,
      )
      if (answer === undefined) {
        await Bun.sleep(1)
        continue
      }
      const text = await answer.text()
      if (answer.status !== 200)
        throw new Error(`the first answer was ${answer.status}: ${text.slice(0, 300)}`)
      return performance.now() - began
    }
    throw new Error('the command ended, or gave no answer for too long')
  } finally {
    server.kill('SIGKILL')
    await server.exited
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts each form of the command several times, in turns, and waits for the job's answer each time. */
export async function measureStart(
  forms: readonly Form[],
  config: object,
  jobAt: (url: string) => Job,
  rounds: number,
): Promise<readonly StartResult[]> {
  const times = forms.map((): number[] => [])
  // The first start of all fills the file cache and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const [index, form] of forms.entries()) {
      const time = await startOnce(form, config, jobAt)
      if (round > 0) times[index]?.push(time)
    }
  }
  return forms.map(({ name }, index) => {
    const own = times[index] ?? []
    return { form: name, median: median(own), least: Math.min(...own) }
  })
}
