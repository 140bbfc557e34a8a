import type { Fields } from '../../core/codec/fields.ts'
import { Notes } from '../../core/codec/notes.ts'
import { defined, isList } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Fault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAssistant } from './assistant-decode.ts'
import { encodeAssistant } from './assistant-encode.ts'
import { decodeGenerated } from './content.ts'
import { faultOf } from './error.ts'
import { anything, fieldsOf, object, objects, text } from './fields.ts'
import { decodeFinish, encodeFinish, failedEnd } from './finish.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeUsage, encodeUsage, noteUsage } from './usage.ts'
import { asExtra, dialect, objectsOf, ownExtra, speaker, withExtra } from './wire.ts'

/** A `V2ChatResponse` (SDK 8.1.0) to the model. There is no model name and no time of creation in it. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const fault = faultIn(wire)
  if (fault !== undefined) return { ok: false, fault }
  const fields = fieldsOf(wire, '', [])
  const message = fieldsOf(fields.need('message', object, {}), '', [])
  message.take('role', text)
  const usage = fields.take('usage', object)
  const logprobs = decodeLogprobs(fields.take('logprobs', objects))
  const word = fields.take('finish_reason', anything)
  const content = takeContent(message)
  const parts = decodeAssistant(message, withLogprobs(content, logprobs))
  const extra = message.extra()?.[dialect] ?? {}
  const hasCalls = parts.some(part => part.kind === 'tool-call')
  const stray = logprobs.length > 0 && !content.some(part => part.kind === 'text')
  const candidate: Candidate = defined({
    index: 0,
    parts,
    finish: decodeFinish(word, hasCalls),
    extra: asExtra(stray ? { ...extra, $logprobs: wire.logprobs ?? [] } : extra),
  })
  const reply = defined({
    dialect,
    id: fields.take('id', text),
    candidates: [candidate],
    usage: usage && decodeUsage(usage),
    extra: fields.extra(),
  })
  return { ok: true, value: reply }
}

/** The content of an answer, which is a list; a host that says a string is understood. */
function takeContent(message: Fields): readonly Part[] {
  const said = message.take('content', text)
  if (said !== undefined) return said === '' ? [] : [{ kind: 'text', text: said }]
  const items = message.take('content', objects)
  return (items ?? []).map(decodeGenerated)
}

/** Log probabilities stand beside the whole message; they are put on its first text. */
function withLogprobs(content: readonly Part[], logprobs: readonly TokenLogprob[]): readonly Part[] {
  const first = content.findIndex(part => part.kind === 'text')
  const part = content[first]
  return part?.kind !== 'text' || logprobs.length === 0 ? content : content.with(first, { ...part, logprobs })
}

/** The failure that a body of status 200 is, undefined for an answer. */
function faultIn(wire: JsonObject): Fault | undefined {
  const failed = failedEnd(wire.finish_reason, wire.error)
  if (failed !== undefined) return failed
  if (isObject(wire.message)) return undefined
  // A bare `message` of text is this wire's error body; answers have an object there.
  return typeof wire.message === 'string'
    ? faultOf(wire)
    : createFault('upstream_invalid', 'The upstream sent an answer without a message.')
}

/** Whether a body is an error after all (embeddings have their vectors instead of a message), and its usage. */
export function glance(wire: JsonObject): Glance {
  const { embeddings, meta, usage } = wire
  if (isObject(embeddings) || isList(embeddings)) return isObject(meta) ? { usage: decodeUsage(meta) } : {}
  const fault = faultIn(wire)
  if (fault !== undefined) return { fault }
  return isObject(usage) ? { usage: decodeUsage(usage) } : {}
}

/** The id of an answer for a client of this wire: the API's are UUIDs, which nobody parses. */
export function replyId(reply: Pick<Reply, 'dialect' | 'id'>, render: Render): string {
  return reply.dialect === dialect && reply.id !== undefined ? reply.id : render.id
}

/** Why a second candidate is left out. */
export const oneAnswer = 'a message is one answer; the others are left out'

/** The model to a `V2ChatResponse`. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, '', 'reply')
  if (reply.candidates.length > 1) notes.add('dropped', 'candidates', oneAnswer)
  noteUsage(reply.usage, reply.serviceTier, notes)
  const [candidate = emptyCandidate] = reply.candidates
  const path = `candidates[${candidate.index}]`
  notes.foreign(candidate, path, 'reply')
  const own = ownExtra(candidate)
  const { message, logprobs } = encodeAssistant(candidate.parts, `${path}.parts`, 'reply', own, notes)
  const stray = objectsOf(own?.$logprobs)
  const hasCalls = candidate.parts.some(part => part.kind === 'tool-call')
  const core = defined({
    id: replyId(reply, render),
    message,
    finish_reason: encodeFinish(candidate.finish, hasCalls, `${path}.finish`, notes),
    usage: reply.usage && encodeUsage(reply.usage),
    logprobs: logprobs.length + stray.length > 0 ? [...logprobs, ...stray] : undefined,
  })
  return { value: withExtra(core, ownExtra(reply)), notes: notes.list }
}

const emptyCandidate: Candidate = { index: 0, parts: [], finish: { reason: 'unknown' } }
