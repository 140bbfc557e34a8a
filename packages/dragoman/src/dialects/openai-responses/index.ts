import { type Dialect, renamePath } from '../../core/dialect.ts'
import { writeComment } from '../../wire/sse.ts'
import { decodeError, encodeError, writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** Model paths in this wire's words, longest first. A turn may be several items; its index is the best there is. */
const paths: { readonly [path: string]: string } = {
  'reply.candidates[0].parts': 'output',
  'reply.candidates[0]': 'output',
  'hints.promptCacheKey': 'prompt_cache_key',
  'hints.safetyIdentifier': 'safety_identifier',
  'hints.serviceTier': 'service_tier',
  'hints.verbosity': 'text.verbosity',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.temperature': 'temperature',
  'sampling.logitBias': 'logit_bias',
  'sampling.topK': 'top_k',
  'sampling.topP': 'top_p',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop',
  'toolChoice.allowed': 'tool_choice.tools',
  'toolChoice.tool': 'tool_choice',
  parallelToolCalls: 'parallel_tool_calls',
  'logprobs.top': 'top_logprobs',
  'hints.': '',
  toolChoice: 'tool_choice',
  maxTokens: 'max_output_tokens',
  candidates: 'n',
  output: 'text.format',
  parts: 'content',
  turns: 'input',
}

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
  decodeStream,
  encodeStream,
  watchStream,
  decodeError,
  encodeError,
  writeFault,
  /** A comment at any time: before `response.created` the helper takes no event, after it one would need a number. */
  keepAlive: () => writeComment('keep-alive'),
  pathOf: path => renamePath(paths, path),
}
