import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Milliseconds for a test that starts whole processes, beside whatever else the machine is doing. */
export const patience = 120_000

const root = join(import.meta.dir, '../../../..')
const main = join(root, 'packages/dragoman/src/cli/main.ts')

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly pid: number
  /** The address it printed. */
  readonly url: string
  /** Everything it printed before it listened. */
  readonly greeting: string
  readonly exited: Promise<number>
  signal(name: NodeJS.Signals): void
  /** Waits for a line on standard error that holds the text. */
  logged(text: string): Promise<string>
  /** Closes our end of its standard error. */
  stopReading(): Promise<void>
  /** Everything on standard error so far. */
  readonly log: string
}

/** What runs a command line of ours. */
const command: readonly string[] = [process.execPath, main]

/** A place of its own for the command: an empty working folder, an empty data folder, no keys in the environment. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'dragoman-cli-'))
  readonly work = join(this.folder, 'work')
  readonly data = join(this.folder, 'data')
  readonly #running: Bun.Subprocess[] = []

  constructor() {
    mkdirSync(this.work)
  }

  write(name: string, text: string): string {
    const path = join(this.work, name)
    writeFileSync(path, text)
    return path
  }

  #spawn(words: readonly string[], env: { readonly [name: string]: string }) {
    const child = Bun.spawn([...words], {
      cwd: this.work,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: process.env.PATH ?? '', HOME: this.folder, XDG_DATA_HOME: this.data, ...env },
    })
    this.#running.push(child)
    return child
  }

  /** Runs a command to its end. */
  async run(
    words: readonly string[],
    env: { readonly [name: string]: string } = {},
    runner: readonly string[] = command,
  ): Promise<Result> {
    const child = this.#spawn([...runner, ...words], env)
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ])
    return { code, out, err }
  }

  /** Starts a server and waits until it says where it listens. */
  async start(
    words: readonly string[],
    env: { readonly [name: string]: string } = {},
    runner: readonly string[] = command,
  ): Promise<Running> {
    const child = this.#spawn([...runner, ...words], env)
    const log = collect(child.stderr)
    const out = collect(child.stdout)
    const greeting = await Promise.race([
      out.until(text => /listens on http[\s\S]*curl [\s\S]*\n$/.test(text)),
      child.exited.then(code => {
        throw new Error(`ended with ${code}: ${log.text()}`)
      }),
    ])
    return {
      pid: child.pid,
      url: /listens on (http:\/\/\S+:\d+)/.exec(greeting)?.[1] ?? '',
      greeting,
      exited: child.exited,
      signal: name => child.kill(name),
      logged: text =>
        log.until(all =>
          all
            .split('\n')
            .slice(0, -1)
            .some(line => line.includes(text)),
        ),
      stopReading: () => log.close(),
      get log() {
        return log.text()
      },
    }
  }

  /** Ends what is still running and takes everything away. */
  async clear(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL')
    await Promise.all(this.#running.map(child => child.exited))
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Text as it comes, with a way to wait for some of it. */
function collect(stream: ReadableStream<Uint8Array>) {
  let all = ''
  const waiting = new Set<() => void>()
  const reader = stream.getReader()
  const read = async () => {
    const decoder = new TextDecoder()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      all += decoder.decode(part.value, { stream: true })
      for (const look of waiting) look()
    }
  }
  void read()
  return {
    text: () => all,
    close: () => reader.cancel(),
    until: (isThere: (text: string) => boolean) =>
      new Promise<string>(resolve => {
        const look = () => {
          if (!isThere(all)) return
          waiting.delete(look)
          resolve(all)
        }
        waiting.add(look)
        look()
      }),
  }
}

/** `npm start` as it stands in the manifest, without npm. */
export const npmStart: readonly string[] = ['node', join(root, 'scripts/bun.mjs'), main]

/** Asks again until the answer is as wanted: for what holds soon, such as a reload. */
export async function eventually<T>(look: () => Promise<T>, isRight: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await look()
    if (isRight(value)) return value
    // A turn of the event loop: what is waited for may come in by it.
    await new Promise(resolve => setImmediate(resolve))
  }
}
