// What one live stream holds in memory.
import { Child } from './child.ts'
import type { Job, Memory } from './protocol.ts'

export interface LiveResult {
  readonly streams: number
  /** Bytes a stream that the process grew by, the first time and when it opens as many again. */
  readonly first: number
  readonly again: number
  readonly failed: number
}

const warmUp = 100

/** Opens the job's streams twice through a fresh process, and looks at its resident memory each time. */
export async function measureLive(proxy: Child, job: Job, streams: number): Promise<LiveResult> {
  const load = await Child.start('load.ts')
  let failed = 0
  const hold = async (count: number): Promise<Memory> => {
    const opened = await load.ask('open', { ...job, count, concurrency: count })
    failed += opened.failed
    await Bun.sleep(500)
    const held = await proxy.ask('memory', null)
    await load.ask('close', null)
    await Bun.sleep(500)
    return held
  }
  try {
    // What the first streams ever bring in (code, pools) is the process's, not theirs.
    await hold(warmUp)
    const before = await proxy.ask('memory', null)
    const first = await hold(streams)
    const again = await hold(streams)
    return {
      streams,
      first: (first.rss - before.rss) / streams,
      again: (again.rss - before.rss) / streams,
      failed,
    }
  } finally {
    await load.end()
  }
}
