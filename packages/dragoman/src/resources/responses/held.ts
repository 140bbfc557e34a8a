import { type Answer, faultAnswer } from '../../core/answer.ts'
import type { Call, Operations, Route, Target } from '../../core/call.ts'
import type { Handler } from '../../core/handler.ts'
import type { Payload } from '../../core/payload.ts'
import type { StateKeeper } from '../../core/state-keeper.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import { type HeldIds, isHeldId, isSealedHere } from '../../upstream/held/held-id.ts'
import { type SealId, wrapBytes, wrapStream } from '../../upstream/held/wrap.ts'
import { isObject, type JsonObject } from '../../wire/json.ts'
import { asking, keptHere, keptUpstream, outOfReach, previousNotFound } from '../faults.ts'
import { isReference } from './ask.ts'
import type { ResponseKeeper } from './keeper.ts'
import type { Shelf } from './shelf.ts'

export interface HeldPorts {
  readonly shelf: Shelf
  readonly ids: HeldIds
  resolve(model: string): Parsed<Route> | Promise<Parsed<Route>>
  /** The fingerprint of the credential that a provider is asked with; undefined where there is no such provider. */
  account(provider: string): Promise<string> | undefined
  /** Whether any target keeps its own responses: else nobody needs to know where a call goes before it is routed. */
  readonly isUsed: boolean
}

/**
 * The policy of Responses where a target keeps its own (`state: upstream`): the call goes to it as it came, pinned to
 * whoever holds what it continues, and its ids come back wrapped. Every other call is the gateway's own keeper's.
 */
export class HeldKeeper implements StateKeeper {
  readonly #own: ResponseKeeper
  readonly #ports: HeldPorts

  constructor(own: ResponseKeeper, ports: HeldPorts) {
    this.#own = own
    this.#ports = ports
  }

  get dialect() {
    return this.#own.dialect
  }

  handle(call: Call, next: Handler<Call>): Promise<Answer> {
    const held = this.#prepare(call)
    return held === undefined ? this.#own.handle(call, next) : this.#handle(call, held, next)
  }

  /** The call as it would go on, and nothing stored. */
  async preview(call: Call): Promise<Parsed<Call>> {
    const held = call.dialect === this.dialect ? await this.#prepare(call) : undefined
    return held ?? this.#own.preview(call)
  }

