import type { Render } from '../../core/dialect.ts'
import type { Parsed } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Part, TextPart } from '../../ir/part.ts'
import type { Candidate, Reply } from '../../ir/reply.ts'
import { isObject, without } from '../../wire/json.ts'
import { decodeAnnotation } from './annotation.ts'
import { emptyContentOf } from './content.ts'
import { Notes } from './encoding.ts'
import { faultInBody, upstreamInvalid } from './error.ts'
import { decodeFinish, encodeFinish } from './finish.ts'
import { logprobsOf } from './logprob.ts'
import { decodeAudio } from './media.ts'
import { MessageWriter } from './message-writer.ts'
import { usesFunctions } from './request.ts'
import { consumedReasoning, decodeThinking, decodeThinkingChunk } from './thinking.ts'
import { decodeFunctionCall, decodeToolCall, idInReply } from './tool-call.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import {
  carriedBy,
  carry,
  type Draft,
  dialect,
  isList,
  numberOf,
  objectsOf,
  present,
  putBack,
  textOf,
} from './wire.ts'

const replyFields = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier'])

/**
 * A `chat.completion` (reference card, section 8) to the model. A body that is an error in spite of its status, or
 * that has no choice, is a fault.
 */
export function decodeReply(wire: JsonObject): Parsed<Reply> {
  const fault = faultInBody(wire)
  if (fault !== undefined) return { ok: false, fault }
  const choices = objectsOf(wire.choices)
  if (choices.length === 0) {
    return { ok: false, fault: upstreamInvalid('The upstream answered without any choice.') }
  }
  const id = textOf(wire.id)
  const candidates = choices.map((choice, position) => decodeChoice(choice, position, id ?? ''))
  if (candidates.every(candidate => candidate.finish.reason === 'error')) {
    return { ok: false, fault: failedChoice(choices[0] ?? {}) }
  }
  const usage = [wire.usage, choices[0]?.usage].find(isObject)
  const rest: Draft = { ...without(wire, replyFields) }
  if (wire.service_tier === null) rest.service_tier = null
  const reply = {
    dialect,
    candidates,
    ...present({
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

/** The failure of a choice that ended in an error, which may tell more of it. */
export function failedChoice(choice: JsonObject) {
  const told = isObject(choice.error) ? faultInBody({ error: choice.error }) : undefined
  const reason = textOf(choice.finish_reason) ?? 'error'
  return told ?? upstreamInvalid(`The upstream ended the answer with the finish reason ${reason}.`)
}

const choiceFields = ['index', 'finish_reason', 'message', 'usage']
const messageFields = ['role', 'content', 'refusal', 'audio', 'tool_calls', 'function_call']

function decodeChoice(choice: JsonObject, position: number, id: string): Candidate {
  const message = isObject(choice.message) ? choice.message : {}
  const index = numberOf(choice.index) ?? position
  const { parts, consumed } = decodeMessage(choice, message, index, id)
  const messageRest: Draft = { ...without(message, new Set([...messageFields, ...consumed])) }
  const { content } = message
  if ((content === '' || content === null) && content !== emptyContentOf(parts)) messageRest.content = content
  const rest: Draft = { ...without(choice, new Set([...choiceFields, ...consumed])) }
  if (Object.keys(messageRest).length > 0) rest.message = messageRest
  const hasCalls = parts.some(part => part.kind === 'tool-call')
  return { index, parts, finish: decodeFinish(textOf(choice.finish_reason), hasCalls), ...carry(rest) }
}

/** The parts of a message, and the fields of choice and message that went into them. */
function decodeMessage(
  choice: JsonObject,
  message: JsonObject,
  index: number,
  id: string,
): { readonly parts: readonly Part[]; readonly consumed: readonly string[] } {
  const consumed = [...consumedReasoning(message)]
  const { content: contentTokens, refusal: refusalTokens } = logprobsOf(choice)
  const texts = decodeText(message.content)
  const first = texts.findIndex(part => part.kind === 'text')
  const spoken = texts[first]
  if (spoken?.kind === 'text') {
    const annotations = objectsOf(message.annotations).map(decodeAnnotation)
    if (annotations.length > 0) consumed.push('annotations')
    texts[first] = {
      ...spoken,
      ...present({ logprobs: contentTokens, annotations: annotations.length > 0 ? annotations : undefined }),
    }
  }
  const refusal = textOf(message.refusal)
  const usesTokens =
    (contentTokens === undefined || spoken !== undefined) &&
    (refusalTokens === undefined || refusal !== undefined)
  const hasTokens = contentTokens !== undefined || refusalTokens !== undefined
  if (choice.logprobs === null || (hasTokens && usesTokens)) consumed.push('logprobs')
  const parts = [
    decodeThinking(message),
    ...texts,
    refusal === undefined
      ? undefined
      : ({ kind: 'refusal', text: refusal, ...present({ logprobs: refusalTokens }) } as const),
    isObject(message.audio) ? decodeAudio(message.audio) : undefined,
    ...decodeCalls(message, index, id),
  ]
  return { parts: parts.filter(part => part !== undefined), consumed }
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
        ...carry(without(chunk, new Set(['type', 'text']))),
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

/** A reply as `chat.completion`, with every key that openai-node types as required. */
export function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new Notes()
  notes.foreignExtras(reply, 'reply')
  const wire: Draft = {
    id: idOf(reply, render),
    object: 'chat.completion',
    created: reply.created ?? render.created,
    model: reply.model ?? render.request.model,
    choices: reply.candidates.map((candidate, position) =>
      encodeChoice(candidate, position, reply, render, notes),
    ),
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
  notes: Notes,
): JsonObject {
  const path = `reply.candidates[${position}]`
  const carried = carriedBy(candidate)
  const writer = new MessageWriter(notes, render, usesFunctions(render.request))
  for (const [index, part] of candidate.parts.entries()) writer.add(part, `${path}.parts[${index}]`)
  notes.foreignExtras(candidate, path)
  notes.foreignExtras(candidate.finish, `${path}.finish`)
  const finish = encodeFinish(candidate.finish, {
    isOwn: reply.dialect === dialect,
    hasCalls: writer.hasCalls,
    isDeprecated: writer.hasFunctionCall,
  })
  for (const { kind, field, reason } of finish.losses) notes.add(kind, `${path}.finish${field}`, reason)
  const message = isObject(carried?.message) ? carried.message : undefined
  const wire: JsonObject = {
    index: candidate.index,
    message: writer.message(message),
    logprobs: writer.logprobs() ?? carried?.logprobs ?? null,
    finish_reason: finish.word,
  }
  return putBack(wire, carried && without(carried, new Set(['message', 'logprobs'])))
}
