import type { JsonObject } from './json.ts'

/** Names of the dialects the model knows of. `dialects/registry.ts` says which this version implements. */
export type DialectId =
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'cohere'
  | 'openai-completions'

/**
 * What a dialect said that the model has no word for, kept under that dialect's name. Decoding puts every field it
 * did not consume here; encoding to the same dialect puts it back; encoding to another one reports it as dropped.
 * A key that starts with `$` is no field but the decoder's own mark (a form, an echo of the request): the same dialect
 * reads it, and for another one nothing is lost with it.
 */
export type Extra = { readonly [D in DialectId]?: JsonObject }

/** Every node of the model may carry extras. */
export interface Node {
  readonly extra?: Extra
}

/** What two places said of the same node; where both name a field, the later one counts. */
export function mergeExtra(first: Extra | undefined, later: Extra | undefined): Extra | undefined {
  if (first === undefined || later === undefined) return later ?? first
  const merged: { [D in DialectId]?: JsonObject } = { ...first }
  for (const [dialect, fields] of Object.entries(later)) {
    const id = dialect as DialectId // the keys of an Extra are dialects
    merged[id] = { ...merged[id], ...fields }
  }
  return merged
}
