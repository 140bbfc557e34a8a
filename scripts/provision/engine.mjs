// A real engine: llama.cpp's server from Debian's packages, which are newer than the system it is unpacked on, so that
// it brings its own C library and loader.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../test/run.mjs'
import { absent, failed } from './absent.mjs'
import { findDebianMirror, unpackDebian } from './apt.mjs'
import { cached } from './cache.mjs'

/** Where the package is; it moves on by itself, so its version is read and reported, not pinned. */
const suite = 'sid'
const name = 'llama.cpp-tools'

/** Raised when the way to get or start the engine changes: folders of an older recipe are left alone. */
const recipe = 2

/** How the engine is started from its folder: `{ command, env }`, everything after `command` is its own arguments. */
async function launcher(folder) {
  const libraries = join(folder, 'root/usr/lib/x86_64-linux-gnu')
  const loader = join(folder, 'root/usr/lib64/ld-linux-x86-64.so.2')
  const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? []
  const has = (...names) => names.every(name => flags.includes(name))
  const level = has('avx2', 'fma', 'f16c', 'bmi2') ? 'haswell' : has('sse4_2') ? 'sse42' : 'x64'
  return {
    command: [
      loader,
      '--library-path',
      `${libraries}:${libraries}/llama`,
      join(folder, 'root/usr/bin/llama-server'),
    ],
    env: { GGML_BACKEND_PATH: join(libraries, `ggml/backends0/libggml-cpu-${level}.so`) },
  }
}

/** `{ ready, command, env, version }`, or why there is no engine here. */
export async function provideEngine() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return absent(
      `A real engine is only known how to get on Linux x86_64, not ${process.platform} ${process.arch}.`,
      false,
    )
  }
  const mirror = await findDebianMirror()
  if (mirror === undefined)
    return absent('A real engine comes from a Debian mirror, and this machine names none.', false)
  try {
    const folder = await cached(`llama-server-${recipe}`, async draft => {
      const root = await unpackDebian(draft, mirror, suite, name)
      if (!existsSync(join(root, 'usr/bin/llama-server')))
        throw new Error('The packages hold no llama-server.')
    })
    const { command, env } = await launcher(folder)
    const { code, output } = await run(command[0], [...command.slice(1), '--version'], {
      env,
      timeout: 30_000,
    })
    const version = /^version: (.+)$/m.exec(output)?.[1]
    if (code !== 0 || version === undefined)
      throw new Error(`llama-server --version ended with ${code}: ${output}`)
    return { ready: true, command, env, version }
  } catch (error) {
    // A mirror that does not carry the suite or the package is a fact about this machine.
    if (/404|Unable to locate|no installation candidate/i.test(String(error))) {
      return absent(`The mirror ${mirror} has no ${name} in ${suite}.`, false)
    }
    return failed('The engine could not be had', error)
  }
}
