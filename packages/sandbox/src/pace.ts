// The stream's clock: frames leave at the speed of the engine, in a pull stream that holds nothing back for later.

/** A piece of a body, and how many tokens of the pace it costs. */
export interface Frame {
  readonly text: string
  readonly tokens: number
  /** The frame that says that the stream is over. */
  readonly terminator?: boolean
}

/** Waits, and returns at once when the signal says so; never throws. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

export interface Live {
  /** Waits that have not ended. */
  readonly timers: number
  /** Bodies that are neither read to their end nor given up. */
  readonly streams: number
}

/** Tokens leave together in ticks of this many milliseconds, so that a fast engine does not set a timer a token. */
const TICK = 20

export interface Pacer {
  readonly live: Live
  readonly sleep: Sleep
  /** The frames as a body. Aborting the signal, or cancelling the body, ends the waiting at once. */
  stream(steps: Iterator<Step>, signal: AbortSignal): ReadableStream<Uint8Array>
}

/** What a body is made of: frames, and the orders to wait so many milliseconds or to tear it. */
export type Step = Frame | { readonly wait: number } | { readonly tear: Error }

/** A `setTimeout` that a signal can end. */
export const sleepFor: Sleep = (milliseconds, signal) =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    // A wait without end needs no timer: only the signal ends it.
    const timer = Number.isFinite(milliseconds) ? setTimeout(finish, milliseconds) : undefined
    signal.addEventListener('abort', finish)
  })

export function createPacer(rate: number, wait: Sleep): Pacer {
  const live = { timers: 0, streams: 0 }
  const sleep: Sleep = async (milliseconds, signal) => {
    live.timers += 1
    await wait(milliseconds, signal)
    live.timers -= 1
  }
  const tick =
    rate === Number.POSITIVE_INFINITY
      ? null
      : { tokens: Math.max(1, Math.round((rate * TICK) / 1000)), rate: Math.max(rate, 0.001) }
  return {
    live,
    sleep,
    stream: (steps, signal) => {
      live.streams += 1
      return createBody({ steps, sleep, tick }, signal, () => {
        live.streams -= 1
      })
    },
  }
}

interface Source {
  readonly steps: Iterator<Step>
  readonly sleep: Sleep
  /** Null: one frame a read, as fast as the reader reads. */
  readonly tick: { readonly tokens: number; readonly rate: number } | null
  readonly ended: AbortSignal
}

/** Reads a text to send: what a tick holds, or one frame. Null where the body is over; throws where it is torn. */
function createReader({ steps, sleep, tick, ended }: Source): () => Promise<string | null> {
  let spent = 0
  let waiting: IteratorResult<Step> | null = null
  return async () => {
    if (tick && spent >= tick.tokens) {
      await sleep((spent / tick.rate) * 1000, ended)
      spent = 0
    }
    let text = ''
    while (!ended.aborted && (tick ? spent < tick.tokens : text === '')) {
      const step: IteratorResult<Step> = waiting ?? steps.next()
      waiting = null
      const value = step.done ? null : step.value
      if (value !== null && 'text' in value) {
        text += value.text
        spent += value.tokens
        continue
      }
      // Whatever comes next must not overtake what is still in hand.
      if (text !== '') {
        waiting = step
        break
      }
      if (value === null) return null
      if ('tear' in value) throw value.tear
      await sleep(value.wait, ended)
    }
    return text
  }
}

/** @param settle called once, when the body is read, torn or given up */
function createBody(
  source: Omit<Source, 'ended'>,
  signal: AbortSignal,
  settle: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const given = new AbortController()
  const ended = AbortSignal.any([signal, given.signal])
  const read = createReader({ ...source, ended })
  let open = true
  const close = () => {
    if (open) settle()
    open = false
    signal.removeEventListener('abort', close)
  }
  if (signal.aborted) close()
  else signal.addEventListener('abort', close)
  return new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        try {
          const text = await read()
          if (ended.aborted) throw signal.reason ?? new DOMException('The body was given up.', 'AbortError')
          if (text !== null) return controller.enqueue(encoder.encode(text))
          close()
          controller.close()
        } catch (reason) {
          close()
          controller.error(reason)
        }
      },
      cancel: () => {
        close()
        given.abort()
      },
    },
    { highWaterMark: 0 },
  )
}
