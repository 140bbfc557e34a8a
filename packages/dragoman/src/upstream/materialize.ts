import type { Aimed, Operations } from '../core/call.ts'
import type { Payload } from '../core/payload.ts'
import { factsOf } from '../providers/profile.ts'
import type { Provider } from '../providers/provider.ts'
import { decodeTokens } from '../tokens/tokenizer.ts'
import { Lacking } from './lacking.ts'

/** Whether a call has to pass `materialize` for this provider. */
export function needsMaterial(call: Aimed, provider: Provider): boolean {
  if (call.operation !== 'embed') return false
  const binding = provider.bindings.find(candidate => candidate.paths.embed !== undefined)
  return (
    binding !== undefined &&
    new Lacking(provider, binding.dialect, call.target.model).lacks('embed.token-ids')
  )
}

/**
 * Brings a request into a form that the target can take where that needs more than translating. For now: embeddings
 * given as token ids (the default of some frameworks) for targets that take only text, where the tokenizer is known.
 */
export async function materialize(call: Aimed, provider: Provider): Promise<Aimed> {
  const body = call.body as Payload<Operations['embed']['request']> // the operation is embed
  const decoded = body.value()
  const name = call.target.tokenizer ?? factsOf(provider.kind.profile, call.target.model).tokenizer
  if (!decoded.ok || name === undefined) return call
  const texts: string[] = []
  for (const input of decoded.value.input) {
    if (typeof input === 'string') return call
    const text = await decodeTokens(name, input)
    if (text === undefined) return call
    texts.push(text)
  }
  call.journal.note({
    kind: 'emulated',
    path: 'input',
    reason: `The target takes only text: the token ids were turned back into text with ${name}.`,
  })
  return { ...call, body: body.withValue({ ...decoded.value, input: texts }) }
}
