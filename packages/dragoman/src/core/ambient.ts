import type { Ambient } from './ports.ts'

const ascii = new TextDecoder()
const alphabet = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')

/** Characters are drawn a thousand at a time and cut off as ids: one call into the system's generator serves some forty. */
function createRandomId(): (length: number) => string {
  const bytes = new Uint8Array(1024)
  let drawn = ''
  let used = 0
  const draw = () => {
    crypto.getRandomValues(bytes)
    // 248 is the largest multiple of 62 below 256: rejecting the rest keeps every character equally likely.
    const fair = bytes.filter(byte => byte < 248)
    drawn = drawn.slice(used) + ascii.decode(fair.map(byte => alphabet[byte % 62] ?? 0))
    used = 0
  }
  return length => {
    while (drawn.length - used < length) draw()
    used += length
    return drawn.slice(used - length, used)
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
