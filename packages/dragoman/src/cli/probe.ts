import { isEngine } from '../config/discover-local.ts'
import { createGateway } from '../gateway.ts'
import { kinds } from '../providers/catalog.ts'
import { type Asked, ask, modelIds } from './ask.ts'
import { CommandError, exitCodes } from './exit.ts'
import { configFailure, whereFound } from './listing.ts'
import { readConfig, reasonOf } from './settings.ts'
import { allFound, lookAround } from './surroundings.ts'
import { print, printable, printJson, styleFor, table } from './terminal.ts'

export interface ProbeOptions {
  readonly key?: string
  readonly env: boolean
  readonly json?: boolean
}

/** How many models are told by name. */
const named = 8

const nameSome = (models: readonly string[]): string => {
  const rest = models.length > named ? `, and ${models.length - named} more` : ''
  return models.slice(0, named).map(printable).join(', ') + rest
}

export async function probe(address: string | undefined, options: ProbeOptions): Promise<void> {
  await (address === undefined ? probeSurroundings(options) : probeAddress(address, options))
}

interface Found {
  readonly name: string
  readonly kind: string
  readonly where: string
  /** Undefined where its list of models could not be had. */
  readonly models: readonly string[] | undefined
}

/** Everything that is usable without a configuration, and what it has. */
async function probeSurroundings(options: ProbeOptions): Promise<void> {
  const surroundings = await lookAround(options.env)
  const found = allFound(surroundings)
  const loaded = await readConfig('', undefined, found)
  if (!loaded.ok) throw configFailure(loaded.problems, undefined)
  await using gateway = createGateway({ ...loaded.input, sandbox: false })
  const models = await gateway.models()
  const rows: readonly Found[] = found.map(one => {
    const own = models.filter(model => model.owner === one.name).map(model => model.id)
    return {
      name: one.name,
      kind: one.kind,
      where: whereFound(one),
      models: own.length === 0 ? undefined : own,
    }
  })
  if (options.json) {
    printJson({ providers: rows, unusable: surroundings.unusable })
    return
  }
  const style = styleFor(process.stdout)
  for (const name of surroundings.unusable)
    print(style.warn(`${name} is set, but holds a space or a character that no key has.`))
  if (rows.length === 0) {
    const variables = Object.values(kinds).flatMap(kind => kind.env?.slice(0, 1) ?? [])
    const engines = Object.values(kinds).flatMap(kind => (kind.local === undefined ? [] : [kind.title]))
    print(
      `Nothing answers. Looked for ${variables.join(', ')} in the environment, and for ${engines.join(', ')} on this machine.`,
    )
    return
  }
  for (const row of table(
    rows.map(({ name, where, models: own }) => [
      name,
      where,
      own === undefined ? style.warn('listed no models') : nameSome(own),
    ]),
  )) {
    print(row)
  }
}

/** Where a list of models may be, below what somebody gave as the address. */
const places = (base: string): readonly string[] => (/\/v\d+$/.test(base) ? [base] : [base, `${base}/v1`])

async function probeAddress(address: string, options: ProbeOptions): Promise<void> {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    throw new CommandError(
      `${printable(address)} is not an address. Write it as http://127.0.0.1:8000/v1.`,
      exitCodes.usage,
    )
  }
  const base = address.replace(/\/+$/, '')
  const listed = await findModels(base, options.key)
  const kind = await identify(new URL(base).origin)
  const result = {
    base_url: listed.base,
    kind: kind?.kind ?? null,
    server: listed.asked.headers.get('server'),
    status: listed.asked.status,
    models: listed.models ?? null,
  }
  if (listed.models === undefined) process.exitCode = exitCodes.failed
  if (options.json) {
    printJson(result)
    return
  }
  print(`${address}: ${kind === undefined ? 'no engine that is known by name' : kind.title}`)
  if (result.server !== null) print(`server: ${printable(result.server)}`)
  print(sentenceOf(listed, options.key))
  if (listed.models === undefined) return
  print()
  print('In dragoman.yaml:')
  // A kind that anything of this wire fits, where the engine is not known by name.
  const fallback = Object.values(kinds).find(one => one.baseUrl === undefined)
  print(`  providers: { mine: { kind: ${(kind ?? fallback)?.kind}, base_url: "${listed.base}" } }`)
}

interface Listed {
  readonly base: string
  readonly asked: Asked
  readonly models: readonly string[] | undefined
}

function sentenceOf({ models, asked }: Listed, key: string | undefined): string {
  if (models !== undefined) return `${models.length} models: ${nameSome(models)}`
  if (asked.status !== 401 && asked.status !== 403)
    return `It has no list of models (status ${asked.status}).`
  return key === undefined ? 'It wants a key: --key KEY' : 'It refuses this key.'
}

/** The first place with a list; where there is none, what the first place said. */
async function findModels(base: string, key: string | undefined): Promise<Listed> {
  let first: Listed | undefined
  for (const place of places(base)) {
    try {
      const asked = await ask(`${place}/models`, key)
      const listed = { base: place, asked, models: asked.status === 200 ? modelIds(asked.json) : undefined }
      if (listed.models !== undefined) return listed
      first ??= listed
    } catch (error) {
      throw new CommandError(`Nothing answers at ${base} (${reasonOf(error)}).`, exitCodes.unreachable)
    }
  }
  if (first === undefined) throw new CommandError(`Nothing answers at ${base}.`, exitCodes.unreachable)
  return first
}

/** Which engine of the catalogue this is, by the proof that each kind has. */
async function identify(origin: string) {
  const proven = await Promise.all(
    Object.values(kinds).map(
      async kind => kind.local !== undefined && (await isEngine(origin, kind.local, fetch)),
    ),
  )
  return Object.values(kinds)[proven.indexOf(true)]
}
