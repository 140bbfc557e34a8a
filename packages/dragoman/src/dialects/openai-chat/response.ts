import { NoteLog } from '../../core/codec/notes.ts'
import { defined, isList, numberOf, objectsOf, textOf } from '../../core/codec/values.ts'
import type { Glance, Render } from '../../core/dialect.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { TokenLogprob } from '../../ir/logprob.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Annotation, Part, TextPart } from '../../ir/part.ts'
import { unspokenRefusal } from '../../ir/refusal.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject } from '../../wire/json.ts'
import { decodeAnnotation } from './annotation.ts'
import { emptyContentOf } from './content.ts'
import { faultInBody, upstreamInvalid } from './error.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { logprobsOf } from './logprob.ts'
import { decodeAudio } from './media.ts'
import { MessageWriter } from './message-writer.ts'
import { usesFunctions } from './request.ts'
import { consumedReasoning, decodeThinking, decodeThinkingChunk } from './thinking.ts'
import { decodeFunctionCall, decodeToolCall, idInReply } from './tool-call.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { carriedBy, carry, type Draft, dialect, putBack, restOf, speaker } from './wire.ts'

const textChunkFields = new Set(['type', 'text'])
const writtenFields = new Set(['message', 'logprobs'])
const replyFields = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier'])

/**
 * A `chat.completion` (reference card, section 8) to the model. A body that is an error in spite of its status, or
 * that has no choice, is a fault.
 */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const choices = objectsOf(wire.choices)
  const fault = faultInBody(wire) ?? faultInChoices(choices)
  if (fault !== undefined) return { ok: false, fault }
  const id = textOf(wire.id)
  const candidates = choices.map((choice, position) => decodeChoice(choice, position, id ?? ''))
  const usage = usageIn(wire)
  const rest: Draft = { ...restOf(wire, replyFields) }
  if (wire.service_tier === null) rest.service_tier = null
  const reply = {
    dialect,
    candidates,
    ...defined({
      id,
      model: textOf(wire.model),
      created: numberOf(wire.created),
      serviceTier: textOf(wire.service_tier),
      usage: usage && decodeUsage(usage),
    }),
    ...carry(rest),
  } as const
  return { ok: true, value: reply }
}

/** What decoding would find wrong with a body, and its usage. Embeddings come by here too: they have `data` for choices. */
export function glance(wire: JsonObject): Glance {
  const fault = faultInBody(wire) ?? (isList(wire.data) ? undefined : faultInChoices(objectsOf(wire.choices)))
  if (fault !== undefined) return { fault }
  const usage = usageIn(wire)
  return usage === undefined ? {} : { usage: decodeUsage(usage) }
}

/** An answer without a choice, or whose choices all failed, is none. */
function faultInChoices(choices: readonly JsonObject[]): Fault | undefined {
  const [first] = choices
  if (first === undefined) return upstreamInvalid('The upstream answered without any choice.')
  const hasFailed = (choice: JsonObject) =>
    decodeFinish(textOf(choice.finish_reason), false).reason === 'error'
  return choices.every(hasFailed) ? failedChoice(first) : undefined
}

/** Some hosts put the usage into the first choice. */
function usageIn(wire: JsonObject): JsonObject | undefined {
  return [wire.usage, objectsOf(wire.choices)[0]?.usage].find(isObject)
}

/** The failure of a choice that ended in an error, which may tell more of it. */
export function failedChoice(choice: JsonObject) {
  const told = isObject(choice.error) ? faultInBody({ error: choice.error }) : undefined
  const reason = textOf(choice.finish_reason) ?? 'error'
  return told ?? upstreamInvalid(`The upstream ended the answer with the finish reason ${reason}.`)
}

const choiceFields: ReadonlySet<string> = new Set([
  ...['index', 'finish_reason', 'message', 'usage', 'logprobs'],
])
const messageFields: ReadonlySet<string> = new Set([
  ...['role', 'content', 'refusal', 'audio', 'tool_calls', 'function_call'],
])

function decodeChoice(choice: JsonObject, position: number, id: string): Candidate {
  const message = isObject(choice.message) ? choice.message : {}
  const index = numberOf(choice.index) ?? position
  const tokens = logprobsOf(choice)
  const texts = decodeText(message.content)
  const annotations = objectsOf(message.annotations).map(decodeAnnotation)
  const isAnnotated = annotate(texts, annotations, tokens.content)
  const refusal = textOf(message.refusal)
  const parts = [
    decodeThinking(message),
    ...texts,
    refusal === undefined ? undefined : refusalOf(refusal, tokens.refusal),
    isObject(message.audio) ? decodeAudio(message.audio) : undefined,
    ...decodeCalls(message, index, id),
  ].filter(part => part !== undefined)
  const reasoning = consumedReasoning(message)
  const consumed = isAnnotated ? [...reasoning, 'annotations'] : reasoning
  const known = consumed.length === 0 ? messageFields : new Set([...messageFields, ...consumed])
  const messageRest: Draft = { ...restOf(message, known) }
  const { content } = message
  if ((content === '' || content === null) && content !== emptyContentOf(parts)) messageRest.content = content
  const rest: Draft = { ...restOf(choice, choiceFields) }
  if (Object.keys(messageRest).length > 0) rest.message = messageRest
  if (hasLooseTokens(choice, texts, refusal)) rest.logprobs = choice.logprobs ?? null
  const hasCalls = parts.some(part => part.kind === 'tool-call')
  return { index, parts, finish: decodeFinish(textOf(choice.finish_reason), hasCalls), ...carry(rest) }
}

