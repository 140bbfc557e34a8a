import type { Ambient } from './ports.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Random bytes are drawn 1 KiB at a time: one call into the system's generator serves some forty ids. */
function createRandomId(): (length: number) => string {
  const pool = new Uint8Array(1024)
  let used = pool.length
  const nextByte = () => {
    if (used === pool.length) {
      crypto.getRandomValues(pool)
      used = 0
    }
    return pool[used++] ?? 0
  }
  return length => {
    let id = ''
    while (id.length < length) {
      const byte = nextByte()
      // 248 is the largest multiple of 62 below 256: rejecting the rest keeps every character equally likely.
      if (byte < 248) id += alphabet[byte % 62]
    }
    return id
  }
}

/** The real clock, timers and random numbers of the runtime. */
export function createAmbient(): Ambient {
  return {
    now: () => Date.now(),
    randomId: createRandomId(),
    after(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds)
      return () => clearTimeout(timer)
    },
  }
}
