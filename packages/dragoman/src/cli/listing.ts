import type { Discovered } from '../config/discover.ts'
import { type ConfigProblem, writeProblem } from '../config/problem.ts'
import { CommandError, exitCodes } from './exit.ts'

/** Problems of a configuration as the end of a command. */
export function configFailure(problems: readonly ConfigProblem[], file: string | undefined): CommandError {
  const name = file ?? 'the configuration'
  const lines = problems.map(problem => `  ${writeProblem(problem, file === undefined ? undefined : name)}`)
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  return new CommandError(`${name} has ${count}:\n${lines.join('\n')}`, exitCodes.config)
}

/** Where a discovered provider was found, for people. */
export const whereFound = (found: Discovered): string =>
  found.from === 'port' ? `answers at ${new URL(found.baseUrl).origin}` : `key from ${found.variable}`
