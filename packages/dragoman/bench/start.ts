// From starting the command to its first answer, as a user waits for it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './numbers.ts'
import type { Job } from './protocol.ts'
import { key } from './scenarios.ts'

export interface StartResult {
  /** Milliseconds, the median and the shortest of the runs. */
  readonly median: number
  readonly least: number
}

const command = join(import.meta.dir, '../src/cli/main.ts')

/** How long a start may take before it counts as failed, in milliseconds. */
const patience = 15_000

async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() })
  const port = server.port ?? 0
  await server.stop(true)
  return port
}

async function startOnce(config: object, jobAt: (url: string) => Job): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-bench-'))
  const port = await freePort()
  const file = join(folder, 'dragoman.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ version: 1, ...config }))
  const job = jobAt(`http://127.0.0.1:${port}`)
  const began = performance.now()
  const server = Bun.spawn(
    [
      process.execPath,
      command,
      'serve',
      '--no-env',
      '--port',
      String(port),
      '--config',
      file,
      '--data-dir',
      folder,
    ],
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

/** Starts the command several times and waits for the job's answer each time. */
export async function measureStart(
  config: object,
  jobAt: (url: string) => Job,
  rounds: number,
): Promise<StartResult> {
  const times: number[] = []
  // The first start of all fills the file cache and is not counted.
  for (let index = 0; index <= rounds; index++) {
    const time = await startOnce(config, jobAt)
    if (index > 0) times.push(time)
  }
  return { median: median(times), least: Math.min(...times) }
}
