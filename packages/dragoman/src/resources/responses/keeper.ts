import { type Answer, faultAnswer, type WholeBody } from '../../core/answer.ts'
import type { Call, Operations } from '../../core/call.ts'
import type { Render } from '../../core/dialect.ts'
import type { Handler } from '../../core/handler.ts'
import type { Payload } from '../../core/payload.ts'
import type { StateKeeper } from '../../core/state-keeper.ts'
import type { ResponseRecord } from '../../core/state-store.ts'
import { EventStream, type WireStream } from '../../core/stream.ts'
import type { Event } from '../../ir/event.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { Note } from '../../ir/note.ts'
import type { Reply } from '../../ir/reply.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { unfold } from '../../ir/unfold.ts'
import { MemoryStateStore } from '../../stores/memory-state.ts'
import { type JsonObject, without } from '../../wire/json.ts'
import { asking, notKept, notStored } from '../faults.ts'
import { normalizeInput } from '../items.ts'
import { lease } from '../jobs.ts'
import { asksNothing, readAsk, type StateAsk } from './ask.ts'
import { work } from './background.ts'
import { eventsOfEnding } from './endings.ts'
import { Player, playWhole } from './player.ts'
import { packEvents } from './segment.ts'
import type { Shelf } from './shelf.ts'
import { RecordedSource } from './streams.ts'

export interface KeeperOptions {
  /** Milliseconds that a response is kept; 0 keeps none. */
  readonly retention: number
}

/** A call with what it asks for, as it goes on inside. */
export interface Asked {
  readonly call: Call
  readonly ask: StateAsk
  /** As the caller meant it, for what an answer repeats. */
  readonly request: GenerateRequest
  /** With the history before it, and nothing left of state. */
  readonly inner: Call
}

/** What a request says of state, which is settled before it goes on. */
const resolvedHere: ReadonlySet<string> = new Set(['previous_response_id', 'conversation', 'background'])

/** The policy of Responses: what is stored is put before a call, and what has to be stored is stored. */
export class ResponseKeeper implements StateKeeper {
  readonly #shelf: Shelf
  readonly #retention: number

  constructor(shelf: Shelf, options: KeeperOptions) {
    this.#shelf = shelf
    this.#retention = options.retention
  }

  get dialect() {
    return this.#shelf.ports.dialect.id
  }

  handle(call: Call, next: Handler<Call>): Promise<Answer> {
    const ask = this.#readAsk(call)
    return ask === undefined ? next(call) : this.#handle(call, ask, next)
  }

  /** The call as it would go on, and nothing stored. */
  async preview(call: Call): Promise<Parsed<Call>> {
    const ask = call.dialect === this.dialect ? this.#readAsk(call) : undefined
    if (ask === undefined) return { ok: true, value: call }
    const asked = await this.#prepare(call, ask)
    return asked.ok ? { ok: true, value: asked.value.inner } : asked
  }

