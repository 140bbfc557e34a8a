/** What happened to something the caller said or the model answered. */
export type NoteKind = 'renamed' | 'emulated' | 'approximated' | 'clamped' | 'dropped' | 'refused'

/** One loss or change in translation, said aloud. */
export interface Note {
  readonly kind: NoteKind
  /** Where, in the words of the side it names: `messages[2].content[0]`, `tools[0].function.strict`, `reply.logprobs`. */
  readonly path: string
  /** A sentence: what was done and why. Never a prompt, a key or a body. */
  readonly reason: string
  /** What it costs, as a multiple of calls or tokens, when it costs anything. */
  readonly cost?: number
}

/** The result of an encode: a value and what was lost in making it. */
export interface Encoded<T> {
  readonly value: T
  readonly notes: readonly Note[]
}
