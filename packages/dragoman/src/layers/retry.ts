import type { Answer } from '../core/answer.ts'
import type { Aimed } from '../core/call.ts'
import type { Layer } from '../core/handler.ts'
import type { Ambient } from '../core/ports.ts'
import type { Fault } from '../ir/fault.ts'

export interface RetryOptions {
  /** Tries beyond the first. */
  readonly attempts: number
  /** Longest wait in milliseconds that is worth it; a longer `retry-after` goes to the caller or the next target. */
  readonly maxWait: number
}

const firstWait = 250

/** Milliseconds to wait before try number `tried` + 1, or undefined where waiting is not worth it. */
function waitFor(fault: Fault, tried: number, options: RetryOptions, random: number): number | undefined {
  const wait = fault.retryAfterMs ?? firstWait * 2 ** (tried - 1)
  // Never earlier than asked; later by up to half, so that many callers do not come back at once.
  return wait > options.maxWait ? undefined : wait * (1 + random / 2)
}

/** Resolves true after the time, false as soon as the owner gives up. */
function pause(milliseconds: number, owner: AbortSignal, ambient: Ambient): Promise<boolean> {
  return new Promise(resolve => {
    const stop = () => {
      cancel()
      resolve(false)
    }
    const cancel = ambient.after(milliseconds, () => {
      owner.removeEventListener('abort', stop)
      resolve(true)
    })
    if (owner.aborted) stop()
    else owner.addEventListener('abort', stop, { once: true })
  })
}

/** A number from 0 to 1. */
const fraction = (ambient: Ambient): number => Number.parseInt(ambient.randomId(4), 36) / 36 ** 4

/** Tries the same target again where that is safe and soon: nothing was shown, and the fault says it may pass. */
export const retry =
  (options: RetryOptions, ambient: Ambient): Layer<Aimed> =>
  next =>
  async call => {
    for (let tried = 1; ; tried++) {
      const answer: Answer = await next(call)
      if (answer.kind !== 'fault' || !answer.fault.retryable || tried > options.attempts) return answer
      const wait = waitFor(answer.fault, tried, options, fraction(ambient))
      const left = call.receivedAt + call.target.timeouts.total - ambient.now()
      if (wait === undefined || wait >= left) return answer
      if (!(await pause(wait, call.owner, ambient))) return { kind: 'cancelled' }
    }
  }
