import { connect } from 'node:net'
import { isLoopback } from '../config/loopback.ts'
import { type Dial, TransportError } from '../core/ports.ts'

type Environment = { readonly [name: string]: string | undefined }

/** An origin that was reached this recently is not tried again, in milliseconds. */
const freshness = 5000

/** Origins are remembered up to this many; a gateway has as many as providers. */
const mostOrigins = 1000

const kinds: { readonly [code: string]: TransportError['kind'] } = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNRESET: 'reset',
}

/** Whether fetch will go through a proxy, which alone can say whether the host can be reached. */
function isProxied(url: URL, env: Environment): boolean {
  if (isLoopback(url.hostname)) return false
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  return Boolean(env[name] || env[name.toUpperCase()])
}

/** Opens and closes one TCP connection. Rejects with a `TransportError`. */
function reach(url: URL, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
    const socket = connect({ host, port })
    const fail = (kind: TransportError['kind'], reason: string, cause?: unknown) => {
      socket.destroy()
      reject(new TransportError(kind, `${url.host}: ${reason}`, { cause }))
    }
    const timer = setTimeout(() => fail('connect-timeout', `no connection within ${timeoutMs} ms`), timeoutMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.destroy()
      resolve()
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      const code = error.code ?? ''
      fail(
        kinds[code] ?? 'other',
        code === '' ? 'the connection failed' : `the connection failed (${code})`,
        error,
      )
    })
  })
}

/**
 * Learns whether a host can be reached, by the clock of `now`. Calls that want to know the same at once share one
 * connection, which therefore belongs to none of them: a caller that gives up only stops waiting.
 */
export function createDial(
  env: Environment = process.env,
  now: () => number = () => performance.now(),
): Dial {
  const reachedAt = new Map<string, number>()
  const pending = new Map<string, Promise<void>>()

  const dialOnce = (url: URL, timeoutMs: number): Promise<void> => {
    const started = pending.get(url.origin)
    if (started !== undefined) return started
    const dialled = reach(url, timeoutMs)
      .then(() => {
        if (reachedAt.size >= mostOrigins) reachedAt.clear()
        reachedAt.set(url.origin, now())
      })
      .finally(() => pending.delete(url.origin))
    pending.set(url.origin, dialled)
    return dialled
  }

  return async (url, timeoutMs, signal) => {
    const last = reachedAt.get(url.origin)
    if (isProxied(url, env) || (last !== undefined && now() - last < freshness)) return
    signal.throwIfAborted()
    const { promise: gaveUp, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([dialOnce(url, timeoutMs), gaveUp])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
