import { type Answer, faultAnswer } from '../core/answer.ts'
import type { Aimed, Operation, Operations } from '../core/call.ts'
import type { Dialect, FrameRole, Framing } from '../core/dialect.ts'
import type { UpstreamResponse } from '../core/ports.ts'
import { applyEdits, type EventEdit, EventStream, WireStream } from '../core/stream.ts'
import type { Keeper } from '../custody/keep.ts'
import { findDialect } from '../dialects/registry.ts'
import type { Event } from '../ir/event.ts'
import { createFault, type Fault, type Parsed } from '../ir/fault.ts'
import { createFold } from '../ir/fold.ts'
import type { JsonObject } from '../ir/json.ts'
import type { Note } from '../ir/note.ts'
import type { Reply } from '../ir/reply.ts'
import { unfold } from '../ir/unfold.ts'
import type { Frame } from '../wire/frame.ts'
import { countCodec } from './count.ts'
import type { Plan } from './plan.ts'
import { createParser, EventSource, FrameSource, type Line, ListSource } from './sources.ts'
import { tell } from './tell.ts'

/** Largest whole answer accepted: images and audio come in base64. */
export const wholeLimit = 64 * 1024 * 1024
const errorLimit = 64 * 1024

const text = new TextDecoder()

/** Reads an error response. Total: whatever it is, it becomes a fault. */
export async function readError(
  plan: Pick<Plan, 'binding' | 'dialect'>,
  response: UpstreamResponse,
): Promise<Fault> {
  let body = ''
  try {
    body = text.decode(await response.bytes(errorLimit))
  } catch {
    // A body that cannot be read leaves the status, which says enough.
  }
  if (response.status >= 300 && response.status < 400) {
    return createFault(
      'upstream_invalid',
      `The upstream answered with a redirect (${response.status}), which is not followed.`,
    )
  }
  const dialect = findDialect(plan.binding.errors ?? plan.dialect.id) ?? plan.dialect
  const fault = dialect.decodeError({ status: response.status, headers: response.headers, body })
  const isPassing = passing.includes(response.status) && response.headers.get('x-should-retry') !== 'false'
  return isPassing ? { ...fault, retryable: true } : fault
}

/** Statuses that pass although they blame the request: a lock somebody holds, a connection too young. SDKs retry them. */
const passing: readonly number[] = [409, 425]

/** What a whole answer's bytes turned out to be. */
export type WholeRead =
  | { readonly kind: 'json'; readonly bytes: Uint8Array; readonly wire: JsonObject }
  | { readonly kind: 'frames'; readonly bytes: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: Fault }

/** Looks at the first byte, not at the content type, which hosts get wrong in both directions. */
export function readWhole(bytes: Uint8Array): WholeRead {
  let at = 0
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at++
  const first = bytes[at]
  if (first === undefined) return { kind: 'fault', fault: invalid('an empty body') }
  if (first === 0x7b) {
    try {
      const wire: unknown = JSON.parse(text.decode(bytes))
      return { kind: 'json', bytes, wire: wire as JsonObject } // a document that starts with a brace is an object
    } catch {
      return { kind: 'fault', fault: invalid('a body that ends too early or is not JSON') }
    }
  }
  if (first === 0x3c)
    return { kind: 'fault', fault: invalid('an HTML page; the base URL may point at a web site') }
  if (first === 0x64 || first === 0x65 || first === 0x3a) return { kind: 'frames', bytes }
  return { kind: 'fault', fault: invalid('something that is not JSON') }
}

const invalid = (what: string): Fault =>
  createFault('upstream_invalid', `The upstream answered with ${what}.`)

/** A whole answer in the caller's dialect as it came, or decoded and restored. */
export function answerWhole(
  call: Aimed,
  plan: Plan,
  bytes: Uint8Array,
  keeper: Keeper | undefined,
): Answer | Promise<Answer> {
  const read = readWhole(bytes)
  if (read.kind === 'fault') return faultAnswer(read.fault)
  if (read.kind === 'frames') return answerFromFrames(call, plan, bytes, keeper)
  const wire = plan.quirks.reduce((value, quirk) => quirk.reply?.(value) ?? value, read.wire)
  const wantsStream = call.stream && call.operation === 'generate'
  if (plan.stream && wantsStream) tell(call, wholeForStream)
  if (plan.mode !== 'translate' && wire === read.wire && !wantsStream) {
    const { fault, usage } = plan.dialect.glance(wire)
    if (fault !== undefined) return faultAnswer(fault)
    return { kind: 'whole', body: { form: 'wire', dialect: plan.dialect.id, bytes, usage } }
  }
  const decoded = decodeReply[call.operation](plan.dialect, wire)
  if (!decoded.ok) return faultAnswer(decoded.fault)
  const restored = restoreWhole(call, plan, decoded.value)
  return restored.ok ? asAsked(call, restored.value, keeper) : faultAnswer(restored.fault)
}

const wholeForStream: Note = {
  kind: 'emulated',
  path: 'stream',
  reason: 'The target answered whole although it was asked to stream; the answer is sent as a stream.',
}

