// The library in process on Bun, and the proof that the tests for Node see a socket where there is one.
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { start } from './harness/process.ts'
import { root, scratchFolder } from './harness/scratch.ts'

const node = join(root, 'test/interop/node')

test('the library runs in process on Bun, from its source and as it is built for Node', async () => {
  const folder = scratchFolder()
  const build = start([process.execPath, join(node, 'build.ts'), folder])
  expect([await build.ended, build.printed()]).toEqual([0, ''])
  for (const library of [join(root, 'packages/dragoman/src/index.ts'), join(folder, 'index.js')]) {
    const run = start(
      [process.execPath, 'test', '--timeout=60000', './node/library.mjs'],
      { DRAGOMAN_LIBRARY: library },
      join(root, 'test/interop'),
    )
    expect([await run.ended, run.printed()]).toEqual([0, expect.stringContaining(' 0 fail')])
  }
})
