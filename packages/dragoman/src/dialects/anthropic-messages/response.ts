import type { Fields } from '../../core/codec/fields.ts'
import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeBlock } from './block-decode.ts'
import { encodeBlock } from './block-encode.ts'
import { faultOf } from './error.ts'
import { anything, fieldsOf, object, objects, text } from './fields.ts'
import { decodeFinish, encodeFinish, finishFields, isClientCall, mayHideStop } from './finish.ts'
import { decodeTier, decodeUsage, encodeUsage, noteUsage } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/**
 * A `Message` (SDK 1.12.0) to the model. An error object that came with status 200 is the failure it says it is.
 */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  if (isObject(wire.error)) return { ok: false, fault: faultOf(wire) }
  const fields = fieldsOf(wire, '', [])
  const content = fields.take('content', objects)
  if (content === undefined) return { ok: false, fault: withoutContent() }
  const parts = content.map(decodeGenerated)
  const usage = fields.take('usage', object)
  const finish = decodeFinish(takeFinish(fields), parts.some(isClientCall))
  const head = takeHead(fields)
  const reply = defined({
    dialect,
    ...head,
    serviceTier: usage && decodeTier(usage),
    candidates: [{ index: 0, parts, finish }],
    usage: usage && decodeUsage(usage),
    extra: fields.extra(),
  })
  return { ok: true, value: reply }
}

/** Whether a body is an error after all (an answer of counting has its number instead of content), and its usage. */
export function glance(wire: JsonObject): Glance {
  if (isObject(wire.error)) return { fault: faultOf(wire) }
  if (!isList(wire.content) && typeof wire.input_tokens !== 'number') return { fault: withoutContent() }
  return isObject(wire.usage) ? { usage: decodeUsage(wire.usage) } : {}
}

const withoutContent = (): Fault =>
  createFault('upstream_invalid', 'The upstream sent an answer without content.')

/** Identity of a message; its type and role say nothing new. */
export function takeHead(fields: Fields): { readonly id?: string; readonly model?: string } {
  fields.take('type', text)
  fields.take('role', text)
  return defined({ id: fields.take('id', text), model: fields.take('model', text) })
}

export function takeFinish(fields: Fields): JsonObject {
  return Object.fromEntries(
    finishFields.flatMap(key => {
      const value = fields.take(key, anything)
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

/** A block of an answer; one that is not what its type promises is kept as it is. */
export function decodeGenerated(wire: JsonObject): Part {
  const faults: Fault[] = []
  const part = decodeBlock(wire, '', faults)
  return faults.length === 0 ? part : { kind: 'unknown', dialect, type: String(wire.type), value: wire }
}

/** The id of an answer for a client of this wire. Another dialect's would have the wrong form. */
export function messageId(reply: Pick<Reply, 'dialect' | 'id'>, render: Render): string {
  return reply.dialect === dialect && reply.id !== undefined ? reply.id : `msg_${render.id}`
}

/** The model to a `Message`. Every key its type requires is written. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, '', 'reply')
  if (reply.candidates.length > 1) notes.add('dropped', 'content', oneAnswer)
  noteUsage(reply.usage, reply.serviceTier, notes)
  const [candidate] = reply.candidates
  const core = {
    id: messageId(reply, render),
    type: 'message',
    role: 'assistant',
    model: reply.model ?? render.request.model,
    ...encodeCandidate(candidate ?? emptyCandidate, mayHideStop(render.request, reply.dialect), notes),
    usage: encodeUsage(reply.usage, reply.serviceTier),
  }
  return { value: withExtra(core, ownExtra(reply)), notes: notes.list }
}

/** Why a second candidate is left out. */
export const oneAnswer = 'a message is one answer; the others are left out'

const emptyCandidate: Candidate = { index: 0, parts: [], finish: { reason: 'unknown' } }

function encodeCandidate(candidate: Candidate, mayHideStop: boolean, notes: Notes): JsonObject {
  const path = `candidates[${candidate.index}]`
  notes.foreign(candidate, path, 'reply')
  notes.foreign(candidate.finish, `${path}.finish`, 'reply')
  const blocks = candidate.parts.map((part, index) =>
    encodeBlock(part, `${path}.parts[${index}]`, 'reply', notes),
  )
  const refusals = candidate.parts.filter(part => part.kind === 'refusal')
  const ending = {
    hasCall: candidate.parts.some(part => part.kind === 'tool-call'),
    hasClientCall: candidate.parts.some(isClientCall),
    mayHideStop,
    refusal: refusals.length === 0 ? undefined : refusals.map(part => part.text).join(''),
  }
  return {
    content: blocks.filter(block => block !== undefined),
    ...encodeFinish(candidate.finish, ending, `${path}.finish`, notes),
  }
}
