import { Notes } from '../../core/codec/notes.ts'
import { defined, isList, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Part, TextPart } from '../../ir/part.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { faultInBody } from './error.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'
import { promptLength } from './prompt.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { dialect, ownExtra, restOf, speaker, withExtra } from './wire.ts'

const headFields = new Set(['id', 'object', 'created', 'model', 'choices', 'usage'])
const choiceFields = new Set(['index', 'text', 'logprobs', 'finish_reason'])

/** A `Completion` (openai-node 7.57.0) to the model. */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const fault = faultInBody(wire)
  if (fault !== undefined) return { ok: false, fault }
  if (!isList(wire.choices))
    return {
      ok: false,
      fault: createFault('upstream_invalid', 'The upstream sent an answer without choices.'),
    }
  const candidates = objectsOf(wire.choices).map(decodeChoice)
  const usage = isObject(wire.usage) ? decodeUsage(wire.usage) : undefined
  return { ok: true, value: defined({ ...decodeHead(wire), candidates, usage }) }
}

/** What a whole answer and every chunk of a stream say of themselves. */
export function decodeHead(wire: JsonObject): Omit<Reply, 'candidates'> {
  return defined({
    dialect,
    id: textOf(wire.id),
    model: textOf(wire.model),
    created: numberOf(wire.created),
    extra: restOf(wire, headFields),
  })
}

function decodeChoice(wire: JsonObject, position: number): Candidate {
  const text = typeof wire.text === 'string' ? wire.text : ''
  const part: TextPart = defined({ kind: 'text', text, logprobs: decodeLogprobs(wire.logprobs) })
  return defined({
    index: numberOf(wire.index) ?? position,
    parts: [part],
    finish: decodeFinish(textOf(wire.finish_reason)),
    extra: restOf(wire, choiceFields),
  })
}

/** What a choice says beyond the model's words. */
export const choiceRest = (wire: JsonObject) => restOf(wire, choiceFields)

export function glance(wire: JsonObject): Glance {
  const fault = faultInBody(wire)
  if (fault !== undefined) return { fault }
  return isObject(wire.usage) ? { usage: decodeUsage(wire.usage) } : {}
}

/** The id of an answer for a client of this wire. Another dialect's would have the wrong form. */
export function replyId(reply: Pick<Reply, 'dialect' | 'id'>, render: Render): string {
  return reply.dialect === dialect && reply.id !== undefined ? reply.id : `cmpl-${render.id}`
}

/** The model to a `Completion`. Every key its type requires is written. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  notes.foreign(reply, 'reply', 'reply')
  if (reply.serviceTier !== undefined)
    notes.add('dropped', 'reply.serviceTier', 'answers have no service tier here')
  const isOwn = reply.dialect === dialect
  const core = defined({
    id: replyId(reply, render),
    object: 'text_completion',
    created: reply.created ?? render.created,
    model: reply.model ?? render.request.model,
    choices: reply.candidates.map(candidate => encodeChoice(candidate, isOwn, render, notes)),
    usage: reply.usage && encodeUsage(reply.usage),
  })
  return { value: withExtra(core, ownExtra(reply)), notes: notes.list }
}

function encodeChoice(candidate: Candidate, isOwn: boolean, render: Render, notes: Notes): JsonObject {
  const path = `reply.candidates[${candidate.index}]`
  notes.foreign(candidate, path, 'reply')
  const said = candidate.parts.map((part, index) => sayPart(part, `${path}.parts[${index}]`, notes))
  const logprobs = said.flatMap(one => one.logprobs ?? [])
  // A list of none says less than a stream can: only this wire's own goes back.
  const hasLogprobs = logprobs.length > 0 || (isOwn && said.some(one => one.logprobs !== undefined))
  const core = {
    text: said.map(one => one.text).join(''),
    index: candidate.index,
    logprobs: hasLogprobs ? encodeLogprobs(logprobs, promptLength(render.request)) : null,
    finish_reason: encodeFinish(candidate.finish, isOwn, `${path}.finish`, notes),
  }
  return withExtra(core, ownExtra(candidate))
}

interface Said {
  readonly text: string
  readonly logprobs?: readonly TokenLogprob[] | undefined
}

/** A part as text, which is all there is here; everything else is left out and told. */
export function sayPart(part: Part, path: string, notes: Notes): Said {
  notes.foreign(part, path, 'reply')
  if (part.opaque !== undefined) notes.add('dropped', `${path}.opaque`, 'only its maker can read it')
  switch (part.kind) {
    case 'text':
      if (part.annotations?.length) notes.add('dropped', `${path}.annotations`, 'there are no citations here')
      return { text: part.text, logprobs: part.logprobs }
    case 'refusal':
      notes.add('renamed', path, 'a refusal is text here')
      return { text: part.text, logprobs: part.logprobs }
    case 'media':
      notes.add(
        part.transcript ? 'approximated' : 'dropped',
        path,
        'a voice is its transcript here, other media are left out',
      )
      return { text: part.transcript ?? '' }
    default:
      notes.add('dropped', path, `a completion is text; there is no ${part.kind} here`)
      return { text: '' }
  }
}
