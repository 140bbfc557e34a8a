// The npm packages of the interop tests, and among them a Node newer than the one that npm may be running on.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '../test/run.mjs'
import { absent, failed } from './absent.mjs'

/** Installs what `folder/package-lock.json` says, unless that is what is there. */
export async function providePackages(folder) {
  const stamp = join(folder, 'node_modules', '.dragoman-lock')
  const lock = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex')
  try {
    if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === lock) return { ready: true }
    await runOrThrow('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder })
    await writeFile(stamp, lock)
    return { ready: true }
  } catch (error) {
    return failed('The packages of test/interop could not be installed', error)
  }
}

/** The Node that came with them as the platform package `node-<platform>-<arch>`. */
export async function provideNode(folder) {
  const name = `node-${process.platform}-${process.arch}`
  const path = join(folder, 'node_modules', name, 'bin', 'node')
  if (!existsSync(path)) {
    const { optionalDependencies = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    return absent(
      `There is no Node of our own choice here: ${name} was not installed.`,
      name in optionalDependencies,
    )
  }
  return { ready: true, path, version: (await runOrThrow(path, ['--version'])).trim() }
}
