import { CommanderError } from 'commander'
import { suggest } from '../config/suggest.ts'
import { CommandError, exitCodes } from './exit.ts'
import { createProgram } from './program.ts'
import { printable, styleFor } from './terminal.ts'

function fail(sentence: string, code: number): never {
  process.stderr.write(`${styleFor(process.stderr).bad('error:')} ${printable(sentence)}\n`)
  process.exit(code)
}

/** A first word that is no command would be taken for an argument of `serve`, which has none. */
function checkCommand(word: string | undefined, known: readonly string[]): void {
  if (word === undefined || word.startsWith('-') || known.includes(word)) return
  const near = suggest(word, known)
  const hint = near === undefined ? `Commands: ${known.join(', ')}.` : `Did you mean "dragoman ${near}"?`
  fail(`There is no command "${word.slice(0, 40)}". ${hint}`, exitCodes.usage)
}

/** Does what the command line says. */
export async function run(): Promise<void> {
  const words = process.argv.slice(2)
  const program = createProgram()
  const known = [...program.commands.map(command => command.name()), 'help']
  checkCommand(words[0], known)
  const command = known.find(name => name === words[0]) ?? 'serve'
  const serves = command === 'serve' || command === 'sandbox'
  if (serves && process.versions.bun === undefined)
    fail('The server runs on Bun, not on Node: npm start, or bun run.', exitCodes.failed)
  for (const each of [program, ...program.commands, ...program.commands.flatMap(one => one.commands)])
    each.exitOverride()
  try {
    await program.parseAsync()
    // A server only comes here once it is stopped: a client that keeps its connection must not keep the process.
    if (serves) process.exit(process.exitCode ?? exitCodes.ok)
  } catch (error) {
    // commander has already said what was wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
    if (error instanceof CommandError) fail(error.message, error.code)
    throw error
  }
}
