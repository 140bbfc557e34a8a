import type { Config } from '../config/config.ts'
import type { Discovered } from '../config/discover.ts'
import { writeProblem } from '../config/problem.ts'
import type { ConfigInput } from '../config/schema.ts'
import type { Log } from '../core/ports.ts'
import type { Gateway } from '../gateway.ts'
import type { ReadResult } from './settings.ts'

export interface ReloaderOptions {
  readonly gateway: Pick<Gateway, 'reload'>
  readonly log: Log
  /** The file's name for sentences; undefined where there is no file. */
  readonly file: string | undefined
  /** Reads a text with what was discovered under it. */
  readonly read: (text: string, found: readonly Discovered[]) => Promise<ReadResult>
  readonly config: Config
  readonly text: string
}

/** Settings that are taken once, at the start: said aloud, so that nobody waits for them to take effect. */
const fixed: readonly (readonly [name: string, (config: Config) => unknown])[] = [
  ['server.host', config => config.server.host],
  ['server.port', config => config.server.port],
  ['server.max_body', config => config.server.maxBody],
  ['server.drain', config => config.server.drain],
  ['auth.required', config => config.auth.required],
  ['requests.keep', config => config.requests.keep],
  ['store.url', config => config.store.url],
]

/** Brings a running gateway to a new configuration, or keeps the old one and says why. */
export class Reloader {
  readonly #options: ReloaderOptions
  #text: string
  #config: Config
  /** One after the other: the last text read has to be the last one applied. */
  #turn: Promise<void> = Promise.resolve()

  constructor(options: ReloaderOptions) {
    this.#options = options
    this.#text = options.text
    this.#config = options.config
  }

  /** Takes another text of the file. */
  take(text: string, found: readonly Discovered[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#apply(text, found, 'the file was read again'))
    return this.#turn
  }

  /** Takes the text there is again, with what was found anew. */
  rediscover(found: readonly Discovered[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#apply(this.#text, found, 'other engines answer on this machine'))
    return this.#turn
  }

  async #apply(text: string, found: readonly Discovered[], reason: string): Promise<void> {
    const { log, gateway, file, read } = this.#options
    const result = await read(text, found)
    if (!result.ok) {
      log('warn', 'the new configuration has problems; the old one stays', {
        problems: result.problems.map(problem => writeProblem(problem, file)),
      })
      return
    }
    if (!this.#reload(gateway, result.input)) return
    const waiting = fixed.filter(([, of]) => of(result.config) !== of(this.#config)).map(([name]) => name)
    if (waiting.length > 0)
      log('warn', 'some settings take effect with the next start', { settings: waiting })
    this.#text = text
    log('info', `configuration reloaded: ${reason}`, {
      providers: Object.keys(result.config.providers),
    })
  }

  #reload(gateway: Pick<Gateway, 'reload'>, input: ConfigInput): boolean {
    const outcome = gateway.reload(input)
    if (outcome.ok) return true
    const problems = outcome.problems.map(problem => writeProblem(problem))
    this.#options.log('warn', 'the gateway refused the new configuration; the old one stays', { problems })
    return false
  }
}
