// Proves everything, in order: types, style, unit tests, then the gateway as a process under real clients and a real
// engine. What the last part needs is installed on the way, while the first parts run. The last line is the result.
//
//   npm test                      all of it
//   npm test -- openai engine     only the interop tests whose file name contains one of these
//   npm test -- --verbose         with what every step printed, not only the failed ones
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBun } from './bun.mjs'
import { provideEngine } from './provision/engine.mjs'
import { provideNode, providePackages } from './provision/packages.mjs'
import { providePython } from './provision/python.mjs'
import { readBun, readExit, readNode, readPytest } from './test/counts.mjs'
import { createReport } from './test/report.mjs'
import { run } from './test/run.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const interop = join(root, 'test', 'interop')
const words = process.argv.slice(2)
const isVerbose = words.includes('--verbose')
const wanted = words.filter(word => !word.startsWith('--'))

const bun = findBun()
const report = createReport()

/** Runs one step and reports it; `read` finds the numbers in what it printed. */
async function step(name, read, command, args, options = {}) {
  const result = await run(command, args, { cwd: root, ...options })
  report.ran(name, read(result), result, isVerbose)
}

/** A busy machine is no failure: a test may take as long as it needs, within reason. */
const bunOptions = ['--parallel=2', '--timeout=60000']

const binary = name => join(root, 'node_modules', '.bin', name)

/** Everything that needs nothing but what `npm ci` installed. */
async function proveAlone() {
  await step('types', readExit, binary('tsc'), ['--noEmit'])
  await step('style', readExit, binary('biome'), ['ci', '--colors=off', '.'])
  await step('unit tests', readBun, bun, ['test', 'packages', ...bunOptions])
}

/** Fetches what the interop tests need; each piece is ready, or says why not. */
async function provision() {
  const [packages, python, llamaindex, engine] = await Promise.all([
    providePackages(interop),
    providePython(join(interop, 'python', 'requirements.txt')),
    providePython(join(interop, 'llamaindex', 'requirements.txt')),
    provideEngine(),
  ])
  return { packages, python, llamaindex, engine, node: await provideNode(interop) }
}

const isWanted = name => wanted.length === 0 || wanted.some(word => name.includes(word))

async function proveTypescript({ packages, engine, python, node }) {
  if (!packages.ready) return report.missing('interop, TypeScript', packages)
  if (wanted.length === 0) await step('interop types', readExit, binary('tsc'), ['--noEmit', '-p', interop])
  if (engine.ready) console.log(`     llama-server ${engine.version}`)
  else report.missing('a real engine', engine)
  const env = {
    ...(engine.ready && { DRAGOMAN_TEST_ENGINE: JSON.stringify(engine) }),
    ...(python.ready && { DRAGOMAN_TEST_PYTHON: python.path }),
    ...(node.ready && { DRAGOMAN_TEST_NODE: node.path }),
  }
  const args = ['test', ...wanted, ...bunOptions, '--pass-with-no-tests']
  await step('interop, TypeScript', readBun, bun, args, { cwd: interop, env })
}

/** Python tests by folder, each with what it is missed as and an environment of its own. */
const pythonTests = [
  { folder: 'python', name: 'interop, Python' },
  { folder: 'llamaindex', name: 'interop, LlamaIndex' },
]

async function provePython(pieces) {
  for (const { folder, name } of pythonTests) {
    const python = pieces[folder]
    if (!isWanted(folder)) continue
    if (!python.ready) {
      report.missing(name, python)
      continue
    }
    console.log(`     Python ${python.version}`)
    const options = ['--tb=short', '-p', 'no:cacheprovider', '-o', `pythonpath=${join(interop, 'python')}`]
    const args = ['-m', 'pytest', '-q', ...options]
    await step(name, readPytest, python.path, args, { cwd: join(interop, folder) })
  }
}

async function proveNode({ packages, node }) {
  if (!isWanted('node')) return
  if (!packages.ready) return
  if (!node.ready) return report.missing('the library on Node', node)
  console.log(`     Node ${node.version}`)
  const folder = await mkdtemp(join(tmpdir(), 'dragoman-library-'))
  try {
    const built = await run(bun, [join(interop, 'node', 'build.ts'), folder], { cwd: root })
    if (built.code !== 0) return report.ran('the library on Node', readExit(built), built, isVerbose)
    const args = ['--test', '--test-reporter=tap', join(interop, 'node', 'library.mjs')]
    const env = { DRAGOMAN_LIBRARY: join(folder, 'index.js') }
    await step('the library on Node', readNode, node.path, args, { env })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const [pieces] = await Promise.all([provision(), wanted.length === 0 ? proveAlone() : undefined])
await proveTypescript(pieces)
await Promise.all([provePython(pieces), proveNode(pieces)])
process.exitCode = report.close()
