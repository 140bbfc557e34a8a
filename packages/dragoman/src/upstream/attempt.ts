import { type Answer, cancelled, faultAnswer, type WholeBody } from '../core/answer.ts'
import type { Aimed } from '../core/call.ts'
import type { Handler } from '../core/handler.ts'
import type { AttemptOutcome } from '../core/journal.ts'
import type { Log, Transport, UpstreamRequest, UpstreamResponse } from '../core/ports.ts'
import { AttemptSignal, type Attempts } from '../core/signals.ts'
import type { End, EventStream, WireStream } from '../core/stream.ts'
import type { Custody } from '../custody/custody.ts'
import type { Keeper } from '../custody/keep.ts'
import { createFault, type Fault } from '../ir/fault.ts'
import type { Usage } from '../ir/usage.ts'
import type { Provider } from '../providers/provider.ts'
import { splice } from '../wire/splice.ts'
import { mustSummarize, summarize } from './compact.ts'
import { estimate, mustEstimate } from './count.ts'
import { createKeeper, restoreState } from './custody.ts'
import type { EncodeOptions } from './encode.ts'
import { writeHeaders } from './headers.ts'
import { IdleWatch } from './idle.ts'
import { materialize, needsMaterial } from './materialize.ts'
import { type FetchContext, fetchMedia } from './media/fetch-media.ts'
import { createPlan, type Plan } from './plan.ts'
import { answerWhole, readError, readStream, wholeLimit } from './read.ts'
import { withoutRefusedState } from './refused-state.ts'
import { type SendPorts, send, transportFault } from './send.ts'
import { mustSign, signed } from './sign.ts'
import { sniff } from './sniff.ts'
import { tell } from './tell.ts'

/** What the innermost handler works with: the configured providers and the runtime's ports. */
export interface UpstreamContext extends EncodeOptions, SendPorts, FetchContext {
  provider(name: string): Provider | undefined
  /** The embedded engines' own transports; every other provider uses `transport`. */
  embedded(provider: Provider): Transport | undefined
  /** Every attempt under way enters here, so that closing the gateway ends it. */
  readonly attempts: Attempts
  /** Keeps what only its provider can read, for callers who cannot carry it. */
  readonly custody: Custody
  /** This gateway's id, written into every request so that a call that comes back is recognised. */
  readonly instance: string
  readonly log: Log
}

/** The innermost handler: plan, send, read. One upstream call, one terminal outcome in the journal. */
export function createUpstream(context: UpstreamContext): Handler<Aimed> {
  const attempt = (call: Aimed, provider: Provider): Promise<Answer> => {
    if (mustEstimate(call, provider)) return estimate(call)
    if (mustSummarize(call, provider)) return summarize(call, asking => attempt(asking, provider))
    const fetching = fetchMedia(call, provider, context)
    if (fetching === undefined) return carry(call, provider)
    return fetching.then(prepared => {
      if (prepared.kind === 'ready') return carry(prepared.call, provider)
      return prepared.kind === 'fault' ? faultAnswer(prepared.fault) : cancelled
    })
  }
  const carry = (call: Aimed, provider: Provider): Promise<Answer> => {
    const planned = createPlan(call, provider, context)
    if (!planned.ok) return Promise.resolve(faultAnswer(planned.fault))
    return new Attempt(call, provider, planned.value, context).run()
  }
  /** Once more without state that the upstream refused: nothing was shown yet. */
  const withState = (call: Aimed, provider: Provider): Promise<Answer> =>
    attempt(call, provider).then(answer => {
      const bare = answer.kind === 'fault' ? withoutRefusedState(call, provider, answer.fault) : undefined
      return bare === undefined ? answer : attempt(bare, provider)
    })
  return call => {
    const provider = context.provider(call.target.provider)
    if (provider === undefined) {
      const message = `The provider "${call.target.provider}" is not configured.`
      return Promise.resolve(faultAnswer(createFault('internal', message)))
    }
    if (needsMaterial(call, provider))
      return materialize(call, provider).then(ready => attempt(ready, provider))
    const restoring = restoreState(call, provider, context.custody)
    if (restoring === undefined) return withState(call, provider)
    return restoring.then(ready => (ready.ok ? withState(ready.value, provider) : faultAnswer(ready.fault)))
  }
}

