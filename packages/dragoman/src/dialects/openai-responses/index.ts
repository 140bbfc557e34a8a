import { type Dialect, renamePath } from '../../core/dialect.ts'
import { decodeError, encodeError } from '../../core/envelope.ts'
import { writeComment } from '../../wire/sse.ts'
import { countTokens } from './count.ts'
import { writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/**
 * Model paths in this wire's words, applied in this order. A turn may be several items, and so may a candidate: their
 * index is the best there is.
 */
const paths: { readonly [path: string]: string } = {
  output: 'text.format',
  'reply.candidates': 'output',
  candidates: 'n',
  turns: 'input',
  parts: 'content',
  maxTokens: 'max_output_tokens',
  parallelToolCalls: 'parallel_tool_calls',
  'logprobs.top': 'top_logprobs',
  'toolChoice.allowed': 'tool_choice.tools',
  'toolChoice.tool': 'tool_choice',
  toolChoice: 'tool_choice',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.logitBias': 'logit_bias',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop',
  'sampling.temperature': 'temperature',
  'sampling.topK': 'top_k',
  'sampling.topP': 'top_p',
  'hints.metadata': 'metadata',
  'hints.prediction': 'prediction',
  'hints.promptCacheKey': 'prompt_cache_key',
  'hints.safetyIdentifier': 'safety_identifier',
  'hints.serviceTier': 'service_tier',
  'hints.store': 'store',
  'hints.user': 'user',
  'hints.verbosity': 'text.verbosity',
}

/** How an answer ends is said of the whole response, not of one of its items. */
const endPath = /^reply\.candidates\[\d+\]\.finish\b/

/**
 * OpenAI Responses, create and stream, without stored state. Usage is always in the stream, so that nothing has to be
 * asked for quietly. Sources: openai-node 7.57.0 types and stream helper; recorded answers of several providers.
 */
export const openaiResponses: Dialect = {
  id: dialect,
  framing: 'sse',
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  glance,
  count: countTokens,
  decodeStream,
  encodeStream,
  watchStream,
  decodeError,
  encodeError,
  writeFault,
  /** A comment at any time: before `response.created` the helper takes no event, after it one would need a number. */
  keepAlive: () => writeComment('keep-alive'),
  pathOf: path => (endPath.test(path) ? 'incomplete_details' : renamePath(paths, path)),
}
