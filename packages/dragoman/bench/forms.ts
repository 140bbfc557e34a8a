// The command as it comes to a machine: its source, as developers run it, and what users get.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Form {
  readonly name: 'source' | 'bundled' | 'binary'
  /** What to start; the command's own words follow. */
  readonly command: readonly string[]
}

export interface Forms extends Disposable {
  readonly forms: readonly Form[]
}

const source = join(import.meta.dir, '../src/cli/main.ts')

/**
 * Split, because what is loaded late has to stay in files of its own: in one file, a start would read every table of
 * the tokenizers, and the process that only starts itself anew would read all of it twice.
 */
const options = {
  entrypoints: [source],
  target: 'bun',
  format: 'esm',
  minify: true,
  splitting: true,
} satisfies Partial<Bun.BuildConfig>

/** Builds what Bun runs into a folder, and returns the path of its first file. */
export async function buildBundle(folder: string): Promise<string> {
  await Bun.build({ ...options, outdir: folder })
  return join(folder, 'main.js')
}

/** Builds the bundle and the single-file binary in a folder that goes when they are disposed of. */
export async function buildForms(): Promise<Forms> {
  const folder = mkdtempSync(join(tmpdir(), 'dragoman-forms-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const binary = join(folder, 'dragoman')
  try {
    const bundle = await buildBundle(folder)
    // Compiled ahead of time, so that a start parses nothing.
    await Bun.build({ ...options, compile: { outfile: binary }, bytecode: true })
    return {
      forms: [
        { name: 'source', command: [process.execPath, source] },
        { name: 'bundled', command: [process.execPath, bundle] },
        { name: 'binary', command: [binary] },
      ],
      [Symbol.dispose]: remove,
    }
  } catch (error) {
    remove()
    throw error
  }
}
