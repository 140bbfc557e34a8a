// Builds the library as its users get it on Node: one folder of plain ESM, nothing to install.
//
//   bun test/interop/node/build.ts <folder>
import { join } from 'node:path'

const [folder = 'library'] = process.argv.slice(2)
const built = await Bun.build({
  entrypoints: [join(import.meta.dir, '../../../packages/dragoman/src/index.ts')],
  outdir: folder,
  target: 'node',
  format: 'esm',
  splitting: true,
})
if (!built.success) throw new AggregateError(built.logs, 'The library could not be built.')
await Bun.write(join(folder, 'package.json'), '{"type":"module"}')
