import type { Fields } from '../../core/codec/fields.ts'
import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { CacheHint } from '../../ir/part.ts'
import { own } from '../../wire/json.ts'
import { object, text } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

/** Lifetimes that other dialects name; this wire knows `5m` (the default) and `1h`. */
const lifetimes: { readonly [ttl: string]: string } = { '30m': '1h', '12h': '1h' }

/** Reads `cache_control`; one of a type nobody knows stays where it is. */
export function decodeCache(fields: Fields): CacheHint | undefined {
  const wire = fields.take('cache_control', object)
  if (wire === undefined) return undefined
  if (wire.type !== 'ephemeral') {
    fields.keep('cache_control', wire)
    return undefined
  }
  const inner = fields.inside('cache_control', wire)
  inner.take('type', text)
  return defined({ ttl: inner.take('ttl', text), extra: inner.extra() })
}

/** A cache marker. Markers are written where they were and never counted or added: a fifth one is the API's to judge. */
export function encodeCache(hint: CacheHint | undefined, path: string, notes: Notes): JsonObject | undefined {
  if (hint === undefined) return undefined
  notes.foreign(hint, path)
  const { ttl } = hint
  const nearest = ttl === undefined ? undefined : own(lifetimes, ttl)
  if (nearest !== undefined) notes.add('approximated', `${path}.ttl`, `${ttl} becomes ${nearest}`)
  return withExtra(defined({ type: 'ephemeral', ttl: nearest ?? ttl }), ownExtra(hint))
}
