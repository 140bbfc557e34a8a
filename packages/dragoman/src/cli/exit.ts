/** What the process ends with; documented in the help text. */
export const exitCodes = {
  ok: 0,
  /** The command did its work and the answer is no: a check failed, a key is not there. */
  failed: 1,
  /** Unknown command or option, or an argument that is none. */
  usage: 2,
  /** The configuration has problems. */
  config: 3,
  /** The port or address cannot be had. */
  listen: 4,
  /** A running gateway was asked and did not answer. */
  unreachable: 5,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command with a sentence for its user, and no stack: nothing is broken but what the sentence names. */
export class CommandError extends Error {
  readonly code: ExitCode
  constructor(message: string, code: ExitCode = exitCodes.failed) {
    super(message)
    this.name = 'CommandError'
    this.code = code
  }
}
