import { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { ItemMeta, Part } from '../../ir/part.ts'
import { unspokenRefusal } from '../../ir/refusal.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeInBandError } from './error.ts'
import { createResponse, decodeFacts, type ResponseFacts } from './facts.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { type AnswerIds, createIds } from './ids.ts'
import { decodeOutputItem } from './items.ts'
import { encodeItems } from './items-encode.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { dialect, ownAll, present, speaker } from './wire.ts'

/** A whole Response object (openai-node 7.57.0 `Response`). A failed one, and a bare error, is the fault it reports. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const { output } = wire
  if (wire.status === 'failed' || ((wire.error ?? null) !== null && !isList(output))) {
    return { ok: false, fault: decodeInBandError(wire.error) }
  }
  if (!isList(output)) {
    const message = "The upstream's answer is no Response object: it has no `output` list."
    return { ok: false, fault: createFault('upstream_invalid', message) }
  }
  const { extra, ...facts } = decodeFacts(wire)
  const value = present<Reply>({
    dialect,
    ...facts,
    candidates: [decodeOutput(output.filter(isObject), wire)],
    usage: decodeUsage(wire.usage),
    extra: { [dialect]: extra },
  })
  return { ok: true, value }
}

/** Whether a body is an error or a failed Response, and its usage. */
export function glance(wire: JsonObject): Glance {
  if (wire.status === 'failed' || (wire.error ?? null) !== null)
    return { fault: decodeInBandError(wire.error) }
  const usage = decodeUsage(wire.usage)
  return usage === undefined ? {} : { usage }
}

function decodeOutput(output: readonly JsonObject[], wire: JsonObject): Candidate {
  const parts: Part[] = []
  const items: ItemMeta[] = []
  for (const value of output) {
    const item = decodeOutputItem(value, `call_${items.length}`)
    parts.push(...item.parts.map(part => ({ ...part, item: items.length })))
    items.push(item.meta)
  }
  const hasCall = parts.some(part => part.kind === 'tool-call')
  const finish = decodeFinish(wire, hasCall)
  return { index: 0, parts, ...(items.length > 0 && { items }), finish }
}

/**
 * The model to a whole Response object, with its output the same as the stream's last event has. Only the first
 * candidate can be said.
 */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  notes.foreign(reply, 'reply')
  const isOwnReply = reply.dialect === dialect
  const [candidate, ...others] = reply.candidates
  if (others.length > 0) notes.add('dropped', 'reply.candidates[1]', 'Responses answers with one candidate')
  const { model, created, serviceTier } = reply
  const id = isOwnReply ? reply.id : undefined
  const facts = present<ResponseFacts>({ id, model, created, serviceTier, extra: ownAll(reply) })
  const ids = createIds(render, isOwnReply, notes)
  const value = {
    ...createResponse(facts, render),
    ...encodeFinish(candidate?.finish ?? { reason: 'unknown' }),
    output: candidate === undefined ? [] : encodeOutput(candidate, ids, notes),
    usage: reply.usage === undefined ? null : encodeUsage(reply.usage),
  }
  return { value, notes: notes.list }
}

/** Why an answer was refused, in a message of its own at the end. */
function withRefusal(candidate: Candidate): Candidate {
  const { parts, items = [], finish } = candidate
  const kinds = parts.map(part => part.kind)
  const refusal = unspokenRefusal(finish, kinds)
  if (refusal === undefined) return candidate
  const part = { ...refusal, item: items.length }
  return {
    ...candidate,
    parts: [...parts, part],
    items: [...items, { type: 'message', status: 'completed' }],
  }
}

function encodeOutput(candidate: Candidate, ids: AnswerIds, notes: NoteLog): readonly JsonObject[] {
  const path = 'reply.candidates[0]'
  const { finish } = candidate
  notes.foreign(candidate, path)
  notes.foreign(finish, `${path}.finish`)
  const lastStatus = encodeFinish(finish).status === 'completed' ? 'completed' : 'incomplete'
  return encodeItems(withRefusal(candidate), { role: 'assistant', path, notes, ids, lastStatus })
}
