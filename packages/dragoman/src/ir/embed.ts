import type { Node } from './extra.ts'
import type { Usage } from './usage.ts'

/** A request for embeddings: texts, or lists of token ids. */
export interface EmbedRequest extends Node {
  readonly model: string
  readonly input: readonly string[] | readonly (readonly number[])[]
  /** The caller sent one bare input, not a list (wire fact only). */
  readonly single: boolean
  readonly dimensions?: number
  readonly encoding?: 'float' | 'base64'
  readonly user?: string
}

/** Vectors in the order of the inputs. `base64` is little-endian float32. */
export interface EmbedReply extends Node {
  readonly model?: string
  readonly vectors: readonly (readonly number[] | { readonly base64: string })[]
  readonly usage?: Usage
}
