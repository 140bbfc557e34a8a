// Where things that tests need, and that npm does not bring, are kept between runs: one folder a version.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dragoman')

/**
 * The folder of this name, filled by `fill(folder)` if it is not there yet. It appears whole or not at all: it is
 * filled under another name and then renamed, so that neither a broken run nor two at once leave half of it.
 */
export async function cached(name, fill) {
  const folder = join(cacheFolder, name)
  if (existsSync(folder)) return folder
  await mkdir(cacheFolder, { recursive: true })
  const draft = await mkdtemp(join(cacheFolder, `${name}.`))
  try {
    await fill(draft)
    await rename(draft, folder)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another run may have been faster, and then its folder serves as well.
    if (!existsSync(folder)) throw error
  }
  return folder
}
