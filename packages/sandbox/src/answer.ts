import type { Tokens } from './tokens.ts'

export interface Citation {
  readonly start: number
  readonly end: number
  readonly title: string
  readonly url: string
}

export interface Call {
  readonly kind: 'function' | 'custom'
  readonly name: string
  /** JSON text, or free text for a custom tool. */
  readonly input: Tokens
}

/** What the engine means to say, before tokens, limits and stop sequences. */
export interface Draft {
  readonly thinking: string
  readonly text: string | null
  readonly refusal: string | null
  readonly calls: readonly {
    readonly kind: 'function' | 'custom'
    readonly name: string
    readonly input: string
  }[]
  readonly citations: readonly Citation[]
  readonly filtered: boolean
}

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** One answer in tokens. `text` is null where tools were called or the answer is a refusal. */
export interface Answer {
  readonly thinking: number
  readonly text: Tokens | null
  readonly refusal: Tokens | null
  readonly calls: readonly Call[]
  readonly citations: readonly Citation[]
  readonly finish: Finish
  /** All tokens generated: reasoning, text, names and arguments of calls. */
  readonly tokens: number
}
