import { defined, numberOf } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { type Draft, dialect } from './wire.ts'

const detail = (details: JsonValue | undefined, key: string): number | undefined =>
  isObject(details) ? numberOf(details[key]) : undefined

/** `usage` (openai-node 7.57.0 `CompletionUsage`) to the ledger; `prompt_tokens` includes what a cache gave or took. */
export function decodeUsage(wire: JsonObject): Usage {
  const prompt = numberOf(wire.prompt_tokens) ?? 0
  const cacheRead = detail(wire.prompt_tokens_details, 'cached_tokens') ?? 0
  const cacheWrite = detail(wire.prompt_tokens_details, 'cache_write_tokens') ?? 0
  return defined({
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: numberOf(wire.completion_tokens) ?? 0,
    reasoning: detail(wire.completion_tokens_details, 'reasoning_tokens'),
    source: 'reported',
    raw: { dialect, value: wire },
  })
}

/** The ledger as `usage`: the host's own object where it was this wire's, else the counts that are not nothing. */
export function encodeUsage(usage: Usage): JsonObject {
  if (usage.raw?.dialect === dialect) return usage.raw.value
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite
  const wire: Draft = {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
  }
  if (usage.cacheRead > 0 || usage.cacheWrite > 0) {
    wire.prompt_tokens_details = defined({
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite > 0 ? usage.cacheWrite : undefined,
    })
  }
  if (usage.reasoning) wire.completion_tokens_details = { reasoning_tokens: usage.reasoning }
  return wire
}
