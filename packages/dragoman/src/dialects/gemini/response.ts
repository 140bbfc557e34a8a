import { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeCandidate, encodeCandidate, isBlocked } from './candidate.ts'
import { faultOf } from './error.ts'
import { Fields, object, objects, text } from './fields.ts'
import { blockedCandidate, decodeBlock } from './finish.ts'
import { decodeTier } from './settings.ts'
import { decodeUsage, encodeUsage, hasCounters, noteUsage } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/** A `GenerateContentResponse` (SDK 3.1.0) to the model. An error object that came with status 200 is the failure it says. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  if (isObject(wire.error)) return { ok: false, fault: faultOf(wire) }
  const fields = new Fields(wire, '', [])
  const candidates = fields.take('candidates', objects) ?? []
  const block = candidates.length === 0 ? blockOf(fields) : undefined
  if (candidates.length === 0 && block === undefined) return { ok: false, fault: withoutCandidates() }
  const usage = takeUsage(fields)
  const head = takeHead(fields)
  const reply: Reply = defined({
    dialect,
    ...head,
    serviceTier: usage && decodeTier(usage),
    candidates:
      block === undefined
        ? candidates.map((candidate, position) => decodeCandidate(candidate, position, head.id ?? ''))
        : [{ index: 0, parts: [], finish: block }],
    usage: usage && decodeUsage(usage),
    extra: fields.extra(),
  })
  return { ok: true, value: reply }
}

function blockOf(fields: Fields) {
  const feedback = fields.peek('promptFeedback')
  const finish = decodeBlock(isObject(feedback) ? feedback : undefined)
  return finish && blockedCandidate(finish)
}

/** Usage that counts; one that counts nothing stays where it is. */
function takeUsage(fields: Fields): JsonObject | undefined {
  const usage = fields.peek('usageMetadata')
  return isObject(usage) && hasCounters(usage) ? fields.take('usageMetadata', object) : undefined
}

/** Who answered and when; the time stays as it was written, which is finer than the model's. */
export function takeHead(fields: Fields): {
  readonly id?: string
  readonly model?: string
  readonly created?: number
} {
  const created = fields.peek('createTime')
  const time = typeof created === 'string' ? Date.parse(created) : Number.NaN
  return defined({
    id: fields.take('responseId', text),
    model: fields.take('modelVersion', text),
    created: Number.isFinite(time) ? Math.floor(time / 1000) : undefined,
  })
}

/** Whether a body is an error after all, and its usage. An answer of counting has its number instead of candidates. */
export function glance(wire: JsonObject): Glance {
  if (isObject(wire.error)) return { fault: faultOf(wire) }
  const { usageMetadata: usage, promptFeedback: feedback } = wire
  const isAnswer =
    (Array.isArray(wire.candidates) && wire.candidates.length > 0) ||
    decodeBlock(isObject(feedback) ? feedback : undefined) !== undefined ||
    ['totalTokens', 'embedding', 'embeddings'].some(key => wire[key] !== undefined)
  if (!isAnswer) return { fault: withoutCandidates() }
  return isObject(usage) && hasCounters(usage) ? { usage: decodeUsage(usage) } : {}
}

const withoutCandidates = (): Fault =>
  createFault('upstream_invalid', 'The upstream sent an answer without candidates.')

/** The id of an answer for a client of this wire. Another dialect's would tell where it came from. */
export function responseId(reply: Pick<Reply, 'dialect' | 'id'>, render: Render): string | undefined {
  return reply.dialect === dialect ? reply.id : render.id
}

/** What every chunk of an answer says, as a whole answer does. */
export function encodeHead(reply: Omit<Reply, 'candidates'>, render: Render): JsonObject {
  const own = ownExtra(reply)
  const isOwn = reply.dialect === dialect
  const head = defined({
    modelVersion: reply.model ?? (isOwn ? undefined : render.request.model),
    responseId: responseId(reply, render),
    createTime: isOwn ? undefined : timeOf(reply.created),
  })
  return withExtra(head, own)
}

/** The time as this wire writes it; undefined where there is none, or none that a calendar has. */
function timeOf(created: number | undefined): string | undefined {
  const isTime = created !== undefined && Math.abs(created) < 250_000_000_000
  return isTime ? new Date(created * 1000).toISOString() : undefined
}

/** The model to a `GenerateContentResponse`. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, '', 'reply')
  noteUsage(reply.usage, reply.serviceTier, notes)
  const candidates = reply.candidates
    .filter(candidate => !isBlocked(candidate))
    .map(candidate => encodeCandidate(candidate, notes))
  const core = defined({
    candidates: candidates.length === 0 ? undefined : candidates,
    usageMetadata: encodeUsage(reply.usage, reply.serviceTier),
  })
  return { value: { ...core, ...encodeHead(reply, render) }, notes: notes.list }
}
