import type { Aimed, Operations } from '../core/call.ts'
import type { Payload } from '../core/payload.ts'
import { factsOf } from '../providers/profile.ts'
import { bindingsFor, findBinding, type Provider } from '../providers/provider.ts'
import { decodeTokens } from '../tokens/tokenizer.ts'
import { Lacking } from './lacking.ts'

/** Whether a call has to pass `materialize` for this provider. */
export function needsMaterial(call: Aimed, provider: Provider): boolean {
  const { model } = call.target
  switch (call.operation) {
    case 'embed': {
      const [binding] = bindingsFor(provider, 'embed', model)
      return binding !== undefined && new Lacking(provider, binding.dialect, model).lacks('embed.token-ids')
    }
    case 'generate':
      return (
        findBinding(provider, 'generate', call.dialect, model) === undefined &&
        tokenPrompt(generateBody(call)) !== undefined
      )
    case 'count':
    case 'compact':
      return false
  }
}

/**
 * Brings a request into a form that the target can take where that needs more than translating: token ids (the default
 * of some frameworks for embeddings, and a form of legacy prompts) become text where their tokenizer is known.
 */
export async function materialize(call: Aimed, provider: Provider): Promise<Aimed> {
  const name = call.target.tokenizer ?? factsOf(provider.kind.profile, call.target.model).tokenizer
  if (name === undefined) return call
  const ready = call.operation === 'embed' ? await embedText(call, name) : await promptText(call, name)
  if (ready === undefined) return call
  const reason = `The target takes only text: the token ids were turned back into text with ${name}.`
  call.journal.note({ kind: 'emulated', path: call.operation === 'embed' ? 'input' : 'prompt', reason })
  return ready
}

async function embedText(call: Aimed, tokenizer: string): Promise<Aimed | undefined> {
  const body = call.body as Payload<Operations['embed']['request']> // the operation is embed
  const decoded = body.value()
  if (!decoded.ok) return undefined
  const texts: string[] = []
  for (const input of decoded.value.input) {
    if (typeof input === 'string') return undefined
    const text = await decodeTokens(tokenizer, input)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return { ...call, body: body.withValue({ ...decoded.value, input: texts }) }
}

type GenerateBody = Payload<Operations['generate']['request']>

const generateBody = (call: Aimed): GenerateBody => call.body as GenerateBody // the operation is generate

/** The ids of a prompt that is given as tokens: it is all that such a request says. */
function tokenPrompt(body: GenerateBody): readonly number[] | undefined {
  const decoded = body.value()
  const part = decoded.ok ? decoded.value.turns[0]?.parts[0] : undefined
  if (part?.kind !== 'unknown' || part.type !== 'token-ids' || !Array.isArray(part.value.ids))
    return undefined
  return part.value.ids.filter(id => typeof id === 'number')
}

async function promptText(call: Aimed, tokenizer: string): Promise<Aimed | undefined> {
  const body = generateBody(call)
  const decoded = body.value()
  const ids = tokenPrompt(body)
  const text = ids && (await decodeTokens(tokenizer, ids))
  if (!decoded.ok || text === undefined) return undefined
  return {
    ...call,
    body: body.withValue({ ...decoded.value, turns: [{ role: 'user', parts: [{ kind: 'text', text }] }] }),
  }
}
