import type { Ambient, Log } from '../core/ports.ts'
import type { StateStore } from '../core/state-store.ts'

/** How long a process counts as alive after it last said so, and how often it says so. */
export const lease = { milliseconds: 6000, every: 2000 } as const

/** Background work at once; what is more waits its turn. */
const mostAtOnce = 64

/** How long closing waits for the store, in milliseconds. */
const longestClose = 3000

/** Somebody asked for it, or the gateway closes. */
export type CancelReason = 'asked' | 'closing'

/** What this process works on: with a client at the other end, or as a job of its own. */
export interface Work {
  /** Ends it early; it settles by itself then. */
  cancel(why: CancelReason): void
  /** Resolves when everything of it is stored. */
  readonly settled: Promise<void>
}

interface Job extends Work {
  start(): void
}

export interface JobPorts {
  readonly store: StateStore
  readonly ambient: Ambient
  readonly log: Log
  /** Counts something under way; the returned function counts it out. */
  hold(): () => void
}

/**
 * The work of this process on stored objects, by their ids. While there is any, the store is told that somebody
 * works on it; a record of which that was not said for a while is abandoned, and whoever comes across it ends it.
 */
export class Jobs {
  readonly #ports: JobPorts
  readonly #works = new Map<string, Work>()
  readonly #waiting: Job[] = []
  #running = 0
  #cancelRenewal: (() => void) | undefined

  constructor(ports: JobPorts) {
    this.#ports = ports
  }

  get leaseUntil(): number {
    return this.#ports.ambient.now() + lease.milliseconds
  }

  find(id: string): Work | undefined {
    return this.#works.get(id)
  }

  /** Takes part in the lease until the work is settled. */
  enter(id: string, work: Work): void {
    const leave = this.#ports.hold()
    this.#works.set(id, work)
    this.#armRenewal()
    void work.settled.then(() => {
      this.#works.delete(id)
      leave()
      if (this.#works.size > 0) return
      this.#cancelRenewal?.()
      this.#cancelRenewal = undefined
    })
  }

  /**
   * Work that nobody's connection owns. It begins when there is room; `work` never rejects, and is also called for
   * what was cancelled before it began.
   */
  run(id: string, work: (signal: AbortSignal) => Promise<void>): void {
    const owner = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    const job: Job = {
      settled: promise,
      cancel: why => {
        owner.abort(why)
        const at = this.#waiting.indexOf(job)
        if (at < 0) return
        this.#waiting.splice(at, 1)
        void work(owner.signal).then(resolve)
      },
      start: () => {
        this.#running++
        void work(owner.signal).then(() => {
          this.#running--
          resolve()
          this.#startNext()
        })
      },
    }
    this.enter(id, job)
    this.#waiting.push(job)
    this.#startNext()
  }

  #startNext(): void {
    if (this.#running < mostAtOnce) this.#waiting.shift()?.start()
  }

  #armRenewal(): void {
    this.#cancelRenewal ??= this.#ports.ambient.after(lease.every, () => {
      this.#cancelRenewal = undefined
      if (this.#works.size === 0) return
      this.#armRenewal()
      const { store, log } = this.#ports
      store.renew([...this.#works.keys()], this.leaseUntil).catch(error => {
        log('error', 'the store of responses cannot be told that this process lives', {
          error: String(error),
        })
      })
    })
  }

  /** Ends what is left, and waits until that is stored; a store that does not answer is not waited for. */
  async close(): Promise<void> {
    const works = [...this.#works.values()]
    if (works.length === 0) return
    for (const work of works) work.cancel('closing')
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = this.#ports.ambient.after(longestClose, resolve)
    await Promise.race([Promise.all(works.map(({ settled }) => settled)), late])
    cancel()
  }
}