  /** What a call asks of state; undefined where it may go on as it came. */
  #readAsk(call: Call): StateAsk | undefined {
    const asked = readAsk(call.body.wire().value)
    const isAnswer = call.operation === 'generate'
    const store = asked.store && isAnswer && this.#retention !== 0
    const ask = { ...asked, store, background: asked.background && isAnswer }
    // A body that says nothing of it would be stored by the upstream: only `false` itself may go on as it came.
    const isSilent = !isAnswer || !asked.store
    return isSilent && asksNothing(ask) ? undefined : ask
  }

  async #prepare(call: Call, ask: StateAsk): Promise<Parsed<Asked>> {
    const read = await asking(this.#readCall(call, ask), this.#shelf.onFailure)
    return read.ok ? read.value : read
  }

  async #handle(call: Call, ask: StateAsk, next: Handler<Call>): Promise<Answer> {
    const prepared = await this.#prepare(call, ask)
    if (!prepared.ok) return faultAnswer(prepared.fault)
    const asked = prepared.value
    if (ask.background) return ask.store ? this.#answerLater(asked, next) : faultAnswer(notStored)
    const answer = await next(asked.inner)
    if (answer.kind === 'fault' || answer.kind === 'cancelled') return answer
    if (call.operation !== 'generate') return answer
    if (!ask.store && ask.conversation === undefined) return this.#answerUnstored(asked, answer)
    return answer.kind === 'whole'
      ? this.#keepWhole(asked, answer.body)
      : this.#keepStream(asked, answer.stream)
  }

  /** The call as it goes on. Rejects where the store cannot answer. */
  async #readCall(call: Call, ask: StateAsk): Promise<Parsed<Asked>> {
    const { history, ports } = this.#shelf
    const { tenant } = call.principal
    const before = await history.turnsBefore(ask, tenant)
    if (!before.ok) return before
    const body = call.body as Payload<Operations['generate']['request']> // a count asks with the same
    let decoded = body.value()
    if (ask.hasReferences) {
      const resolved = await history.resolveReferences(body.wire().value, tenant)
      if (!resolved.ok) return resolved
      decoded = ports.dialect.decodeRequest(resolved.value)
    }
    if (!decoded.ok) return decoded
    const request = { ...decoded.value, hints: { ...decoded.value.hints, store: ask.store } }
    const { store: _, ...hints } = request.hints
    const isKept = ask.store || ask.conversation !== undefined
    const inner: GenerateRequest = {
      ...request,
      turns: [...before.value, ...request.turns],
      // Not said to anybody: the wire that stores by itself is told not to by its encoder.
      hints: { ...hints, ...(isKept ? { replay: true } : {}) },
      extra: { ...request.extra, [this.dialect]: without(request.extra?.[this.dialect] ?? {}, resolvedHere) },
    }
    // What was changed here is not what a relayed answer would repeat.
    const needs = { ...call.needs, observe: call.operation === 'generate' || call.needs.observe }
    return { ok: true, value: { call, ask, request, inner: { ...call, body: body.withValue(inner), needs } } }
  }

  #recordOf({ call, ask }: Asked, state: ResponseRecord['state']): ResponseRecord {
    const { input, ...request } = call.body.wire().value
    const now = this.#shelf.ports.ambient.now()
    return {
      id: `resp_${call.id}`,
      tenant: call.principal.tenant,
      createdAt: call.receivedAt,
      expiresAt: call.receivedAt + this.#retention,
      state,
      background: ask.background,
      request: { ...request, store: ask.store },
      input: normalizeInput(input, (prefix, index) => `${prefix}_${call.id}_i${index}`),
      leaseUntil: now + lease.milliseconds,
    }
  }

  /** A whole answer is given once it is stored, as it will be given again. */
  async #keepWhole(asked: Asked, body: WholeBody): Promise<Answer> {
    const reply = this.#readReply(body)
    if (!reply.ok) return faultAnswer(reply.fault)
    const events = unfold(reply.value)
    const record = this.#recordOf(asked, 'ended')
    const { ports } = this.#shelf
    const played = playWhole(ports.dialect, record, events)
    const { conversation } = asked.ask
    const addition =
      conversation === undefined ? undefined : this.#shelf.additionOf(conversation, record, events)
    const segment = packEvents(0, events)
    const writing = asked.ask.store
      ? ports.store.open(record, segment, addition)
      : addition === undefined
        ? undefined
        : ports.store.addEntries(addition)
    if (writing !== undefined) {
      const written = await asking<unknown>(writing, this.#shelf.onFailure, notKept)
      if (!written.ok) return faultAnswer(written.fault)
    }
    this.#tidy()
    return this.#whole(asked, played.object, played.notes, reply.value)
  }

  #readReply(body: WholeBody): Parsed<Reply> {
    if (body.form === 'value') return { ok: true, value: body.value as Reply } // the operation is generate
    return this.#shelf.ports.dialect.decodeReply(
      JSON.parse(new TextDecoder().decode(body.bytes)) as JsonObject,
    ) // it was read once
  }

  #whole({ call }: Asked, object: JsonObject, notes: readonly Note[], reply: Reply): Answer {
    const { dialect } = this.#shelf.ports
    for (const note of notes) call.journal.note({ ...note, path: dialect.pathOf(note.path) })
    const bytes = new TextEncoder().encode(JSON.stringify(object))
    return { kind: 'whole', body: { form: 'wire', dialect: dialect.id, bytes, usage: reply.usage } }
  }

  /** A stream is stored as it passes; what is lost with its client is told to whoever asks for it later. */
  async #keepStream(asked: Asked, stream: WireStream | EventStream): Promise<Answer> {
    if (stream.form === 'wire') {
      stream.dispose('discarded')
      return faultAnswer(createFault('internal', 'A stream that has to be stored came as bytes.'))
    }
    const shelf = this.#shelf
    const { ports } = shelf
    const record = this.#recordOf(asked, 'in_progress')
    // What only a conversation remembers is gathered in memory until its end.
    const store = asked.ask.store ? ports.store : new MemoryStateStore()
    const opened = await asking(store.open(record), shelf.onFailure)
    if (!opened.ok) {
      stream.dispose('discarded')
      return faultAnswer(opened.fault)
    }
    this.#tidy()
    const recorder = shelf.recordInto(store, record.id)
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    const end = async (events: readonly Event[]) => {
      const kept = await shelf.end(record, recorder, events)
      resolve()
      return kept
    }
    const left = () => void end(eventsOfEnding('disconnected', false, ports.dialect.id))
    const recorded = new EventStream(new RecordedSource(stream, recorder, end, left))
    ports.jobs.enter(record.id, { cancel: () => recorded.dispose('cancelled'), settled })
    return { kind: 'stream', stream: recorded, encoder: new Player(ports.dialect, record) }
  }

  /** A job takes the call; its client is told where to find the answer, or reads along. */
  async #answerLater(asked: Asked, next: Handler<Call>): Promise<Answer> {
    const { ports } = this.#shelf
    const record = this.#recordOf(asked, 'queued')
    const opened = await asking(ports.store.open(record), this.#shelf.onFailure)
    if (!opened.ok) return faultAnswer(opened.fault)
    this.#tidy()
    ports.jobs.run(record.id, signal => work(this.#shelf, record, asked.inner, next, signal))
    if (!asked.call.stream) {
      const { object, notes } = playWhole(ports.dialect, record, [])
      return this.#whole(asked, object, notes, { candidates: [] })
    }
    return { kind: 'stream', ...this.#shelf.read(record) }
  }

  /** An answer that only builds on what is stored: its request is repeated as the caller meant it. */
  #answerUnstored(asked: Asked, answer: Exclude<Answer, { readonly kind: 'fault' | 'cancelled' }>): Answer {
    const { dialect } = this.#shelf.ports
    const { call, request } = asked
    const render: Render = { id: call.id, created: Math.floor(call.receivedAt / 1000), request }
    if (answer.kind === 'stream') {
      return answer.stream.form === 'wire' ? answer : { ...answer, encoder: dialect.encodeStream(render) }
    }
    if (answer.body.form === 'wire') return answer
    const reply = answer.body.value as Reply // the operation is generate
    const { value, notes } = dialect.encodeReply(reply, render)
    return this.#whole(asked, value, notes, reply)
  }

  /** What every stored response brings with it; nobody waits for it. */
  #tidy(): void {
    this.#shelf.tellWhere()
    this.#shelf.sweep().catch(this.#shelf.onFailure)
  }
}
