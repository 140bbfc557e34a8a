import type { CountCodec } from '../../core/dialect.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import { decodeRequest, encodeRequest } from './request.ts'

/** openai-node 7.57.0 `InputTokenCountParams`: the fields of a create that weigh something. */
const accepted: ReadonlySet<string> = new Set([
  ...['input', 'instructions', 'model', 'parallel_tool_calls', 'reasoning', 'text', 'tool_choice', 'tools'],
  'truncation',
])

const onlyAccepted = (wire: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(wire).filter(([name]) => accepted.has(name)))

/** `POST /responses/input_tokens`: the prompt of a response, answered by its `input_tokens`. */
export const countTokens: CountCodec = {
  decodeRequest,
  encodeRequest(request) {
    const { value, notes } = encodeRequest(request)
    return { value: onlyAccepted(value), notes }
  },
  decodeReply(wire) {
    const tokens = wire.input_tokens
    if (typeof tokens === 'number') return { ok: true, value: tokens }
    return { ok: false, fault: createFault('upstream_invalid', 'The upstream counted no tokens.') }
  },
  encodeReply: tokens => ({ object: 'response.input_tokens', input_tokens: tokens }),
}