type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly answer: Answer }

/** One upstream call under way. */
class Attempt {
  readonly #call: Aimed
  readonly #provider: Provider
  readonly #plan: Plan
  readonly #context: UpstreamContext
  readonly #keeper: Keeper | undefined
  readonly #signal: AttemptSignal
  readonly #settle: (outcome: AttemptOutcome) => void
  #status: number | undefined
  #stream: WireStream | EventStream | undefined
  #firstContentAt: number | undefined

  constructor(call: Aimed, provider: Provider, plan: Plan, context: UpstreamContext) {
    this.#call = call
    this.#provider = provider
    this.#plan = plan
    this.#context = context
    this.#keeper = createKeeper(call, provider, plan, context.custody)
    this.#signal = new AttemptSignal(call.owner, context.ambient, context.attempts)
    for (const note of plan.notes) call.journal.note(note)
    this.#settle = call.journal.attempt({
      provider: provider.name,
      model: call.target.model,
      mode: plan.mode,
      reason: plan.reason,
      startedAt: context.ambient.now(),
      ...(call.leg === undefined ? {} : { leg: call.leg }),
    })
  }

  run(): Promise<Answer> {
    return this.#send().catch(error => {
      // A bug, which `shield` answers: the upstream is let go and the attempt has its end all the same.
      this.#signal.abort({ kind: 'discarded' })
      this.#close('fault', createFault('internal', 'The attempt ended in an exception.'), undefined)
      this.#stream?.dispose('discarded')
      throw error
    })
  }

  async #send(): Promise<Answer> {
    const { timeouts } = this.#call.target
    const left = this.#call.receivedAt + timeouts.total - this.#context.ambient.now()
    this.#signal.deadline(left, () => timedOut(this.#provider.name, timeouts.total, 'for the whole answer'))
    const gotContent = this.#plan.stream
      ? this.#signal.deadline(timeouts.firstToken, () =>
          timedOut(this.#provider.name, timeouts.firstToken, 'for the first token'),
        )
      : () => {}
    const transport = this.#context.embedded(this.#provider)
    const ports = transport === undefined ? this.#context : { ...this.#context, transport, dial: undefined }
    // Made ready before the answer comes: inverses of adaptations run in its stream and cannot wait.
    if (this.#plan.adaptations.some(({ checks }) => checks === true)) await this.#context.validator?.load()
    const request = this.#request()
    const ready = mustSign(this.#provider)
      ? await signed(request, this.#provider, this.#context.ambient.now())
      : request
    const sent = await send(this.#call, ready, ports, this.#signal)
    if (sent.ok === 'cancelled') return this.#over('cancelled', cancelled)
    if (!sent.ok) return this.#fail(sent.fault)
    const response = sent.value
    this.#status = response.status
    if (response.status < 200 || response.status >= 300)
      return this.#fail(await readError(this.#plan, response))
    if (!this.#plan.stream) return this.#whole(response)
    const sniffed = await this.#reading(sniff(response))
    if (!sniffed.ok) return sniffed.answer
    const { isStream, response: body } = sniffed.value
    return isStream ? this.#readStream(body, gotContent) : this.#whole(body)
  }

  /** What was read of the body, or the answer that a broken connection is. */
  #reading<T>(read: Promise<T>): Promise<Reading<T>> {
    return read.then(
      value => ({ ok: true, value }),
      error => {
        const fault = transportFault(error, this.#provider.name, this.#signal)
        return {
          ok: false,
          answer: fault === 'cancelled' ? this.#over('cancelled', cancelled) : this.#fail(fault),
        }
      },
    )
  }

  #request(): UpstreamRequest {
    const { edits, wire } = this.#plan
    const body = wire === undefined ? this.#call.body.bytes().value : JSON.stringify(wire)
    return {
      url: this.#provider.baseUrl + this.#plan.path,
      method: 'POST',
      headers: writeHeaders(this.#call, this.#provider, this.#plan, this.#context.instance),
      closes: this.#plan.stream && this.#provider.kind.closesAfterStream === true,
      body: edits.length === 0 ? body : splice(asBytes(body), edits),
    }
  }

  async #whole(response: UpstreamResponse): Promise<Answer> {
    const bytes = await this.#reading(response.bytes(wholeLimit))
    if (!bytes.ok) return bytes.answer
    const answer = await answerWhole(this.#call, this.#plan, bytes.value, this.#keeper)
    if (answer.kind === 'fault') return this.#fail(answer.fault)
    if (answer.kind === 'stream') return this.#follow(answer.stream)
    return this.#over('completed', answer)
  }

  /** Waits for content or a fault: until then nothing was shown, and the attempt may still be another's. */
  async #readStream(response: UpstreamResponse, gotContent: () => void): Promise<Answer> {
    const idle = this.#call.target.timeouts.idle
    const watch = new IdleWatch(this.#context.ambient, idle, () =>
      this.#signal.abort({
        kind: 'fault',
        fault: createFault(
          'upstream_stalled',
          `The provider "${this.#provider.name}" sent nothing for ${idle / 1000} s.`,
        ),
      }),
    )
    const line = {
      reader: response.body,
      waiting: (isWaiting: boolean) => watch.waiting(isWaiting),
      heard: () => {
        gotContent()
        this.#firstContentAt = this.#context.ambient.now()
      },
      broken: (error: unknown) => transportFault(error, this.#provider.name, this.#signal),
      abort: () => this.#signal.abort({ kind: 'discarded' }),
      after: (milliseconds: number, callback: () => void) =>
        this.#context.ambient.after(milliseconds, callback),
    }
    const stream = readStream(this.#plan, line, this.#keeper)
    void stream.done.then(() => watch.stop())
    return this.#follow(stream)
  }

  async #follow(stream: WireStream | EventStream): Promise<Answer> {
    this.#stream = stream
    const onOwner = () => stream.dispose('cancelled')
    this.#call.owner.addEventListener('abort', onOwner, { once: true })
    void stream.done.then(trailer => {
      this.#call.owner.removeEventListener('abort', onOwner)
      for (const note of trailer.notes) tell(this.#call, note)
      this.#close(trailer.end, trailer.fault, trailer.usage)
    })
    const head = await stream.peek()
    if (stream.outcome?.end === 'cancelled') return cancelled
    if (head.kind === 'fault') {
      stream.dispose('discarded')
      return faultAnswer(head.fault)
    }
    return { kind: 'stream', stream }
  }

  #fail(fault: Fault): Answer {
    this.#close('fault', fault, undefined)
    return faultAnswer(fault)
  }

  #over(end: End, answer: Answer): Answer {
    this.#close(end, undefined, answer.kind === 'whole' ? usageOf(answer.body) : undefined)
    return answer
  }

  /** The one place where an attempt ends: its timers, its links and its line in the journal. */
  #close(end: End, fault: Fault | undefined, usage: AttemptOutcome['usage']): void {
    this.#signal[Symbol.dispose]()
    this.#settle({
      end,
      endedAt: this.#context.ambient.now(),
      ...(this.#firstContentAt === undefined ? {} : { firstContentAt: this.#firstContentAt }),
      ...(this.#status === undefined ? {} : { status: this.#status }),
      ...(fault === undefined ? {} : { fault: fault.code }),
      ...(usage === undefined ? {} : { usage }),
    })
  }
}

const usageOf = (body: WholeBody): Usage | undefined =>
  body.form === 'wire' ? body.usage : typeof body.value === 'number' ? undefined : body.value.usage

const encoder = new TextEncoder()
const asBytes = (body: Uint8Array | string): Uint8Array =>
  typeof body === 'string' ? encoder.encode(body) : body

const timedOut = (provider: string, milliseconds: number, what: string): Fault =>
  createFault(
    'upstream_timeout',
    `The provider "${provider}" took longer than ${milliseconds / 1000} s ${what}.`,
  )
