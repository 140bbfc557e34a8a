import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { type Discovered, layDiscovered } from '../config/discover.ts'
import type { ConfigProblem } from '../config/problem.ts'
import type { ConfigInput } from '../config/schema.ts'
import { createAmbient } from '../core/ambient.ts'
import { defaultDataFolder, readLocalKey } from '../stores/data-folder.ts'
import { createKey, writeKey } from '../stores/key-format.ts'
import { CommandError, exitCodes } from './exit.ts'

/** The configuration file that is used where none is named. */
export const usualConfigFile = 'dragoman.yaml'

export const dataFolderOf = (option: string | undefined): string =>
  option === undefined ? defaultDataFolder(process.platform, process.env) : resolve(option)

/** The owner's key: of the environment where it is set, else of the data folder, made with the first need of it. */
export function localKeyOf(dataFolder: string): string {
  const given = process.env.DRAGOMAN_KEY
  if (given !== undefined && given !== '') {
    if (!/^[\x21-\x7e]+$/.test(given))
      throw new CommandError('DRAGOMAN_KEY holds a space or a character that a header cannot carry.')
    return given
  }
  try {
    return readLocalKey(dataFolder, () => writeKey(createKey(createAmbient().randomId)))
  } catch (error) {
    throw new CommandError(
      `The local key cannot be kept in ${dataFolder} (${reasonOf(error)}). Set DRAGOMAN_KEY, or take another folder: --data-dir DIR.`,
    )
  }
}

/** Why something of the system failed, in a word. */
export const reasonOf = (error: unknown): string =>
  error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error)

/** The configuration file to use: the named one, the usual one where it is there, or none. */
export function findConfigFile(option: string | undefined): string | undefined {
  if (option === undefined) return existsSync(usualConfigFile) ? resolve(usualConfigFile) : undefined
  const path = resolve(option)
  if (!existsSync(path)) throw new CommandError(`There is no file ${path}.`, exitCodes.config)
  return path
}

/** What the command line lays over the file. */
export interface Overrides {
  readonly host?: string
  readonly port?: number
}

const sectionOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {})

function layOverrides(input: unknown, overrides: Overrides): unknown {
  if (overrides.host === undefined && overrides.port === undefined) return input
  const server = 'server' in sectionOf(input) ? (input as { readonly server: unknown }).server : {} // the key was just seen
  return { ...sectionOf(input), server: { ...sectionOf(server), ...overrides } }
}

export type ReadResult =
  | { readonly ok: true; readonly input: ConfigInput; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/** Reads a configuration's text, or none, with what was discovered under it and the command line over it. */
export async function readConfig(
  text: string,
  file: string | undefined,
  discovered: readonly Discovered[],
  overrides: Overrides = {},
): Promise<ReadResult> {
  const [{ parseConfig }, { kinds }] = await Promise.all([
    import('../config/parse.ts'),
    import('../providers/catalog.ts'),
  ])
  const adjust = (input: unknown) => layOverrides(layDiscovered(input, discovered, kinds), overrides)
  // Most first starts have no file, and reading YAML is a fifth of what is loaded for a start.
  if (file === undefined) {
    const input = adjust({})
    const parsed = parseConfig(input, kinds)
    return parsed.ok ? { ...parsed, input: input as ConfigInput } : parsed // it was just accepted
  }
  const { loadConfig } = await import('../config/load.ts')
  return loadConfig(text, {
    kinds,
    env: process.env,
    readFile: path => readFileSync(resolve(dirname(file), path), 'utf8'),
    adjust,
  })
}

/** The text of a configuration file; none is empty. */
export function readConfigText(file: string | undefined): string {
  if (file === undefined) return ''
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file} cannot be read (${reasonOf(error)}).`, exitCodes.config)
  }
}
