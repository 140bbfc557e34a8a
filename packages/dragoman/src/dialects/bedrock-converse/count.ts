import { Notes } from '../../core/codec/notes.ts'
import type { CountCodec } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { decodeRequest as decodeConverse, encodePrompt } from './request.ts'
import { speaker } from './wire.ts'

/** `POST /model/{modelId}/count-tokens` (SDK 3.1164 `CountTokensRequest`): the prompt of a Converse request. */
export const countTokens: CountCodec = {
  decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
    const converse = isObject(wire.input) ? wire.input.converse : undefined
    if (isObject(converse)) return decodeConverse(converse)
    const message = 'input.converse is required.'
    return { ok: false, fault: createFault('invalid_request', message, { param: 'input.converse' }) }
  },
  /** Nothing that only limits or steers the answer counts, so none of it is written and none of it is noted. */
  encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
    const notes = new Notes(speaker)
    const { prompt } = encodePrompt(request, notes)
    return { value: { input: { converse: prompt } }, notes: notes.list }
  },
  decodeReply(wire: JsonObject): Parsed<number> {
    const tokens = wire.inputTokens
    if (typeof tokens === 'number' && Number.isFinite(tokens)) return { ok: true, value: tokens }
    return { ok: false, fault: createFault('upstream_invalid', 'The upstream counted no tokens.') }
  },
  encodeReply: tokens => ({ inputTokens: tokens }),
}
