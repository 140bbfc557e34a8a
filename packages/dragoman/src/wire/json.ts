import { hasBom, keyOf, type MemberSpan, scanValue, startOfDocument } from './json-scan.ts'
import { findSyntaxError } from './json-syntax.ts'

/** JSON as it stands on the wire. Structurally the same as the one in `ir/json.ts`; neither folder imports the other. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject

/**
 * `JSON.parse` makes `__proto__` a property like any other, and so do spread and `Object.fromEntries`. Assignment
 * (`copy[key] = value`) and `Object.assign` do not: they would change the copy's prototype and lose the member. Copy
 * with spread or `without`; look names that a peer chose up with `own`, or `constructor` is found in every table.
 */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

export interface JsonLimits {
  /** Largest body in bytes; 64 MiB unless given. */
  readonly bytes?: number
  /** Deepest nesting of objects and arrays; 64 unless given. */
  readonly depth?: number
  /**
   * For what an upstream answered: invalid UTF-8 becomes U+FFFD, of duplicate keys the last wins, and lone surrogates
   * are kept. A request gets no such leave, because we would send on what we did not understand.
   */
  readonly lenient?: boolean
}

/**
 * `duplicate-key` concerns the outermost object: an edit of the bytes and the upstream could read different ones.
 * `lone-surrogate` is `"\ud800"` without its other half: it has no UTF-8 form, so the next reader would fail on it.
 */
export type JsonProblem =
  | 'too-large'
  | 'not-utf8'
  | 'too-deep'
  | 'not-json'
  | 'duplicate-key'
  | 'lone-surrogate'

export type JsonResult =
  | { readonly ok: true; readonly value: JsonValue; keys(): readonly KeySpan[] }
  | {
      readonly ok: false
      readonly problem: JsonProblem
      /** A sentence without any of the content, except the name of a duplicate key. */
      readonly message: string
      /** Byte at which it was noticed. */
      readonly at?: number
    }

/** A member of the outermost object: its key, and the bytes of its value (end exclusive). */
export interface KeySpan {
  readonly key: string
  readonly start: number
  readonly end: number
}

const defaults = { bytes: 64 * 1024 * 1024, depth: 64 }
const tolerant = new TextDecoder()
const fatal = new TextDecoder('utf-8', { fatal: true })

/**
 * Bytes to JSON, with everything refused that two readers could understand differently. A BOM is accepted. Costs one
 * native decode, one native parse and one walk over the bytes in which long strings are skipped natively.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonResult {
  const { bytes: most = defaults.bytes, depth = defaults.depth, lenient = false } = limits
  if (bytes.length > most) return problem('too-large', `The body is larger than ${most} bytes.`, most)
  const text = tolerant.decode(bytes)
  // Only a text with a replacement character can stand for invalid bytes, and such texts are rare.
  if (!lenient && text.includes('\ufffd') && !isUtf8(bytes)) {
    return problem('not-utf8', 'The body is not valid UTF-8.')
  }
  const { tooDeepAt, members } = scanValue(bytes, startOfDocument(bytes), depth)
  if (tooDeepAt >= 0) {
    return problem('too-deep', `The body nests deeper than ${depth} levels at byte ${tooDeepAt}.`, tooDeepAt)
  }
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    return notJson(bytes, text)
  }
  if (!lenient) {
    const surrogate = findLoneSurrogate(text)
    if (surrogate >= 0) {
      const at = byteAt(bytes, text, surrogate)
      return problem('lone-surrogate', `The string at byte ${at} has half of a surrogate pair.`, at)
    }
  }
  if (!isObject(value)) return { ok: true, value, keys: () => [] }
  const names = Object.keys(value)
  if (!lenient && names.length !== members.length) return duplicateKey(bytes, members)
  return { ok: true, value, keys: () => spans(bytes, names, members) }
}

/** Whether this is a JSON object: neither null nor an array. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a table says about this name itself, not what every object has (`constructor`, `toString`). */
export function own<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** A copy without these keys; `__proto__` stays a key like any other. */
export function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)))
}

function problem(kind: JsonProblem, message: string, at?: number): JsonResult {
  return { ok: false, problem: kind, message, ...(at === undefined ? {} : { at }) }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    fatal.decode(bytes)
    return true
  } catch {
    return false
  }
}

function notJson(bytes: Uint8Array, text: string): JsonResult {
  if (text.trim() === '') return problem('not-json', 'The body is empty.', 0)
  const { at, expected } = findSyntaxError(text)
  const before = text.slice(0, at).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  const where = `line ${before.length}, column ${column}`
  return problem(
    'not-json',
    `The body is not JSON: expected ${expected} at ${where}.`,
    byteAt(bytes, text, at),
  )
}

/** The byte at which this character of the decoded text begins. */
function byteAt(bytes: Uint8Array, text: string, at: number): number {
  return (hasBom(bytes) ? 3 : 0) + new TextEncoder().encode(text.slice(0, at)).length
}

function duplicateKey(bytes: Uint8Array, members: readonly MemberSpan[]): JsonResult {
  const seen = new Set<string | undefined>()
  for (const member of members) {
    const key = keyOf(bytes, member)
    if (seen.has(key)) {
      return problem(
        'duplicate-key',
        `The key ${JSON.stringify(key)} stands twice in the body.`,
        member.keyStart,
      )
    }
    seen.add(key)
  }
  return problem('duplicate-key', 'A key stands twice in the body.')
}

/** Parsed names stand in the order of the bytes, unless they look like indices, which engines put first. */
function spans(
  bytes: Uint8Array,
  names: readonly string[],
  members: readonly MemberSpan[],
): readonly KeySpan[] {
  const inOrder = names.length === members.length && !/^[0-9]/.test(names[0] ?? '')
  return members.map((member, index) => ({
    key: (inOrder ? names[index] : keyOf(bytes, member)) ?? '',
    start: member.start,
    end: member.end,
  }))
}

/**
 * Index of the backslash of an escaped surrogate that lacks its other half, or -1. The text is JSON. Going from one
 * backslash to the next is cheaper than a search for the two letters, which no engine does natively in one pass.
 */
function findLoneSurrogate(text: string): number {
  let at = text.indexOf('\\')
  while (at >= 0) {
    const unit = escapedUnit(text, at)
    // The two of an escape, so that an escaped backslash hides none; or all six.
    let next = unit < 0 ? at + 2 : at + 6
    if (unit >= 0xd800 && unit < 0xe000) {
      const low = escapedUnit(text, next)
      if (unit >= 0xdc00 || low < 0xdc00 || low >= 0xe000) return at
      next += 6
    }
    at = text.indexOf('\\', next)
  }
  return -1
}

/** The code unit of the escape `\uXXXX` at this place, or -1. */
function escapedUnit(text: string, at: number): number {
  if (text[at] !== '\\' || text[at + 1] !== 'u') return -1
  return Number.parseInt(text.slice(at + 2, at + 6), 16)
}
