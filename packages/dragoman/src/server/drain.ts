import type { Log } from '../core/ports.ts'
import type { HttpServer } from './listen.ts'

/** What is drained: the gateway, or anything that can stop as it does. */
export interface Drainable {
  readonly live: number
  close(options?: { readonly graceMs?: number }): Promise<void>
}

export interface DrainOptions {
  readonly server: HttpServer
  readonly gateway: Drainable
  /** How long running calls may go on, in milliseconds. */
  readonly drain: number
  /**
   * How long the port stays open after SIGTERM, in milliseconds, so that a load balancer sees "not ready" and stops
   * sending before connections are refused. Nobody balances onto a loopback address: there it ends with the last call.
   */
  readonly notice: { readonly milliseconds: number; readonly endsWithLastCall: boolean }
  readonly log: Log
}

/** A terminal's Ctrl-C reaches us twice when npm or a wrapper passes it on: from the terminal and from the wrapper. */
const echo = 300

/** Time for the last bytes to reach a slow reader after its call is over, and for them to leave at all when in haste. */
const lastBytes = { orderly: 5000, atOnce: 500 }

const after = (milliseconds: number) =>
  new Promise<void>(resolve => {
    setTimeout(resolve, milliseconds)
  })

/** Why a server stops: asked to, or because an exception that nobody caught left it in a state nobody knows. */
export type StopReason = 'SIGTERM' | 'SIGINT' | 'exception'

/** Resolves with the first reason to stop, and later with a second signal, echoes left out. */
function createSignals(log: Log): { readonly first: Promise<StopReason>; readonly second: Promise<void> } {
  const { promise: first, resolve: onFirst } = Promise.withResolvers<StopReason>()
  const { promise: second, resolve: onSecond } = Promise.withResolvers<void>()
  let heardAt: number | undefined
  const hear = (signal: StopReason) => {
    const now = performance.now()
    if (heardAt === undefined) {
      heardAt = now
      onFirst(signal)
    } else if (now - heardAt > echo) onSecond()
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => hear(signal))
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log('error', 'an exception that nobody caught; this is a bug', { error: String(error) })
      onFirst('exception')
    })
  }
  return { first, second }
}

/**
 * Waits for SIGTERM, SIGINT or an exception and then stops in order: not ready at once, no new connections after a
 * short notice, calls under way up to the limit, the rest ended with an error in their own dialect. A second signal
 * skips the waiting. Listens for signals from the moment it is called: call it before telling anybody that the
 * server is up.
 */
export async function drainOnSignal(options: DrainOptions): Promise<StopReason> {
  const { server, gateway, log } = options
  const { first, second } = createSignals(log)
  const reason = await first
  log('info', `${reason}: stopping; a signal more stops at once`, {
    calls: gateway.live,
    drain_ms: options.drain,
  })
  server.announceClose()
  const calls = gateway.close({ graceMs: options.drain })
  const orderly = async () => {
    // Whoever pressed Ctrl-C has no load balancer waiting.
    if (reason !== 'SIGINT') {
      const { milliseconds, endsWithLastCall } = options.notice
      await Promise.race(endsWithLastCall ? [calls, after(milliseconds)] : [after(milliseconds)])
    }
    const closed = server.stopAccepting()
    await calls
    await Promise.race([closed, after(lastBytes.orderly)])
  }
  const atOnce = async () => {
    await second
    await gateway.close()
    await after(lastBytes.atOnce)
  }
  await Promise.race([orderly(), atOnce()])
  // Not awaited: a client that does not close its side must not hold the process.
  void server.stop()
  return reason
}
