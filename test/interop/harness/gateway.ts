import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigInput } from '../../../packages/dragoman/src/index.ts'
import { type Running, start } from './process.ts'
import { root, scratchFolder } from './scratch.ts'

export interface RunningGateway extends Running {
  /** Without a path; OpenAI's SDKs want `${url}/v1`, Anthropic's the URL itself. */
  readonly url: string
  readonly key: string
  /** Writes another configuration into its file, for the gateway to see; it says nothing when it did. */
  reconfigure(config: ConfigInput): void
  /** What the gateway remembers of the call with this id, once `isOver` accepts it. */
  record(id: string | null, isOver?: (record: CallRecord) => boolean): Promise<CallRecord>
}

/** As `GET /dragoman/requests/{id}` tells it. */
export interface CallRecord {
  readonly outcome: string
  readonly attempts: readonly {
    readonly target: string
    readonly mode: string
    readonly end: string | null
    readonly status: number | null
    readonly fault: string | null
  }[]
  readonly notes: readonly { readonly kind: string; readonly path: string; readonly reason: string }[]
}

const key = 'sk-interop-local-key'

/**
 * The real command line on a free port, with this configuration (or the file of this name) and nothing of the machine's
 * environment.
 */
export async function startGateway(config: ConfigInput | string = {}): Promise<RunningGateway> {
  const folder = scratchFolder()
  const file = typeof config === 'string' ? config : join(folder, 'dragoman.yaml')
  // YAML is a superset of JSON.
  const write = (content: ConfigInput) => writeFileSync(file, JSON.stringify({ version: 1, ...content }))
  if (typeof config !== 'string') write(config)
  const command = ['node', join(root, 'scripts/bun.mjs'), join(root, 'packages/dragoman/src/cli/main.ts')]
  const args = ['serve', '--port', '0', '--data-dir', folder, '--no-env', '--config', file]
  const running = start([...command, ...args], { DRAGOMAN_KEY: key })
  const [, url = ''] = await running.says(/listens on (http:\/\/127\.0\.0\.1:\d+)/)

  const read = async (id: string | null): Promise<CallRecord> => {
    const response = await fetch(`${url}/dragoman/requests/${id}`, {
      headers: { authorization: `Bearer ${key}` },
    })
    if (!response.ok) throw new Error(`No record of ${id}: ${response.status} ${await response.text()}`)
    return (await response.json()) as CallRecord // our own route, whose shape its own tests hold
  }

  return {
    ...running,
    url,
    key,
    reconfigure: write,
    async record(id, isOver = record => record.outcome !== 'in_progress') {
      // A record is complete a moment after the caller has seen the end; the runner's own timeout is the limit.
      for (;;) {
        const record = await read(id)
        if (isOver(record)) return record
        await Bun.sleep(10)
      }
    },
  }
}
