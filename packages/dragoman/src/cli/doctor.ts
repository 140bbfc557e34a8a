import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from '../config/config.ts'
import { writeProblem } from '../config/problem.ts'
import { kinds } from '../providers/catalog.ts'
import { createDial } from '../server/dial.ts'
import { listen } from '../server/listen.ts'
import { localKeyFile, pepperFile, storeFile } from '../stores/data-folder.ts'
import { ask, modelIds } from './ask.ts'
import { CommandError, exitCodes } from './exit.ts'
import { openKeyStore } from './key-store.ts'
import { createOnlooker } from './onlooker.ts'
import { dataFolderOf, findConfigFile, localKeyOf, readConfig, readConfigText, reasonOf } from './settings.ts'
import { allFound, lookAround } from './surroundings.ts'
import { print, printable, printJson, styleFor } from './terminal.ts'

export interface DoctorOptions {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly dataDir?: string
  readonly env: boolean
  readonly json?: boolean
}

/** One finding: what was looked at, how it is, and what to do where it is not well. */
export interface Check {
  readonly name: string
  readonly level: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly fix?: string
}

const ok = (name: string, message: string): Check => ({ name, level: 'ok', message })
const warn = (name: string, message: string, fix: string): Check => ({ name, level: 'warn', message, fix })
const fail = (name: string, message: string, fix: string): Check => ({ name, level: 'fail', message, fix })

export async function doctor(options: DoctorOptions): Promise<void> {
  const checks: Check[] = []
  for await (const check of examine(options)) {
    checks.push(check)
    if (!options.json) printCheck(check)
  }
  const failed = checks.filter(check => check.level === 'fail').length
  if (options.json) printJson({ ok: failed === 0, checks })
  if (failed > 0) process.exitCode = exitCodes.failed
}

function printCheck({ name, level, message, fix }: Check): void {
  const style = styleFor(process.stdout)
  const paint = { ok: style.good, warn: style.warn, fail: style.bad }[level]
  print(`${paint(level.padEnd(4))}  ${name}: ${printable(message)}`)
  if (fix !== undefined) print(`      ${printable(fix)}`)
}

async function* examine(options: DoctorOptions): AsyncGenerator<Check> {
  yield checkRuntime()
  const folder = dataFolderOf(options.dataDir)
  yield* checkFolder(folder)
  yield* checkProxy()
  const key = yield* checkKey(folder)
  yield await checkStore(folder)
  const config = yield* checkConfiguration(options)
  if (config === undefined) return
  yield* checkPort(config, key)
  yield* checkProviders(config.config, config.input)
}

function checkRuntime(): Check {
  const { bun, node } = process.versions
  if (bun !== undefined) return ok('runtime', `Bun ${bun}`)
  const fix = 'Install Bun, or run it with the one that is pinned: npm start.'
  return fail('runtime', `Node ${node}; the gateway's server runs on Bun`, fix)
}

const isPrivate = (path: string): boolean => (statSync(path).mode & 0o077) === 0

function* checkFolder(folder: string): Generator<Check> {
  const place = existsSync(folder) ? folder : dirname(folder)
  try {
    if (existsSync(place)) accessSync(place, constants.W_OK)
  } catch (error) {
    yield fail(
      'data folder',
      `${place} cannot be written (${reasonOf(error)})`,
      'Correct its owner, or take another: --data-dir DIR.',
    )
    return
  }
  if (!existsSync(folder)) {
    yield ok('data folder', `${folder}; made with the first start`)
    return
  }
  // On Windows the mode says nothing; its user data folder is private by itself.
  const open = [folder, localKeyFile(folder), pepperFile(folder), storeFile(folder)].filter(
    path => process.platform !== 'win32' && existsSync(path) && !isPrivate(path),
  )
  // The folder's own mode keeps others out of everything in it.
  if (open.includes(folder))
    yield warn('data folder', `others can look into ${folder}`, `chmod 700 ${folder}`)
  for (const path of open.filter(one => one === localKeyFile(folder) || one === pepperFile(folder))) {
    yield fail(
      'data folder',
      `others can read ${path}`,
      `chmod 600 ${path}; where others had access, make it anew.`,
    )
  }
  if (open.length === 0 || !open.includes(folder)) yield ok('data folder', folder)
}

function* checkProxy(): Generator<Check> {
  const set = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].filter(name => process.env[name])
  if (set.length === 0) return
  yield warn(
    'proxy',
    `${set.join(', ')} is set: calls to providers go through it`,
    'Unset it, or list hosts in NO_PROXY, where that is not wanted.',
  )
}

