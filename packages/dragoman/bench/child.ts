// The parent's side: starts the bench's processes, asks them, and ends each by its handle.
import { join } from 'node:path'
import type { Subprocess } from 'bun'
import type { Answered, Asked, Question, Questions, Ready } from './protocol.ts'

interface Waiting {
  resolve(answer: unknown): void
  reject(error: Error): void
}

const children = new Set<Child>()

export interface ChildOptions {
  readonly args?: readonly string[]
  /** Arguments of Bun itself, such as those of its profiler. */
  readonly runtimeArgs?: readonly string[]
  readonly env?: { readonly [name: string]: string }
}

export class Child {
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #ready = Promise.withResolvers<Ready>()
  readonly #process: Subprocess<'ignore', 'inherit', 'inherit'>
  #next = 1
  #isEnding = false
  #port = 0

  private constructor(name: string, file: string, options: ChildOptions) {
    this.#name = name
    this.#process = Bun.spawn(
      [process.execPath, ...(options.runtimeArgs ?? []), file, ...(options.args ?? [])],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        // More than 256 requests at once have to be allowed before the process starts.
        env: { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '65336', ...options.env },
        ipc: (message: Answered | Ready) => this.#hear(message),
        onExit: (_, code, signal) => this.#lost(`ended (${signal ?? code})`),
      },
    )
  }

  /** Starts a file of this folder and waits until it is ready. */
  static async start(file: string, options: ChildOptions = {}): Promise<Child> {
    const child = new Child(file, join(import.meta.dir, file), options)
    children.add(child)
    child.#port = (await child.#ready.promise).port
    return child
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  ask<Q extends Question>(question: Q, payload: Questions[Q]['ask']): Promise<Questions[Q]['answer']> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      const answered = (answer: unknown) => resolve(answer as Questions[Q]['answer']) // the child's types pair them
      this.#waiting.set(id, { resolve: answered, reject })
      this.#process.send({ id, question, payload } satisfies Asked)
    })
  }

  /** Ends the process in an orderly way where it can, by its handle where it cannot. */
  async end(): Promise<void> {
    this.#isEnding = true
    children.delete(this)
    if (this.#process.exitCode !== null) return
    await this.ask('leave', null).catch(() => {})
    await Promise.race([this.#process.exited, Bun.sleep(10_000)])
    this.#process.kill('SIGKILL')
    await this.#process.exited
  }

  /** At once, for the way out after a failure. */
  kill(): void {
    this.#isEnding = true
    this.#process.kill('SIGKILL')
  }

  #hear(message: Answered | Ready): void {
    if ('port' in message) {
      this.#ready.resolve(message)
      return
    }
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (message.error === undefined) waiting?.resolve(message.answer)
    else waiting?.reject(new Error(`${this.#name}: ${message.error}`))
  }

  #lost(why: string): void {
    const error = new Error(`${this.#name} ${why}`)
    if (!this.#isEnding) this.#ready.reject(error)
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

process.on('exit', () => {
  for (const child of children) child.kill()
})
