import type { DialectId } from './extra.ts'
import type { JsonObject } from './json.ts'

/**
 * One ledger view of tokens. The first four never overlap and add up to everything billed as tokens: OpenAI's
 * `prompt_tokens` is their input sum, Anthropic's `input_tokens` only the first. `reasoning` is part of `output`,
 * the audio counts are part of `input` and `output`.
 */
export interface Usage {
  /** Input tokens neither read from nor written to a cache. */
  readonly input: number
  readonly cacheRead: number
  readonly cacheWrite: number
  /** Generated tokens, reasoning included. */
  readonly output: number
  readonly reasoning?: number
  readonly inputAudio?: number
  readonly outputAudio?: number
  /** Where the numbers come from: the provider, or an estimate of ours. */
  readonly source: 'reported' | 'counted' | 'estimated'
  /** The provider's own object, put back when encoding to its dialect. */
  readonly raw?: { readonly dialect: DialectId; readonly value: JsonObject }
}
