import { type Answer, faultAnswer } from '../core/answer.ts'
import type { Aimed, Operations, UnsupportedPolicy } from '../core/call.ts'
import type { Dialect } from '../core/dialect.ts'
import type { Handler, Layer } from '../core/handler.ts'
import type { Payload } from '../core/payload.ts'
import { EventStream } from '../core/stream.ts'
import { createFault } from '../ir/fault.ts'
import type { Candidate, Reply } from '../ir/reply.ts'
import type { GenerateRequest } from '../ir/request.ts'
import { sumUsage } from '../ir/usage.ts'
import { embedInBatches } from './batches.ts'
import { LegsSource, legId } from './legs.ts'

export interface EmulateOptions {
  /** The target gives one candidate a call only. */
  lacksCandidates(call: Aimed): boolean
  /** How to take a request apart that may ask several things at once; undefined where the target takes it whole. */
  splitter(call: Aimed): Dialect['split']
  /** How many inputs of embeddings the target takes a call; undefined where it takes as many as are asked. */
  mostInputs(call: Aimed): number | undefined
  /** What the policy says of asking several times instead, by the field that asks for it. */
  policy(call: Aimed, field: 'n' | 'prompt'): UnsupportedPolicy
}

/** Most separate calls for one; OpenAI's own limit of candidates is 128, which would be 128 calls. */
const mostLegs = 16

/**
 * What a wire asks at once by several calls: `n` candidates, several prompts, more inputs than fit. Each is its own
 * attempt. Legs are always in `events` form. Nothing is shown before every leg's head is good; before that only the
 * failed leg is tried again (`retry` is inside this layer).
 */
export const emulate =
  (options: EmulateOptions): Layer<Aimed> =>
  next =>
  async call => {
    if (call.operation === 'embed') {
      const most = options.mostInputs(call)
      return most === undefined ? next(call) : embedInBatches(next, call, most)
    }
    if (call.operation !== 'generate') return next(call)
    const split = options.splitter(call)
    const lacksCandidates = options.lacksCandidates(call)
    if (split === undefined && !lacksCandidates) return next(call)
    const body = call.body as Payload<Operations['generate']['request']> // the operation is generate
    const decoded = body.value()
    if (!decoded.ok) return faultAnswer(decoded.fault)
    const prompts = options.policy(call, 'prompt') === 'reject' ? undefined : split?.(decoded.value)
    const isSplit = prompts !== undefined
    // Several prompts with several answers each: then every answer is a call, so that they can be counted through.
    const mayRepeat = isSplit || (lacksCandidates && options.policy(call, 'n') === 'emulate')
    const candidates = mayRepeat ? (decoded.value.candidates ?? 1) : 1
    const requests = (prompts ?? [decoded.value]).flatMap(request => repeated(request, candidates))
    if (requests.length <= 1) return next(call)
    const field = isSplit ? 'prompt' : 'n'
    if (requests.length > mostLegs) return faultAnswer(tooMany(field, requests.length))
    call.journal.note({
      kind: 'emulated',
      path: field,
      reason: reasons[field](requests.length),
      cost: isSplit ? candidates : requests.length,
    })
    const legs = requests.map((request, leg) => ({
      ...call,
      leg,
      body: body.withValue(request),
      needs: { ...call.needs, edit: true },
    }))
    return fanOut(next, legs)
  }

/** The same question so often, each time for one answer. */
function repeated(request: GenerateRequest, times: number): readonly GenerateRequest[] {
  const { candidates: _, ...single } = request
  return Array.from({ length: times }, () => single)
}

const reasons = {
  n: (calls: number) =>
    `The target gives one answer a call, so it was asked ${calls} times; the prompt is billed ${calls} times.`,
  prompt: (calls: number) => `The target takes one prompt a call, so it was asked ${calls} times.`,
} as const // a table of functions

const tooMany = (field: 'n' | 'prompt', calls: number) =>
  createFault(
    'unsupported_value',
    `${field}: this target gives one answer a call; ${calls} would take ${calls} calls, and ${mostLegs} is the limit.`,
    { param: field, origin: 'gateway' },
  )

async function fanOut(next: Handler<Aimed>, calls: readonly Aimed[]): Promise<Answer> {
  const wanted = calls.length
  const legs = await Promise.all(calls.map(next))
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
