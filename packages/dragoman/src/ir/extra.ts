import type { JsonObject } from './json.ts'

/** Names of the dialects the model knows of. `dialects/registry.ts` says which this version implements. */
export type DialectId =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'cohere'

/**
 * What a dialect said that the model has no word for, kept under that dialect's name. Decoding puts every field it
 * did not consume here; encoding to the same dialect puts it back; encoding to another one reports it as dropped.
 */
export type Extra = { readonly [D in DialectId]?: JsonObject }

/** Every node of the model may carry extras. */
export interface Node {
  readonly extra?: Extra
}
