import type { Node } from './extra.ts'

/** Log probability of one generated token, with the alternatives considered. `bytes` is the token's UTF-8, null when unknown. */
export interface TokenLogprob extends Node {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[] | null
  readonly top: readonly Omit<TokenLogprob, 'top'>[]
}
