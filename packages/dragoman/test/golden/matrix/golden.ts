import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('./', import.meta.url))

/** `UPDATE_GOLDEN=1` writes what was seen instead of comparing it; whoever does so reads the difference. */
const isUpdating = process.env.UPDATE_GOLDEN === '1'

/** The golden text of this name; where goldens are being updated, what was seen becomes it. */
export function goldenOf(name: string, seen: string): string {
  const path = `${root}${name}.txt`
  if (isUpdating) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, seen)
  }
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return `(no golden ${name}: run with UPDATE_GOLDEN=1 and read what it writes)`
  }
}

/** Names of all goldens there are. */
export const listGoldens = (): readonly string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.txt'))
    .map(entry => `${entry.parentPath}/${entry.name}`.slice(root.length).replace(/^\/+/, '').slice(0, -4))
    .sort()
