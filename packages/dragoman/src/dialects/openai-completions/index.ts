import { type Dialect, renamePath } from '../../core/dialect.ts'
import { decodeError, encodeError, writeFault } from '../../core/envelope.ts'
import { writeComment } from '../../wire/sse.ts'
import { splitPrompts } from './prompt.ts'
import { quietUsage } from './quiet-usage.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** The model's paths in this wire's words. What a user says is the prompt. */
const paths = {
  maxTokens: 'max_tokens',
  candidates: 'n',
  streamUsage: 'stream_options.include_usage',
  'logprobs.top': 'logprobs',
  'sampling.temperature': 'temperature',
  'sampling.topP': 'top_p',
  'sampling.topK': 'top_k',
  'sampling.seed': 'seed',
  'sampling.stop': 'stop',
  'sampling.frequencyPenalty': 'frequency_penalty',
  'sampling.presencePenalty': 'presence_penalty',
  'sampling.logitBias': 'logit_bias',
  'hints.user': 'user',
}

function pathOf(path: string): string {
  if (path.startsWith('reply.')) {
    return path
      .slice('reply.'.length)
      .replace(/^candidates(\[\d+\])\.parts\b.*/, 'choices$1.text')
      .replace(/^candidates(\[\d+\])\.finish\b.*/, 'choices$1.finish_reason')
      .replace(/^candidates(\[\d+\])/, 'choices$1')
  }
  return renamePath(paths, path.replace(/^(turns|instructions)\b.*/, 'prompt'))
}

/** Legacy text completions, `POST /v1/completions` (openai-node 7.57.0). */
export const openaiCompletions: Dialect = {
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
  // Clients of this wire ignore comments, before the first chunk as well as between chunks.
  keepAlive: () => writeComment('keep-alive'),
  pathOf,
  quietUsage,
  split: splitPrompts,
}
