import { join } from 'node:path'
import { type Running, start } from './process.ts'
import { root, scratchFolder } from './scratch.ts'

/** How to start llama.cpp's server, as scripts/provision/engine.mjs found out. */
interface Launcher {
  readonly command: readonly string[]
  readonly env: { readonly [name: string]: string }
  readonly version: string
}

/** Absent where this machine has no engine: its tests are skipped then, and the test command says so. */
export const launcher: Launcher | undefined =
  process.env.DRAGOMAN_TEST_ENGINE === undefined ? undefined : JSON.parse(process.env.DRAGOMAN_TEST_ENGINE)

export interface Engine extends Running {
  /** Without a path. */
  readonly url: string
}

/** A scripted model says the texts of engine/scripts.mjs, a random one nonsense. */
export type ModelKind = 'script' | 'random'

const written = new Map<ModelKind, string>()

async function writeModel(kind: ModelKind): Promise<string> {
  const known = written.get(kind)
  if (known !== undefined) return known
  const path = join(scratchFolder(), `${kind}.gguf`)
  const writer = start([process.execPath, join(root, 'test/interop/engine/tiny-gguf.mjs'), kind, path])
  if ((await writer.ended) !== 0) throw new Error(`The model could not be written: ${writer.printed()}`)
  written.set(kind, path)
  return path
}

/**
 * Starts the engine on a free port with a tiny model called `tiny`; resolves when it answers. A port is
 * named only to bring back an engine that stood there.
 */
export async function startEngine(
  args: readonly string[] = [],
  kind: ModelKind = 'script',
  port = '0',
): Promise<Engine> {
  if (launcher === undefined) throw new Error('There is no engine on this machine.')
  const model = await writeModel(kind)
  // One thread: on a busy machine more of them only wait for each other.
  const own = [
    '--model',
    model,
    '--alias',
    'tiny',
    '--host',
    '127.0.0.1',
    '--port',
    port,
    '--offline',
    '--no-ui',
  ]
  const process = start(
    [...launcher.command, ...own, '--threads', '1', '--ctx-size', '8192', '--parallel', '2', ...args],
    launcher.env,
  )
  const [, url = ''] = await process.says(/listening on (http:\/\/127\.0\.0\.1:\d+)/)
  return { ...process, url }
}
