import { type Answer, faultAnswer } from '../core/answer.ts'
import type { Aimed, Operations } from '../core/call.ts'
import type { Handler } from '../core/handler.ts'
import type { Payload } from '../core/payload.ts'
import type { EmbedReply, EmbedRequest } from '../ir/embed.ts'
import { createFault } from '../ir/fault.ts'
import { sumUsage } from '../ir/usage.ts'

/** Most calls for one request: OpenAI's own limit of 2,048 inputs is 22 of the smallest batches there are. */
const mostBatches = 32

/** Embeddings in as many calls as the target's limit of inputs takes; the vectors keep the order of the inputs. */
export async function embedInBatches(next: Handler<Aimed>, call: Aimed, most: number): Promise<Answer> {
  const body = call.body as Payload<Operations['embed']['request']> // the operation is embed
  const decoded = body.value()
  if (!decoded.ok) return faultAnswer(decoded.fault)
  const requests = batchesOf(decoded.value, most)
  if (requests.length <= 1) return next(call)
  if (requests.length > mostBatches) {
    const message = `input: this target takes ${most} inputs a call, and ${most * mostBatches} in ${mostBatches} calls are the limit.`
    return faultAnswer(createFault('unsupported_value', message, { param: 'input', origin: 'gateway' }))
  }
  const reason = `The target takes ${most} inputs a call, so it was asked ${requests.length} times.`
  call.journal.note({ kind: 'emulated', path: 'input', reason })
  const answers = await Promise.all(
    requests.map((request, leg) =>
      next({ ...call, leg, body: body.withValue(request), needs: { ...call.needs, edit: true } }),
    ),
  )
  const failed = answers.find(answer => answer.kind === 'fault' || answer.kind === 'cancelled')
  return failed ?? joined(answers)
}

function batchesOf(request: EmbedRequest, most: number): readonly EmbedRequest[] {
  const { input } = request
  return Array.from({ length: Math.ceil(input.length / most) }, (_, batch) => ({
    ...request,
    input: input.slice(batch * most, (batch + 1) * most) as EmbedRequest['input'], // a slice of one of the two lists
  }))
}

function joined(answers: readonly Answer[]): Answer {
  const replies = answers.flatMap(answer =>
    answer.kind === 'whole' && answer.body.form === 'value' ? [answer.body.value as EmbedReply] : [],
  ) // an embed answer has vectors
  const [first] = replies
  if (first === undefined || replies.length < answers.length)
    return faultAnswer(createFault('internal', 'The batches of an embedding came back in different forms.'))
  const usage = sumUsage(replies.flatMap(reply => reply.usage ?? []))
  const vectors = replies.flatMap(reply => reply.vectors)
  const value = { ...first, vectors, ...(usage === undefined ? {} : { usage }) }
  return { kind: 'whole', body: { form: 'value', value } }
}
