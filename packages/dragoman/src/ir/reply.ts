import type { DialectId, Extra, Node } from './extra.ts'
import type { ItemMeta, Part } from './part.ts'
import type { Usage } from './usage.ts'

/** A whole answer. */
export interface Reply extends Node {
  /** The dialect this was decoded from: its ids and raw words are good for the same dialect only. */
  readonly dialect?: DialectId
  readonly id?: string
  /** The model name the upstream reported. */
  readonly model?: string
  /** Unix seconds. */
  readonly created?: number
  readonly serviceTier?: string
  readonly candidates: readonly Candidate[]
  readonly usage?: Usage
}

export interface Candidate extends Node {
  readonly index: number
  readonly parts: readonly Part[]
  readonly items?: readonly ItemMeta[]
  readonly finish: Finish
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'pause' | 'error' | 'unknown'

/** Why a candidate ended: the unified reason and the provider's own word. */
export interface Finish {
  readonly reason: FinishReason
  readonly raw?: string
  /** The stop sequence that matched, where the provider tells. */
  readonly stopSequence?: string
  /** Why it refused, where the provider tells. */
  readonly explanation?: string
  readonly extra?: Extra
}
