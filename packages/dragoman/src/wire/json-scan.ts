/** Looking at JSON as bytes: every structural character is ASCII, and no byte of a longer UTF-8 sequence is. */

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COLON = 0x3a
export const COMMA = 0x2c
export const OPEN_OBJECT = 0x7b
export const CLOSE_OBJECT = 0x7d
export const OPEN_ARRAY = 0x5b
export const CLOSE_ARRAY = 0x5d

export function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** How many of the first bytes are looked at here: most keys and values are shorter than what a native call costs. */
const nearby = 24

/**
 * The index after the quote that closes the string whose content begins at `from`, or -1 where the bytes end first.
 * Quotes in long strings are found natively, so that an image in base64 costs little.
 */
export function endOfString(bytes: Uint8Array, from: number): number {
  const stop = Math.min(from + nearby, bytes.length)
  for (let at = from; at < stop; at++) {
    if (bytes[at] === QUOTE) return at + 1
    if (bytes[at] === BACKSLASH) return endOfEscaped(bytes, at)
  }
  return endOfEscaped(bytes, stop)
}

function endOfEscaped(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(QUOTE, at)
    if (at < 0) return -1
    if (backslashesBefore(bytes, at, from) % 2 === 0) return at + 1
  }
}

/** How many backslashes stand directly before `at`, not looking further back than `from`. */
export function backslashesBefore(bytes: Uint8Array, at: number, from: number): number {
  let first = at
  while (first > from && bytes[first - 1] === BACKSLASH) first--
  return at - first
}

/** One member of an object: its key (still quoted and escaped) and its value, as ranges of bytes, ends exclusive. */
export interface MemberSpan {
  readonly keyStart: number
  readonly keyEnd: number
  readonly start: number
  readonly end: number
}

export interface ScannedValue {
  /** Where `maxDepth` was exceeded, or -1; nothing was looked at from there on. */
  readonly tooDeepAt: number
  /** The members of the value itself, in order, where it is an object. */
  readonly members: readonly MemberSpan[]
}

/**
 * Walks once over the object or array at `from`: its depth (an object of scalars has 1) and its own members. The bytes
 * are taken to be JSON; where they are not, the answer is some ranges, never an exception.
 */
export function scanValue(
  bytes: Uint8Array,
  from: number,
  maxDepth = Number.POSITIVE_INFINITY,
): ScannedValue {
  const members: MemberSpan[] = []
  /** The depth at which keys and commas belong to the value itself. */
  const own = bytes[from] === OPEN_OBJECT ? 1 : -1
  let depth = 0
  let keyStart = -1
  let keyEnd = -1
  let start = -1
  for (let at = from; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE: {
        const end = endOfString(bytes, at + 1)
        if (end < 0) return { tooDeepAt: -1, members }
        if (depth === own && start < 0) {
          keyStart = at
          keyEnd = end
        }
        at = end - 1
        break
      }
      case COLON:
        if (depth === own) start = skipWhiteSpace(bytes, at + 1)
        break
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        depth++
        if (depth > maxDepth) return { tooDeepAt: at, members }
        break
      case COMMA:
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (depth === own && start >= 0) {
          members.push({ keyStart, keyEnd, start, end: trimEnd(bytes, start, at) })
          start = -1
        }
        if (bytes[at] !== COMMA) depth--
        if (depth <= 0) return { tooDeepAt: -1, members }
    }
  }
  return { tooDeepAt: -1, members }
}

export function skipWhiteSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (isWhiteSpace(bytes[at])) at++
  return at
}

export function trimEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = end
  while (at > from && isWhiteSpace(bytes[at - 1])) at--
  return at
}

/** Where the document begins: a BOM and white space are no part of it. */
export function startOfDocument(bytes: Uint8Array): number {
  return skipWhiteSpace(bytes, hasBom(bytes) ? 3 : 0)
}

export function hasBom(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** The key of a member as the string it stands for: `"mod\\u0065l"` is `model`. Undefined where it is no JSON string. */
export function keyOf(bytes: Uint8Array, member: MemberSpan): string | undefined {
  const text = decoder.decode(bytes.subarray(member.keyStart + 1, member.keyEnd - 1))
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`)
  } catch {
    return undefined
  }
}

/** Tells whether a member has this key, comparing bytes as long as the key is not written with escapes. */
export function createKeyTest(key: string): (bytes: Uint8Array, member: MemberSpan) => boolean {
  const wanted = encoder.encode(key)
  return (bytes, member) => {
    const length = member.keyEnd - member.keyStart - 2
    // Escaping only makes a key longer.
    if (length < wanted.length) return false
    for (let index = 0; index < length; index++) {
      const byte = bytes[member.keyStart + 1 + index]
      if (byte === BACKSLASH) return keyOf(bytes, member) === key
      if (byte !== wanted[index]) return false
    }
    return true
  }
}
