import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeGeneratedBlocks } from './block-decode.ts'
import { encodeBlocks, type Writing } from './block-encode.ts'
import { faultOf } from './error.ts'
import { anything, fieldsOf, object, objects, openOptional, text } from './fields.ts'
import { decodeFinish, encodeFinish, isClientCall } from './finish.ts'
import { tierOf, tierWord } from './tier.ts'
import { decodeUsage, encodeUsage, noteUsage } from './usage.ts'
import { dialect, ownExtra, speaker, withExtra } from './wire.ts'

/** A `ConverseResponse` (SDK 3.1164) to the model. It has neither an id nor a time nor the model's name. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const fields = fieldsOf(wire, '', [])
  const output = openOptional(fields, 'output')
  const message = output && openOptional(output, 'message')
  const content = message?.take('content', objects)
  if (output === undefined || message === undefined || content === undefined) {
    return { ok: false, fault: withoutContent(wire) }
  }
  message.take('role', text)
  const parts = decodeGeneratedBlocks(content)
  if (message.extra() !== undefined) output.keepRest('message', message)
  if (output.extra() !== undefined) fields.keepRest('output', output)
  const stopReason = fields.take('stopReason', anything)
  const finish = decodeFinish(stopReason, wire.additionalModelResponseFields, parts.some(isClientCall))
  const usage = fields.take('usage', object)
  const tier = fields.take('serviceTier', object)
  const serviceTier = tierOf(tier?.type)
  if (tier !== undefined && serviceTier === undefined) fields.keep('serviceTier', tier)
  const reply = defined({
    dialect,
    serviceTier,
    candidates: [{ index: 0, parts, finish }],
    usage: usage && decodeUsage(usage),
    extra: fields.extra(),
  })
  return { ok: true, value: reply }
}

/** Whether a body is an error after all (an answer of counting has its number instead of content), and its usage. */
export function glance(wire: JsonObject): Glance {
  const message = isObject(wire.output) ? wire.output.message : undefined
  const hasContent = isObject(message) && isList(message.content)
  if (!hasContent && typeof wire.inputTokens !== 'number') return { fault: withoutContent(wire) }
  return isObject(wire.usage) ? { usage: decodeUsage(wire.usage) } : {}
}

/** An error object that came with status 200 is the failure it says it is. */
const withoutContent = (wire: JsonObject): Fault =>
  typeof (wire.message ?? wire.Message ?? wire.__type) === 'string'
    ? faultOf(undefined, wire, 200)
    : createFault('upstream_invalid', 'The upstream sent an answer without content.')

/** The model to a `ConverseResponse`. */
export function encodeReply(reply: Reply, _: Render): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, '', 'reply')
  noteIdentity(reply, notes)
  if (reply.candidates.length > 1) notes.add('dropped', 'candidates', oneAnswer)
  noteUsage(reply.usage, notes)
  const [candidate = emptyCandidate] = reply.candidates
  const { content, stopReason, fields } = encodeCandidate(candidate, notes)
  const tier = tierWord(reply.serviceTier, notes, 'serviceTier')
  const core = defined({
    output: { message: { role: 'assistant', content } },
    stopReason,
    usage: encodeUsage(reply.usage),
    serviceTier: tier === undefined ? undefined : { type: tier },
  })
  const own = ownExtra(reply)
  const value = withExtra(core, own)
  const isTold = own?.additionalModelResponseFields !== undefined || fields === undefined
  return {
    value: isTold ? value : { ...value, additionalModelResponseFields: fields },
    notes: notes.list,
  }
}

/** Why a second candidate is left out. */
export const oneAnswer = 'an answer is one message here; the others are left out'

/** Whose answer it is has no field here: the client knows which model it asked. */
export function noteIdentity(reply: Pick<Reply, 'model'>, notes: Notes): void {
  if (reply.model !== undefined) notes.add('dropped', 'model', 'an answer does not name its model here')
}

const emptyCandidate: Candidate = { index: 0, parts: [], finish: { reason: 'unknown' } }

function encodeCandidate(candidate: Candidate, notes: Notes) {
  const path = `candidates[${candidate.index}]`
  notes.foreign(candidate, path, 'reply')
  notes.foreign(candidate.finish, `${path}.finish`, 'reply')
  const writing: Writing = { side: 'reply', notes, signedOnly: false }
  const content = candidate.parts.flatMap((part, index) =>
    encodeBlocks(part, `${path}.parts[${index}]`, writing),
  )
  const ending = {
    hasCall: candidate.parts.some(isClientCall),
    hasRefusal: candidate.parts.some(part => part.kind === 'refusal'),
  }
  return { content, ...encodeFinish(candidate.finish, ending, `${path}.finish`, notes) }
}
