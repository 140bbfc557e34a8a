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

/** Usage of several calls, added up as billed. */
export function sumUsage(usages: readonly Usage[]): Usage | undefined {
  const add = (name: 'reasoning' | 'inputAudio' | 'outputAudio', one: Usage, other: Usage) =>
    one[name] === undefined && other[name] === undefined
      ? {}
      : { [name]: (one[name] ?? 0) + (other[name] ?? 0) }
  if (usages.length === 0) return undefined
  return usages.reduce((sum, usage) => ({
    input: sum.input + usage.input,
    cacheRead: sum.cacheRead + usage.cacheRead,
    cacheWrite: sum.cacheWrite + usage.cacheWrite,
    output: sum.output + usage.output,
    source: sum.source === 'reported' ? usage.source : sum.source,
    ...add('reasoning', sum, usage),
    ...add('inputAudio', sum, usage),
    ...add('outputAudio', sum, usage),
  }))
}
