import type { JsonObject } from './json.ts'
import type { Effort, Model } from './models.ts'

// One model of what was asked and one of what is answered, under all three wires: the same conversation gets the
// same words whichever way it came, so that a translator can be judged by comparing answers.

/** What a turn carries besides text. */
export interface Media {
  readonly kind: 'image' | 'audio' | 'file'
  /** What it says it is: `image/png`, `wav`, a file name; empty where it says nothing. */
  readonly label: string
  /** Prompt tokens it is charged with. */
  readonly tokens: number
}

export interface PastCall {
  readonly id: string
  readonly name: string
  readonly input: string
}

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  /** The role as it was written: it is counted in the prompt. */
  readonly spoken: string
  readonly name: string | null
  readonly text: string
  readonly media: readonly Media[]
  readonly calls: readonly PastCall[]
  /** On a tool's turn: the call that it answers. */
  readonly answers: string | null
}

export type Tool =
  | {
      readonly kind: 'function'
      readonly name: string
      readonly description: string
      readonly parameters: JsonObject | null
      readonly strict: boolean
    }
  | {
      readonly kind: 'custom'
      readonly name: string
      readonly description: string
      /** A regular expression that the input must match, where there is one. */
      readonly pattern: string | null
    }

export interface ToolChoice {
  readonly mode: 'none' | 'auto' | 'required'
  /** The tools that may be called; null for all. */
  readonly among: ReadonlySet<string> | null
}

export type Format =
  | { readonly kind: 'text' }
  | { readonly kind: 'json' }
  | { readonly kind: 'schema'; readonly schema: JsonObject }

export interface Sampling {
  readonly temperature: number
  readonly topP: number
  readonly seed: number
  readonly presence: number
  readonly frequency: number
}

export interface Question {
  readonly model: Model
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly choice: ToolChoice
  readonly parallel: boolean
  readonly format: Format
  readonly sampling: Sampling
  readonly effort: Effort
  readonly verbosity: 'low' | 'medium' | 'high'
  /** Tokens of one answer, reasoning included. */
  readonly limit: number
  readonly stop: readonly string[]
  /** How many answers. */
  readonly count: number
  /** Token ids that must not be said. */
  readonly banned: ReadonlySet<number>
}
