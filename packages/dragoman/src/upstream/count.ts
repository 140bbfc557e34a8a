import type { Answer } from '../core/answer.ts'
import { faultAnswer } from '../core/answer.ts'
import { type Aimed, knownAs, type Operations } from '../core/call.ts'
import type { CountCodec, Dialect } from '../core/dialect.ts'
import type { Payload } from '../core/payload.ts'
import { createFault } from '../ir/fault.ts'
import type { Note } from '../ir/note.ts'
import { bindingsFor, type Provider } from '../providers/provider.ts'
import { estimateTokens } from '../tokens/estimate.ts'

/**
 * How a wire asks for a number of tokens. Where the dialect has no words of its own, hosts take the body of a
 * generation and answer with `input_tokens` (OpenAI `/responses/input_tokens`, llama.cpp `/chat/completions/input_tokens`).
 */
export function countCodec(dialect: Dialect): Omit<CountCodec, 'decodeRequest' | 'encodeReply'> {
  return (
    dialect.count ?? {
      encodeRequest: request => dialect.encodeRequest(request),
      decodeReply(wire) {
        const tokens = wire.input_tokens
        if (typeof tokens === 'number') return { ok: true, value: tokens }
        const message = 'The upstream answered a token count without a number.'
        return { ok: false, fault: createFault('upstream_invalid', message) }
      },
    }
  )
}

/** Nothing is generated, so what only shapes the answer is no loss. */
export function countNotes(notes: readonly Note[]): readonly Note[] {
  return notes.filter(note => /^(turns|tools|instructions|output)/.test(note.path))
}

/** Nobody at this provider counts for this model. */
export function mustEstimate(call: Aimed, provider: Provider): boolean {
  return call.operation === 'count' && bindingsFor(provider, 'count', knownAs(call.target)).length === 0
}

/** A count of ours, labelled as what it is. */
export async function estimate(call: Aimed): Promise<Answer> {
  const body = call.body as Payload<Operations['count']['request']> // the operation is count
  const decoded = body.value()
  if (!decoded.ok) return faultAnswer(decoded.fault)
  call.journal.note({
    kind: 'approximated',
    path: 'input_tokens',
    reason:
      'This target cannot count tokens: the number is an estimate with the o200k_base tokenizer, not its own.',
  })
  return { kind: 'whole', body: { form: 'value', value: await estimateTokens(decoded.value) } }
}
