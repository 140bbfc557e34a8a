/** Something wrong with a configuration: where, what, and the one line that mends it. Never holds a secret. */
export interface ConfigProblem {
  /** Dotted, as in `models.fast.targets[0].provider`; empty for the whole file. */
  readonly path: string
  readonly message: string
  /** What to do. */
  readonly hint?: string
  /** In the file, counted from 1. */
  readonly line?: number
  readonly column?: number
}

export type PathSegments = readonly (string | number)[]

/** A problem that still knows its path in pieces, so that its place in a file can be looked up. */
export interface Finding {
  readonly at: PathSegments
  readonly message: string
  readonly hint?: string
  /** The key itself is wrong, not its value: point at the key. */
  readonly aboutKey?: true
}

/** Thrown where a bad configuration cannot be a value: by `createGateway`. The message holds all problems, a line each. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]
  constructor(problems: readonly ConfigProblem[]) {
    super(
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems
        .map(problem => `  ${writeProblem(problem)}`)
        .join('\n')}`,
    )
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** One line: `dragoman.yaml:3:5 providers.groq: what is wrong. What to do.` */
export function writeProblem(problem: ConfigProblem, file?: string): string {
  const position = problem.line === undefined ? '' : `:${problem.line}:${problem.column ?? 1}`
  const place = file === undefined ? '' : `${file}${position} `
  const path = problem.path === '' ? '' : `${problem.path}: `
  return `${place}${path}${problem.message}${problem.hint === undefined ? '' : ` ${problem.hint}`}`
}

/** `models["claude-*"].targets[0]`: plain names with dots, everything else in brackets. */
export function formatPath(segments: PathSegments): string {
  let path = ''
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`
    else if (/^[A-Za-z_][\w-]*$/.test(segment)) path += path === '' ? segment : `.${segment}`
    else path += `[${JSON.stringify(segment)}]`
  }
  return path
}

/**
 * A value for a sentence: whole or not at all. A cut one could be the start of a secret that was put in the wrong place,
 * and would no longer be recognised as one by whoever takes secrets out of sentences.
 */
export const quote = (value: string): string =>
  value.length > 64 ? 'a text this long' : JSON.stringify(value)
