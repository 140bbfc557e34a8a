import type { Node } from './extra.ts'
import type { JsonObject } from './json.ts'
import type { CacheHint, ItemMeta, Part } from './part.ts'
import type { Tool, ToolChoice } from './tool.ts'

/** A request to generate, in no provider's words. Absent means the caller did not say. */
export interface GenerateRequest extends Node {
  /** The caller's model name; the plan writes the upstream's name at the end. */
  readonly model: string
  /** The system prompt that stands outside the turns (Anthropic `system`, Responses `instructions`). */
  readonly instructions?: readonly Part[]
  readonly turns: readonly Turn[]
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** False forbids more than one tool call in a turn. */
  readonly parallelToolCalls?: boolean
  readonly output?: OutputFormat
  readonly sampling: Sampling
  /** Upper bound of generated tokens, reasoning included. */
  readonly maxTokens?: number
  readonly reasoning?: Reasoning
  /** Ask for log probabilities; `top` alternatives a token (0 to 20). */
  readonly logprobs?: { readonly top?: number }
  /** OpenAI's `n`: how many candidates. */
  readonly candidates?: number
  /** Output modalities other than text, with the voice and format for audio. */
  readonly modalities?: readonly string[]
  readonly audio?: { readonly voice?: string; readonly format?: string } & Node
  /** Automatic caching of the whole prompt, where the dialect has such a switch. */
  readonly cache?: CacheHint
  readonly hints: Hints
  /**
   * How the target's model names what its wire leaves to each model (`thinking`, `reasoning-effort`); written by the
   * plan from the model's facts, like the model's name. Absent: nobody knows, and such fields are not sent.
   */
  readonly vocabulary?: string
  readonly stream: boolean
  /** The caller asked for usage in the stream (chat's `include_usage`; other dialects always send it). */
  readonly streamUsage?: boolean
}

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

/**
 * One turn. `tool` turns hold tool results only; a dialect that puts results and text into one user message decodes
 * it into a `tool` turn and a `user` turn and joins them again when it encodes.
 */
export interface Turn extends Node {
  readonly role: Role
  readonly parts: readonly Part[]
  readonly items?: readonly ItemMeta[]
  /** Chat's participant name. */
  readonly name?: string
  /** Where the caller put these parts, once turns were joined, put in or taken out: notes name them by that. */
  readonly places?: readonly TurnPlace[]
}

/** From part `from` on, this turn holds the parts of the caller's turn `turn`, beginning with its part `at`. */
export interface TurnPlace {
  readonly turn: number
  readonly from: number
  readonly at: number
}

export type OutputFormat =
  | ({ readonly kind: 'text' } & Node)
  | ({ readonly kind: 'json' } & Node)
  | ({
      readonly kind: 'json-schema'
      readonly name?: string
      readonly description?: string
      readonly schema?: JsonObject
      readonly strict?: boolean
    } & Node)

export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly frequencyPenalty?: number
  readonly presencePenalty?: number
  /** Token id (decimal) to bias, -100 to 100. */
  readonly logitBias?: { readonly [token: string]: number }
}

export interface Reasoning extends Node {
  /** none, minimal, low, medium, high, xhigh, max; open set. */
  readonly effort?: string
  /** Thinking budget in tokens. */
  readonly budget?: number
  /** `on` and `off` switch thinking without naming an effort; `adaptive` lets the model decide. */
  readonly mode?: 'on' | 'off' | 'adaptive'
  /** auto, concise, detailed. */
  readonly summary?: string
}

/** Fields that do not change what the answer means; dropping one is worth a note, not a refusal. */
export interface Hints {
  readonly user?: string
  readonly safetyIdentifier?: string
  readonly metadata?: JsonObject
  readonly serviceTier?: string
  readonly promptCacheKey?: string
  readonly verbosity?: string
  readonly store?: boolean
  /** The answer will be sent back in a later request: its opaque state is wanted with it. No wire says this; we do. */
  readonly replay?: boolean
  readonly prediction?: JsonObject
}
