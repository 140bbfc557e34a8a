import { type Dialect, renamePath } from '../../core/dialect.ts'
import { writeSse } from '../../wire/sse.ts'
import { countTokens } from './count.ts'
import { decodeError, encodeError, writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { checkRevision } from './revision.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** The model's paths in this wire's words. An answer has one candidate, which is the message itself. */
const paths = {
  turns: 'messages',
  parts: 'content',
  instructions: 'system',
  maxTokens: 'max_tokens',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'top_p',
  'sampling.topK': 'top_k',
  'sampling.stop': 'stop_sequences',
  'reasoning.effort': 'output_config.effort',
  'reasoning.budget': 'thinking.budget_tokens',
  'reasoning.mode': 'thinking.type',
  'reasoning.summary': 'thinking.display',
  'output.schema': 'output_config.format.schema',
  output: 'output_config.format',
  parallelToolCalls: 'tool_choice.disable_parallel_tool_use',
  toolChoice: 'tool_choice',
  parameters: 'input_schema',
  arguments: 'input',
  callId: 'tool_use_id',
  isError: 'is_error',
  annotations: 'citations',
  filename: 'title',
  'hints.user': 'metadata.user_id',
  'hints.serviceTier': 'service_tier',
  cache: 'cache_control',
  'finish.reason': 'stop_reason',
  'finish.stopSequence': 'stop_sequence',
  'finish.explanation': 'stop_details.explanation',
}

/** Anthropic Messages, `POST /v1/messages` (SDK 1.12.0, versions 2023-06-01 and 2026-10-21, stable and beta fields). */
export const anthropicMessages: Dialect = {
  id: dialect,
  framing: 'sse',
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  glance,
  decodeStream,
  encodeStream,
  watchStream,
  decodeError,
  encodeError,
  writeFault,
  /** Pings may come anywhere, before `message_start` too: clients pass them over by name. */
  keepAlive: () => writeSse({ event: 'ping', data: '{"type": "ping"}' }),
  pathOf: path => renamePath(paths, path.replace(/^(?:reply\.)?candidates\[\d+\]\.?/, '')),
  checkRevision,
  guaranteesSchema: true,
  count: countTokens,
}
