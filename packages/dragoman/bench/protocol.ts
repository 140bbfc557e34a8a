// What the bench's processes say to each other over IPC.

export type WireName = 'chat' | 'messages' | 'responses'

/** One sort of request, repeated. */
export interface Job {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  /** What the answer has to be for it to count. */
  readonly expect: { readonly wire: WireName; readonly stream: boolean; readonly text: string }
  /** Requests in all. */
  readonly count: number
  /** Requests under way at once. */
  readonly concurrency: number
}

export interface RunResult {
  readonly seconds: number
  readonly failed: number
  /** Of the first failures, what was wrong. */
  readonly failures: readonly string[]
}

export interface Memory {
  /** Bytes. */
  readonly rss: number
  readonly heap: number
}

/** Every question a process of the bench may be asked, with its answer. */
export interface Questions {
  /** Microseconds of processor time since the process began. */
  cpu: { ask: null; answer: number }
  /** After a full collection. */
  memory: { ask: null; answer: Memory }
  /** Runs the job to its end; every answer is checked. */
  run: { ask: Job; answer: RunResult }
  /** Milliseconds to the first content of each request, one request after the other. */
  delay: { ask: Job; answer: readonly number[] }
  /** Opens the job's streams and resolves when each has shown content; they stay open. */
  open: { ask: Job; answer: RunResult }
  /** Gives up every stream that `open` opened. */
  close: { ask: null; answer: null }
  /** Gives up every stream after its first content. */
  abort: { ask: Job; answer: RunResult }
  /** Requests that the process is carrying. */
  live: { ask: null; answer: number }
  /** Leaves in an orderly way, so that a profile is written. */
  leave: { ask: null; answer: null }
}

export type Question = keyof Questions

export interface Asked {
  readonly id: number
  readonly question: Question
  readonly payload: unknown
}

export interface Answered {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** The first message of every process: where it listens, 0 where it does not. */
export interface Ready {
  readonly port: number
}
