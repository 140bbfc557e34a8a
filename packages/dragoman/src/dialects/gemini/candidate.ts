import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Part, TextPart } from '../../ir/part.ts'
import type { Candidate } from '../../ir/reply.ts'
import { type DeriveId, idsInReply, WaitingCalls } from './call-id.ts'
import { Fields, integer, object, objects, text, unflatten, withoutFlat } from './fields.ts'
import { decodeFinish, encodeFinish, isBlock } from './finish.ts'
import {
  encodeGrounding,
  type PlacedAnnotation,
  type PlacedText,
  takeGrounding,
  type WrittenAnnotation,
  withoutGrounding,
} from './grounding.ts'
import { encodeLogprobs, takeLogprobs } from './logprob.ts'
import { decodePart } from './part-decode.ts'
import { encodePart } from './part-encode.ts'
import { dialect, ownExtra, withExtra, withMark } from './wire.ts'

/** A candidate without content, as the wire had it. */
const emptyMark = '$content'

/** A part of an answer; one that is not what it promises is kept as it is. */
export function decodeGenerated(wire: JsonObject, deriveId: DeriveId): Part {
  const faults: Fault[] = []
  const part = decodePart(wire, '', faults, { waiting: new WaitingCalls(), deriveId })
  if (faults.length === 0) return part
  const [type = 'part'] = Object.keys(wire)
  return { kind: 'unknown', dialect, type, value: wire }
}

/** Text that says nothing and carries nothing: the end of most streams. */
export function saysNothing(part: Part): boolean {
  return part.kind === 'text' && part.text === '' && part.opaque === undefined && part.extra === undefined
}

/** `Candidate` (SDK 3.1.0). Its index is left out where it is 0; content may be missing (traps 6 and 7). */
export function decodeCandidate(wire: JsonObject, position: number, answer: string): Candidate {
  const fields = new Fields(wire, '', [])
  const index = fields.take('index', integer) ?? position
  const deriveId = idsInReply(answer, index)
  const content = takeContent(fields)
  const parts: Part[] = []
  const texts: PlacedText[] = []
  for (const [wirePart, inner] of (content ?? []).entries()) {
    const part = decodeGenerated(inner, deriveId)
    if (saysNothing(part)) continue
    if (part.kind === 'text') texts.push({ part: parts.length, wirePart, text: part.text })
    parts.push(part)
  }
  const logprobs = texts.length === 0 ? undefined : takeLogprobs(fields)
  if (logprobs !== undefined) spreadLogprobs(parts, logprobs)
  const { finish, annotations, extra } = conclude(fields, texts, parts.some(isCall))
  for (const { part, annotation } of annotations) {
    const cited = parts[part]
    if (cited?.kind === 'text') {
      parts[part] = { ...cited, annotations: [...(cited.annotations ?? []), annotation] }
    }
  }
  const marked = withMark(extra, emptyMark, content === undefined ? 'absent' : undefined)
  return defined({ index, parts, finish, extra: marked })
}

const isCall = (part: Part): boolean => part.kind === 'tool-call'

/** The parts of a candidate; undefined where it has no content. Its role is always the model's. */
export function takeContent(fields: Fields): readonly JsonObject[] | undefined {
  const content = fields.take('content', object)
  if (content === undefined) return undefined
  const inner = fields.inside('content', content)
  const parts = inner.take('parts', objects) ?? []
  const role = inner.take('role', text)
  if (role !== undefined && role !== 'model') inner.keep('role', role)
  if (inner.hasRest) fields.keepRest('content', inner)
  return parts
}

/** Tokens to the texts they are of, in order; what the texts do not need stays with the last. */
function spreadLogprobs(parts: Part[], logprobs: readonly TokenLogprob[]): void {
  const places = parts.flatMap((part, index) => (part.kind === 'text' ? [index] : []))
  let next = 0
  for (const place of places) {
    const part = parts[place]
    if (part?.kind !== 'text') continue
    const from = next
    const isLast = place === places.at(-1)
    for (let length = 0; next < logprobs.length && (isLast || length < part.text.length); next++) {
      length += logprobs[next]?.token.length ?? 0
    }
    parts[place] = { ...part, logprobs: logprobs.slice(from, next) }
  }
}

export interface Conclusion extends Pick<Candidate, 'finish' | 'extra'> {
  readonly annotations: readonly PlacedAnnotation[]
}

/** Everything of a candidate that is known at its end. */
export function conclude(fields: Fields, texts: readonly PlacedText[], hasCall: boolean): Conclusion {
  const word = fields.take('finishReason', text)
  const message = fields.take('finishMessage', text)
  const finish = decodeFinish(word, message, hasCall)
  if (message !== undefined && finish.explanation === undefined) fields.keep('finishMessage', message)
  const annotations = takeGrounding(fields, texts)
  return defined({ finish, annotations, extra: fields.extra() })
}

/** A prompt that was blocked has no candidate on this wire. */
export function isBlocked({ parts, finish }: Pick<Candidate, 'parts' | 'finish'>): boolean {
  return parts.length === 0 && isBlock(finish)
}

export function encodeCandidate(candidate: Candidate, notes: Notes): JsonObject {
  const { index, parts } = candidate
  const path = `candidates[${index}]`
  const written: JsonObject[] = []
  const annotations: WrittenAnnotation[] = []
  for (const [place, part] of parts.entries()) {
    const at = `${path}.parts[${place}]`
    const wire = encodePart(part, at, 'reply', notes)
    if (part.kind === 'text') annotations.push(...annotationsOf(part, written.length, at))
    if (wire !== undefined) written.push(wire)
  }
  const isAbsent = written.length === 0 && ownExtra(candidate)?.[emptyMark] === 'absent'
  const content = isAbsent
    ? undefined
    : written.length === 0
      ? { role: 'model' }
      : { role: 'model', parts: written }
  const logprobs = parts.flatMap(part =>
    part.kind === 'text' || part.kind === 'refusal' ? (part.logprobs ?? []) : [],
  )
  return encodeEnd(candidate, content, annotations, logprobs, notes)
}

export function annotationsOf(part: TextPart, wirePart: number, path: string): readonly WrittenAnnotation[] {
  return (part.annotations ?? []).map((annotation, index) => ({
    annotation,
    text: part.text,
    wirePart,
    path: `${path}.annotations[${index}]`,
  }))
}

/** A candidate with all its fields: those beside the content are what a stream writes last. */
export function encodeEnd(
  candidate: Candidate,
  content: JsonObject | undefined,
  annotations: readonly WrittenAnnotation[],
  logprobs: readonly TokenLogprob[],
  notes: Notes,
): JsonObject {
  const { index, parts, finish } = candidate
  const path = `candidates[${index}]`
  notes.foreign(candidate, path, 'reply')
  notes.foreign(finish, `${path}.finish`, 'reply')
  const ending = { hasCall: parts.some(isCall), hasRefusal: parts.some(part => part.kind === 'refusal') }
  const own = ownExtra(candidate)
  const results = logprobs.length === 0 ? undefined : encodeLogprobs(logprobs)
  const more = unflatten(own, 'logprobsResult')
  const logprobsResult = results === undefined ? more : withExtra(results, more)
  const core = defined({
    content,
    ...encodeFinish(finish, ending, `${path}.finish`, notes),
    index,
    ...encodeGrounding(annotations, own, notes),
    logprobsResult,
  })
  return withExtra(core, withoutFlat(withoutGrounding(own), ['logprobsResult']))
}