/** Puts what is said of the message's text on its first text part; false where nothing was annotated. */
function annotate(
  texts: Part[],
  annotations: readonly Annotation[],
  logprobs: readonly TokenLogprob[] | undefined,
): boolean {
  const first = texts.findIndex(part => part.kind === 'text')
  const spoken = texts[first]
  if (spoken?.kind !== 'text') return false
  const isAnnotated = annotations.length > 0
  texts[first] = { ...spoken, ...defined({ logprobs, annotations: isAnnotated ? annotations : undefined }) }
  return isAnnotated
}

function refusalOf(text: string, logprobs: readonly TokenLogprob[] | undefined): Part {
  return { kind: 'refusal', text, ...defined({ logprobs }) }
}

/** Log probabilities of something that is no part, such as the tokens of a tool call. */
function hasLooseTokens(choice: JsonObject, texts: readonly Part[], refusal: string | undefined): boolean {
  const { logprobs } = choice
  if (logprobs === undefined || logprobs === null) return false
  if (!isObject(logprobs)) return true
  const { content, refusal: ofRefusal } = logprobs
  const hasText = texts.some(part => part.kind === 'text')
  const isHeld = (isList(content) && hasText) || (isList(ofRefusal) && refusal !== undefined)
  const isLoose = (isList(content) && !hasText) || (isList(ofRefusal) && refusal === undefined)
  return isLoose || !isHeld
}

/** Content as parts: a string, or the typed chunks that some hosts answer with. */
export function decodeText(content: JsonValue | undefined): Part[] {
  const text = textOf(content)
  if (text !== undefined) return [{ kind: 'text', text }]
  if (!isList(content)) return []
  return objectsOf(content).map((chunk): Part => {
    if (chunk.type === 'thinking') return decodeThinkingChunk(chunk)
    if (chunk.type === 'text' && typeof chunk.text === 'string') {
      return {
        kind: 'text',
        text: chunk.text,
        ...carry(restOf(chunk, textChunkFields)),
      } satisfies TextPart
    }
    return { kind: 'unknown', dialect, type: textOf(chunk.type) ?? 'unknown', value: chunk }
  })
}

function decodeCalls(message: JsonObject, index: number, id: string): readonly Part[] {
  const calls = objectsOf(message.tool_calls).map((call, position) =>
    decodeToolCall(call, idInReply(id, index, position)),
  )
  const single = message.function_call
  return isObject(single) ? [...calls, decodeFunctionCall(single, idInReply(id, index, calls.length))] : calls
}

const silence: Candidate = { index: 0, parts: [], finish: { reason: 'unknown' } }

/** A reply as `chat.completion`, with every key that openai-node types as required. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  notes.foreign(reply, 'reply')
  // Clients read choices[0] without looking.
  const candidates = reply.candidates.length > 0 ? reply.candidates : [silence]
  const wire: Draft = {
    id: idOf(reply, render),
    object: 'chat.completion',
    created: reply.created ?? render.created,
    model: reply.model ?? render.request.model,
    choices: candidates.map((candidate, position) => encodeChoice(candidate, position, reply, render, notes)),
  }
  if (reply.usage !== undefined) wire.usage = encodeUsage(reply.usage)
  if (reply.serviceTier !== undefined) wire.service_tier = reply.serviceTier
  return { value: putBack(wire, carriedBy(reply)), notes: notes.list }
}

/** An answer of this wire keeps its id; any other gets one of ours, because ids are good in their own dialect only. */
export function idOf(answer: { readonly dialect?: string; readonly id?: string }, render: Render): string {
  return (answer.dialect === dialect ? answer.id : undefined) ?? `chatcmpl-${render.id}`
}

function encodeChoice(
  candidate: Candidate,
  position: number,
  reply: Reply,
  render: Render,
  notes: NoteLog,
): JsonObject {
  const path = `reply.candidates[${position}]`
  const carried = carriedBy(candidate)
  const writer = new MessageWriter(notes, render, usesFunctions(render.request))
  for (const [index, part] of candidate.parts.entries()) writer.add(part, `${path}.parts[${index}]`)
  const refusal = unspokenRefusal(
    candidate.finish,
    candidate.parts.map(part => part.kind),
  )
  if (refusal !== undefined) writer.add(refusal, `${path}.finish`)
  notes.foreign(candidate, path)
  notes.foreign(candidate.finish, `${path}.finish`)
  const finish = encodeFinish(candidate.finish, {
    isOwn: reply.dialect === dialect,
    hasCalls: writer.hasCalls,
    isDeprecated: writer.hasFunctionCall,
    isExplained: refusal !== undefined,
  })
  for (const { kind, field, reason } of finish.losses) notes.add(kind, `${path}.finish${field}`, reason)
  const message = isObject(carried?.message) ? carried.message : undefined
  const wire: JsonObject = {
    index: candidate.index,
    message: writer.message(message),
    logprobs: writer.logprobs() ?? carried?.logprobs ?? null,
    finish_reason: finish.word,
  }
  return putBack(wire, carried && restOf(carried, writtenFields))
}
