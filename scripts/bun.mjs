// Runs the Bun that this repository pins, found through the platform package, so that it works on a machine
// that has only an old Node, and also where npm was told not to run install scripts.
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

/** The path of the pinned Bun executable, or a sentence that says what is missing. */
export function findBun() {
  try {
    // The package's install script moves the real binary here; without the script this is a text of 450 bytes.
    const moved = join(dirname(require.resolve('bun/package.json')), 'bin', 'bun.exe')
    if (statSync(moved).size > 1e6) return moved
  } catch {
    // Not installed by that name: look for the platform package.
  }
  const arch = process.arch === 'arm64' ? 'aarch64' : process.arch
  const system = process.platform === 'win32' ? 'windows' : process.platform
  for (const name of [
    `bun-${system}-${arch}`,
    `bun-${system}-${arch}-musl`,
    `bun-${system}-${arch}-baseline`,
  ]) {
    try {
      const folder = dirname(require.resolve(`@oven/${name}/package.json`))
      const path = join(folder, 'bin', process.platform === 'win32' ? 'bun.exe' : 'bun')
      if (existsSync(path)) return path
    } catch {
      // Not the package of this platform: try the next name.
    }
  }
  throw new Error(`No Bun for ${process.platform}-${process.arch} in node_modules: run "npm ci" first.`)
}

if (import.meta.url === `file://${process.argv[1]}`) {
  // fetch in Bun keeps at most 256 outgoing requests unless this is set before the process starts.
  const env = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65336', ...process.env }
  const child = spawn(findBun(), process.argv.slice(2), { stdio: 'inherit', env })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)))
}
