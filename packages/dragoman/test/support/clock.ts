import { createAmbient } from '../../src/core/ambient.ts'
import type { Ambient } from '../../src/core/ports.ts'

export interface Clock extends Ambient {
  /** Lets this many milliseconds pass at once, and calls back whoever waited for them, in order. */
  advance(milliseconds: number): void
  /** Lets time pass a second at a time until the promise settles: for what happens some turns after something else. */
  until<T>(promise: Promise<T>): Promise<T>
  /** Callbacks that somebody still waits for. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** Time that passes when a test says so. */
export function createClock(start = 1_795_392_000_000): Clock {
  let now = start
  const timers = new Set<Timer>()
  const advance = (milliseconds: number) => {
    const until = now + milliseconds
    for (;;) {
      const due = [...timers].filter(timer => timer.at <= until).sort((one, other) => one.at - other.at)[0]
      if (due === undefined) break
      timers.delete(due)
      now = Math.max(now, due.at)
      due.callback()
    }
    now = until
  }
  return {
    randomId: createAmbient().randomId,
    now: () => now,
    after(milliseconds, callback) {
      const timer = { at: now + milliseconds, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance,
    async until(promise) {
      let isSettled = false
      const settle = () => {
        isSettled = true
      }
      promise.then(settle, settle)
      while (!isSettled) {
        // A turn of the event loop in which the network may do its part.
        await new Promise(resolve => setTimeout(resolve, 1))
        if (!isSettled) advance(1000)
      }
      return promise
    },
    get pending() {
      return timers.size
    },
  }
}
