import { Notes } from '../../core/codec/notes.ts'
import type { CountCodec } from '../../core/dialect.ts'
import { createFault, type Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { decodeUnlimited, encodePrompt } from './request.ts'
import { ownExtra, speaker, withExtra } from './wire.ts'

/** SDK 1.12.0 `MessageCountTokensParams`, stable and beta: what is accepted besides the prompt. */
const accepted: readonly string[] = [
  'billing_policy',
  'compaction',
  'context_management',
  'mcp_servers',
  'output_config',
  'output_format',
  'speed',
  'thinking',
  'tool_choice',
  'tools',
  'user_profile_id',
  'workspace_id',
]

/** Nothing that only limits or steers the answer counts, so none of it is written and none of it is noted. */
function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  const { prompt } = encodePrompt(request, notes)
  const extra = Object.entries(ownExtra(request) ?? {}).filter(([key]) => accepted.includes(key))
  return { value: withExtra(prompt, Object.fromEntries(extra)), notes: notes.list }
}

function decodeReply(wire: JsonObject): Parsed<number> {
  const tokens = wire.input_tokens
  if (typeof tokens === 'number' && Number.isFinite(tokens)) return { ok: true, value: tokens }
  return { ok: false, fault: createFault('upstream_invalid', 'The upstream counted no tokens.') }
}

/** `POST /v1/messages/count_tokens`: the prompt of a message, answered by its `input_tokens`. */
export const countTokens: CountCodec = {
  decodeRequest: decodeUnlimited,
  encodeRequest,
  decodeReply,
  encodeReply: tokens => ({ input_tokens: tokens }),
}