function* checkKey(folder: string): Generator<Check, string | undefined> {
  try {
    const key = localKeyOf(folder)
    const source = process.env.DRAGOMAN_KEY ? 'DRAGOMAN_KEY' : localKeyFile(folder)
    if (key.length >= 16) yield ok('local key', source)
    else
      yield warn(
        'local key',
        `${source} has only ${key.length} characters`,
        'Take a longer one: openssl rand -hex 32',
      )
    return key
  } catch (error) {
    yield fail('local key', reasonOf(error), 'Correct the folder, or set DRAGOMAN_KEY.')
    return undefined
  }
}

async function checkStore(folder: string): Promise<Check> {
  if (!existsSync(storeFile(folder))) return ok('keys', 'none made yet')
  try {
    const store = await openKeyStore(folder)
    const records = await store.list()
    await store.close()
    return ok('keys', `${records.filter(record => record.revokedAt === undefined).length} in use`)
  } catch (error) {
    return fail(
      'keys',
      `${storeFile(folder)} cannot be read: ${reasonOf(error)}`,
      'Restore it from a backup, or move it away to begin anew.',
    )
  }
}

type Loaded = Extract<Awaited<ReturnType<typeof readConfig>>, { ok: true }>

async function* checkConfiguration(options: DoctorOptions): AsyncGenerator<Check, Loaded | undefined> {
  const overrides = {
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.port === undefined ? {} : { port: options.port }),
  }
  try {
    const file = findConfigFile(options.config)
    const loaded = await readConfig(
      readConfigText(file),
      file,
      allFound(await lookAround(options.env)),
      overrides,
    )
    if (loaded.ok) {
      yield ok('configuration', file ?? 'none; the defaults')
      return loaded
    }
    for (const { hint, ...problem } of loaded.problems) {
      yield fail('configuration', writeProblem(problem, file), hint ?? 'Correct it.')
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    yield fail('configuration', error.message, 'Name the right file: --config FILE')
  }
  return undefined
}

/** Whether the port is free; where it is not, whether it is ours, and takes our key. */
async function* checkPort({ config }: Loaded, key: string | undefined): AsyncGenerator<Check> {
  const { host, port } = config.server
  if (process.versions.bun === undefined) return
  const listening = listen({ fetch: async () => new Response() }, { host, port, maxBody: 1024 })
  if (listening.ok) {
    await listening.server.stop()
    yield ok('port', port === 0 ? 'any that is free' : `${host}:${port} is free`)
    return
  }
  if (listening.code !== 'EADDRINUSE') {
    yield fail('port', `${host}:${port} cannot be had (${listening.code})`, listening.message)
    return
  }
  const answer = await ask(`http://${host.includes(':') ? `[${host}]` : host}:${port}/v1/models`, key).catch(
    () => undefined,
  )
  const isOurs =
    answer?.headers.has('x-request-id') && (answer.status === 401 || modelIds(answer.json) !== undefined)
  if (!isOurs) yield fail('port', `${host}:${port} is taken by another program`, listening.message)
  else if (answer?.status === 401) {
    yield fail(
      'port',
      `a gateway runs on ${host}:${port} and refuses the local key`,
      'Was it started with another --data-dir or DRAGOMAN_KEY?',
    )
  } else yield ok('port', `a gateway runs on ${host}:${port} and takes the local key`)
}

async function* checkProviders(config: Config, input: Loaded['input']): AsyncGenerator<Check> {
  const dial = createDial()
  await using gateway = createOnlooker(input)
  const models = await gateway.models()
  for (const [name, provider] of Object.entries(config.providers)) {
    const kind = kinds[provider.kind]
    if (kind?.embedded === true) continue
    try {
      await dial(new URL(provider.baseUrl), config.timeouts.connect, new AbortController().signal)
    } catch (error) {
      yield fail(
        `provider ${name}`,
        reasonOf(error),
        `Is it running, and is its base_url right? ${provider.baseUrl}`,
      )
      continue
    }
    const own = models.filter(model => model.owner === name).length
    if (own > 0 || kind?.models === undefined)
      yield ok(`provider ${name}`, `${provider.baseUrl}, ${own} models`)
    else
      yield warn(`provider ${name}`, `${provider.baseUrl} answers, but lists no models`, 'Is its key right?')
  }
}
