import { randomBytes } from 'node:crypto'
import { constants, copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = { readonly [name: string]: string | undefined }

/** The platform's folder for a user's data; never the working folder, which may be shared or a repository. */
export function defaultDataFolder(platform: NodeJS.Platform, env: Environment, home = homedir()): string {
  switch (platform) {
    case 'win32':
      return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'dragoman')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'dragoman')
    default:
      return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'dragoman')
  }
}

/** Files of the data folder. */
export const localKeyFile = (folder: string): string => join(folder, 'local.key')
export const pepperFile = (folder: string): string => join(folder, 'pepper')
export const custodyFile = (folder: string): string => join(folder, 'custody.keys')
export const storeFile = (folder: string): string => join(folder, 'dragoman.db')

/** Makes the folder where it is missing, open to its owner alone. Throws where that is not possible. */
export function ensureDataFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The text of a secret file, made with `create` where there is none. Two processes that start together get the same: the
 * file appears under its name whole or not at all, and only for the first of them.
 */
function readOrCreate(path: string, create: () => string): string {
  const there = readIfThere(path)
  if (there !== undefined && there !== '') return there
  if (there === '') rmSync(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${create()}\n`, { mode: 0o600, flag: 'wx' })
  try {
    placeOnce(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return readFileSync(path, 'utf8').trim()
}

/** Gives a written file its name, unless the name is taken (EEXIST). Not every file system has links. */
function placeOnce(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw error
    copyFileSync(draft, path, constants.COPYFILE_EXCL)
  }
}

/** The owner's key of this installation, made by `create` with the first need of it. */
export function readLocalKey(folder: string, create: () => string): string {
  ensureDataFolder(folder)
  return readOrCreate(localKeyFile(folder), create)
}

/** The secret that digests of keys are made with: 32 random bytes. Lost, all stored keys are lost with it. */
export function readPepper(folder: string): Uint8Array {
  ensureDataFolder(folder)
  const path = pepperFile(folder)
  const pepper = Buffer.from(
    readOrCreate(path, () => randomBytes(32).toString('hex')),
    'hex',
  )
  if (pepper.length !== 32) throw new Error(`${path} is damaged: it has to hold 64 hexadecimal digits.`)
  return pepper
}

/**
 * The secrets that opaque state is sealed with, 64 hexadecimal digits a line. The first line seals; the others only open
 * what they sealed once, so a key is replaced by putting a new line above it.
 */
export function readCustodySecrets(folder: string): readonly Uint8Array[] {
  ensureDataFolder(folder)
  const path = custodyFile(folder)
  return parseCustodySecrets(
    readOrCreate(path, () => randomBytes(32).toString('hex')),
    path,
  )
}

/** Secrets from such lines. Throws for anything else, naming where it stands and nothing of what it says. */
export function parseCustodySecrets(text: string, where: string): readonly Uint8Array[] {
  const lines = text.trim().split(/\s+/)
  if (lines.every(line => /^[0-9a-f]{64}$/i.test(line))) return lines.map(line => Buffer.from(line, 'hex'))
  throw new Error(`${where} is damaged: each of its lines has to hold 64 hexadecimal digits.`)
}
