import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { CacheHint } from '../../ir/part.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra, ownExtra, withExtra } from './wire.ts'

/** Lifetimes that other dialects name; this wire knows `5m` (the default) and `1h` (SDK 3.1164 `CacheTTL`). */
const lifetimes: { readonly [ttl: string]: string } = { '30m': '1h', '12h': '1h', '24h': '1h' }

/** What a block that is only a cache point says; undefined where it is another block, or of a type nobody knows. */
export function decodeCachePoint(wire: JsonObject): CacheHint | undefined {
  const { cachePoint, ...beside } = wire
  if (!isObject(cachePoint) || cachePoint.type !== 'default' || Object.keys(beside).length > 0)
    return undefined
  const { type: _, ttl, ...rest } = cachePoint
  if (ttl !== undefined && typeof ttl !== 'string') return undefined
  return defined({ ttl, extra: asExtra(rest) })
}

/**
 * Things in a row, of which each may be followed by a cache point: it becomes the marker of the thing before it. A
 * point with nothing before it, or with another point there, stays a thing of its own.
 */
export function decodeMarked<T extends { readonly cache?: CacheHint }>(
  wire: readonly JsonObject[],
  decode: (wire: JsonObject, index: number) => T,
  canMark: (thing: T) => boolean = () => true,
): readonly T[] {
  const things: T[] = []
  for (const [index, entry] of wire.entries()) {
    const cache = decodeCachePoint(entry)
    const last = things.at(-1)
    if (cache !== undefined && last !== undefined && last.cache === undefined && canMark(last)) {
      things[things.length - 1] = { ...last, cache }
    } else things.push(decode(entry, index))
  }
  return things
}

/** The block that says a marker, which stands after what it marks. */
export function encodeCachePoint(
  hint: CacheHint | undefined,
  path: string,
  notes: Notes,
): readonly JsonObject[] {
  if (hint === undefined) return []
  notes.foreign(hint, path)
  const { ttl } = hint
  const nearest = ttl === undefined ? undefined : own(lifetimes, ttl)
  if (nearest !== undefined) notes.add('approximated', `${path}.ttl`, `${ttl} becomes ${nearest}`)
  return [{ cachePoint: withExtra(defined({ type: 'default', ttl: nearest ?? ttl }), ownExtra(hint)) }]
}
