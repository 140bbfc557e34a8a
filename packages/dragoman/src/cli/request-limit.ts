import { spawnSync } from 'node:child_process'

/** As many outgoing requests at once as the runtime can count; it keeps 256 unless told before it starts. */
const limit = { BUN_CONFIG_MAX_HTTP_REQUESTS: '65336' }

/** Whether a command line starts a server, which is also what no command means. */
const serves = (words: readonly string[]): boolean =>
  (words[0] === undefined || words[0].startsWith('-') || /^(serve|sandbox)$/.test(words[0])) &&
  !words.some(word => /^(-h|--help|-v|--version)$/.test(word))

/** Starts a process that will serve anew with the limit raised, in its own place where the system can do that. */
export function raiseRequestLimit(commandLine: readonly string[]): void {
  const isBun = process.versions.bun !== undefined
  if (!isBun || process.env.BUN_CONFIG_MAX_HTTP_REQUESTS !== undefined || !serves(commandLine)) return
  const env = { ...process.env, ...limit }
  // In a compiled binary the script is a path inside it, which is not passed on.
  const words = process.argv.slice(process.argv[1]?.includes('$bunfs') ? 2 : 1)
  if (process.execve !== undefined && process.platform !== 'win32') {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...words], env)
  }
  const child = spawnSync(process.execPath, [...process.execArgv, ...words], { stdio: 'inherit', env })
  process.exit(child.status ?? 1)
}
