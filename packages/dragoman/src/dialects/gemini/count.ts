import { Notes } from '../../core/codec/notes.ts'
import type { CountCodec } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { integer, member } from './fields.ts'
import { decodeRequest as decodeGenerate, encodePrompt, modelPath } from './request.ts'
import { ownExtra, speaker } from './wire.ts'

/** A body of `countTokens`: contents alone, or a whole request that would be sent (card 11). */
function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const inner = member(wire, 'generateContentRequest')
  if (!isObject(inner)) return decodeGenerate(wire)
  const { model, stream } = wire
  const named = {
    ...(model === undefined ? {} : { model }),
    ...(stream === undefined ? {} : { stream }),
  }
  const decoded = decodeGenerate({ ...inner, ...named })
  if (decoded.ok || decoded.fault.param === undefined) return decoded
  const param = `generateContentRequest.${decoded.fault.param}`
  return { ok: false, fault: { ...decoded.fault, param } }
}

/**
 * A whole request, because instructions and tools count only there. Nothing that only limits or steers the answer counts,
 * so none of it is written and none of it is noted.
 */
function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  const prompt = encodePrompt(request, notes)
  const cached = ownExtra(request)?.cachedContent
  const generateContentRequest = {
    model: modelPath(request.model),
    ...prompt,
    ...(cached === undefined ? {} : { cachedContent: cached }),
  }
  return { value: { model: request.model, generateContentRequest }, notes: notes.list }
}

function decodeReply(wire: JsonObject): Parsed<number> {
  const tokens = integer.read(wire.totalTokens ?? null)
  if (tokens !== undefined) return { ok: true, value: tokens }
  // proto3 leaves zero out; an answer about nothing at all is an object without it.
  if (wire.error === undefined && Object.keys(wire).length === 0) return { ok: true, value: 0 }
  return { ok: false, fault: createFault('upstream_invalid', 'The upstream counted no tokens.') }
}

/** `models/{model}:countTokens`, answered by `totalTokens`. */
export const countTokens: CountCodec = {
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply: tokens => ({ totalTokens: tokens }),
}
