import { type ChildProcess, spawn } from 'node:child_process'

/** A server of ours in a process of its own. */
export interface Running {
  readonly pid: number
  /** Everything it printed so far, on both outputs. */
  printed(): string
  /** Resolves with the first match in what it prints; rejects with all of it where the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  isOver(): boolean
  /** Its exit code, null after a signal. */
  readonly ended: Promise<number | null>
  /** Asks it to end, and makes it end where it does not. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** How long a process may take to end when asked to. */
const grace = 5000

const live = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of live) kill(child, 'SIGKILL')
})

/** Signals the process and whatever it started: each stands in a group of its own. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid ?? 0), signal)
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Starts a command. It never outlives this process, however this process ends short of being killed itself. */
export function start(
  command: readonly string[],
  env: { readonly [name: string]: string } = {},
  cwd?: string,
): Running {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  live.add(child)
  let text = ''
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of [...listeners]) listener()
  }
  const hear = (chunk: Buffer) => {
    text += chunk.toString()
    changed()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  let over = false
  const ended = new Promise<number | null>(resolve => {
    const finish = (code: number | null) => {
      over = true
      live.delete(child)
      resolve(code)
      changed()
    }
    child.on('close', finish)
    child.on('error', error => {
      text += error.message
      finish(127)
    })
  })
  return {
    pid: child.pid ?? -1,
    printed: () => text,
    isOver: () => over,
    ended,
    says: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text)
          if (match !== null) resolve(match)
          else if (over) reject(new Error(`${command.join(' ')} ended without saying ${pattern}:\n${text}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    async stop(signal = 'SIGTERM') {
      if (!over) kill(child, signal)
      const alarm = setTimeout(() => kill(child, 'SIGKILL'), grace)
      const code = await ended
      clearTimeout(alarm)
      return code
    },
  }
}
