/** A 53-bit number that depends on every part: two multiplicative lanes, mixed at the end. Not for secrets. */
export function hash(...parts: readonly (string | number)[]): number {
  let high = 0x9e3779b9
  let low = 0x41c6ce57
  for (const part of parts) {
    const text = `${part}\u0000`
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at)
      high = Math.imul(high ^ unit, 2654435761)
      low = Math.imul(low ^ unit, 1597334677)
    }
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

/** A reproducible sequence: the only source of variety in what the engine says. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** An integer in [0, count). */
  below(count: number): number
  /** One of a non-empty list. */
  pick<T>(items: readonly [T, ...T[]]): T
}

export function createRandom(seed: number): Random {
  let state = (seed ^ Math.floor(seed / 4294967296)) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number) => Math.floor(next() * count)
  return { next, below, pick: items => items[below(items.length)] ?? items[0] }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const HEX = '0123456789abcdef'

function spell(alphabet: string, length: number, seed: number): string {
  const random = createRandom(seed)
  return Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join('')
}

/** Letters and digits, as OpenAI's chat ids and obfuscation use. */
export const letters = (length: number, ...parts: readonly (string | number)[]): string =>
  spell(LETTERS, length, hash(...parts))

/** Hexadecimal digits, as the ids of Responses use. */
export const hexadecimal = (length: number, ...parts: readonly (string | number)[]): string =>
  spell(HEX, length, hash(...parts))
