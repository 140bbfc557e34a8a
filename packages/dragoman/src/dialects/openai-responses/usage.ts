import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { Fields } from './fields.ts'
import { dialect, present } from './wire.ts'

/**
 * `ResponseUsage` to the ledger: the wire's `input_tokens` holds what was read from and written to the cache. Counts
 * that contradict each other never make a negative one.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isObject(value)) return undefined
  const fields = new Fields(value)
  const details = fields.child('input_tokens_details')
  const cacheRead = details?.number('cached_tokens') ?? 0
  const cacheWrite = details?.number('cache_write_tokens') ?? 0
  return present<Usage>({
    input: Math.max(0, (fields.number('input_tokens') ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: fields.number('output_tokens') ?? 0,
    reasoning: fields.child('output_tokens_details')?.number('reasoning_tokens'),
    source: 'reported',
    raw: { dialect, value },
  })
}

/** The ledger as a complete `ResponseUsage`; what this wire itself reported is put back around it. */
export function encodeUsage(usage: Usage): JsonObject {
  const { input, cacheRead, cacheWrite, output, reasoning = 0 } = usage
  const raw = usage.raw?.dialect === dialect ? usage.raw.value : {}
  const input_tokens = input + cacheRead + cacheWrite
  return {
    input_tokens,
    output_tokens: output,
    total_tokens: input_tokens + output,
    ...raw,
    input_tokens_details: {
      cached_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      ...inner(raw.input_tokens_details),
    },
    output_tokens_details: { reasoning_tokens: reasoning, ...inner(raw.output_tokens_details) },
  }
}

function inner(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}
