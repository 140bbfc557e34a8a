import { numberOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Usage } from '../../ir/usage.ts'
import { isObject } from '../../wire/json.ts'
import { type Draft, dialect } from './wire.ts'

/** A count's key, and the key of the object inside `usage` that holds it. */
type Place = readonly [count: string, inside?: string]

/** Where hosts put each count, most official first. `prompt_token_details` is a spelling that exists. */
const places = {
  cacheRead: [
    ['cached_tokens', 'prompt_tokens_details'],
    ['cached_tokens', 'prompt_token_details'],
    ['cached_tokens'],
    ['num_cached_tokens'],
    ['prompt_cache_hit_tokens'],
  ],
  cacheWrite: [['cache_write_tokens', 'prompt_tokens_details']],
  inputAudio: [['audio_tokens', 'prompt_tokens_details']],
  outputAudio: [['audio_tokens', 'completion_tokens_details']],
  reasoning: [['reasoning_tokens', 'completion_tokens_details'], ['reasoning_tokens']],
} as const satisfies { readonly [count: string]: readonly Place[] }

function find(wire: JsonObject, candidates: readonly Place[]): number | undefined {
  for (const [count, inside] of candidates) {
    const holder = inside === undefined ? wire : wire[inside]
    const value = isObject(holder) ? numberOf(holder[count]) : undefined
    if (value !== undefined) return value
  }
  return undefined
}

/**
 * `usage` to the ledger (reference card, 8.4). `prompt_tokens` includes what was read from and written to a cache.
 * `completion_tokens` includes reasoning, except where the total says that the host adds reasoning on top.
 */
export function decodeUsage(wire: JsonObject): Usage {
  const prompt = numberOf(wire.prompt_tokens) ?? 0
  const completion = numberOf(wire.completion_tokens) ?? 0
  const cacheRead = find(wire, places.cacheRead) ?? 0
  const cacheWrite = find(wire, places.cacheWrite) ?? 0
  const reasoning = find(wire, places.reasoning)
  const inputAudio = find(wire, places.inputAudio)
  const outputAudio = find(wire, places.outputAudio)
  const isOnTop = reasoning !== undefined && wire.total_tokens === prompt + completion + reasoning
  return {
    input: Math.max(0, prompt - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: isOnTop ? completion + reasoning : completion,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(inputAudio === undefined ? {} : { inputAudio }),
    ...(outputAudio === undefined ? {} : { outputAudio }),
    source: 'reported',
    raw: { dialect, value: wire },
  }
}

/** The ledger as `usage`: the host's own object where it was this wire's, else only counts that are known. */
export function encodeUsage(usage: Usage): JsonObject {
  if (usage.raw?.dialect === dialect) return usage.raw.value
  const prompt = usage.input + usage.cacheRead + usage.cacheWrite
  const details: Draft = { cached_tokens: usage.cacheRead }
  if (usage.cacheWrite > 0) details.cache_write_tokens = usage.cacheWrite
  if (usage.inputAudio !== undefined) details.audio_tokens = usage.inputAudio
  const made: Draft = {}
  if (usage.reasoning !== undefined) made.reasoning_tokens = usage.reasoning
  if (usage.outputAudio !== undefined) made.audio_tokens = usage.outputAudio
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: details,
    ...(Object.keys(made).length > 0 ? { completion_tokens_details: made } : {}),
  }
}
