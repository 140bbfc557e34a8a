import { isatty } from 'node:tty'
import type { Config } from '../config/config.ts'
import { isLoopback } from '../config/loopback.ts'
import { watchConfig } from '../config/watch.ts'
import type { Log } from '../core/ports.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import { kinds } from '../providers/catalog.ts'
import { createDial } from '../server/dial.ts'
import { drainOnSignal } from '../server/drain.ts'
import { type HttpServer, listen } from '../server/listen.ts'
import { createMediaFetch } from '../server/media-fetch.ts'
import { type AccessLog, createAccessLog } from './access-log.ts'
import { openCustody } from './custody.ts'
import { CommandError, exitCodes } from './exit.ts'
import { writeGreeting } from './greeting.ts'
import { createVerifier } from './key-store.ts'
import { configFailure } from './listing.ts'
import { createLog } from './log.ts'
import { Reloader } from './reloader.ts'
import {
  dataFolderOf,
  findConfigFile,
  localKeyOf,
  type Overrides,
  readConfig,
  readConfigText,
} from './settings.ts'
import { openState } from './state.ts'
import { allFound, lookAround, type Surroundings } from './surroundings.ts'
import { styleFor } from './terminal.ts'
import { version } from './version.ts'

export interface ServeOptions extends Overrides {
  readonly config?: string
  readonly dataDir?: string
  /** False for `--no-env`. */
  readonly env: boolean
  readonly log?: boolean
}

/** How often engines on this machine are looked for, in milliseconds. */
const rescanEvery = 30_000

/** When stored things whose time is over are looked for, in milliseconds. */
const tidyFirst = 20_000
const tidyEvery = 3_600_000

/** How long the port stays open after SIGTERM for whoever balances onto it, in milliseconds. */
const notice = 5000

/** Serves until a signal ends it. */
export async function serve(options: ServeOptions): Promise<void> {
  // Whoever reads along may leave, and must not take the gateway with it.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {})
  const log = createLog(options.log ? 'info' : 'warn')
  const file = findConfigFile(options.config)
  const text = readConfigText(file)
  const surroundings = await lookAround(options.env)
  const overrides: Overrides = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  }
  const read = (from: string, found = allFound(surroundings)) => readConfig(from, file, found, overrides)
  const loaded = await read(text)
  if (!loaded.ok) throw configFailure(loaded.problems, file)
  const { config } = loaded
  const dataFolder = dataFolderOf(options.dataDir)
  const key = config.auth.required ? localKeyOf(dataFolder) : undefined
  const keys = key === undefined ? undefined : createVerifier(dataFolder, key, log)
  const access = options.log === true ? createAccessLog(log) : undefined
  const custody = openCustody(dataFolder, log)
  const store = openState(config.store.url, dataFolder)
  const gateway = createGateway(loaded.input, {
    log: access?.gatewayLog ?? log,
    dial: createDial(),
    media: createMediaFetch(),
    store,
    custody: custody.ports,
    ...(keys === undefined ? {} : { keys }),
  })
  const server = openPort(gateway, config, access, log)
  const stopped = drainOnSignal({
    server,
    gateway,
    log,
    drain: config.server.drain,
    notice: { milliseconds: notice, endsWithLastCall: isLoopback(config.server.host) },
  })
  const reloader = new Reloader({ gateway, log, file, read, config, text })
  const stopTidying = keepTidy(gateway)
  const stopWatching = watch(reloader, file, text, surroundings, log)
  const facts = { version, url: server.url, key, config, file, kinds, unusable: surroundings.unusable }
  process.stdout.write(writeGreeting({ ...facts, found: allFound(surroundings) }, styleFor(process.stdout)))
  if ((await stopped) === 'exception') process.exitCode = exitCodes.failed
  stopWatching()
  stopTidying()
  await keys?.close()
  await custody.close()
  await store.close()
}

/** Soon after the start, when whoever came first has been served, and every hour; the returned function stops it. */
function keepTidy(gateway: Gateway): () => void {
  const tidy = () => void gateway.tidy()
  const first = setTimeout(tidy, tidyFirst)
  const timer = setInterval(tidy, tidyEvery)
  for (const one of [first, timer]) one.unref()
  return () => {
    clearTimeout(first)
    clearInterval(timer)
  }
}

function openPort(gateway: Gateway, config: Config, access: AccessLog | undefined, log: Log): HttpServer {
  const listening = listen(gateway, {
    host: config.server.host,
    port: config.server.port,
    maxBody: config.server.maxBody,
    onCrash: error =>
      log('error', 'a request ended in an exception; this is a bug', { error: String(error) }),
    ...(access === undefined ? {} : { onAnswer: access.onAnswer }),
  })
  if (!listening.ok) throw new CommandError(listening.message, exitCodes.listen)
  return listening.server
}

/** Follows the file, SIGHUP and the engines of this machine; the returned function stops that. */
function watch(
  reloader: Reloader,
  file: string | undefined,
  text: string,
  surroundings: Surroundings,
  log: Log,
): () => void {
  const watching =
    file === undefined
      ? undefined
      : watchConfig(file, text, state => {
          if (state.ok) void reloader.take(state.text, allFound(surroundings))
          else log('warn', `${state.reason}; the old configuration stays`, { file })
        })
  const rescan = async () => {
    if (await surroundings.engines.rescan()) await reloader.rediscover(allFound(surroundings))
  }
  const timer = setInterval(() => void rescan(), rescanEvery)
  timer.unref()
  const hasTerminal = isatty(0)
  process.on('SIGHUP', () => {
    // The same signal says that the terminal was closed; then nobody is left who could stop this.
    if (hasTerminal && !isatty(0)) process.kill(process.pid, 'SIGTERM')
    watching?.check()
    void rescan()
  })
  return () => {
    clearInterval(timer)
    watching?.close()
  }
}
