import { type Dialect, renamePath } from '../../core/dialect.ts'
import { writeComment } from '../../wire/sse.ts'
import { embed } from './embed.ts'
import { decodeError, encodeError, writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** The model's paths in this wire's words. An answer has one candidate, which is the message itself. */
const paths = {
  turns: 'messages',
  parts: 'content',
  instructions: 'messages[0].content',
  maxTokens: 'max_tokens',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'p',
  'sampling.topK': 'k',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop_sequences',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.presencePenalty': 'presence_penalty',
  'reasoning.budget': 'thinking.token_budget',
  'reasoning.mode': 'thinking.type',
  'reasoning.effort': 'thinking.type',
  reasoning: 'thinking',
  'output.schema': 'response_format.json_schema',
  output: 'response_format',
  toolChoice: 'tool_choice',
  callId: 'tool_call_id',
  annotations: 'citations',
  'finish.reason': 'finish_reason',
}

/** Words inside a tool, which this wire keeps one level deeper. */
const toolWord = /^(tools\[\d+\])\.(name|description|parameters)\b/

/** Cohere's chat and embeddings, `POST /v2/chat` and `POST /v2/embed` (cohere-ai 8.1.0). */
export const cohere: Dialect = {
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
  keepAlive: () => writeComment('keep-alive'),
  pathOf: path =>
    renamePath(paths, path.replace(/^(?:reply\.)?candidates\[\d+\]\.?/, '')).replace(
      toolWord,
      '$1.function.$2',
    ),
  embed,
}