  async #handle(call: Call, preparing: Promise<Parsed<Call> | undefined>, next: Handler<Call>) {
    const prepared = await preparing
    if (prepared === undefined) return this.#own.handle(call, next)
    if (!prepared.ok) return faultAnswer(prepared.fault)
    const answer = await next(prepared.value)
    if (answer.kind === 'fault') return faultAnswer(inCallersIds(answer.fault, call, prepared.value))
    return call.operation === 'generate' ? this.#wrap(call, answer) : answer
  }

  /** The call for the upstream that keeps its response; undefined where this gateway does, at once where all are its own. */
  #prepare(call: Call): Promise<Parsed<Call> | undefined> | undefined {
    const previous = previousOf(call)
    if (!this.#ports.isUsed && (previous === undefined || !isHeldId(previous))) return undefined
    return this.#aim(call, previous)
  }

  async #aim(call: Call, previous: string | undefined): Promise<Parsed<Call> | undefined> {
    const route = await this.#ports.resolve(call.model)
    if (!route.ok) return route
    const { tenant } = call.principal
    const targets = route.value.targets.filter(({ state }) => state === 'upstream')
    if (targets.length === 0) {
      const held = previous === undefined ? undefined : await this.#ports.ids.open(previous, tenant)
      return held === undefined ? undefined : failed(keptUpstream(previous ?? '', call.model))
    }
    const refused = refusalOf(call.body.wire().value)
    if (refused !== undefined) return failed(refused)
    const headers = { ...call.headers, mode: 'relay' } as const
    const asItCame = { ...call, headers }
    return previous === undefined ? { ok: true, value: asItCame } : this.#pin(asItCame, previous, targets)
  }

  /** The call under the upstream's own name for what it continues, and to nobody else. */
  async #pin(call: Call, previous: string, targets: readonly Target[]): Promise<Parsed<Call>> {
    const { ids, shelf } = this.#ports
    const { tenant } = call.principal
    const held = await ids.open(previous, tenant)
    if (held === undefined) {
      const stored = await asking(shelf.find(tenant, previous), shelf.onFailure)
      if (!stored.ok) return stored
      const isOurs = stored.value !== undefined
      return failed(isOurs ? keptHere(previous, call.model) : previousNotFound(previous))
    }
    const reachable = targets.filter(({ provider }) => provider === held.provider)
    const target = reachable.find(({ model }) => model === held.model) ?? reachable[0]
    const param = 'previous_response_id'
    if (target === undefined) {
      const why = `the model "${call.model}" no longer goes to "${held.provider}". Send the history in \`input\` instead.`
      return failed(outOfReach(previous, why, param))
    }
    if ((await this.#ports.account(held.provider)) !== held.account)
      return failed(outOfReach(previous, changedCredential, param))
    const body = call.body as Payload<Operations['generate']['request']> // a count asks with the same
    const wire = { ...body.wire().value, previous_response_id: held.response }
    const bytes = await wrapBytes(body.bytes().value, { previous_response_id: previous }, () =>
      Promise.resolve(held.response),
    )
    const pinned = { provider: target.provider, model: target.model }
    return { ok: true, value: { ...call, body: body.withBytes(bytes, wire), pinned } }
  }

  async #wrap(call: Call, answer: Answer): Promise<Answer> {
    if (answer.kind === 'fault' || answer.kind === 'cancelled') return answer
    const made = call.journal.attempts.at(-1)?.facts
    const account = made === undefined ? undefined : await this.#ports.account(made.provider)
    if (made === undefined || account === undefined) throw new Error('an answer without an attempt')
    const { provider, model } = made
    const seal: SealId = response =>
      this.#ports.ids.seal({ response, provider, model, account }, call.principal.tenant)
    if (answer.kind === 'stream') {
      if (answer.stream.form === 'wire')
        return { ...answer, stream: wrapStream(answer.stream, this.#ports.shelf.ports.dialect, seal) }
      answer.stream.dispose('discarded')
      return faultAnswer(unwrappable)
    }
    if (answer.body.form !== 'wire') return faultAnswer(unwrappable)
    const wire = JSON.parse(new TextDecoder().decode(answer.body.bytes)) as JsonObject // it was read once
    return { ...answer, body: { ...answer.body, bytes: await wrapBytes(answer.body.bytes, wire, seal) } }
  }
}

export const changedCredential =
  'the credential of that provider changed since it was made, and another one cannot see it.'

function previousOf(call: Call): string | undefined {
  const previous = call.body.wire().value.previous_response_id
  return typeof previous === 'string' ? previous : undefined
}

/** An error that names what is continued names it as the caller does. */
function inCallersIds(fault: Fault, asked: Call, sent: Call): Fault {
  const [ours, theirs] = [previousOf(asked), previousOf(sent)]
  if (ours === undefined || theirs === undefined || !fault.message.includes(theirs)) return fault
  return { ...fault, message: fault.message.replaceAll(theirs, () => ours) }
}

const failed = (fault: Fault): { readonly ok: false; readonly fault: Fault } => ({ ok: false, fault })

/** An id of it would be the upstream's own, which no tenant may use and no tenant is bound to. */
const unwrappable = createFault(
  'upstream_invalid',
  'The upstream did not answer in the form that it was asked for, so the ids in its answer cannot be wrapped.',
)

/** What of a request names things that the upstream keeps for all tenants alike, or that only this gateway can read. */
function refusalOf({ conversation, input }: JsonObject): Fault | undefined {
  if ((conversation ?? null) !== null) {
    return createFault(
      'unsupported_parameter',
      '`conversation` is not carried to a model that keeps its responses upstream, because conversations there belong to no tenant. Use `previous_response_id`.',
      { param: 'conversation' },
    )
  }
  const items = Array.isArray(input) ? input.filter(isObject) : []
  if (items.some(isReference)) {
    return createFault(
      'unsupported_value',
      'input: references to items are not carried to a model that keeps its responses upstream, because items there belong to no tenant. Use `previous_response_id`, or send the items themselves.',
      { param: 'input' },
    )
  }
  if (items.some(({ encrypted_content: sealed }) => typeof sealed === 'string' && isSealedHere(sealed))) {
    return createFault(
      'unsupported_value',
      'input: holds `encrypted_content` that only this gateway can read, and a model that keeps its responses upstream gets what was sent as it is. Leave these items out.',
      { param: 'input' },
    )
  }
  return undefined
}