type DecodeReply = (dialect: Dialect, wire: JsonObject) => Parsed<Operations[Operation]['reply']>

const decodeReply: { readonly [O in Operation]: DecodeReply } = {
  generate: (dialect, wire) => dialect.decodeReply(wire),
  embed: (dialect, wire) =>
    dialect.embed?.decodeReply(wire) ?? { ok: false, fault: invalid('no embeddings') },
  count: (dialect, wire) => countCodec(dialect).decodeReply(wire),
  compact: (dialect, wire) =>
    dialect.compact?.decodeReply(wire) ?? { ok: false, fault: invalid('no compaction') },
}

type Value = Operations[Operation]['reply']

function restoreWhole(call: Aimed, plan: Plan, value: Value): Parsed<Value> {
  const edits = restores(plan)
  if (call.operation !== 'generate' || edits.length === 0) return { ok: true, value }
  const fold = createFold()
  for (const event of applyEdits(edits, unfold(value as Reply))) {
    // a generate answer is a reply
    if (event.type === 'note') tell(call, event.note)
    fold.push(event)
  }
  return fold.fault === undefined ? { ok: true, value: fold.reply() } : { ok: false, fault: fold.fault }
}

/** The inverses of the plan's adaptations, in the order in which an answer passes them. */
function restores(plan: Pick<Plan, 'adaptations'>): readonly EventEdit[] {
  return plan.adaptations.flatMap(adaptation => adaptation.restore?.() ?? []).reverse()
}

/** A whole answer where a stream was asked for is played as one. */
function asAsked(call: Aimed, value: Value, keeper: Keeper | undefined): Answer | Promise<Answer> {
  if (call.operation !== 'generate') return wholeAnswer(value)
  const reply = value as Reply // a generate answer is one
  if (call.stream) {
    const events = unfold(reply, { chunk: 64 })
    if (keeper === undefined) return streamAnswer(events)
    return Promise.resolve(keeper.take(events)).then(streamAnswer)
  }
  return keeper === undefined
    ? wholeAnswer(reply)
    : keeper.reply(reply, note => tell(call, note)).then(wholeAnswer)
}

const wholeAnswer = (value: Value): Answer => ({ kind: 'whole', body: { form: 'value', value } })

const streamAnswer = (events: readonly Event[]): Answer => ({
  kind: 'stream',
  stream: new EventStream(new ListSource(events)),
})

/** A host that streams although a whole answer was asked for: the stream is collected. */
function answerFromFrames(
  call: Aimed,
  plan: Plan,
  bytes: Uint8Array,
  keeper: Keeper | undefined,
): Answer | Promise<Answer> {
  const parser = createParser(framingOf(plan))
  const decoder = plan.dialect.decodeStream()
  const events: Event[] = []
  for (const frame of [...parser.push(bytes), ...parser.end()]) decoder.push(frame, events)
  decoder.end(events)
  const fold = createFold()
  for (const event of applyEdits(restores(plan), events)) fold.push(event)
  return fold.fault === undefined ? asAsked(call, fold.reply(), keeper) : faultAnswer(fold.fault)
}

const framingOf = (plan: Pick<Plan, 'binding' | 'dialect'>): Framing =>
  plan.binding.framing ?? plan.dialect.framing

/** What of a plan reading its stream depends on. */
type Watched = Pick<Plan, 'mode' | 'dialect' | 'binding' | 'adaptations' | 'hideUsage'>

/** The stream in the form the plan fixed (law 2). */
export function readStream(plan: Watched, line: Line, keeper?: Keeper): WireStream | EventStream {
  const framing = framingOf(plan)
  if (plan.mode === 'translate') {
    const source = new EventSource(line, framing, plan.dialect.decodeStream(), restores(plan), keeper)
    return new EventStream(source)
  }
  const frames = new FrameSource(line, framing)
  const stream = new WireStream(frames, {
    dialect: plan.dialect.id,
    watch: plan.dialect.watchStream(),
    readFault: frame => readFault(plan.dialect, frame),
    disconnected: () => frames.fault ?? disconnected,
    onContent: () => line.heard(),
  })
  const hide = plan.hideUsage ? plan.dialect.quietUsage?.hide : undefined
  if (hide !== undefined) stream.edit(hiding(hide))
  return stream
}

export const disconnected = createFault(
  'upstream_disconnected',
  'The upstream closed the stream before the answer was complete.',
)

/** The fault that a frame of role `fault` tells of. */
export function readFault(dialect: Dialect, frame: Frame): Fault {
  const events: Event[] = []
  dialect.decodeStream().push(frame, events)
  const event = events.find(candidate => candidate.type === 'fault')
  return event?.type === 'fault'
    ? event.fault
    : createFault('upstream_error', 'The upstream reported an error in the stream.')
}

const hiding =
  (hide: (frame: Frame) => Frame | undefined) =>
  (frame: Frame, _: FrameRole, out: Frame[]): void => {
    const shown = hide(frame)
    if (shown !== undefined) out.push(shown)
  }
