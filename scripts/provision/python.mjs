// A Python environment with the pinned SDKs.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOrThrow } from '../test/run.mjs'
import { absent, failed } from './absent.mjs'
import { cached } from './cache.mjs'

/** The SDKs need at least this. */
const oldest = [3, 10]

async function findPython() {
  for (const command of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const ask = 'import sys; print(*sys.version_info[:3], sys.base_prefix)'
    const { code, output } = await run(command, ['-c', ask])
    const [major, minor, patch, home] = output.trim().split(' ')
    if (code === 0 && Number(major) === oldest[0] && Number(minor) >= oldest[1]) {
      return { command, version: `${major}.${minor}.${patch}`, home }
    }
  }
  return undefined
}

/** `{ ready, path, version }` of an environment in which `requirements` are installed. */
export async function providePython(requirements) {
  const python = await findPython()
  if (python === undefined) return absent(`No Python ${oldest.join('.')} or newer is on the path.`, false)
  const { command, version, home } = python
  const pins = createHash('sha256')
    .update(home)
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  // Most of what is installed is never imported: it is not worth compiling.
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', '--disable-pip-version-check']
  try {
    const folder = await cached(`python-${version}-${pins}`, async draft => {
      await runOrThrow(command, ['-m', 'venv', draft])
      await runOrThrow(join(draft, 'bin', 'python'), [...pip, '--requirement', requirements])
    })
    // Only ever called as `python -m`: what pip wrote into `bin` knows the folder's first name.
    return { ready: true, path: join(folder, 'bin', 'python'), version }
  } catch (error) {
    return failed('The Python packages could not be installed', error)
  }
}
