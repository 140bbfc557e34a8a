import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { dialect, numberOf } from './wire.ts'

/**
 * `usage` (SDK 8.1.0 `Usage`) and the `meta` of embeddings to the ledger: the real `tokens`, of which `cached_tokens`
 * beside them were read from a cache. What was billed may be far less (119 of 1,549: the preamble of tools is free) and
 * stays in the raw object; it stands in only where nothing else is told, as for embeddings.
 */
export function decodeUsage(wire: JsonObject): Usage {
  const counted = isObject(wire.tokens) ? wire.tokens : isObject(wire.billed_units) ? wire.billed_units : {}
  const input = numberOf(counted.input_tokens) ?? 0
  const cacheRead = Math.min(input, numberOf(wire.cached_tokens) ?? 0)
  return {
    input: input - cacheRead,
    cacheRead,
    cacheWrite: 0,
    output: numberOf(counted.output_tokens) ?? 0,
    source: 'reported',
    raw: { dialect, value: wire },
  }
}

/** Usage for a client of this wire; what this wire itself said is put back as it was. */
export function encodeUsage(usage: Usage): JsonObject {
  if (usage.raw?.dialect === dialect) return usage.raw.value
  const tokens = {
    input_tokens: usage.input + usage.cacheRead + usage.cacheWrite,
    output_tokens: usage.output,
  }
  return defined({
    billed_units: tokens,
    tokens,
    cached_tokens: usage.cacheRead > 0 ? usage.cacheRead : undefined,
  })
}

/** What this wire cannot tell of usage. */
export function noteUsage(usage: Usage | undefined, serviceTier: string | undefined, notes: Notes): void {
  if (usage?.inputAudio || usage?.outputAudio)
    notes.add('dropped', 'usage', 'audio tokens are not told apart here')
  if (usage?.reasoning) notes.add('dropped', 'usage', 'thinking is not counted apart here')
  if (serviceTier !== undefined) notes.add('dropped', 'serviceTier', 'answers have no service tier here')
}
