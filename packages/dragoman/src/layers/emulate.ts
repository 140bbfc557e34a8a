import { type Answer, faultAnswer } from '../core/answer.ts'
import type { Aimed, Operations } from '../core/call.ts'
import type { Handler, Layer } from '../core/handler.ts'
import type { Payload } from '../core/payload.ts'
import { EventStream } from '../core/stream.ts'
import { createFault } from '../ir/fault.ts'
import type { Candidate, Reply } from '../ir/reply.ts'
import { sumUsage } from '../ir/usage.ts'
import { LegsSource, legId } from './legs.ts'

export interface EmulateOptions {
  /** The target gives one candidate a call only. */
  lacksCandidates(call: Aimed): boolean
  /** What the policy says of asking several times instead. */
  mayFanOut(call: Aimed): boolean
}

/** Most candidates asked for by separate calls; OpenAI's own limit is 128, which would be 128 calls. */
const mostLegs = 16

/**
 * `n` by fan-out: as many calls as candidates, each its own attempt. Legs are always in `events` form. Nothing is
 * shown before every leg's head is good; before that only the failed leg is tried again (`retry` is inside this layer).
 */
export const emulate =
  (options: EmulateOptions): Layer<Aimed> =>
  next =>
  async call => {
    if (call.operation !== 'generate' || !options.lacksCandidates(call)) return next(call)
    const body = call.body as Payload<Operations['generate']['request']> // the operation is generate
    const decoded = body.value()
    if (!decoded.ok) return faultAnswer(decoded.fault)
    const wanted = decoded.value.candidates ?? 1
    if (wanted <= 1 || !options.mayFanOut(call)) return next(call)
    if (wanted > mostLegs) {
      const message = `n: this target gives one answer a call; ${wanted} would take ${wanted} calls, and ${mostLegs} is the limit.`
      return faultAnswer(createFault('unsupported_value', message, { param: 'n', origin: 'gateway' }))
    }
    call.journal.note({
      kind: 'emulated',
      path: 'n',
      reason: `The target gives one answer a call, so it was asked ${wanted} times; the prompt is billed ${wanted} times.`,
      cost: wanted,
    })
    const { candidates: _, ...single } = decoded.value
    return fanOut(
      next,
      { ...call, body: body.withValue(single), needs: { ...call.needs, edit: true } },
      wanted,
    )
  }

async function fanOut(next: Handler<Aimed>, call: Aimed, wanted: number): Promise<Answer> {
  const legs = await Promise.all(Array.from({ length: wanted }, (_, leg) => next({ ...call, leg })))
  const failed = legs.find(answer => answer.kind === 'fault' || answer.kind === 'cancelled')
  if (failed !== undefined) {
    for (const leg of legs) if (leg.kind === 'stream') leg.stream.dispose('discarded')
    return failed
  }
  const streams = legs.flatMap(leg =>
    leg.kind === 'stream' && leg.stream.form === 'events' ? [leg.stream] : [],
  )
  if (streams.length === wanted) {
    return { kind: 'stream', stream: new EventStream(new LegsSource(streams)) }
  }
  const replies = legs.flatMap(leg =>
    leg.kind === 'whole' && leg.body.form === 'value' ? [leg.body.value as Reply] : [],
  ) // a generate answer is a reply
  if (replies.length === wanted)
    return { kind: 'whole', body: { form: 'value', value: joinReplies(replies) } }
  for (const leg of legs) if (leg.kind === 'stream') leg.stream.dispose('discarded')
  return faultAnswer(createFault('internal', 'The legs of a fan-out came back in different forms.'))
}

function joinReplies(replies: readonly Reply[]): Reply {
  const [first] = replies
  const usage = sumUsage(replies.flatMap(reply => reply.usage ?? []))
  const candidates = replies.flatMap((reply, leg) =>
    reply.candidates.slice(0, 1).map(one => numbered(one, leg)),
  )
  const { usage: _, ...head } = first ?? { candidates: [] }
  return { ...head, candidates, ...(usage === undefined ? {} : { usage }) }
}

/** Tool-call ids of different legs may be the same; the leg's number makes them different. */
function numbered(candidate: Candidate, leg: number): Candidate {
  const parts = candidate.parts.map(part =>
    part.kind === 'tool-call' ? { ...part, id: legId(part.id, leg) } : part,
  )
  return { ...candidate, index: leg, parts }
}
