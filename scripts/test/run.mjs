// Runs one command to its end, with everything it prints kept until somebody wants to read it.
import { spawn } from 'node:child_process'
import { basename } from 'node:path'

/** Longer than any step takes on a slow machine; a step that hangs must not hang the whole run. */
const patience = 10 * 60_000

const live = new Set()

/** Ends a process and all it started: each runs in a group of its own. */
function end(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It ended by itself in the meantime.
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of live) end(child, signal)
    process.exit(1)
  })
}

/**
 * `{ code, output, seconds }` of a command. Never rejects: a command that cannot be started ends with code 127 and the
 * reason as its output, one that takes too long with 124.
 */
export function run(command, args, { cwd, env, timeout = patience } = {}) {
  return new Promise(resolve => {
    const started = Date.now()
    const chunks = []
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    live.add(child)
    let late = false
    const alarm = setTimeout(() => {
      late = true
      end(child, 'SIGKILL')
    }, timeout)
    const finish = (code, more = '') => {
      clearTimeout(alarm)
      live.delete(child)
      const output = Buffer.concat(chunks).toString() + more
      resolve({ code, output, seconds: (Date.now() - started) / 1000 })
    }
    child.stdout.on('data', chunk => chunks.push(chunk))
    child.stderr.on('data', chunk => chunks.push(chunk))
    child.on('error', error => finish(127, `${command}: ${error.message}\n`))
    child.on('close', code =>
      late ? finish(124, `${command} took longer than ${timeout / 1000} s.\n`) : finish(code ?? 1),
    )
  })
}

/** The same, throwing an error where the command failed: what failed in its first line, then the end of its output. */
export async function runOrThrow(command, args, options) {
  const result = await run(command, args, options)
  if (result.code === 0) return result.output
  const said = result.output.trim().split('\n').slice(-20).join('\n')
  throw new Error(
    `"${basename(command)} ${args.slice(0, 3).join(' ')} ..." ended with ${result.code}.\n${said}`,
  )
}
