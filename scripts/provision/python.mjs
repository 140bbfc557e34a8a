// A Python environment with the pinned SDKs.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run, runOrThrow } from '../test/run.mjs'
import { absent, briefly } from './absent.mjs'
import { cached } from './cache.mjs'

/** The SDKs need at least this. */
const oldest = [3, 10]

async function findPython() {
  for (const command of ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const { code, output } = await run(command, ['-c', 'import sys; print(*sys.version_info[:3])'])
    const [major, minor, patch] = output.trim().split(' ').map(Number)
    if (code === 0 && major === oldest[0] && minor >= oldest[1])
      return { command, version: `${major}.${minor}.${patch}` }
  }
  return undefined
}

/** `{ ready, path, version }` of an environment in which `requirements` are installed. */
export async function providePython(requirements) {
  const python = await findPython()
  if (python === undefined) return absent(`No Python ${oldest.join('.')} or newer is on the path.`, false)
  const pins = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--quiet']
  try {
    const folder = await cached(`python-${python.version}-${pins}`, async draft => {
      await runOrThrow(python.command, ['-m', 'venv', draft])
      await runOrThrow(join(draft, 'bin', 'python'), [...pip, '--requirement', requirements])
    })
    // Only ever called as `python -m`: what pip wrote into `bin` knows the folder's first name.
    return { ready: true, path: join(folder, 'bin', 'python'), version: python.version }
  } catch (error) {
    const { code } = await run(python.command, ['-m', 'pip', 'index', 'versions', 'pytest'], {
      timeout: 60_000,
    })
    return absent(`The Python packages could not be installed: ${briefly(error)}`, code === 0)
  }
}
